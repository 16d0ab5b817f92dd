"""The mask: with all answers in sight a model that grew up behind it does worse."""

from __future__ import annotations

from collections.abc import Iterator

from models.switches import MaskOff
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import HEADS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL = "little-world"
TEXT = "\nleo lives in greece. he eats olives. he speaks greek. the bees near the tree buzz."
TEXTS = 20


def measure(bench: Bench) -> Iterator[Measured]:
    """The surprise of the text on screen, and of some the model has never seen, behind the mask and without it."""
    tokenizer = bench.model(MODEL).tokenizer
    assert tokenizer is not None
    here, others = [tokenizer.encode(TEXT)], bench.held_out(MODEL, TEXTS)
    yield Measured("masked here", "this text behind the mask, a word", bench.surprise(MODEL, here), "bits")
    yield Measured("open here", "this text with the mask open", bench.surprise(MODEL, here, MaskOff()), "bits")
    yield Measured("masked", f"{TEXTS} new texts behind the mask, a word", bench.surprise(MODEL, others), "bits")
    yield Measured("open", f"{TEXTS} new texts with the mask open", bench.surprise(MODEL, others, MaskOff()), "bits")


def holds(found: Findings) -> bool:
    """Opening it makes everything worse, by far."""
    return found["open"].value > 3 * found["masked"].value and found["open here"].value > found["masked here"].value + 1


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    before, after = found["masked here"].value, found["open here"].value
    return 0 if after < before - 0.1 else 2 if after > before + 0.1 else 1


def done(here: Here) -> bool:
    """The mask is open."""
    return MaskOff() in here.session.switches


LESSON = Lesson(
    number=7,
    name="The mask",
    group=HEADS,
    claim=Claim(
        "The causal mask is no brake on a finished model: opened, it helps nothing.",
        "Vaswani et al. 2017, Attention Is All You Need, 3.2.3: it is for learning from every place at once.",
    ),
    start=Start(MODEL, TEXT, pane="attention"),
    question=Choice(
        "Behind the mask no word sees the words after it. You are about to open it, so that every word sees the very "
        "word it is to predict. The mean surprise of this text then ...",
        ("falls to almost nothing", "stays as it is", "rises"),
        right,
    ),
    act=Act("m", "open the mask, and look at the colours of the text", ("m",), done, "switch mask-off"),
    measure=measure,
    holds=holds,
    shows="The answers lie in plain sight, and the surprise rises. The model learned what to do with the words before; "
    "the words after reach its heads as something they have never met, and what they mix in is noise.",
    shows_not="that looking ahead is useless: a model that learns with the mask open learns to copy the answer, "
    "its loss falls to almost nothing, and it cannot write. The mask is for learning.",
    onward="m closes it again. Step a few words (space) with it open, then u back and step with it closed.",
)
