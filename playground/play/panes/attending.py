"""What the attention panes share: which numbers they show, and how these are said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from rich.cells import cell_len

from models import gpt
from models.measures import ranked
from models.ops import Array
from models.switches import AttentionOff, Switch
from models.switches.edits import Here, acting
from models.tracing import Trace
from playground import text
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import fitting
from playground.play.scene import Scene
from playground.play.session import Session, look
from playground.play.switching import head_switch

LABEL = 12  # cells of a token's label in a sentence


@dataclass(frozen=True, eq=False)
class Seen:
    """A pattern as the view shows it: after, before, or the difference that the switches make."""

    values: Array  # T T, or H T T for all heads, or T for one row; from 0 to 1, signed from -1 to 1
    visible: Array  # T T, or T
    signed: bool


def seen(scene: Scene, layer: int, head: int | slice, rows: int | slice = slice(None)) -> Seen:
    """The pattern of one head or several, or one row of it."""
    results, shown = scene.results, scene.shown
    assert results is not None and shown is not None
    values, visible = shown.blocks[layer].pattern[head, rows], shown.visible[rows]
    if results.changed is None or scene.session.view.shows != "difference":
        return Seen(values, visible, False)
    intact = results.intact
    return Seen(values - intact.blocks[layer].pattern[head, rows], visible | intact.visible[rows], True)


def fate(switches: Sequence[Switch], layer: int, head: int) -> str:
    """What is done to a head, in a word or two; empty where nothing is."""
    own = head_switch(switches, layer, head)
    if own is not None:
        return own.done
    return "layer's attention off" if AttentionOff(layer) in switches else ""


def choose(scene: Scene, row: int, column: int) -> partial[Session]:
    """Put the cursor on a row and a column of the traces."""
    dropped = scene.dropped
    return partial(look, row=row + dropped, column=column + dropped)


def move(scene: Scene, dx: int, dy: int) -> Session:
    """The cursor moved over the chosen head's pattern; it no longer follows the newest token."""
    if scene.results is None:
        return scene.session
    last = scene.length - 1
    row, column = max(0, min(scene.row + dy, last)), max(0, min(scene.column + dx, last))
    return choose(scene, row, column)(scene.session)


def heading(scene: Scene, more: str, room: int) -> str:
    """Which head is shown and how, then more where it fits."""
    view, shown, results = scene.session.view, scene.shown, scene.results
    assert shown is not None and results is not None
    first = [f"layer {view.layer} head {view.head}", fate(shown.switches, view.layer, view.head)]
    if results.changed is not None:
        first.append(view.shows)
    return fitting([*filter(None, (*first, more))], room)


def place(scene: Scene, row: int) -> str:
    """A position of the traces as it is said: 14 'r'."""
    return f"{row + scene.dropped} '{text.cut(scene.labels[row], LABEL)}'"


def glance(scene: Scene, row: int, column: int) -> list[str]:
    """What one cell says, in words and exact numbers: the longest way first."""
    results, view = scene.results, scene.session.view
    assert results is not None and scene.shown is not None
    looks = f"{place(scene, row)} looks at {place(scene, column)}: "
    arrow = f"{place(scene, row)} → {place(scene, column)}: "
    if results.changed is None:
        value = numbers.weight(results.now.blocks[view.layer].pattern[view.head, row, column])
        if not results.now.visible[row, column]:
            return [_hidden(scene, row, column)]
        return [looks + value, arrow + value]
    before, after = (float(t.blocks[view.layer].pattern[view.head, row, column]) for t in (results.intact, results.now))
    if not (results.now.visible[row, column] or results.intact.visible[row, column]):
        return [_hidden(scene, row, column)]
    change = numbers.weight(after - before, sign=True)
    return [
        f"{looks}before {numbers.weight(before)}, after {numbers.weight(after)}, difference {change}",
        f"{looks}{numbers.weight(before)} → {numbers.weight(after)} ({change})",
        f"{arrow}{numbers.weight(before)} before, {numbers.weight(after)} after",
    ]


def _hidden(scene: Scene, row: int, column: int) -> str:
    assert scene.results is not None
    why = reason(scene, scene.results.now, row, column)
    return f"{place(scene, row)} may not look at {place(scene, column)}: {why}"


def reason(scene: Scene, trace: Trace, row: int, column: int) -> str:
    """Why a row may look at a column, or may not: the mask's reason, or the last switch that decided otherwise."""
    positions, cell = np.arange(len(trace)), (row, column)
    visible, why = gpt.sight(scene.model, positions, positions), "it comes later"
    if visible[cell]:
        why = "it comes no later" if column <= row else "the model was trained without the causal mask"
    for switch in acting(trace.switches, scene.model.config, "visible", None):
        before, visible = visible, switch.edit(visible, Here("visible", None, {}, scene.model.ops))
        why = switch.told if before[cell] != visible[cell] else why
    return why


def ranking(scene: Scene, row: int, most: int) -> list[tuple[int, float]]:
    """The columns a row looks at most, or in a difference those that changed most, with their values."""
    view = scene.session.view
    shown = seen(scene, view.layer, view.head, row)
    values, visible = shown.values, shown.visible
    size = np.where(visible & np.isfinite(values), np.abs(values), 0.0)
    return [(column, float(values[column])) for column in ranked(size, most).tolist() if size[column] >= 0.0005]


def tell_ranking(scene: Scene, canvas: Canvas, y: int, lines: int) -> None:
    """What the row looks at, strongest first, on so many lines; each place can be clicked."""
    if lines < 1:
        return
    row, palette = scene.row, canvas.palette
    assert scene.results is not None
    signed = scene.results.changed is not None and scene.session.view.shows == "difference"
    verb = "changed: " if signed else "looks at: " if canvas.width >= 40 else "→ "
    x = start = canvas.put(0, y, f"{place(scene, row)} {verb}", palette.muted)
    last = y + lines - 1
    for column, value in ranking(scene, row, canvas.width):
        name, weight = place(scene, column), numbers.weight(value, sign=signed)
        wide = cell_len(name) + 1 + len(weight)
        if x + wide > canvas.width:
            if y == last:
                return
            x, y = min(start, 2), y + 1
        canvas.hit(x, y, wide, 1, choose(scene, row, column))
        chosen = column == scene.column
        x = canvas.put(x, y, name, palette.accent if chosen else palette.muted)
        x = canvas.put(x, y, f" {weight}", palette.accent if chosen else palette.text) + 2
    if x == start:
        what = "nothing: all hidden, or not a number" if not signed else "nothing"
        canvas.put(x, y, what, palette.muted)
