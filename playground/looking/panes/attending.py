"""What the attention panes share: which numbers they show, and how these are said in words."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import partial

import numpy as np

from models import gpt
from models.measures import ranked
from models.ops import Array
from models.switches.edits import Here, acting
from models.tracing import Trace
from models.units import BITS, Unit
from playground import text
from playground.cells import cell_len
from playground.kit.canvas import Canvas
from playground.kit.flow import first_that_fits, fitting, nothing
from playground.kit.numbers import weight
from playground.kit.pane import Pane
from playground.looking.panes import worth
from playground.looking.panes.absent import no_results
from playground.looking.scene import Scene
from playground.looking.session import Session, look
from playground.looking.switching import head_switch

LABEL = 12  # cells of a token's label in a sentence
NO_ATTENTION = "the model was built without attention: no head looks anywhere"


@dataclass(frozen=True, eq=False)
class Seen:
    """A pattern as the view shows it: after, before, or the difference that the switches make."""

    values: Array  # T T, or H T T for all heads, or T for one row; from 0 to 1, signed from -1 to 1
    visible: Array  # T T, or T
    signed: bool


def seen(scene: Scene, layer: int, head: int | slice, rows: int | slice = slice(None)) -> Seen:
    """The pattern of one head or several, or one row of it."""
    shown, intact = scene.shown, scene.known.intact
    here, before = shown.blocks[layer], intact.blocks[layer]
    values, visible = here.pattern[head, rows], here.visible[rows]
    if not scene.differs:
        return Seen(values, visible, False)
    return Seen(values - before.pattern[head, rows], visible | before.visible[rows], True)


class PatternPane(Pane[Scene, Session]):
    """A pane of the chosen head's pattern; its cursor is a row and a column."""

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """The picture, where there is a text."""
        if scene.results is None:
            nothing(canvas, self.title, no_results(scene))
        elif not scene.model.config.has("attention"):
            nothing(canvas, self.title, NO_ATTENTION)
        else:
            self.show(scene, canvas)

    @abstractmethod
    def show(self, scene: Scene, canvas: Canvas) -> None:
        """The whole picture, of a scene with results."""

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """The cursor, which no longer follows the newest token; at the edge it stays as it is."""
        if scene.results is None:
            return scene.session
        last = scene.length - 1
        row, column = max(0, min(scene.row + dy, last)), max(0, min(scene.column + dx, last))
        if (row, column) == (scene.row, scene.column):
            return scene.session
        return choose(scene, row, column)(scene.session)


def choose(scene: Scene, row: int, column: int) -> partial[Session]:
    """Put the cursor on a row and a column of the traces."""
    dropped = scene.dropped
    return partial(look, row=row + dropped, column=column + dropped)


def heading(scene: Scene, more: str, room: int) -> str:
    """Which head is shown and how, then more where it fits."""
    view, switches = scene.session.view, scene.shown.switches
    own = head_switch(switches, view.layer, view.head)
    whole = acting(switches, scene.model.config, "attn_out", view.layer)
    done = own.done if own else f"layer's {whole[-1].title}" if whole else ""
    shows = view.shows if scene.known.changed else ""
    return fitting([*filter(None, (f"layer {view.layer} head {view.head}", done, shows, more))], room)


def place(scene: Scene, row: int) -> str:
    """A position of the traces as it is said: 14 'r'."""
    return f"{row + scene.dropped} '{text.cut(scene.labels[row], LABEL)}'"


def glance(scene: Scene, row: int, column: int, unit: Unit = BITS) -> list[str]:
    """What one cell says, in words and exact numbers, and what it is worth if that is known: the longest way first."""
    ways, bits = _glance(scene, row, column), worth.effect(scene, row, column)
    if bits is None:
        return ways
    lost = worth.lost(bits, unit)
    return [
        *(f"{way} · {lost} {words}" for way, words in zip(ways, ("lost without it", "without it"), strict=False)),
        *ways,
    ]


