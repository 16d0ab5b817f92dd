"""A window, or no softmax: put in at run time, or there from the first step on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.runs import preset
from models.switches import LinearAttention, Window
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import WRITING, Act, Claim, Lesson, Start
from playground.learn.plans import on_pages, shows_first, unread
from playground.learn.questions import Choice

NEAR = 2  # words of the window: itself, and the one before
FULL = replace(preset("tiny"), batch=8, steps=100, eval_every=50, seed=1)
RUNS = (
    on_pages("full", FULL),
    on_pages("window", replace(FULL, attention=f"window:{NEAR}")),
    on_pages("linear", replace(FULL, attention="linear")),
)


def measure(bench: Bench) -> Iterator[Measured]:
    """The surprise of pages that none has read: as each grew up, and with the other ways put into the full one."""
    full, window, linear = (str(bench.runs[plan.name]) for plan in RUNS)
    texts = unread(bench.model(full))
    yield Measured("full", "an unread word, by the one that sees all", bench.surprise(full, texts), "bits")
    for name, run, words, switch in (
        ("window", window, f"a window of {NEAR}", Window(NEAR)),
        ("linear", linear, "no softmax", LinearAttention()),
    ):
        yield Measured(f"{name} put in", f"with {words}, put in now", bench.surprise(full, texts, switch), "bits")
        yield Measured(f"{name} grown", f"by one that grew up with {words}", bench.surprise(run, texts), "bits")


def _costs(found: Findings, name: str) -> tuple[float, float]:
    """What it costs put in, and grown up with."""
    put_in, grown = (found[f"{name} {how}"].value - found["full"].value for how in ("put in", "grown"))
    return put_in, grown


def holds(found: Findings) -> bool:
    """Either costs far more put in than grown up with; the window most of all, and then next to nothing."""
    (window, window_grown), (linear, linear_grown) = (_costs(found, name) for name in ("window", "linear"))
    return window > 0.6 and window_grown < 0.25 and linear > 0.15 and linear_grown < 0.6 * linear


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    put_in, grown = _costs(found, "window")
    return 0 if grown > 0.75 * put_in else 1 if grown > 0.25 * put_in else 2


LESSON = Lesson(
    number=33,
    name="Put in, or grown up with",
    group=WRITING,
    claim=Claim(
        "What attention leaves out costs a model dearly that never learned to do without, and others little.",
        "Windows: Child et al. 2019; linear attention: Katharopoulos et al. 2020, Arora et al. 2024.",
    ),
    start=Start("little-world", "\nthe parrot heard", screen="train", pane="loss"),
    run=RUNS[0],
    against=RUNS[1:],
    question=Choice(
        "Three models read the same pages: one sees all words, one only the newest two, one has no softmax. Put into "
        "the first one afterwards, the window costs over half a bit a word. Grown up with it, it costs ...",
        ("as much", "about half", "hardly anything"),
        right,
    ),
    act=Act(
        "↓ ↓",
        "once all three are trained, go down to the one that sees all, and look at the three curves",
        ("down", "down"),
        shows_first(RUNS),
    ),
    measure=measure,
    holds=holds,
    shows="The same window, the same lack of softmax: what grew up with it has learned to do without the rest, with so "
    "few steps even sooner than one that must choose among all. A second layer reaches a word further than the first.",
    shows_not="that far words are worth nothing: in 100 steps on a few pages nobody learns to use them. The longer one "
    "trains, the more a window costs for good: the name that comes back later is out of reach.",
    onward="n, with attention window:8 or linear, trains one on the little world for longer. o opens it in Play: which "
    "names does it still find?",
)
