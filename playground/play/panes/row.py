"""The text itself, each token shaded by how much the chosen row looks at it."""

from __future__ import annotations

from collections.abc import Mapping

from playground.kit import heatmap, numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import Line, token_lines
from playground.looking.panes import attending, worth
from playground.looking.panes.attending import PatternPane, Seen
from playground.looking.scene import Scene

NUMBERS = 12  # weights written below the text


class Row(PatternPane):
    """One row of the chosen head's pattern, read as text."""

    name = "row"
    title = "One row as text"
    gist = "What one row looks at, as text"
    help = (
        "The text, each token shaded by how much the chosen row looks at it in the chosen head. ▲ marks the token that "
        "looks; the numbers below a line are the largest weights (.62 is 0.62), that of the chosen column in the "
        "accent. Faint tokens come later and may not be looked at. Left and right, or a click, choose the column; up "
        "and down the token that looks.\n\n"
        "A bar behind a number (.62▆) marks what is lost without that look, by its size: ▁ from 0.01 bits on, ▅ from "
        "1, █ from 30. Most heavy weights have none."
    )

    def show(self, scene: Scene, canvas: Canvas) -> None:
        """The text, the numbers below it, and the ranking where there is room."""
        lines = token_lines(scene.labels, canvas.width, scene.tokenizer.kind == "word", ends="⏎")
        room = canvas.height - 1
        tall = 2 if room >= 6 else 1
        told = 0 if room < 4 else 1
        count = max((room - told) // tall, 1)
        first = _first_line(lines, count, scene.row, scene.column)
        part = f"lines {first + 1}-{first + count} of {len(lines)}" if count < len(lines) else ""
        canvas.title(self.title, attending.heading(scene, part, canvas.beside(self.title)))
        shown = lines[first : first + count]
        _text(scene, canvas, shown, tall)
        used = len(shown) * tall
        attending.tell_ranking(scene, canvas, 1 + used, min(room - used, 1))


def _first_line(lines: list[Line], rows: int, row: int, column: int) -> int:
    """The first line shown: that of the column is, and that of the row if both fit."""
    here, looks = (next(n for n, line in enumerate(lines) if line[-1][1].token >= at) for at in (column, row))
    low, high = sorted((here, looks))
    start = high - rows + 1 if high - low < rows else here - rows // 2
    return max(0, min(start, len(lines) - rows))


def _text(scene: Scene, canvas: Canvas, lines: list[Line], tall: int) -> None:
    view, row = scene.session.view, scene.row
    seen = attending.seen(scene, view.layer, view.head, row)
    styles = heatmap.shades(canvas.palette, seen.values, signed=seen.signed)
    places = {unit.token: (x, y, unit) for y, line in enumerate(lines) for x, unit in line}
    for position, (x, y, unit) in places.items():
        hidden = canvas.palette.gone if not seen.visible[position] else None
        style = canvas.palette.cursor if position == row else hidden or styles[position]
        canvas.put(x, 1 + y * tall, unit.shown, style)
        canvas.hit(x, 1 + y * tall, unit.cells, 1, attending.choose(scene, row, position))
    if tall == 2:
        _numbers(scene, canvas, seen, {position: (x, 2 + 2 * y) for position, (x, y, _) in places.items()})


def _numbers(scene: Scene, canvas: Canvas, seen: Seen, places: Mapping[int, tuple[int, int]]) -> None:
    """Below the tokens: who looks, the chosen column's weight, then the largest that do not collide."""
    palette, taken = canvas.palette, set[tuple[int, int]]()
    ranked = [column for column, _ in attending.ranking(scene, scene.row, NUMBERS)]
    worths = [worth.mark(worth.effect(scene, scene.row, column) or 0) for column in range(scene.length)]
    heavy = (column for column in ranked if abs(seen.values[column]) >= 0.005)
    marks = []
    for column in dict.fromkeys((scene.column, *(column for column in ranked if worths[column]), *heavy)):
        style = palette.accent if column == scene.column else palette.text if worths[column] else palette.muted
        said = numbers.short_weight(float(seen.values[column]), sign=seen.signed)
        marks.append((column, said + worths[column], style))
    marks.insert(1, (scene.row, "▲", palette.accent))
    for position, mark, style in marks:
        if position not in places:
            continue
        start, y = places[position]
        for x in (start, start - len(mark) + 1):  # from the token on, or up to it
            cells = {(y, x + across) for across in range(len(mark))}
            beside = {(y, x - 1), (y, x + len(mark))}
            if 0 <= x <= canvas.width - len(mark) and not (cells | beside) & taken:
                canvas.put(x, y, mark, style)
                taken |= cells
                break
