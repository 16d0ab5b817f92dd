"""The slider over the snapshots: every pane shows the run as it was at the place chosen here."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from playground.kit.canvas import Canvas
from playground.kit.chart import put_labels
from playground.kit.flow import headline, nothing
from playground.train.panes.words import LEARNED, RunPane, learned_in_words
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, go_to

NEWEST = "newest ▸"


class Timeline(RunPane):
    """Ticks for snapshots, the chosen one marked."""

    name = "timeline"
    title = "Timeline"
    help = (
        "The run from its start to its end; ┴ is a snapshot, ● the one that every pane shows. Left and right go to the "
        "snapshot before and after, a click to the nearest one; at the right end, or after Enter, the newest is "
        "followed as it comes. The dotted part is still to come. ◇ is where it learned what it says of your prompt: "
        "from there on the likeliest next token is the one that it is now."
    )

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """How far the run is, where it can stop, and the place."""
        record = scene.record
        known = record and (record.step, record.state, record.config, record.snapshots, record.points)
        return scene.view.place, known, scene.settled

    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """The track, and the steps below it."""
        places = scene.places
        if not len(places):
            nothing(canvas, self.title, "no snapshot yet")
            return
        at = int(np.searchsorted(places, scene.step, side="right"))
        following = "following the newest" if scene.is_newest else "Enter follows the newest"
        which = f"snapshot {max(at, 1):,} of {len(places):,}"
        learned = [learned_in_words(scene.settled)] if scene.settled is not None else []
        headline(canvas, self.title, [f"step {scene.step:,}", *learned, which, following])
        _track(scene, record, canvas)

    def enter(self, scene: TrainScene) -> TrainView:
        """Follow the newest, or stay at it."""
        return go_to(scene.view, scene.step if scene.is_newest and len(scene.places) else None)


def _end(record: Record) -> int:
    """The last step of the track: where the run is to end, while it is not over."""
    planned = record.config.steps if record.config and record.state != "done" else None
    return max(planned or 0, record.step, int(record.places[-1]), 1)


def _track(scene: TrainScene, record: Record, canvas: Canvas) -> None:
    """One line from the first step to the last, and numbers where they fit."""
    palette, places = canvas.palette, scene.places
    room = canvas.width - len(NEWEST) - 2
    wide = room if room >= 12 else canvas.width
    cells = np.round(places / _end(record) * (wide - 1)).astype(int)
    here, reached = (round(step / _end(record) * (wide - 1)) for step in (scene.step, max(record.step, places[-1])))
    for x in range(wide):
        glyph, style = (
            ("━", palette.accent) if x < here else ("─", palette.muted) if x <= reached else ("┈", palette.faint)
        )
        canvas.put(x, 1, glyph, style)
    for x in set(cells.tolist()):
        canvas.put(x, 1, "┻" if x < here else "┴", palette.accent if x < here else palette.muted)
    if scene.settled is not None:
        canvas.put(round(scene.settled.step / _end(record) * (wide - 1)), 1, LEARNED, palette.contrast)
    canvas.put(here, 1, "●", palette.cursor if canvas.focused else palette.accent)
    _numbers(scene, canvas, cells.tolist(), here, wide)
    canvas.grid_hit(0, 1, wide, 2, lambda dx, dy: partial(go_to, step=scene.nearest(cells, dx)))
    if wide == room:
        canvas.put(wide + 2, 1, NEWEST, palette.accent if scene.is_newest else palette.muted)
        canvas.hit(wide + 1, 1, len(NEWEST) + 1, 1, partial(go_to, step=None))


def _numbers(scene: TrainScene, canvas: Canvas, cells: list[int], here: int, wide: int) -> None:
    """Steps below the ticks: the chosen one first, then the ends, then what fits of about one in twelve cells."""
    marked = list(zip(cells, scene.places.tolist(), strict=True))
    rest = (marked[0], marked[-1], *marked[:: -(-len(marked) * 12 // max(wide, 1)) or 1])
    words = ((x, f"{step:,}", canvas.palette.muted) for x, step in rest)
    put_labels(canvas, 2, ((here, f"{scene.step:,}", canvas.palette.accent), *words), range(wide))
