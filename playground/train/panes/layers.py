"""How strongly each layer is pulled, and how far a step moves it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.style import Style

from models.ops import Array
from models.runs.events import Measured
from playground.kit import numbers
from playground.kit.bar import SPARKS
from playground.kit.canvas import Canvas
from playground.kit.flow import first_that_fits, headline, nothing
from playground.kit.palette import Palette
from playground.text import fit
from playground.train.panes.words import RunPane
from playground.train.record import Record
from playground.train.scene import TrainScene

NUMBER = 6  # cells
SHORT = 5  # bars over time, below which only the updates have them
SHAKES, STILL = 0.1, 1e-6  # updates to weights outside of which a layer is marked
HINTS = (
    "update: what one step changes of the weights; about 1e-3 is healthy, 1e-2 while it starts or with Muon",
    "update: a step's share of the weights; about 1e-3 is healthy",
    "an update of about 1e-3 is healthy",
    "healthy: about 1e-3",
)


class Layers(RunPane):
    """A row a layer: gradient and update, each as a number and over time."""

    name = "layers"
    title = "Layers"
    help = (
        "gradient: the length of the layer's gradient, how strongly the loss pulls at it. update: how much one step "
        "changed the layer's weights, as a share of their size. About 1e-3 is healthy for AdamW; Muon and the first "
        "steps go to 1e-2, and towards the end of a run updates fall to nothing with the learning rate. ▲ marks an "
        "update above 0.1, which shakes a layer to pieces, ▽ one below 1e-6: it stands still. The small bars are the "
        "same over time up to the place looked at, every bar a tenfold part of one scale for all layers."
    )

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """What is measured, as far as the place."""
        record = scene.record
        return (record and (record.measured, record.measured_at(scene.step)),)

    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """Head line, layers, hint."""
        step = scene.step
        known = [each for each in record.measured if each.step <= step and (each.gradients or each.updates)]
        if not known:
            nothing(canvas, self.title, "nothing is measured yet")
            return
        hint = canvas.height > 6
        shown = record.layers[: max(canvas.height - 2 - hint, 0)]
        note = [f"step {known[-1].step:,}"]
        note += [f"{len(shown)} of {len(record.layers)}"] if len(shown) < len(record.layers) else []
        headline(canvas, self.title, note)
        _table(canvas, known, shown)
        if hint:
            y = min(len(shown) + 3, canvas.height - 1)
            canvas.put(0, y, first_that_fits(HINTS, canvas.width), canvas.palette.muted)


def _table(canvas: Canvas, known: Sequence[Measured], layers: Sequence[str]) -> None:
    palette = canvas.palette
    names = {layer: f"L{layer}" if layer.isdecimal() else layer for layer in layers}
    label = min(max((len(name) for name in names.values()), default=0), max(canvas.width // 4, 2))
    room = max(canvas.width - label - 2 * (NUMBER + 3) + 1, 0)
    sparks = (room // 2, room - room // 2) if room >= 2 * SHORT else (0, room)
    x = label + 1
    for title, spark in zip(("gradient", "update"), sparks, strict=True):
        told = [each.gradients if title == "gradient" else each.updates for each in known]
        canvas.right(x + NUMBER, 1, title, palette.muted)
        over_time = _sparks(told, layers, spark)
        for y, layer in enumerate(layers, 2):
            value = told[-1].get(layer, math.nan)
            canvas.right(x + NUMBER, y, numbers.magnitude(value), _style(palette, value, title))
            mark = "▲" if value > SHAKES else "▽" if value < STILL else ""
            canvas.put(x + NUMBER, y, mark if title == "update" else "", palette.contrast)
            canvas.put(x + NUMBER + 1, y, over_time[layer], palette.bar(0.6))
        x += NUMBER + spark + 2
    for y, layer in enumerate(layers, 2):
        canvas.put(0, y, fit(names[layer], label), palette.strong)


def _style(palette: Palette, value: float, title: str) -> Style:
    wrong = not math.isfinite(value) or (title == "update" and not STILL <= value <= SHAKES)
    return palette.contrast if wrong else palette.text


def _sparks(parts: Sequence[Mapping[str, float]], layers: Sequence[str], room: int) -> dict[str, str]:
    """Each layer's values as so many small bars, by their powers of ten, on one scale."""
    if not room:
        return dict.fromkeys(layers, "")
    some = [parts[at] for at in np.linspace(0, len(parts) - 1, min(room, len(parts))).round().astype(int)]
    values = np.array([[each.get(layer, math.nan) for each in some] for layer in layers], np.float64)  # L T
    logs: Array = np.log10(values, where=values > 0, out=np.full_like(values, math.nan))
    known = logs[np.isfinite(logs)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    with np.errstate(invalid="ignore"):
        levels = np.nan_to_num((logs - low) / (max(high - low, 0.5)) * (len(SPARKS) - 1)).round().astype(int)
    levels = np.clip(levels, 0, len(SPARKS) - 1)
    return {
        layer: "".join(SPARKS[level] if math.isfinite(log) else " " for level, log in zip(row, line, strict=True))
        for layer, row, line in zip(layers, levels.tolist(), logs.tolist(), strict=True)
    }
