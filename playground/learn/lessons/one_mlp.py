"""One MLP for all places: it reads a row by itself, and does not know which."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import gpt
from models.gpt import GPT
from models.ops import idle
from models.switches import AttentionOff, PositionsOff, Switch
from models.tracing import Trace
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LAYERS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.looking.panes.switch_board import WHOLE
from playground.looking.session import View

MODEL, TEXT = "little-world", "\nthe dog chased the"
FIRST, SECOND = 1, 4  # where the stands
DEAF: tuple[Switch, ...] = tuple(AttentionOff(layer) for layer in range(3))
SAME = 1e-5  # what differs by less differs by rounding


def measure(bench: Bench) -> Iterator[Measured]:
    """One word at two places, and rows that change places."""
    model, trace = bench.model(MODEL), bench.trace(MODEL, TEXT)
    differ = "greatest difference of"
    yield Measured("with places", f"{differ} scores after the two, with positions", apart(bench, *DEAF))
    yield Measured("apart", f"{differ} scores without positions", apart(bench, *DEAF, PositionsOff()))
    yield Measured("turned", f"{differ} MLP outputs, the rows read in reverse", turned(model, trace))
    weights = sum(weight.size for name, weight in model.weights.items() if ".mlp." in name)
    yield Measured("one", "numbers in the MLPs", weights, "count")
    yield Measured("one each", "with an MLP of its own for each place", weights * model.config.block_size, "count")


def apart(bench: Bench, *switches: Switch) -> float:
    """How far the scores after the same word at two places are apart, at most."""
    logits = bench.trace(MODEL, TEXT, *switches).logits
    return float(np.abs(logits[FIRST] - logits[SECOND]).max())


def turned(model: GPT, trace: Trace) -> float:
    """How much else than the order of its outputs it changes if an MLP reads the rows in reverse."""
    reads = [(layer, block.resid_mid) for layer, block in enumerate(trace.blocks)]
    both = ((gpt.mlp(model, layer, x, idle), gpt.mlp(model, layer, x[::-1], idle)) for layer, x in reads)
    return max(float(np.abs(out[::-1] - back).max()) for out, back in both)


def holds(found: Findings) -> bool:
    """Nothing but attention and positions tells one place from another."""
    same = max(found["apart"].value, found["turned"].value) < SAME
    return same and found["with places"].value > 0.5


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return 1 if found["apart"].value < SAME else 0


def done(here: Here) -> bool:
    """Nobody looks, and no place has a vector."""
    return {*DEAF, PositionsOff()} <= {*here.session.switches}


LESSON = Lesson(
    number=32,
    name="One MLP for all places",
    group=LAYERS,
    claim=Claim(
        "A layer has one MLP, the same for every place, and it reads each place by itself.",
        "Vaswani et al. 2017, Attention Is All You Need, 3.3: position-wise, and identically.",
    ),
    start=Start(MODEL, TEXT, tuple(map(str, DEAF)), pane="switches", view=View(item=WHOLE.index(PositionsOff))),
    question=Choice(
        "All attention is off: what follows is left to the MLPs. The word the stands here twice, as the first "
        "and as the last. With the positions off as well, what the model expects after the two is ...",
        ("different: each place has an MLP of its own", "the same"),
        right,
    ),
    act=Act("⏎", "switch the positions off, the item under the cursor", ("enter",), done, "switch positions-off"),
    measure=measure,
    holds=holds,
    shows="An MLP does to a word what it would do to it anywhere. Turn the rows round, and its outputs turn round with "
    "them, to the digit. One MLP a place would be pointless: each would have to learn every fact anew.",
    shows_not="that the place never counts: attention and positions bring it into the row, and the MLP reads that.",
    onward="left goes to the first the (in the text, 1): its bars are the same. c: all on again.",
)
