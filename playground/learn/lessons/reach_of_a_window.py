"""A window in every layer: how far three of them reach together, and what lies behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models.lenses.probes import Owner
from models.switches import Window
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import WRITING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.looking.session import View

MODEL, FULL = "little-world-window", "little-world"
NAME, OTHER = "sam", "tom"
TEXT = (
    f"\n{NAME} was from a house in the hills. he had a sister ivy. one evening he found a silver flute behind a rock. \
ivy left quickly. at night"
)
NAMED = 1  # where the name stands
TEXTS, CASES = 20, 60


def measure(bench: Bench) -> Iterator[Measured]:
    """How far back a word still counts, what that costs in all, and who is right about the owner of a thing."""
    for name, words in ((MODEL, "of the last words can change what comes next"), (FULL, "of them without a window")):
        yield Measured(f"reach {name}", words, float(reach(bench, name)), "number")
    for name, words in (
        (MODEL, f"is the most any chance changes, {OTHER} for {NAME}"),
        (FULL, "is the most without a window"),
    ):
        yield Measured(f"apart {name}", words, _apart(bench, name, NAMED, OTHER), "number")
    texts = bench.held_out(FULL, TEXTS)
    put_in = bench.surprise(FULL, texts, Window(bench.model(MODEL).config.window(0)))
    yield Measured("full", f"a word of {TEXTS} new texts, no window", bench.surprise(FULL, texts), "bits")
    yield Measured("put in", "a word, the window put in now", put_in, "bits")
    yield Measured("grown", "a word, grown up with the window", bench.surprise(MODEL, texts), "bits")
    cases = Owner().cases(CASES)
    for name, words in ((FULL, "of owners named right, no window"), (MODEL, "of them, grown up with the window")):
        yield Measured(f"owner {name}", words, bench.right(name, cases), "share")


def reach(bench: Bench, name: str) -> int:
    """How many of the last words can change what comes next at all."""
    tokens = _tokens(bench, name)
    changes = (at for at in range(len(tokens)) if _apart(bench, name, at, OTHER))
    return len(tokens) - next(changes)


def _apart(bench: Bench, name: str, at: int, word: str) -> float:
    """The greatest difference in what comes next that another word at a place makes."""
    tokens = _tokens(bench, name)
    tokenizer = bench.model(name).tokenizer
    assert tokenizer is not None
    other = [*tokens[:at], tokenizer.ids[word], *tokens[at + 1 :]]
    return float(np.abs(bench.after(name, tokens) - bench.after(name, other)).max())


def _tokens(bench: Bench, name: str) -> Sequence[int]:
    return bench.trace(name, TEXT).tokens


def holds(found: Findings) -> bool:
    """Three layers of 8 words reach 22 and no digit further, which costs little but for the owner who lies behind."""
    reaches = found[f"reach {MODEL}"].value == 3 * 7 + 1 < found[f"reach {FULL}"].value
    behind = found[f"apart {MODEL}"].value == 0.0 and found[f"apart {FULL}"].value > 0.5
    put_in, grown = (found[how].value - found["full"].value for how in ("put in", "grown"))
    owner = found[f"owner {MODEL}"].value < 0.75 and found[f"owner {FULL}"].value > 0.95
    return reaches and behind and put_in > 0.5 and grown < 0.25 * put_in and owner


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    words = found[f"reach {MODEL}"].value
    return 0 if words == 8 else 1 if words < found[f"reach {FULL}"].value else 2


def done(here: Here) -> bool:
    """Another name at the beginning, all the rest as it was; with the line end before it or without."""
    now, began = here.session.tokens, here.began.tokens
    rest = began[NAMED + 1 :]
    alike = now[-len(rest) :] == rest and len(now) - len(rest) in (NAMED, NAMED + 1)
    return alike and now != began[-len(now) :] and here.session.view.caret is None


LESSON = Lesson(
    number=35,
    name="How far a window reaches",
    group=WRITING,
    claim=Claim(
        "A layer hands on what it saw: layers that each see few words reach further together, and then no further.",
        "Beltagy et al. 2020, Longformer; Jiang et al. 2023, Mistral 7B: 32 layers of 4,096.",
    ),
    start=Start(MODEL, TEXT, pane="next", view=View(chosen=True)),
    question=Choice(
        "This model has three layers, and grew up seeing only the newest 8 words in each. How many words back can "
        "anything still change what it says next?",
        ("8", "more than 8, not all", "all of the text"),
        right,
    ),
    act=Act(
        "e",
        f"go to the start of the text, write {OTHER} in the place of {NAME}, and leave with enter: see what changes",
        ("e", "home", *("delete",) * len(NAME), *OTHER, "enter"),
        done,
        f"prompt {TEXT.strip().replace(NAME, OTHER, 1)}",
    ),
    measure=measure,
    holds=holds,
    shows="Nothing changed, to the last digit: the name lies 32 words back. Each layer looks 7 further than the one "
    "below, 22 words in all. Most of a text is nearer, so little is lost; but whose flute it is the model must guess.",
    shows_not="that a window is a fault: it makes long texts cheap, and wider ones in more layers reach thousands of "
    "words. Nor that what is in reach is found: it must be handed on layer by layer.",
    onward="The window is the band in the attention (4). Open little-world (o) on the same text, with either name.",
)
