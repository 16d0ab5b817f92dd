"""Scaling and softmax: without the root of D the rows collapse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import measures
from models.ops import Array
from models.switches import ScaleOff
from models.tracing import Trace
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import HEADS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Number
from playground.looking.panes.switch_board import WHOLE
from playground.looking.session import View

MODEL = "little-world"
TEXT = """
nina lived in the hills with her nephew hugo. when nina and hugo went to the market, hugo bought bread for"""
TEXTS = 20
SURE = 0.9  # a row that gives one place more than this has collapsed


def measure(bench: Bench) -> Iterator[Measured]:
    """How evenly rows look, and the surprise of new texts, with the scores divided and without."""
    others = bench.held_out(MODEL, TEXTS)
    divided, raw = rows(bench.trace(MODEL, TEXT)), rows(bench.trace(MODEL, TEXT, ScaleOff()))
    yield Measured("divided", "entropy of a row, on average", entropy(divided), "bits")
    yield Measured("raw", "with the scores not divided", entropy(raw), "bits")
    yield Measured("sure", "rows with over 0.9 on one place", collapsed(divided), "share")
    yield Measured("sure raw", "with the scores not divided", collapsed(raw), "share")
    yield Measured("surprise", f"{TEXTS} new texts, a word", bench.surprise(MODEL, others), "bits")
    yield Measured("surprise raw", "with the scores not divided", bench.surprise(MODEL, others, ScaleOff()), "bits")


def rows(trace: Trace) -> Array:
    """The rows of all heads that may look at more than one place: (N S)."""
    return np.concatenate([block.pattern[:, 1:].reshape(-1, len(trace)) for block in trace.blocks])


def entropy(rows: Array) -> float:
    """The mean, in bits."""
    return float(measures.entropy(rows).mean())


def collapsed(rows: Array) -> float:
    """The share of rows that look at one place alone, nearly."""
    return float((rows.max(-1) > SURE).mean())


def holds(found: Findings) -> bool:
    """Most rows collapse, and the model does worse."""
    narrower = found["raw"].value < 0.5 * found["divided"].value
    worse = found["surprise raw"].value > found["surprise"].value + 0.1
    return narrower and worse and found["sure"].value < 0.4 < 0.6 < found["sure raw"].value


def done(here: Here) -> bool:
    """The scores are not divided."""
    return ScaleOff() in here.session.switches


LESSON = Lesson(
    number=10,
    name="Scaling and softmax",
    group=HEADS,
    claim=Claim(
        "Without the root of D the scores are so large that softmax puts nearly all weight on one place.",
        "Vaswani et al. 2017, Attention Is All You Need, 3.2.1, on why scores are scaled.",
    ),
    start=Start(MODEL, TEXT, pane="switches", view=View(item=WHOLE.index(ScaleOff))),
    question=Number(
        "Scores are divided by the root of 24, which is 4.9, before softmax. A row's weights then have about 1.9 bits "
        "of entropy, as if spread over 3.7 places alike. How many bits without dividing?",
        of="raw",
        within=0.25,
    ),
    act=Act("⏎", "switch score scaling off, the item under the cursor", ("enter",), done, "switch scale-off"),
    measure=measure,
    holds=holds,
    shows="Softmax answers to differences of scores. Five times as large, and the first takes all: a row that looked "
    "at several places looks at one. What the others had to say is lost: nina stays, but new texts surprise it more.",
    shows_not="that a model cannot do without: one that learns without dividing learns smaller queries and keys. The "
    "root of D is for the beginning, when collapsed rows would pass on no gradient.",
    onward="4 shows the attention of one head, arrows go to others: v shows it before, after, and the difference.",
)
