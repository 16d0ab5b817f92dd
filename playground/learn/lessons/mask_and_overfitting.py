"""Is the mask against overfitting? Trained with and without on few pages: what is learned, and what is held out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.runs import TrainConfig
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import HEADS, Act, Claim, Lesson, Start
from playground.learn.plans import Told, on_pages, shows_first
from playground.learn.questions import Choice

BEHIND = TrainConfig(
    n_layer=2, n_head=2, n_embd=48, block_size=48,
    batch=16, steps=210, lr=2e-2, warmup=20, schedule="flat", eval_every=25, seed=1,
)  # fmt: skip
RUNS = (
    on_pages("behind-the-mask", BEHIND),
    on_pages("without-the-mask", replace(BEHIND, without=("mask",), steps=150)),
)


def measure(bench: Bench) -> Iterator[Measured]:
    """Learned and held out, with the mask and without."""
    behind, without = (Told(bench.runs[plan.name]) for plan in RUNS)
    yield Measured("learned", "behind the mask: a word of what it learned from, at the end", behind.learned, "bits")
    yield Measured("held out", "behind the mask: a word it never saw, at the end", behind.held_out, "bits")
    step, bits = behind.lowest
    yield Measured("turn", f"behind the mask: the same when it was lowest, at step {step}", bits, "bits")
    yield Measured("open learned", "without the mask: a word of what it learned from", without.learned, "bits")
    yield Measured("open held out", "without the mask: a word it never saw", without.held_out, "bits")


def _gap(found: Findings, mask: str = "") -> float:
    return found[f"{mask}held out"].value - found[f"{mask}learned"].value


def holds(found: Findings) -> bool:
    """It overfits behind the mask, after a turn, and hardly without."""
    turns = found["held out"].value > found["turn"].value + 0.5
    return turns and _gap(found) > 1 and _gap(found, "open ") < 0.25 * _gap(found) and found["open held out"].value < 1


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    gap, opened = _gap(found), _gap(found, "open ")
    return 0 if gap < 0.5 else 1 if gap < opened + 0.5 else 2


LESSON = Lesson(
    number=9,
    name="Is the mask against overfitting?",
    group=HEADS,
    claim=Claim(
        "The causal mask is not against overfitting: behind it a model learns few pages by heart all the same.",
        "Measured here. Vaswani et al. 2017, 3.2.3, has it for another reason: no place may see the words after it.",
    ),
    start=Start("little-world", "\nthe dog", screen="train", pane="loss"),
    run=RUNS[0],
    against=RUNS[1:],
    question=Choice(
        "Two models learn the same ten pages again and again, one behind the mask, one without it. Which of them knows "
        "its own pages much better than pages it never saw, that is, overfits?",
        ("neither", "the one without the mask", "the one behind the mask"),
        right,
    ),
    act=Act(
        "↓",
        "once both are trained, choose the one behind the mask, and see its two curves part",
        ("down",),
        shows_first(RUNS),
    ),
    measure=measure,
    holds=holds,
    shows="Behind the mask it learns its pages by heart, and the held-out loss turns and rises: the mask prevents "
    "nothing. Without it there is hardly a gap, for reading the answer off works on any page.",
    shows_not="that the one without is the better model: its loss measures copying. The mask makes the task honest; "
    "against overfitting help more text, a smaller model, dropout, and stopping in time.",
    onward="8 shows what the one without can write. A new run (n) with dropout 0.2: how far does the turn move?",
)
