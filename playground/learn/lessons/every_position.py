"""Every place predicts: one pass over a text is as many lessons as it has words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import measures
from models.corpora.little_world import world
from models.lenses.probes.probe import drawn
from models.lenses.surprises import surprises_of
from models.switches import MaskOff, Switch
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LEARNING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Number

MODEL = "little-world"
TEXT = "\nleo lives in greece. he eats olives. he speaks greek."
TEXTS, SEED = 100, 1
EARLY, LATE = 2, 6  # words of a text: up to the one, and from the other on


def measure(bench: Bench) -> Iterator[Measured]:
    """What one pass says at every place against a pass over that much alone; and the surprise by place."""
    tokenizer = bench.model(MODEL).tokenizer
    assert tokenizer is not None
    tokens = tokenizer.encode(TEXT)
    T = len(tokens)
    judged = measures.surprise(bench.trace(MODEL, tokens).logits, tokens)
    bits = surprises_of(bench.model(MODEL), drawn(tokenizer, world("held-out"), TEXTS, SEED))
    early = np.concatenate([each[1 : EARLY + 1] for each in bits])
    late = np.concatenate([each[LATE:] for each in bits])
    yield Measured("lessons", "predictions are judged", int(np.isfinite(judged).sum()), "count")
    yield Measured("apart", "greatest difference of one pass and a pass for each beginning", _apart(bench, tokens))
    yield Measured("open", "greatest difference with the mask open", _apart(bench, tokens, MaskOff()))
    yield Measured("rows", "rows computed in one pass", T, "count")
    yield Measured("singly", "rows in a pass for each beginning", T * (T + 1) // 2, "count")
    yield Measured("early", f"a word, of the first {EARLY} of {TEXTS} new texts", float(early.mean()), "bits")
    yield Measured("late", f"a word of theirs, from the {LATE}th on", float(late.mean()), "bits")


def _apart(bench: Bench, tokens: list[int], *switches: Switch) -> float:
    """The greatest difference of a probability, over all places."""
    whole = measures.softmax(bench.trace(MODEL, tokens, *switches).logits)  # T V
    alone = np.stack([bench.after(MODEL, tokens[: end + 1], *switches) for end in range(len(tokens))])
    return float(np.abs(whole - alone).max())


def holds(found: Findings) -> bool:
    """One pass says at every place what that beginning alone says, and only behind the mask; beginnings are harder."""
    one = found["apart"].value < 1e-4 and found["open"].value > 0.1
    return one and found["lessons"].value == found["rows"].value - 1 and found["early"].value > found["late"].value + 1


def done(here: Here) -> bool:
    """They look at an earlier place than the last, of whatever text."""
    return here.session.row < len(here.session.tokens) - 1


LESSON = Lesson(
    number=21,
    name="Every place predicts",
    group=LEARNING,
    claim=Claim(
        "One pass over a text of T words is T lessons: each word is predicted from those before it, all at once.",
        "Vaswani et al. 2017, Attention Is All You Need, 3.1, on masking.",
    ),
    start=Start(MODEL, TEXT, pane="prompt"),
    question=Number(
        "This text has 14 tokens: a line end, 13 words and signs. In training the model reads it in one single pass. "
        "At how many of its tokens is a prediction judged?",
        of="lessons",
    ),
    act=Act(
        "←",
        "go back along the text a few words, and watch what it expects at each place",
        ("left",),
        done,
    ),
    measure=measure,
    holds=holds,
    shows="Every place had its own prediction ready, the same as if the text ended there: the mask hides what comes "
    "after. So one pass judges 13 predictions for the price of one, and every one of them moves the weights.",
    shows_not="that all places teach alike: how a text begins is hardly to be known, and costs most bits; what "
    "follows from the words before costs few.",
    onward="m opens the mask: an earlier place now knows what comes, and is no prediction any more.",
)
