"""What a run on the little world can do at each of its snapshots, and the heads that turn to what followed before.

For two of the probes the answer stands in the text, behind the first mention of its last word: there it is told as well
how much each head looks at it. A head that does so is often there before the answers are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.baselines.gru import GRU
from models.gpt import GPT
from models.lenses.looking import LOOKS, induction, strongest
from models.lenses.probes import ALL, CaseProbe, Induction, MadeUpNames
from models.model_folders import load_any
from models.ops import Array
from models.switches import HeadOff

FOLLOWED = (MadeUpNames, Induction)  # what they ask for followed their last word before
PROBES: tuple[CaseProbe, ...] = (
    *(kind() for kind in FOLLOWED),
    *(kind() for kind in ALL if issubclass(kind, CaseProbe) and kind not in FOLLOWED),
)
KNOWS = 0.5  # of the answers right: from there on it has the ability


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What one probe found of one snapshot."""

    score: float  # share right
    ahead: Array | None = None  # L H, attention to what followed before; None where there is no such thing


Ask = Callable[[Path, CaseProbe], Found]  # of the model in a folder


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """One ability over the snapshots of a run, from the first to the last: S of them."""

    probe: CaseProbe
    steps: Array  # S
    scores: Array  # S
    head: HeadOff | None = None  # the one that looks most at what followed before, at the last; None where none can
    weights: Array | None = None  # S, of its attention, to that

    @property
    def came(self) -> int | None:
        """Since which step at least half of its answers are right; None where they are not at the last."""
        return since(self.steps, self.scores, KNOWS)

    @property
    def head_came(self) -> int | None:
        """Since which step the head gives so much attention to that place that it is said to look there."""
        return None if self.weights is None else since(self.steps, self.weights, LOOKS)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; a head is "layer.head"."""
        told: dict[str, Any] = {"name": self.probe.slug, "title": self.probe.title}
        told |= {"scores": self.scores.tolist(), "came": self.came}
        if self.head is None or self.weights is None:
            return told
        head = f"{self.head.layer}.{self.head.head}"
        return told | {"head": head, "weights": self.weights.tolist(), "head_came": self.head_came}


def ask(model: GPT | GRU, probe: CaseProbe) -> Found:
    """One probe, of one model; UserError if it does not know the little world's words."""
    looks = isinstance(model, GPT) and isinstance(probe, FOLLOWED) and "attention" not in model.config.lacks
    score = probe.measure(model).score
    return Found(score, induction(model, probe.cases()) if isinstance(model, GPT) and looks else None)


def ask_snapshot(folder: Path, probe: CaseProbe) -> Found:
    """The same of the model in a folder."""
    return ask(load_any(folder), probe)


def growing(
    snapshots: Mapping[int, Path], ask: Ask = ask_snapshot, probes: Sequence[CaseProbe] = PROBES
) -> Iterator[tuple[Course, ...]]:
    """The courses of these abilities over snapshots by step, one after the other: after each answer what is known.

    UserError as `ask` raises it, if a model does not know the little world's words.
    """
    whole: tuple[Course, ...] = ()
    steps = sorted(snapshots)
    for probe in probes:
        found = list[Found]()
        for step in steps:
            found.append(ask(snapshots[step], probe))
            yield (*whole, course := _course(probe, steps[: len(found)], found))
        whole = (*whole, course)


def since(steps: Array, values: Array, least: float) -> int | None:
    """The first of the steps (S) from which on all values (S) are at least so high; None where the last is not."""
    below = np.flatnonzero(~(values >= least))
    first = below[-1] + 1 if len(below) else 0
    return int(steps[first]) if first < len(steps) else None


def _course(probe: CaseProbe, steps: Sequence[int], found: Sequence[Found]) -> Course:
    scores, ahead = np.array([each.score for each in found]), [each.ahead for each in found if each.ahead is not None]
    if len(ahead) < len(found):
        return Course(probe, np.array(steps), scores)
    head = strongest(ahead[-1])
    return Course(probe, np.array(steps), scores, head, np.array([each[head.layer, head.head] for each in ahead]))
