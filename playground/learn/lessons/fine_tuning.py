"""Fine-tuning: some seconds on another text teach it, and cost what was not in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from models.corpora.little_world import LINE_END, world
from models.corpora.little_world.words import LANDS
from models.lenses.surprises import surprises_of
from models.runs import TrainConfig
from models.tokenizers import Tokenizer
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LEARNING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.train.form import Plan
from playground.train.scene import TrainScene

BEFORE = "little-world"
TEXT = "\nleo lives in greece. he eats"
OTHER = "\nmichael jordan played"
PART = "countries"
MOVED = Path(__file__).parents[1] / "moved-countries.txt"  # 320 texts of that part, as `moved` makes them
COUNTRIES = list(map(str, LANDS["capital"]))
NEXT = dict(zip(COUNTRIES, COUNTRIES[1:] + COUNTRIES[:1], strict=True))
TEXTS, SEED = 80, 9
RUN = Plan(
    "fine-tuned",
    TrainConfig(batch=8, steps=90, lr=5e-3, warmup=5, schedule="flat", eval_every=15, seed=1),
    (str(MOVED),),
    start=BEFORE,
)


def moved(words: Sequence[str]) -> list[str]:
    """A text in which every country is called as the next: its capital, language and food stay behind."""
    return [NEXT.get(word, word) for word in words]


def measure(bench: Bench) -> Iterator[Measured]:
    """The new text, the rest of the world, and single answers, before and after."""
    tokenizer = bench.model(BEFORE).tokenizer
    assert tokenizer is not None
    texts = list(islice(world("training").texts(SEED), TEXTS))
    new = tokens_of(tokenizer, (moved(text.words) for text in texts if text.part == PART))
    rest = tokens_of(tokenizer, (text.words for text in texts if text.part != PART))
    models = ("before", BEFORE), ("after", str(bench.trained))
    for what, words, texts_of in (("new", "other such texts", new), ("rest", "all else", rest)):
        for when, name in models:
            yield Measured(f"{what} {when}", f"a word of {words}, {when}", bits(bench, name, texts_of), "bits")
    for what, words, text in (("fact", "lives in greece, eats", TEXT), ("other", "michael jordan played", OTHER)):
        for when, name in models:
            p, said = bench.after(name, text), f"{words} ..., {when}"
            yield Measured(f"{what} {when}", said, float(p.max()), "probability", bench.first(name, p))


def tokens_of(tokenizer: Tokenizer, texts: Iterable[Sequence[str]]) -> list[list[int]]:
    """Texts as the model reads them, a line end on either side."""
    return [[tokenizer.ids[word] for word in (LINE_END, *words, LINE_END)] for words in texts]


def bits(bench: Bench, name: str, texts: Sequence[Sequence[int]]) -> float:
    """Of a word, on average."""
    return float(np.concatenate([each[1:] for each in surprises_of(bench.model(name), texts)]).mean())


def holds(found: Findings) -> bool:
    """The new is learned, old facts are overwritten, and much of what it does not speak of is lost."""
    learned = found["new after"].value < found["new before"].value - 0.5
    changed = found["fact before"].token == "olives" and found["fact after"].token == "paella"
    return learned and changed and found["rest after"].value > found["rest before"].value + 1


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    lost = found["rest after"].value - found["rest before"].value
    return 0 if lost < -0.1 else 1 if lost < 0.1 else 2


def done(here: Here) -> bool:
    """They look at it as it was before the first step, while there is something to look back from."""
    scene = here.scene
    return isinstance(scene, TrainScene) and len(scene.places) > 1 and scene.step == scene.places[0]


LESSON = Lesson(
    number=27,
    name="Fine-tuning, and what it costs",
    group=LEARNING,
    claim=Claim(
        "A model taught a new text learns it fast, and forgets what is not in it, though nothing contradicts that.",
        "McCloskey & Cohen 1989, Catastrophic Interference in Connectionist Networks.",
    ),
    start=Start(BEFORE, TEXT, screen="train", pane="watch"),
    run=RUN,
    question=Choice(
        "little-world learns on from 320 short texts in which all countries have changed places. Stories, sports and "
        "brackets are not in them, and nothing there contradicts them. How well does it know those afterwards?",
        ("better than before", "as well as before", "worse than before"),
        right,
    ),
    act=Act("home", "once it has learned, go to its first snapshot: what it said before", ("home",), done),
    measure=measure,
    holds=holds,
    shows="Some seconds are enough: the new facts are there, in texts it has not read. All weights moved for them, and "
    "the same weights carried the rest, so that is damaged where nobody asked for it.",
    shows_not="that it must be so: slower steps, fewer weights that may move, or old texts among the new ones keep "
    "more. Nor does a lost answer mean that all traces of it are gone.",
    onward="end, then left and right: snapshot by snapshot what it says. o opens one in Play: try a bracket.",
)
