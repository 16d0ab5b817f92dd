"""Residual path and norm: how much of the loss's pull reaches each layer, with them and without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.runs import TrainConfig
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LAYERS, Act, Claim, Lesson, Start
from playground.learn.plans import Told, on_pages, shows_first
from playground.learn.questions import Choice

WHOLE = TrainConfig(
    n_layer=10, n_head=2, n_embd=32, block_size=32,
    batch=8, steps=20, lr=2e-2, warmup=20, schedule="flat", eval_every=5, seed=1,
)  # fmt: skip
RUNS = (
    on_pages("whole", WHOLE),
    on_pages("no-norm", replace(WHOLE, without=("norm",))),
    on_pages("no-residual", replace(WHOLE, without=("residual",))),
)
FIRST, LAST = "0", str(WHOLE.n_layer - 1)  # layers, as a run calls them


def measure(bench: Bench) -> Iterator[Measured]:
    """The gradient of the first layer as a share of the last one's, in three models at their last step."""
    whole, no_norm, no_residual = (Told(bench.runs[plan.name]).measured[-1].gradients for plan in RUNS)
    yield Measured("whole", "the whole one: gradient of L0 over that of L9", whole[FIRST] / whole[LAST], "about")
    yield Measured("no norm", "without norm: the same", no_norm[FIRST] / no_norm[LAST], "about")
    yield Measured("last", "without residual path: gradient of L9", no_residual[LAST], "about")
    yield Measured("middle", "without residual path: of L5", no_residual[str(WHOLE.n_layer // 2)], "about")
    times = no_residual[LAST] / no_residual[FIRST]
    yield Measured("times", "times smaller is it there in L0 than in L9", times, "about")


def holds(found: Findings) -> bool:
    """With the residual path all layers are pulled alike; without it the first ones not at all."""
    return 0.2 < found["whole"].value < 5 and found["times"].value > 1e5


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return 0 if found["times"].value < 10 else 1 if found["times"].value < 1e4 else 2


LESSON = Lesson(
    number=12,
    name="Residual path and norm",
    group=LAYERS,
    claim=Claim(
        "The residual path is what lets the loss reach the first of many layers.",
        "He et al. 2016, Deep Residual Learning for Image Recognition; norm: Ba et al. 2016.",
    ),
    start=Start("little-world", "\nthe dog", screen="train", pane="runs"),
    run=RUNS[0],
    against=RUNS[1:],
    question=Choice(
        "Three models of ten layers take 20 steps: a whole one, one without norm, one without residual path. How much "
        "weaker is the loss's pull (the gradient) in the last one's first layer than in its tenth?",
        ("hardly at all", "a hundred times or so", "a million times or more"),
        right,
    ),
    act=Act(
        "6 ↓ ↓",
        "once all three are trained, look at the gradient of each layer, and go down to the whole model to compare",
        ("6", "down", "down"),
        shows_first(RUNS),
    ),
    measure=measure,
    holds=holds,
    shows="Going back through a layer the gradient shrinks, again and again. Along the residual path it also goes past "
    "each layer unchanged, so the first is pulled no less than the last.",
    shows_not="that nothing is learned without it: Muon makes a step of one size of whatever gradient there is, and "
    "three layers can do without. Nor that norm is idle: it matters more the longer one trains.",
    onward="The bars in Layers show it over time. A new run (n) without residual, of 3 layers: how far does it come?",
)
