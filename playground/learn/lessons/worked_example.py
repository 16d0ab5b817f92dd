"""The worked example: attention over six words of three numbers, every step with its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.switches import Input, MaskOff
from playground.inside.panes.walk import WalkLook
from playground.inside.scene import InsideScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import COUNTING, Act, Claim, Done, Here, Lesson, Start, Step
from playground.learn.questions import Choice
from playground.looking.session import View

PLAIN, WITH_MATRICES, MASKED = "worked-example", "worked-example-qkv", "worked-example-masked"
TEXT = "your journey starts with one step"
YOUR, JOURNEY = 0, 1  # where they stand
SOFTMAX, MIX, OUTPUT = "pattern", "z", "attn_out"  # stops of the walk, one after the other
BOOK = {  # by what is measured below, to four decimals
    "score": 1.4950, "weight": 0.2379, "first": 0.4419, "second": 0.6515, "third": 0.5683,
    "qkv first": 0.3061, "qkv second": 0.8210, "masked your": 0.5517, "masked journey": 0.4483,
}  # fmt: skip
WITHIN = 5.1e-5  # half of the last decimal, and what float32 rounds


def measure(bench: Bench) -> Iterator[Measured]:
    """What journey makes of the six words: as they are, through three matrices, and behind the mask."""
    plain, matrices, masked = (bench.trace(name, TEXT).blocks[0] for name in (PLAIN, WITH_MATRICES, MASKED))
    yield Measured("score", "journey · journey", float(plain.scores[0, JOURNEY, JOURNEY]))
    yield Measured("weight", "after softmax", float(plain.pattern[0, JOURNEY, JOURNEY]))
    for name, number in zip(("first", "second", "third"), plain.z[0, JOURNEY].tolist(), strict=True):
        yield Measured(name, f"{name} of its context vector", number)
    for name, number in zip(("first", "second"), matrices.z[0, JOURNEY].tolist(), strict=True):
        yield Measured(f"qkv {name}", f"{name}, with three matrices", number)
    for name, place in (("your", YOUR), ("journey", JOURNEY)):
        yield Measured(f"masked {name}", f"weight of {name}, masked", float(masked.pattern[0, JOURNEY, place]))


def holds(found: Findings) -> bool:
    """Every number is the book's, to its four decimals."""
    return agree({name: each.value for name, each in found.items()}, BOOK)


def agree(found: Mapping[str, float], expected: Mapping[str, float]) -> bool:
    """Whether all numbers are there and the same, as far as they are written."""
    return found.keys() == expected.keys() and all(abs(found[name] - expected[name]) < WITHIN for name in expected)


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    weight = found["weight"].value
    return 0 if weight > 0.5 else 1 if weight > 0.2 else 2


def arrived(model: str, stop: str) -> Done:
    """Whether a stop of the walk is looked at, in this model."""

    def done(here: Here) -> bool:
        is_inside = isinstance(here.scene, InsideScene)
        return here.session.model == model and is_inside and here.scene.view.look(WalkLook).name == stop

    return done


def down(words: str, model: str, stop: str, times: int = 1) -> Act:
    """So many stops down the walk, to this one."""
    return Act(" ".join("↓" * times), words, ("down",) * times, arrived(model, stop))


def is_masked(here: Here) -> bool:
    """The mask is closed."""
    return here.session.model == MASKED and MaskOff() not in here.session.switches


def has_other_numbers(here: Here) -> bool:
    """A word's vector is one that was typed."""
    return here.session.model == PLAIN and any(isinstance(each, Input) for each in here.session.switches)


def start(model: str, stop: str, *switches: str) -> Start:
    """The walk of journey through a model, at a stop."""
    return Start(model, TEXT, switches, "inside", "walk", View(row=JOURNEY), (WalkLook(stop),))


LESSON = Lesson(
    number=3,
    name="Attention by hand",
    group=COUNTING,
    claim=Claim(
        "Attention is dot products, a softmax and a weighted sum, and can be worked out on paper.",
        "Raschka 2024, Build a Large Language Model (From Scratch), chapter 3.",
    ),
    start=start(PLAIN, "scores"),
    question=Choice(
        "Six words of three numbers each. The dot products of journey with all six become weights by a softmax. "
        "How much of the weight does journey give itself?",
        ("most: nothing is so like it", "about a quarter", "a sixth, as to every word"),
        right,
    ),
    act=down("Six scores: the dot products of journey with every word. On to the softmax", PLAIN, SOFTMAX),
    then=(
        Step(down("Six weights, which add up to 1. On to the mix: the words, each times its weight", PLAIN, MIX)),
        Step(down("The context vector: what journey takes along of all six words. On to matrices", PLAIN, OUTPUT)),
        Step(
            down(
                "Three matrices make a query, a key and a value of two numbers each. The same steps again, to the mix",
                WITH_MATRICES,
                MIX,
                times=3,
            ),
            start(WITH_MATRICES, "qkv"),
        ),
        Step(down("The same sum, of other vectors with other weights. On to the mask", WITH_MATRICES, OUTPUT)),
        Step(
            Act(
                "m",
                "Other matrices, and journey still sees all six words. Close the mask: what comes later is hidden",
                ("m",),
                is_masked,
                "switch mask-off",
            ),
            start(MASKED, SOFTMAX, "mask-off"),
        ),
        Step(
            down("Two weights are left, and add up to 1 again. On to numbers of your own", MASKED, MIX),
            start(MASKED, SOFTMAX),  # whoever has gone on before closing the mask comes back to look
        ),
        Step(
            Act(
                "f",
                "Write 0=0.9 for the first number of journey, or three numbers, and press enter",
                ("f", *"0=0.9", "enter"),
                has_other_numbers,
                "switch input:1=0.9,0.87,0.66",
            ),
            start(PLAIN, "embed"),
        ),
    ),
    measure=measure,
    holds=holds,
    minutes=3,
    shows="A head is no more than this: scores, weights that add up to 1, and a mix. What is learned are the three "
    "matrices, which say what asks for what. The mask hides what comes later, and the other weights add up to 1 again.",
    shows_not="what the words mean: their numbers and the matrices were made up. A trained model does the same steps "
    "with more numbers, many heads, and layers over layers.",
    onward="↓ follows your numbers through every step; u takes them back. o opens worked-example-masked; in Play, 6 "
    "is one cell of it, number by number.",
)