def _glance(scene: Scene, row: int, column: int) -> list[str]:
    view, intact, now = scene.session.view, scene.known.intact, scene.known.now
    here, there = place(scene, row), place(scene, column)
    if not any(trace.blocks[view.layer].visible[row, column] for trace in (now, intact)):
        hidden = f"{here} may not look at {there}"
        return [f"{hidden}: {reason(scene, now, row, column)}", hidden, f"{here} → {there}: hidden"]
    was, is_ = (float(trace.blocks[view.layer].pattern[view.head, row, column]) for trace in (intact, now))
    before, after, change = weight(was), weight(is_), weight(is_ - was, sign=True)
    if scene.known.changed is None:
        return [f"{here} looks at {there}: {after}", f"{here} → {there}: {after}"]
    return [
        f"{here} looks at {there}: before {before}, after {after}, difference {change}",
        f"{here} looks at {there}: {before} → {after} ({change})",
        f"{here} → {there}: {before} before, {after} after",
        f"{here} → {there}: {after}",
    ]


def reason(scene: Scene, trace: Trace, row: int, column: int) -> str:
    """Why a row may look at a column, or may not: the mask's reason, or the last switch that decided otherwise."""
    positions, cell = np.arange(len(trace)), (row, column)
    visible, why = gpt.sight(scene.model, positions, positions), "it comes later"
    if visible[cell]:
        why = "it comes no later" if column <= row else "the model was built without the causal mask"
    for switch in acting(trace.switches, scene.model.config, "visible", None):
        before, visible = visible, switch.edit(visible, Here("visible", None, {}, scene.model.ops, len(scene.shown)))
        why = switch.told if before[cell] != visible[cell] else why
    layer = scene.session.view.layer
    if visible[cell] and not trace.blocks[layer].visible[cell]:
        why = f"layer {layer} looks at the last {scene.model.config.window(layer):,} tokens alone"
    return why


def ranking(scene: Scene, row: int, most: int) -> list[tuple[int, float]]:
    """The columns a row looks at most, or in a difference those that changed most, with their values."""
    view = scene.session.view
    shown = seen(scene, view.layer, view.head, row)
    values, visible = shown.values, shown.visible
    size = np.where(visible & np.isfinite(values), np.abs(values), 0.0)
    return [(column, float(values[column])) for column in ranked(size, most).tolist() if size[column] >= 0.0005]


def _worth(scene: Scene, row: int, column: int, unit: Unit) -> str:
    """Behind a weight its effect, where it has one."""
    bits = worth.effect(scene, row, column)
    return f" {worth.mark(bits)}{bits * unit.bit:.2f}" if bits is not None and worth.mark(bits) else ""


def tell_ranking(scene: Scene, canvas: Canvas, y: int, lines: int) -> None:
    """What the row looks at, strongest first, on so many lines; each place can be clicked."""
    if lines < 1:
        return
    row, palette = scene.row, canvas.palette
    verb = "changed: " if scene.differs else "looks at: " if canvas.width >= 40 else "→ "
    x = start = canvas.put(0, y, f"{place(scene, row)} {verb}", palette.muted)
    last = y + lines - 1
    for column, value in ranking(scene, row, canvas.width):
        name, much = place(scene, column), weight(value, sign=scene.differs) + _worth(scene, row, column, canvas.unit)
        wide = cell_len(name) + 1 + len(much)
        if x + wide > canvas.width:
            if y == last:
                return
            x, y = min(start, 2), y + 1
        canvas.hit(x, y, wide, 1, choose(scene, row, column))
        chosen = column == scene.column
        x = canvas.put(x, y, name, palette.accent if chosen else palette.muted)
        x = canvas.put(x, y, f" {much}", palette.accent if chosen else palette.text) + 2
    if x == start:
        ways = ("nothing: all hidden, or not a number", "nothing: all hidden", "nothing")
        canvas.put(x, y, first_that_fits(ways[2:] if scene.differs else ways, canvas.width - x), palette.muted)
