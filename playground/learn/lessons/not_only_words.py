"""Not only words: a picture as a line of pixels, drawn, gone on with and recognised by the same kind of model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models.corpora import digits
from models.lenses import drawing
from models.switches import HeadOff
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured, called
from playground.learn.lesson import WRITING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.looking.session import View

MODEL = "digits"
TEXT = "4....#......++.....++..+:..++.+#."  # the upper half of a digit that it never saw
HEAD, OTHER = HeadOff(0, 2), HeadOff(2, 3)  # the one that is asked about; and what is seen meanwhile
PLACES = {"left": 0, "above": 7, "slanting": 8}  # how far back from the newest pixel: the one to come is one further on
ASKED = digits.PICTURES.labels * 6
DRAWN = digits.PICTURES.width // 2  # pixels: the head looks up within a row, and at its edges elsewhere


def measure(bench: Bench) -> Iterator[Measured]:
    """How well it draws and recognises, how its drawings come about, and where the head looks meanwhile."""
    model, learned = bench.model(MODEL), digits.learned()
    unseen = digits.held_out()[: 3 * len(ASKED) : 3]
    drawn = drawing.draw(model, digits.PICTURES, ASKED, 1)
    halves = drawing.draw(model, digits.PICTURES, [line[: len(TEXT)] for line in unseen], 1)
    without = drawing.draw(model, digits.PICTURES, ASKED, 1, [HEAD])
    labels = [line[0] for line in unseen]
    many = f"of {len(ASKED)}"
    yield Measured("right", f"{many} drawings, those that show what was asked for", _right(drawn, ASKED), "share")
    yield Measured("copied", "of them, those that it learned from", len({*drawn} & {*learned}), "count")
    yield Measured("halves", f"{many} upper halves, those drawn on to the right digit", _right(halves, labels), "share")
    told = np.mean([a == b for a, b in zip(drawing.tell(model, digits.PICTURES, unseen), labels, strict=True)])
    yield Measured("told", f"{many} digits never seen, those that it tells", float(told), "share")
    for name, far in PLACES.items():
        looks = drawing.looking_back(model, unseen[::6], far)[HEAD.layer, HEAD.head]
        yield Measured(name, f"of its attention {called(HEAD)} gives to {WORDS[name]}", float(looks), "share")
    yield Measured("without", f"drawings that are right with {called(HEAD)} silenced", _right(without, ASKED), "share")


WORDS = {
    "left": "the pixel left of the one to come",
    "above": "the pixel above the one to come",
    "slanting": "the pixel above and left of it",
}


def _right(drawn: Sequence[str], asked: Sequence[str]) -> float:
    """The share that shows what was asked for, by the nearest of the pictures it learned from."""
    shown = drawing.judge(digits.PICTURES, drawn, digits.learned())
    return float(np.mean([one == other for one, other in zip(shown, asked, strict=True)]))


def holds(found: Findings) -> bool:
    """It draws, goes on with and tells digits, none by heart; and the head looks a row up, where nobody showed rows."""
    able = all(found[name].value > 0.8 for name in ("right", "halves", "told")) and found["copied"].value == 0
    return able and found["above"].value > 3 * max(found[name].value for name in ("left", "slanting"))


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return max(range(len(PLACES)), key=lambda choice: found[[*PLACES][choice]].value)


def done(here: Here) -> bool:
    """So many pixels more were drawn."""
    return len(here.session.tokens) >= len(here.began.tokens) + DRAWN


LESSON = Lesson(
    number=30,
    name="Not only words",
    group=WRITING,
    claim=Claim(
        "A transformer that predicts one pixel after another learns to draw, with nothing in it made for pictures.",
        "Chen et al. 2020, Generative Pretraining from Pixels.",
    ),
    before=Start(MODEL, TEXT, pane="prompt", view=View(layer=OTHER.layer, head=OTHER.head, chosen=True)),
    start=Start(MODEL, TEXT, pane="prompt", view=View(layer=HEAD.layer, head=HEAD.head, chosen=True)),
    question=Choice(
        "The tokens are ten labels and four greys; a digit is a label and 64 pixels, all in one line. That a row has 8 "
        f"pixels nobody told the model. Where does {called(HEAD)} look most?",
        ("at the pixel left of the one to come", "at the one above it", "at the one above and left"),
        right,
    ),
    act=Act(
        f"space, {DRAWN} times",
        f"draw half a row; the picture at the right shows where {called(HEAD)} looks",
        ("space",) * DRAWN,
        done,
        f"step {DRAWN}",
    ),
    measure=measure,
    holds=holds,
    shows="Rows were nowhere in the text, and a head has found them: what is above tells most of what comes. The same "
    "arithmetic as for words draws, goes on with half a digit, and tells digits, which it was never taught.",
    shows_not="that the drawing hangs on this head: silenced, others stand in for it. And a judge who compares pixels "
    "says what is right; it is itself wrong about 4 in 100 real digits.",
    onward="r draws to the end. Or e, a label alone, ⏎ and r: a digit from nothing, another with every seed (s).",
)
