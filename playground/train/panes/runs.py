"""Every run there is: which is chosen, which are overlaid, what each is and has reached."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from rich.cells import cell_len

from playground import text
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import BETWEEN, headline, nothing, say
from playground.kit.pane import Pane
from playground.train.panes import words
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, choose, overlay, see

MARKS = 4  # cells: how it is drawn, and its state
NAMED = 12  # cells of a name that columns leave room for
WITHOUT = 24  # cells of what it grows up without, at most
GAP = 2
NUMBERS = ("step", "best")


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
        first = max(0, min(item - tall // 2, len(names) - tall))
        part = [f"{first + 1}-{first + tall} shown"] if len(names) > tall > 0 else []
        headline(canvas, self.title, [f"{len(names):,}", *part])
        columns = _columns(scene, canvas.width)
        if head:
            _heads(canvas, columns)
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


def under_cursor(scene: TrainScene) -> str | None:
    """The name of the run under the list's cursor; None where there are no runs."""
    return list(scene.runs)[_item(scene)] if scene.runs else None


def _item(scene: TrainScene) -> int:
    return max(0, min(scene.view.item, len(scene.runs) - 1))


def _columns(scene: TrainScene, width: int) -> dict[str, int]:
    """Cells of each column that fits beside the names; the least important go first."""
    wide = {"best": 5, "step": 4, "without": 0, "sizes": 5}
    for record in scene.runs.values():
        wide |= {name: max(wide[name], cell_len(_told(record, name))) for name in wide}
    wide["without"] = min(max(wide["without"], len("without")), WITHOUT) if wide["without"] else 0
    wanted = {name: cells for name, cells in wide.items() if cells}
    longest = max((cell_len(text.visible(name)) for name in scene.runs), default=0)
    while wanted and MARKS + min(longest, NAMED) + sum(cells + GAP for cells in wanted.values()) > width:
        wanted.popitem()
    return {name: wanted[name] for name in ("sizes", "without", "step", "best") if name in wanted}


def _heads(canvas: Canvas, columns: dict[str, int]) -> None:
    for x, name, wide in _places(canvas, columns):
        canvas.put(x, 1, name.rjust(wide) if name in NUMBERS else name, canvas.palette.muted)


def _places(canvas: Canvas, columns: dict[str, int]) -> Iterator[tuple[int, str, int]]:
    """Where each column begins, its name, and its cells."""
    x = canvas.width - sum(wide + GAP for wide in columns.values())
    for name, wide in columns.items():
        yield x + GAP, name, wide
        x += wide + GAP


def _row(scene: TrainScene, canvas: Canvas, y: int, name: str, columns: dict[str, int]) -> None:
    palette, record, view = canvas.palette, scene.runs[name], scene.view
    chosen, at = name == view.run, list(scene.runs).index(name)
    mark = words.CHOSEN if chosen else words.LETTERS[view.overlaid.index(name)] if name in view.overlaid else "·"
    canvas.put(0, y, mark, palette.accent if chosen else palette.contrast if name in view.overlaid else palette.faint)
    canvas.put(2, y, words.STATES[record.state][0], words.state_style(palette, record.state))
    here = canvas.focused and at == _item(scene)
    style = palette.cursor if here else palette.accent if chosen else palette.text
    room = canvas.width - sum(wide + GAP for wide in columns.values()) - MARKS
    canvas.put(MARKS, y, text.cut(name, room), style)
    styles = {"sizes": palette.muted, "without": palette.contrast}
    for x, column, wide in _places(canvas, columns):
        told = text.cut(_told(record, column), wide)
        canvas.put(x, y, told.rjust(wide) if column in NUMBERS else told, styles.get(column, palette.text))
    canvas.hit(0, y, canvas.width, 1, partial(_clicked, name=name, item=at))
    canvas.hit(0, y, 2, 1, partial(overlay, run=name))


def _clicked(view: TrainView, name: str, item: int) -> TrainView:
    return see(choose(view, name), item=item)


def _told(record: Record, column: str) -> str:
    if column == "step":
        return f"{record.step:,}"
    if column == "best":
        return numbers.nats(record.best.held_out if record.best else None)
    return ", ".join(record.lacks) if column == "without" else words.compact(record)


def _detail(scene: TrainScene, canvas: Canvas, name: str) -> None:
    """The run under the cursor in words."""
    palette, record = canvas.palette, scene.runs[name]
    parts = [(words.STATES[record.state][1], words.state_style(palette, record.state))]
    if record.lacks:
        parts.append((words.without(record), palette.contrast))
    if record.started and not record.problem:
        parts.append((f"{numbers.large(record.started.parameters)} parameters", palette.muted))
    if record.config and not record.problem:
        parts.append((f"context {record.config.block_size:,}", palette.muted))
    used = sum(cell_len(told) + len(BETWEEN) for told, _ in parts)
    why = record.problem or (record.ended.why if record.ended else "")
    if why and canvas.width - used >= NAMED:
        parts.append((text.cut(why, canvas.width - used), palette.contrast if record.problem else palette.muted))
    say(canvas, 0, canvas.height - 1, parts)
