"""Every run there is: which is chosen, which are overlaid, what each is and has reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from rich.style import Style

from playground import text
from playground.cells import cell_len
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import BETWEEN, first_shown, headline, nothing, say
from playground.kit.pane import Pane
from playground.kit.table import Column, needed, put_heads, put_row, with_room
from playground.train.panes import words
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, choose, overlay, see

MARKS = 4  # cells: how it is drawn, and its state
NAMED = 12  # cells of a name that columns leave room for
WITHOUT = 24  # cells of what it grows up without, at most


class Runs(Pane[TrainScene, TrainView]):
    """A line a run."""

    name = "runs"
    title = "Runs"
    help = (
        "Every run in the folder of runs: its state, sizes (layers × heads × width), what it grows up without, its "
        "step and its lowest held-out loss in nats. ● is the run that all panes show, a to d are overlaid in the "
        "curve; the first of those is also watched beside it. ▶ running, ‖ paused, ■ stopped, ✓ done, ✗ died. Up and "
        "down move, Enter chooses, and so does a click; a click on the mark in front overlays a run or no longer."
    )

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The runs, which are chosen, and the cursor."""
        return scene.view.run, scene.view.overlaid, scene.view.item, tuple(scene.runs.items())

    def draw(self, scene: TrainScene, canvas: Canvas) -> None:
        """Head line and runs; the one under the cursor in words on the last line."""
        if not scene.runs:
            nothing(canvas, self.title, "no runs yet: start one")
            return
        names, item = list(scene.runs), _item(scene)
        below = 1 if canvas.height > 4 else 0
        head = 1 if canvas.height > 3 else 0
        tall = max(canvas.height - 1 - head - below, 0)
        first = first_shown(item, len(names), tall)
        part = [f"{first + 1}-{first + tall} shown"] if len(names) > tall > 0 else []
        headline(canvas, self.title, [f"{len(names):,}", *part])
        columns = _columns(scene, canvas)
        if head:
            put_heads(canvas, canvas.width - needed(columns), 1, columns)
        for y, name in enumerate(names[first : first + tall], 1 + head):
            _row(scene, canvas, y, name, columns)
        if below:
            _detail(scene, canvas, names[item])

    def move(self, scene: TrainScene, dx: int, dy: int) -> TrainView:
        """Up and down the list, left and right through time."""
        if dx:
            return scene.scrubbed(dx)
        return see(scene.view, item=max(0, min(_item(scene) + dy, len(scene.runs) - 1)))

    def enter(self, scene: TrainScene) -> TrainView:
        """Look at the run under the cursor."""
        return choose(scene.view, list(scene.runs)[_item(scene)]) if scene.runs else scene.view


def _item(scene: TrainScene) -> int:
    return max(0, min(scene.view.item, len(scene.runs) - 1))


def _columns(scene: TrainScene, canvas: Canvas) -> list[Column[Record]]:
    """Those that fit beside the names; the least important go first."""
    every = [
        _column(scene, "best", 5, lambda record: numbers.nats(record.best.held_out if record.best else None)),
        _column(scene, "step", 4, lambda record: f"{record.step:,}"),
        _column(scene, "without", 7, lambda record: ", ".join(record.lacks), canvas.palette.contrast),
        _column(scene, "sizes", 5, words.compact, canvas.palette.muted),
    ]
    if not any(record.lacks for record in scene.runs.values()):
        del every[2]
    longest = max((cell_len(text.visible(name)) for name in scene.runs), default=0)
    return with_room(every, canvas.width - MARKS - min(longest, NAMED))[::-1]


def _column(
    scene: TrainScene, head: str, least: int, told: Callable[[Record], str], style: Style | None = None
) -> Column[Record]:
    """As wide as what it tells of the runs; in words, which have a style of their own, at the left."""
    wide = max([least, *(cell_len(told(record)) for record in scene.runs.values())])
    return Column(head, min(wide, WITHOUT) if head == "without" else wide, told, style is not None, None, style)


def _row(scene: TrainScene, canvas: Canvas, y: int, name: str, columns: Sequence[Column[Record]]) -> None:
    palette, record, view = canvas.palette, scene.runs[name], scene.view
    chosen, at = name == view.run, list(scene.runs).index(name)
    mark = words.CHOSEN if chosen else words.LETTERS[view.overlaid.index(name)] if name in view.overlaid else "·"
    canvas.put(0, y, mark, palette.accent if chosen else palette.contrast if name in view.overlaid else palette.faint)
    canvas.put(2, y, words.STATES[record.state][0], words.state_style(palette, record.state))
    here = canvas.focused and at == _item(scene)
    style = palette.cursor if here else palette.accent if chosen else palette.text
    start = canvas.width - needed(columns)
    canvas.put(MARKS, y, text.cut(name, start - MARKS), style)
    put_row(canvas, start, y, columns, record, palette.text)
    canvas.hit(0, y, canvas.width, 1, partial(_clicked, name=name, item=at))
    canvas.hit(0, y, 2, 1, partial(overlay, run=name))


def _clicked(view: TrainView, name: str, item: int) -> TrainView:
    return see(choose(view, name), item=item)


def _detail(scene: TrainScene, canvas: Canvas, name: str) -> None:
    """The run under the cursor in words."""
    palette, record = canvas.palette, scene.runs[name]
    parts = [(words.STATES[record.state][1], words.state_style(palette, record.state))]
    if record.lacks:
        parts.append((f"without {', '.join(record.lacks)}", palette.contrast))
    if record.started and not record.problem:
        parts.append((f"{numbers.large(record.started.parameters)} parameters", palette.muted))
    if record.config and not record.problem:
        parts.append((f"context {record.config.block_size:,}", palette.muted))
    used = sum(cell_len(told) + len(BETWEEN) for told, _ in parts)
    why = record.problem or (record.ended.why if record.ended else "")
    if why and canvas.width - used >= NAMED:
        parts.append((text.cut(why, canvas.width - used), palette.contrast if record.problem else palette.muted))
    say(canvas, 0, canvas.height - 1, parts)
