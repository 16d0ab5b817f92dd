"""The MLP: one word at a time, and its bend, without which two names only add up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import gpt
from models.gpt import GPT
from models.lenses.one_mlp import facts_learned
from models.lenses.probes import Agreement, CaseProbe, Countries, Facts
from models.ops import idle
from models.switches import MLPLinear
from models.tracing import Trace
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LAYERS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.looking.session import View

MODEL, TEXT = "little-world", "\nmichael jordan plays"
BEND = MLPLinear(1)
ON_THE_BOARD = 25  # the item that throws it
CASES = 14  # texts of each ability
ABILITIES: dict[type[CaseProbe], str] = {
    Facts: "what a person plays",
    Countries: "what a country eats and speaks",
    Agreement: "the verb's number",
}


def measure(bench: Bench) -> Iterator[Measured]:
    """What falls without the bend, what one MLP learns that never had it, and whether positions meet in it."""
    for ability, words in ABILITIES.items():
        cases = ability().cases(CASES)
        yield Measured(ability.slug, f"{words}, right as trained", bench.right(MODEL, cases), "share")
        without = bench.right(MODEL, cases, BEND)
        yield Measured(f"{ability.slug} without", f"{words}, without layer 1's bend", without, "share")
    for name, bent, words in (("bent", True, "with a bend"), ("straight", False, "without")):
        learned, of = facts_learned(bent=bent)
        yield Measured(name, f"facts of {of} learned by one MLP alone, grown up {words}", learned, "count")
    apart = _apart(bench.model(MODEL), bench.trace(MODEL, TEXT))
    yield Measured("apart", "what changes in layer 1's MLP if the words change places", apart)


def _apart(model: GPT, of: Trace) -> float:
    """How far what the MLP writes for each word is from what it writes with the words in reverse."""
    stream = of.blocks[BEND.layer].resid_mid
    there = gpt.mlp(model, BEND.layer, stream, idle)
    back = gpt.mlp(model, BEND.layer, stream[::-1].copy(), idle)[::-1]
    return float(np.abs(there - back).max())


def holds(found: Findings) -> bool:
    """At run time far more falls than facts; learned without the bend not half the facts; no position sees another."""
    falls = all(found[each.slug].value > 0.95 and found[f"{each.slug} without"].value < 0.4 for each in ABILITIES)
    clean = found["bent"].value == 64 and found["straight"].value < 32
    return falls and clean and found["apart"].value < 1e-5


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return 0 if found["agreement without"].value < 0.5 else 1 if found["facts without"].value < 0.5 else 2


def done(here: Here) -> bool:
    """That MLP is linear."""
    return BEND in here.session.switches


LESSON = Lesson(
    number=13,
    name="The MLP and its bend",
    group=LAYERS,
    claim=Claim(
        "Without a bend a network only adds: it cannot tell what hangs on two things at once.",
        "Minsky & Papert 1969, Perceptrons.",
    ),
    start=Start(MODEL, TEXT, pane="switches", view=View(layer=BEND.layer, item=ON_THE_BOARD, chosen=True)),
    question=Choice(
        "What somebody plays hangs on both names: no first name and no last name has a sport. You are about to take "
        "the bend out of one MLP, that of layer 1. What falls?",
        ("nearly everything, the verb's number too", "the facts of two names alone", "nothing: two layers are left"),
        right,
    ),
    act=Act("⏎", "throw the switch under the cursor: layer 1's MLP linear", ("enter",), done, f"switch {BEND}"),
    measure=measure,
    holds=holds,
    shows="An MLP works on each word alone: attention must first bring both names to one place. There one MLP that "
    "grew up without a bend adds what each name says, and gets not half of the facts; with it, all.",
    shows_not="that in the big model the bend is for facts: taken out at run time it is missed everywhere, since all "
    "of the model counts on it. A transformer that grew up without could still bend, by softmax and norm.",
    onward="c puts all on. Throw layer 0's or 2's instead: what is left after the dogs near the tree?",
)
