"""One-hot against embedding: learned vectors say which words are alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.lenses.inside.word_groups import groups
from models.lenses.inside.words import near
from models.lenses.vectors import embedding, units
from models.ops import Array
from playground.inside.panes.word_found import NEAR as NEIGHBOURS
from playground.inside.panes.word_found import WordsLook
from playground.inside.scene import InsideScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import COUNTING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL, TEXT = "little-world", "\nthe dog"
WORD, ALIKE, OTHER = "dog", "cat", "tokyo"
KINDS = "animal", "land", "kin", "thing", "name"  # of words
CLOSE, FAR = 0.3, 0.15  # a cosine above the one, or below the other


def measure(bench: Bench) -> Iterator[Measured]:
    """Cosines of words as one-hot vectors, and as the model's."""
    model = bench.model(MODEL)
    assert model.tokenizer is not None
    learned, ids = embedding(model), model.tokenizer.ids
    word, alike, other = (ids[each] for each in (WORD, ALIKE, OTHER))
    one_hot = np.eye(len(learned))
    yield Measured("one-hot", f"cosine of {WORD} and {ALIKE} as one-hot vectors", cosine(one_hot, word, alike))
    yield Measured("one-hot other", f"of {WORD} and {OTHER}", cosine(one_hot, word, other))
    yield Measured("alike", f"of {WORD} and {ALIKE} as learned vectors", cosine(learned, word, alike))
    yield Measured("other", f"of {WORD} and {OTHER}", cosine(learned, word, other))
    found = near(learned[word], learned, (word,), 1)
    yield Measured("nearest", f"nearest to {WORD}", float(found.cosines[0]), token=bench.token(MODEL, found.nearest[0]))
    every = groups(model)
    inside, between = kinship(learned, [every[kind].tokens for kind in KINDS])
    yield Measured("inside", "cosine of two words of one kind, on average", inside)
    yield Measured("between", "of two words of different kinds", between)
    apart = float(np.abs(one_hot @ learned - learned).max())
    yield Measured("row", "difference of one-hot times the matrix from its row", apart)


def cosine(vectors: Array, one: int, other: int) -> float:
    """Of two rows."""
    return float(units(vectors[one]) @ units(vectors[other]))


def kinship(vectors: Array, some: list[tuple[int, ...]]) -> tuple[float, float]:
    """The mean cosine of two words of one kind, and of two words of different ones."""
    owner = np.concatenate([np.full(len(tokens), at) for at, tokens in enumerate(some)])
    rows = units(vectors[[token for tokens in some for token in tokens]])
    cosines, same = rows @ rows.T, owner[:, None] == owner
    return float(cosines[same & ~np.eye(len(rows), dtype=bool)].mean()), float(cosines[~same].mean())


def holds(found: Findings) -> bool:
    """One-hot knows no difference; the learned vectors do, for these words and for all kinds."""
    blind = found["one-hot"].value == found["one-hot other"].value == 0.0
    told = found["alike"].value > CLOSE and found["other"].value < FAR
    return blind and told and found["inside"].value > found["between"].value + 0.2 and found["row"].value == 0.0


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    alike, other = found["alike"].value, found["other"].value
    return 0 if alike < FAR else 1 if other < FAR else 2


def done(here: Here) -> bool:
    """The neighbours of a word are shown."""
    return isinstance(here.scene, InsideScene) and here.scene.view.look(WordsLook).shows == NEIGHBOURS


LESSON = Lesson(
    number=4,
    name="One-hot and embedding",
    group=COUNTING,
    claim=Claim(
        "One-hot vectors are all equally unlike; learned vectors lie near where words are used alike.",
        "Bengio et al. 2003, A Neural Probabilistic Language Model.",
    ),
    start=Start(MODEL, TEXT, screen="inside", pane="words"),
    question=Choice(
        "A one-hot vector is a single 1 among zeros. The cosine of dog and cat is then 0, and so is that of dog and "
        "tokyo. With the vectors that the model has learned ...",
        ("both are still about 0", "dog and cat are near, dog and tokyo are not", "all words lie near each other"),
        right,
    ),
    act=Act("v", "turn from the map to the neighbours of dog, the word that is chosen in the text", ("v",), done),
    measure=measure,
    holds=holds,
    shows="Nobody told the model what an animal is. Words that stand in the same places got vectors that point the "
    "same way, and what is learned of one serves the others. One-hot times the matrix is its row: a look-up.",
    shows_not="that near means the same: opposites and other countries are used alike, and lie near too.",
    onward="left and right choose another word of the text. f types any word, or king - man + woman.",
)
