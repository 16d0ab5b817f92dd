"""king - man + woman, and the bias that a corpus leaves in its vectors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.corpora.little_world.words import BOYS, GIRLS
from models.lenses.inside.word_groups import groups
from models.lenses.inside.words import direction, near, summed
from models.lenses.probes import Analogies
from models.lenses.probes.probe import words_of
from models.lenses.vectors import embedding
from playground.inside.panes.word_found import SUM, OfDirection, WordsLook
from playground.inside.scene import InsideScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import MEANING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL, PAIRS = "little-world", "king queen"
SIDES = {"dress": "dress, which only women wear in the texts", "suit": "suit, which only men wear"}
NEITHER = "coin", "box"  # of which nothing is told that differs between men and women


def measure(bench: Bench) -> Iterator[Measured]:
    """What the sum is nearest to, its own words left in; and where words fall between men and women."""
    model = bench.model(MODEL)
    vectors, ids = embedding(model), words_of(model).ids
    king, man, woman = (ids[word] for word in ("king", "man", "woman"))
    nearest = near(summed(vectors, (king, woman), (man,)), vectors)
    first, second = (int(token) for token in nearest.nearest[:2])
    yield Measured("nearest", "nearest, cosine", float(nearest.cosines[0]), token=bench.token(MODEL, first))
    yield Measured("next", "next", float(nearest.cosines[1]), token=bench.token(MODEL, second))
    told = Analogies().measure(model)
    yield Measured("sums", f"of {told.sizes[PAIRS]} such sums are right", told.parts[PAIRS], "share")
    along = direction(vectors, np.array(groups(model)[PAIRS].pairs))
    sides = [*(along.falls[ids[name]] > 0 for name in GIRLS), *(along.falls[ids[name]] < 0 for name in BOYS)]
    yield Measured("names", f"first names of {len(sides)} on the side of their sex", float(sum(sides)), "count")
    for word, words in SIDES.items():
        yield Measured(word, words, float(along.falls[ids[word]]))
    for word in NEITHER:
        yield Measured(word, f"{word}, of which no such thing is told", float(along.falls[ids[word]]))
    yield Measured("spread", "spread of all words that way", along.spread)
    yield Measured("chance", "spread along random directions", along.by_chance)


def holds(found: Findings) -> bool:
    """Queen is first though king is left in; names fall to their side; and so far out do words without reason."""
    sums = found["nearest"].token == "queen" and found["next"].token == "king" and found["sums"].value > 0.9
    bias = found["names"].value >= 14 and found["dress"].value > found["spread"].value
    bias = bias and found["suit"].value < -found["spread"].value
    no_reason = found["coin"].value > found["dress"].value and found["box"].value < found["suit"].value
    return sums and bias and no_reason and found["chance"].value > 0.8 * found["spread"].value


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return int(found["names"].value >= 14)


def done(here: Here) -> bool:
    """The direction is there in the place of the sum."""
    scene = here.scene
    return isinstance(scene, InsideScene) and isinstance(scene.found.get("words"), OfDirection)


LESSON = Lesson(
    number=18,
    name="king - man + woman",
    group=MEANING,
    claim=Claim(
        "Differences of vectors mean something, and carry the bias of the texts.",
        "Mikolov et al. 2013, Linguistic Regularities; Bolukbasi et al. 2016, Man is to Computer Programmer as "
        "Woman is to Homemaker?",
    ),
    start=Start(MODEL, "\nthe king", screen="inside", pane="words", looks=(WordsLook(shows=SUM, axis=PAIRS),)),
    question=Choice(
        "king - man + woman is nearest to queen. The mean difference of 15 such pairs is a direction, from men to "
        "women. Along it the 16 first names, which are in none of the pairs, fall ...",
        ("as chance has it", "each on the side of its sex"),
        right,
    ),
    act=Act("v", "turn from the sum to the direction, and see where all words fall on it", ("v",), done),
    measure=measure,
    holds=holds,
    shows="The texts call girls and women she, and dress them so; the vectors of names and of clothes have taken that "
    "over, though nobody named a sex. What a corpus does to people is in the vectors, to be read, and to be used.",
    shows_not="that all that falls far out is bias: coin falls farther than dress, and nothing in the texts tells why. "
    "Random directions spread words as widely. A bias is shown on many words, or on what is written.",
    onward="f types a direction of your own, tokyo - japan, or a sum, paris - france + italy.",
)
