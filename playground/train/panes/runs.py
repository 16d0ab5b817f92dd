"""Every run there is: which is chosen, which are pinned, what each is and has reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from rich.style import Style

from models.runs.measurement import UNFAIR
from playground import text
from playground.cells import cell_len
from playground.kit import numbers
from playground.kit.canvas import Canvas, Press
from playground.kit.flow import BETWEEN, first_shown, headline, nothing, say
from playground.kit.pane import Pane
from playground.kit.table import GAP, Column, needed, put_heads, put_row, with_room
from playground.train.panes import words
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, choose, pin

STATE, MARKS = 3, 5  # cells: how it is drawn, and its state as well
NAMED = 12  # cells of a name that columns leave room for
WITHOUT = 24  # cells of what it grows up without, at most


class Runs(Pane[TrainScene, TrainView]):
    """A line a run."""

    name = "runs"
    title = "Runs"
    help = (
        "Every run in the folder of runs: its state, sizes (layers × heads × width), what it grows up without, its "
        f"step and its held-out loss a token; before that is measured, with {words.SAMPLED}, its lowest sampled loss. "
        f"{words.UNFAIR_MARK} is no fair score: without the mask it sees the answers. ● is the chosen run: all panes "
        "show it, and every key acts on it. Up and down choose another, and so does a click. m pins the chosen one, or "
        "a click on the dot in front of a name: it gets a letter, a to d, and stays in the curve whichever run is "
        "chosen; the first of these is also watched beside it. ▶ running, ‖ paused, ■ stopped, ✓ done, ✗ died. Enter "
        "goes to the curve."
    )

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The runs, and which are chosen and pinned."""
        return scene.view.run, scene.view.pinned, tuple(scene.runs.items())

    def draw(self, scene: TrainScene, canvas: Canvas) -> None:
        """Head line and runs; the chosen one in words on the last line."""
        if not scene.runs:
            nothing(canvas, self.title, "no runs yet: n starts one")
            canvas.hit(0, 1, canvas.width, canvas.height - 1, Press("new"))
            return
        names, chosen = list(scene.runs), scene.beside(0)
        below = 1 if canvas.height > 4 else 0
        head = 1 if canvas.height > 3 else 0
        tall = max(canvas.height - 1 - head - below, 0)
        first = first_shown(names.index(chosen), len(names), tall)
        part = [f"{first + 1}-{first + tall} shown"] if len(names) > tall > 0 else []
        hints = ["↑↓ choose", "m pins"] if len(names) > 1 else []
        headline(canvas, self.title, [f"{len(names):,}", *part, *hints])
        columns = _columns(scene, canvas)
        if head:
            put_heads(canvas, canvas.width - needed(columns), 1, columns)
        for y, name in enumerate(names[first : first + tall], 1 + head):
            _row(scene, canvas, y, name, columns)
        if below:
            _detail(scene, canvas, chosen)


def _columns(scene: TrainScene, canvas: Canvas) -> list[Column[Record]]:
    """Those that fit beside the names; the least important go first."""
    every = [
        _column(scene, canvas.unit.name, 5, partial(words.loss, unit=canvas.unit)),
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
    chosen, pinned = name == view.run, name in view.pinned
    canvas.put(0, y, words.CHOSEN if chosen else " ", palette.accent)
    canvas.put(1, y, words.letter(view, name) or words.OTHER, palette.contrast if pinned else palette.gone)
    canvas.put(STATE, y, words.STATES[record.state][0], words.state_style(palette, record.state))
    start = canvas.width - needed(columns)
    style = (palette.cursor if canvas.focused else palette.accent) if chosen else palette.text
    if record.config is None and record.problem:  # nothing is known of it but what is wrong
        x = canvas.put(MARKS, y, text.cut(name, start - MARKS), style) + GAP
        canvas.put(x, y, text.cut(record.problem, canvas.width - x), palette.contrast)
    else:
        canvas.put(MARKS, y, text.fit(name, max(start - MARKS, 0)), style)
        put_row(canvas, start, y, columns, record, palette.text)
    canvas.hit(0, y, canvas.width, 1, partial(choose, run=name))
    canvas.hit(0, y, STATE, 1, partial(pin, run=name))


def _detail(scene: TrainScene, canvas: Canvas, name: str) -> None:
    """A run in words."""
    palette, record = canvas.palette, scene.runs[name]
    parts = [(words.STATES[record.state][1], words.state_style(palette, record.state))]
    if record.working:
        parts.append((words.doing(record), palette.strong))
    if record.looks_ahead:
        parts.append((f"{words.UNFAIR_MARK} {UNFAIR}", palette.contrast))
    elif record.lacks:
        parts.append((f"without {', '.join(record.lacks)}", palette.contrast))
    if record.started and not record.problem:
        parts.append((f"{numbers.large(record.started.parameters)} parameters", palette.muted))
    if record.config and not record.problem:
        parts.append((f"context {record.config.block_size:,}", palette.muted))
    used = sum(cell_len(told) + len(BETWEEN) for told, _ in parts)
    ended = record.ended  # of one that is done nothing is left to explain
    why = record.problem or (ended.why if ended and not ended.done else "")
    if why and canvas.width - used >= NAMED:
        parts.append((text.cut(why, canvas.width - used), palette.contrast if record.problem else palette.muted))
    say(canvas, 0, canvas.height - 1, parts)
