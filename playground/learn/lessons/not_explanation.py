"""Attention is not explanation: a strong look may do nothing, and a lighter one everything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from models.lenses.inside.edges import HEAVY, NIL, Edge, rank_correlation, rows_of_heads
from models.lenses.probes import Agreement, Countries, Facts, Roles
from models.lenses.probes.probe import tokens_of
from models.ops import Array
from models.switches import EdgeSwitch
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import MEANING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.looking.session import View

MODEL, TEXT, ANSWER = "little-world", "\nthe bees near the tree", "buzz"
STRONG = Edge(2, 0, 5, 0)  # from tree to the line end
NEEDED = Edge(0, 3, 5, 2)  # from tree to bees
CASES = 2  # texts of each ability
ABILITIES = (Agreement, Facts, Countries, Roles)


def measure(bench: Bench) -> Iterator[Measured]:
    """The answer with either look cut; and over some texts, what the last row's heavy looks are worth."""
    model, whole = bench.model(MODEL), bench.trace(MODEL, TEXT)
    assert model.tokenizer is not None
    answer = model.tokenizer.ids[ANSWER]
    yield Measured("whole", "nothing cut", float(bench.after(MODEL, TEXT)[answer]), "probability", ANSWER)
    for name, edge, looked, cut in (
        ("strong", STRONG, "the line end", "with that look cut"),
        ("needed", NEEDED, "bees", "with that one cut instead"),
    ):
        weight = float(whole.blocks[edge.layer].pattern[edge.head, edge.row, edge.column])
        words = f"of L{edge.layer} H{edge.head}'s look from tree is at {looked}"
        yield Measured(f"{name} weight", words, weight, "share")
        yield Measured(name, cut, float(bench.after(MODEL, TEXT, edge.cut())[answer]), "probability", ANSWER)
    weights, effects = _last_rows(bench)
    heavy, without = weights > HEAVY, effects < NIL
    texts = CASES * len(ABILITIES)
    words = f"looks have over half of a row's weight, in {texts} texts' last rows"
    yield Measured("heavy", words, heavy.sum(), "count")
    yield Measured("nil", "of these change the answer by less than 0.01 bits", (without & heavy).sum(), "count")
    ranks = rank_correlation(weights, effects)
    yield Measured("ranks", "rank correlation of weight and effect, over all looks", ranks, "number")


def _last_rows(bench: Bench) -> tuple[Array, Array]:
    """Weights and effects of all looks from the last word of each text: (N,), (N,) bits."""
    model = bench.model(MODEL)
    heads = [*product(range(model.config.n_layer), range(model.config.n_head))]
    texts = (text for ability in ABILITIES for text in tokens_of(model, ability().cases(CASES)))
    passes = (bench.trace(MODEL, text) for text in texts)
    rows = [edges for of in passes for edges in rows_of_heads(of, len(of) - 1, heads)]
    return np.concatenate([each.weights for each in rows]), np.concatenate([each.effects for each in rows])


def holds(found: Findings) -> bool:
    """The strongest look is not missed, a lighter one is; most heavy ones are not; over all, ranks agree."""
    missed = found["strong"].value > 0.95 and found["needed"].value < 0.2
    lighter = found["strong weight"].value > found["needed weight"].value > HEAVY
    together = found["whole"].value > 0.95 and found["ranks"].value > 0.5
    return missed and lighter and together and found["nil"].value > 0.6 * found["heavy"].value > 0


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    left = found["strong"].value / found["whole"].value
    return 0 if left < 0.1 else 1 if left < 0.9 else 2


def done(here: Here) -> bool:
    """That look is cut, either way."""
    cut = [each for each in here.session.switches if isinstance(each, EdgeSwitch)]
    return any((each.layer, each.head, each.row, each.column) == STRONG for each in cut)


LESSON = Lesson(
    number=20,
    name="Attention is not explanation",
    group=MEANING,
    claim=Claim(
        "Attention is not explanation: what is looked at most need not be why.",
        "Jain & Wallace 2019, Attention is not Explanation.",
    ),
    start=Start(MODEL, TEXT, pane="attention", view=View(layer=STRONG.layer, head=STRONG.head, chosen=True)),
    question=Choice(
        "The answer is buzz. From the last word this head looks at the line end with nearly all it has, more than any "
        "other head at anything. You are about to cut that look. Then buzz ...",
        ("is lost", "becomes far less likely", "stays as likely as it was"),
        right,
    ),
    act=Act("C", "cut the look under the cursor, from tree to the line end", ("C",), done, f"switch {STRONG.cut()}"),
    measure=measure,
    holds=holds,
    shows="The strongest look of all is not missed: a head with nothing to do rests on the first token, where little "
    "is to be fetched. Another head's look at bees is lighter, and without it the verb is wrong. A weight says how "
    "much is taken, not whether it is needed.",
    shows_not="that weights say nothing: what is hardly looked at hardly matters, so over all looks the two go "
    "together. It is among the strong ones that they part. One look cut says nothing of two.",
    onward="V lists the looks to cut, and the heavy ones that do nothing. G goes to the head that mattered most.",
)
