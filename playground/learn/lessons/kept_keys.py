"""The cache of keys and values: the same numbers, for a fraction of the work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from models.lenses.products import counting
from models.switches import MaskOff
from models.tracing import Trace, extend, trace
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import WRITING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL = "little-world"
TEXT = """
leo lives in greece. he eats olives. he speaks greek.
nina lived in the hills with her nephew hugo. when nina and hugo went to the market, hugo bought bread for"""
NEXT = "nina"
TIMED = 5  # times; the fastest counts
SHARES = (1 / 2, 1 / 8, 0.0)  # what of the work is left at least, for each of the choices


def measure(bench: Bench) -> Iterator[Measured]:
    """One word more, once with what was kept of those before it, and once all anew."""
    model, work = counting(bench.model(MODEL))
    assert model.tokenizer is not None
    token = model.tokenizer.ids[NEXT]
    before, opened = trace(model, TEXT), trace(model, TEXT, [MaskOff()])
    longer = [*before.tokens, token]
    whole, anew = work.of(lambda: trace(model, longer))
    stepped, kept = work.of(lambda: extend(model, before, token))
    _, open_ = work.of(lambda: extend(model, opened, token))
    yield Measured("share", "of the work is left", kept / anew, "share")
    yield Measured("words", "words, with the new one", len(longer), "count")
    yield Measured("anew", "multiplications, all computed anew", anew, "count")
    yield Measured("kept", "multiplications, keys and values kept", kept, "count")
    yield Measured("apart", "greatest difference between the scores of both", _apart(stepped, whole))
    yield Measured("open", "of the work is left with the mask open", open_ / anew, "share")
    yield Measured("memory", "numbers kept for each word", _kept(before), "count")
    slow, fast = (_milliseconds(way) for way in (lambda: trace(model, longer), lambda: extend(model, before, token)))
    yield Measured("slow", "milliseconds, all computed anew", slow, "about")
    yield Measured("fast", "milliseconds, keys and values kept", fast, "about")


def _apart(a: Trace, b: Trace) -> float:
    return float(np.abs(a.logits[-1] - b.logits[-1]).max())


def _kept(of: Trace) -> int:
    return sum(int(block.k.size + block.v.size) for block in of.blocks) // len(of)


def _milliseconds(compute: Callable[[], object]) -> float:
    """What it takes here, to be read and not to be judged by."""
    took = []
    for _ in range(TIMED):
        begun = time.perf_counter()
        compute()
        took.append(1000 * (time.perf_counter() - begun))
    return min(took)


def holds(found: Findings) -> bool:
    """One row in place of all, the same scores to rounding; and nothing is saved where earlier rows change."""
    saved = found["share"].value < 1.5 / found["words"].value and found["apart"].value < 1e-3
    return saved and found["open"].value == 1 and found["memory"].value == 576


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return next(at for at, least in enumerate(SHARES) if found["share"].value > least)


def done(here: Here) -> bool:
    """A word more was written."""
    return len(here.session.tokens) > len(here.began.tokens)


LESSON = Lesson(
    number=23,
    name="What need not be computed again",
    group=WRITING,
    claim=Claim(
        "With the keys and values of earlier words kept, a new word costs one row and not all of them.",
        "Shazeer 2019, Fast Transformer Decoding, 2.4, on decoding word by word.",
    ),
    start=Start(MODEL, TEXT, pane="next"),
    question=Choice(
        "The model has read 38 tokens and writes one more. It has kept the keys and values of those before. "
        "Against a pass over the whole text, how much of the work is left?",
        ("about half", "about a fifth", "about one part in forty"),
        right,
    ),
    act=Act("space", "write one word; at the top stands how long that step took", ("space",), done, "step"),
    measure=measure,
    holds=holds,
    shows="Behind the mask an earlier word never learns of a later one, so its keys and values stay as they are: only "
    "the new word's row is computed, and the scores are the same to rounding. The price is memory for every word.",
    shows_not="that a word costs the same however long the text is: its row looks at all words before it. Nor does "
    "anything help where earlier rows change: with the mask open, all is computed anew.",
    onward="m opens the mask, then space: every word is a whole pass. The times here are this machine's, now.",
)
