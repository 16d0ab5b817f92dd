"""Order: it is in the positions and in the mask; without both a text is a bag of words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.lenses.vectors import units
from models.ops import Array
from models.switches import MaskOff, PositionsOff, Switch
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import HEADS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL = "little-world"
TEXT, SWAPPED = "\nthe lion chased the dog. the dog", "\nthe dog chased the lion. the dog"
SAME = 1e-4  # scores that differ by less differ by rounding
NEAR, FAR = 1, 32  # places apart


def measure(bench: Bench) -> Iterator[Measured]:
    """How far the scores after the two texts are apart, and how alike the vectors of places are."""
    yield Measured("intact", "greatest difference of the scores after both texts, intact", apart(bench))
    yield Measured("mask", "with the mask alone, no positions", apart(bench, PositionsOff()))
    yield Measured("positions", "with positions alone, no mask", apart(bench, MaskOff()))
    yield Measured("neither", "with neither", apart(bench, PositionsOff(), MaskOff()))
    model = bench.model(MODEL)
    learned = np.asarray(model.weights["wpe.weight"], np.float64)
    formula = model.ops.sinusoids(np.arange(len(learned)), model.config.n_embd, learned)
    for name, vectors in (("learned", learned), ("sinusoidal", formula)):
        yield Measured(f"{name} near", f"cosine of {name} places {NEAR} apart (1: alike)", alike(vectors, NEAR))
        yield Measured(f"{name} far", f"cosine of {name} places {FAR} apart", alike(vectors, FAR))


def apart(bench: Bench, *switches: Switch) -> float:
    """The greatest difference of the scores of what follows."""
    one, other = (bench.trace(MODEL, text, *switches).logits[-1] for text in (TEXT, SWAPPED))
    return float(np.abs(one - other).max())


def alike(places: Array, by: int) -> float:
    """The mean cosine of the vectors of two places so far apart."""
    return float((units(places)[by:] * units(places)[:-by]).sum(-1).mean())


def holds(found: Findings) -> bool:
    """Either tells the texts apart, neither does not; near places are more alike than far ones."""
    told = min(found[name].value for name in ("intact", "mask", "positions")) > 1
    near = all(found[f"{name} near"].value > found[f"{name} far"].value + 0.1 for name in ("learned", "sinusoidal"))
    return told and found["neither"].value < SAME and near


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return 0 if found["mask"].value < SAME else 1 if found["neither"].value < SAME else 2


def done(here: Here) -> bool:
    """Neither positions nor a mask."""
    return {PositionsOff(), MaskOff()} <= {*here.session.switches}


LESSON = Lesson(
    number=11,
    name="Order",
    group=HEADS,
    claim=Claim(
        "Attention has no order of its own: without positions and mask, a text is a bag of words.",
        "Vaswani et al. 2017, 3.5, on positions; Haviv et al. 2022: a causal mask alone tells order too.",
    ),
    start=Start(MODEL, TEXT, ("positions-off",), pane="attention"),
    question=Choice(
        "No word is told its place: positions are off. You are about to open the mask as well. That the lion chased "
        "the dog, or the dog the lion, in the same words, is one and the same to the model ...",
        ("already now, without positions", "once the mask is open too", "not even then"),
        right,
    ),
    act=Act("m", "open the mask, so that nothing is left that says what came first", ("m",), done, "switch mask-off"),
    measure=measure,
    holds=holds,
    shows="With neither, a word's row is one wherever it stands (compare those of the three 'the'), and the scores are "
    "equal but for rounding. The mask alone tells order, since each place sees another number of words. Learned and "
    "sinusoidal places have one thing in common: near ones are alike.",
    shows_not="that the mask alone is as good: this model grew up with both, and with one gone it says nonsense.",
    onward="e: write the other order, and compare. c all on again: who ran, and who was hungry?",
)
