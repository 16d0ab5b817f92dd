"""Many heads: most can go, one by one, and one cannot."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.switches import HeadOff
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured, called
from playground.learn.lesson import HEADS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Number
from playground.looking.session import View

MODEL = "little-world"
TEXT = """
nina lived in the hills with her nephew hugo. when nina and hugo went to the market, hugo bought bread for"""
NAME, RIGHT = "nina", HeadOff(0, 0)
LOST = 0.5  # a name that is less likely than this is lost


def measure(bench: Bench) -> Iterator[Measured]:
    """The name's probability with each head silenced, one at a time."""
    model = bench.model(MODEL)
    assert model.tokenizer is not None
    name = model.tokenizer.ids[NAME]
    whole = bench.after(MODEL, TEXT)
    without = {head: bench.after(MODEL, TEXT, head) for head in HeadOff.everywhere(model.config)}
    kept = {head: float(p[name]) for head, p in without.items()}
    lost = [head for head, p in kept.items() if p < LOST]
    others = min(p for head, p in kept.items() if head != RIGHT)
    yield Measured("whole", "nothing silenced", float(whole[name]), "probability", NAME)
    yield Measured("without it", f"{called(RIGHT)} silenced", kept[RIGHT], "probability", NAME)
    instead = without[RIGHT]
    yield Measured("instead", "its first choice then", float(instead.max()), "probability", bench.first(MODEL, instead))
    yield Measured("cost", f"what {called(RIGHT)} is worth", float(np.log2(whole[name] / kept[RIGHT])), "bits")
    yield Measured("others", "the worst of the others", others, "probability", NAME)
    yield Measured("harmless", "heads it can do without, one at a time", len(kept) - len(lost), "count")
    yield Measured("heads", "heads there are", len(kept), "count")


def holds(found: Findings) -> bool:
    """One head carries the name; each of the others can be silenced, and next to nothing is lost."""
    carried = found["whole"].value > 0.99 and found["without it"].value < 0.01
    return carried and found["cost"].value > 10 and found["others"].value > 0.99 and found["harmless"].value == 11


def done(here: Here) -> bool:
    """That head is off."""
    return RIGHT in here.session.switches


LESSON = Lesson(
    number=6,
    name="Many heads",
    group=HEADS,
    claim=Claim(
        "Of many heads most can be pruned with little loss; a few do the work.",
        "Michel, Levy & Neubig 2019, Are Sixteen Heads Really Better than One?",
    ),
    start=Start(
        MODEL,
        TEXT,
        pane="heads",
        view=View(layer=RIGHT.layer, head=RIGHT.head, chosen=True),
    ),
    question=Number(
        "The model says nina, and it has 12 heads. How many of them can be silenced, "
        "one at a time, with nina staying its first choice?",
        of="harmless",
    ),
    act=Act(
        "x",
        "silence the head under the cursor, L0 H0, and look at what comes next",
        ("x",),
        done,
        "switch head-off:0.0",
    ),
    measure=measure,
    holds=holds,
    shows="Twelve heads look, and for this one word eleven are spare: each can go, and the name stays. The twelfth "
    "brings the name from where it stood, and without it the model says another name.",
    shows_not="that eleven heads are useless: each is spare for this word. Other words need others, "
    "and two that stand in for each other seem spare until both are off.",
    onward="E lists what every head and MLP does here. i silences all the others: is L0 H0 alone enough?",
)
