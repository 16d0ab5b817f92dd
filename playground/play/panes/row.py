"""The text itself, each token shaded by how much the chosen row looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from playground import text
from playground.kit import heatmap, numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import nothing
from playground.kit.pane import Pane
from playground.play.panes import attending
from playground.play.panes.absent import NO_TEXT
from playground.play.panes.attending import Seen
from playground.play.scene import Scene
from playground.play.session import Session

NUMBERS = 12  # weights written below the text


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a token stands in the wrapped text."""

    line: int
    x: int
    label: str


class Row(Pane[Scene, Session]):
    """One row of the chosen head's pattern, read as text."""

    name = "row"
    title = "One row as text"
    help = (
        "The text, each token shaded by how much the chosen row looks at it in the chosen head. ▲ marks the token that "
        "looks; the numbers below a line are the largest weights (.62 is 0.62), that of the chosen column in the "
        "accent. Faint tokens come later and may not be looked at. Left and right, or a click, choose the column; up "
        "and down the token that looks."
    )

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """The text, the numbers below it, and the ranking where there is room."""
        if scene.results is None:
            nothing(canvas, self.title, NO_TEXT)
            return
        placed = _wrapped(scene.labels, canvas.width, 1 if scene.tokenizer.kind == "word" else 0)
        room = canvas.height - 1
        tall = 2 if room >= 6 else 1
        told = 0 if room < 4 else 1
        lines = max((room - told) // tall, 1)
        first = _first_line(placed, lines, scene.row, scene.column)
        total = placed[-1].line + 1
        part = f"lines {first + 1}-{first + lines} of {total}" if lines < total else ""
        canvas.title(self.title, attending.heading(scene, part, canvas.beside(self.title)))
        _text(scene, canvas, placed, first, lines, tall)
        used = min(total - first, lines) * tall
        attending.tell_ranking(scene, canvas, 1 + used, min(room - used, 1))

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """Another column, or another token that looks."""
        return attending.move(scene, dx, dy)


def _wrapped(labels: Sequence[str], width: int, gap: int) -> list[Placed]:
    """Each token's place, with a gap between tokens that are words; a line ends at the edge, or after a newline."""
    placed, line, x = [], 0, 0
    for label in labels:
        wide = cell_len(label)
        if wide > width:
            label, wide = text.cut(label, width), width
        if x and x + wide > width:
            line, x = line + 1, 0
        placed.append(Placed(line, x, label))
        line, x = (line + 1, 0) if label.endswith("⏎") else (line, x + wide + gap)
    return placed


def _first_line(placed: list[Placed], lines: int, row: int, column: int) -> int:
    """The first line shown: that of the column is, and that of the row if both fit."""
    total, here = placed[-1].line + 1, placed[column].line
    low, high = sorted((here, placed[row].line))
    start = high - lines + 1 if high - low < lines else here - lines // 2
    return max(0, min(start, total - lines))


def _text(scene: Scene, canvas: Canvas, placed: list[Placed], first: int, lines: int, tall: int) -> None:
    view = scene.session.view
    row = scene.row
    seen = attending.seen(scene, view.layer, view.head, row)
    styles = heatmap.shades(canvas.palette, seen.values, signed=seen.signed)
    for position, at in enumerate(placed):
        if not first <= at.line < first + lines:
            continue
        y = 1 + (at.line - first) * tall
        hidden = canvas.palette.faint if not seen.visible[position] else None
        canvas.put(at.x, y, at.label, canvas.palette.cursor if position == row else hidden or styles[position])
        canvas.hit(at.x, y, max(cell_len(at.label), 1), 1, attending.choose(scene, row, position))
    if tall == 2:
        _numbers(scene, canvas, seen, [(at, 2 + (at.line - first) * 2) for at in placed], 1 + lines * 2)


def _numbers(scene: Scene, canvas: Canvas, seen: Seen, places: list[tuple[Placed, int]], bottom: int) -> None:
    """Below the tokens: who looks, the chosen column's weight, then the largest that do not collide."""
    palette, taken = canvas.palette, set[tuple[int, int]]()
    ranked = [column for column, _ in attending.ranking(scene, scene.row, NUMBERS)]
    marks = []
    for column in dict.fromkeys((scene.column, *(column for column in ranked if abs(seen.values[column]) >= 0.005))):
        style = palette.accent if column == scene.column else palette.muted
        marks.append((column, numbers.short_weight(float(seen.values[column]), sign=seen.signed), style))
    marks.insert(1, (scene.row, "▲", palette.accent))
    for position, mark, style in marks:
        at, y = places[position]
        if not 1 < y < bottom:
            continue
        for x in (at.x, at.x - len(mark) + 1):  # from the token on, or up to it
            cells = {(y, x + across) for across in range(len(mark))}
            beside = {(y, x - 1), (y, x + len(mark))}
            if 0 <= x <= canvas.width - len(mark) and not (cells | beside) & taken:
                canvas.put(x, y, mark, style)
                taken |= cells
                break
