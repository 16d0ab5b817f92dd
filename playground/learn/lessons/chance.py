"""Temperature, top-k, top-p and the seed: the model only says how likely; chance is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from models import measures
from models.sampling import Sampler, draw, filtered, write_on
from models.tracing import branch
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import WRITING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL, TEXT = "little-world", "\nthe dog chased the"
SEEDS, WORDS = 20, 6  # texts written, and their words
DRAWN = 2000  # single draws
TOP_K, TOP_P = 5, 0.9


def measure(bench: Bench) -> Iterator[Measured]:
    """Draws with many seeds against the probabilities, and how many different texts they make."""
    logits = bench.trace(MODEL, TEXT).logits[-1]
    p = measures.softmax(logits)
    first = int(p.argmax())
    drawn = np.array([draw(logits, Sampler(), seed, 0).token for seed in range(DRAWN)])
    word = bench.first(MODEL, p)
    yield Measured("said", "what the model says of its first choice", float(p[first]), "share", word)
    yield Measured("drawn", f"how often it is drawn, of {DRAWN:,} seeds", float((drawn == first).mean()), "share", word)
    yield Measured("texts", f"different texts from {SEEDS} seeds", _texts(bench, Sampler()), "count")
    yield Measured("again", "text from one seed, however often", _texts(bench, Sampler(), seeds=(7, 7)), "count")
    greedy = _texts(bench, Sampler(temperature=0))
    yield Measured("greedy", f"text from {SEEDS} seeds at temperature 0", greedy, "count")
    for name, words, sampler in (
        ("all", "words can be drawn", Sampler()),
        ("top-k", f"of them with top-k {TOP_K}", Sampler(top_k=TOP_K)),
        ("top-p", f"of them with top-p {TOP_P}", Sampler(top_p=TOP_P)),
    ):
        yield Measured(name, words, int(filtered(logits, sampler)[2].sum()), "count")


def _texts(bench: Bench, sampler: Sampler, seeds: tuple[int, ...] = tuple(range(SEEDS))) -> int:
    """How many different texts those seeds write."""
    model, begun = bench.model(MODEL), bench.trace(MODEL, TEXT)
    written = (islice(write_on(model, branch(begun), sampler, seed), WORDS) for seed in seeds)
    return len({tuple(drawn.token for drawn in each) for each in written})


def holds(found: Findings) -> bool:
    """What is drawn follows what was said; the seed decides all, and at temperature 0 nothing."""
    fair = abs(found["said"].value - found["drawn"].value) < 0.05
    chosen = found["texts"].value > SEEDS / 4 and found["again"].value == found["greedy"].value == 1
    return fair and chosen and found["top-k"].value == TOP_K and found["top-p"].value < found["all"].value


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return 1 if found["texts"].value > found["again"].value else 2


def done(here: Here) -> bool:
    """Another seed, whatever was written meanwhile."""
    return here.session.seed != here.began.seed


LESSON = Lesson(
    number=22,
    name="Chance is chosen",
    group=WRITING,
    claim=Claim(
        "A language model gives probabilities; which word is written is decided afterwards, by how one draws.",
        "Holtzman et al. 2020, The Curious Case of Neural Text Degeneration.",
    ),
    start=Start(MODEL, TEXT, pane="next"),
    question=Choice(
        "The bars say how likely each next word is, and one of them is marked: it will be drawn. You are about to take "
        "the next seed. What changes?",
        ("the bars, and what is drawn", "what is drawn, and no bar", "nothing at all"),
        right,
    ),
    act=Act("S", "take the next seed, and look at the bars and at the mark", ("S",), done, "seed 2"),
    measure=measure,
    holds=holds,
    shows="The model has no chance in it: the bars stay. A random number, made of seed and place, picks one of them, "
    "a likely one more often. Before that temperature sharpens or flattens them, and top-k and top-p cut some off.",
    shows_not="that the likeliest is best: the likeliest word at every place makes the surest text, and often a loop.",
    onward="t down to 0, then S: the draw stays the same. T makes it bolder, y and p cut; r runs.",
)
