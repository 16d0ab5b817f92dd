"""Held-out loss against time on Tiny Shakespeare: our preset `small` against nanoGPT's documented recipe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.contest import Contender
from benchmarks.environment import ROOT
from benchmarks.table import Part

TEXT = Path(os.environ.get("TINY_SHAKESPEARE", ROOT.parent / "shared" / "data" / "tinyshakespeare.txt"))
TURNS = 24
SHOWN = 3  # every so many turns are printed
Look = dict[str, Any]  # step, cpu, wall, loss


def run(rounds: int) -> Part:
    """Both runs, a part of each in turn; with a single round the first twentieth alone, to see that it works."""
    share = 1.0 if rounds > 1 else 0.05
    part = Part("race", "Tiny Shakespeare, 4 layers, 4 heads, 128 wide, context 64: held-out nats a character")
    with Contender("race") as one, Contender("race") as other:
        looks = _run({"nanoGPT's recipe": (one, "reference"), "ours, small": (other, "ours")}, share)
    for name, seen in looks.items():
        for look in seen[SHOWN - 1 :: SHOWN]:
            part.add(f"{name}, step {look['step']}", f"{look['loss']:.3f} after {_seconds(look)}")
    theirs, ours = looks.values()
    end, last = theirs[-1], ours[-1]
    for clock in ("cpu", "wall"):
        _judge(part, ours, end, clock)
    part.notes += [
        f"of {TEXT.name}: the last tenth, all of it, in windows that share nothing; measuring it is in nobody's time",
        f"the recipe: AdamW 1e-3 to 1e-4 by cosine, {end['step']} steps of {end['batch']}, float32, fused attention "
        f"and optimiser, {end['parameters']:,} parameters (no biases)",
        f"ours: the preset with one thread, {last['step']} steps of {last['batch']}, products in {last['products']}, "
        f"{last['parameters']:,} parameters; what it measures itself on the way is in its time",
        f"one thread each, {TURNS} turns each, ours after the recipe's; ours is looked at only at the end of a turn",
    ]
    return part


def _run(runners: dict[str, tuple[Contender, str]], share: float) -> dict[str, list[Look]]:
    looks: dict[str, list[Look]] = {name: [] for name in runners}
    for _ in range(TURNS):
        for name, (contender, who) in runners.items():
            looks[name].append(contender.ask("turn", who=who, text=str(TEXT), share=share, turns=TURNS))
    return looks


def _judge(part: Part, ours: list[Look], end: Look, clock: str) -> None:
    """When ours is as good as the recipe in the end, and how good it is when the recipe's time is over."""
    whose = {"cpu": "processor", "wall": "wall clock"}[clock]
    passed = next((look[clock] for look in ours if look["loss"] <= end["loss"]), float("inf"))
    then = [look for look in ours if look[clock] <= end[clock]][-1]
    part.at_most(f"time to the recipe's last loss, over the recipe's, {whose}", passed / end[clock], 1 / 3)
    part.at_most(f"loss within the recipe's time, {whose}, step {then['step']}", then["loss"], 1.72, "nats")


def _seconds(look: Look) -> str:
    return f"{look['cpu']:.1f} s of processor time, {look['wall']:.1f} s"
