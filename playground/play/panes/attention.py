"""The chosen head large: every row of its pattern looks at columns."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from rich.style import Style

from models.lenses.inside.edges import NIL
from models.ops import Array
from playground.cells import cell_len, cells, crop
from playground.kit import heatmap
from playground.kit.canvas import Act, Canvas
from playground.kit.flow import first_that_fits
from playground.kit.heatmap import Axis, Frame
from playground.kit.numbers import short_weight
from playground.looking.panes import attending, worth
from playground.looking.panes.attending import PatternPane, Seen
from playground.looking.scene import Scene
from playground.looking.session import look

NUMBERED = 4  # cells an entry needs to carry its own number
NAMED = 2  # cells of an entry where only a part of the text is shown
SIZES = ((NUMBERED, 2.0), (NUMBERED, 1), (3, 1), (NAMED, 1), (NAMED, 0.5), (1, 0.5))  # an entry's cells and lines
LETTERS = 3  # lines of the columns' labels at most


class Attention(PatternPane):
    """One head's pattern, as large as it fits, its numbers in words."""

    name = "attention"
    title = "Attention"
    help = (
        "Where the chosen head looks. Each row is a token that looks; each column is a token it may look at. "
        "The brighter a cell, the more the row takes from that column; a row's weights add up to 1. "
        "Shades grow with the square root, so that small weights can be seen; the exact number of the cell under the "
        "cursor stands below. Empty cells may not be looked at: they come later (the causal mask), or, in some models, "
        "lie further back than the layer looks. "
        "Arrows move the cursor, Escape lets it follow the newest token. A click puts it anywhere, the mouse reads "
        "any cell. With a switch on, v shows the pattern after, before, or what changed: more in one colour, less "
        "in the other. Where a long text does not fit, z shows the whole: each shade is then the largest of many.\n\n"
        "A bright cell need not matter. While nothing is written, each look of the row under the cursor is cut in turn "
        "(its weight zero, the others making up for it; O leaves them as they are): a bar in the cell marks what is "
        "lost of what follows the row, by its size (▁ from 0.01 bits on, ▅ from 1, █ from 30), and the line below has "
        "the numbers. H does so for all rows of the head, for what follows the last token. C cuts the look under the "
        "cursor, as a switch; V lists what to cut and what is heavy but does nothing (Jain & Wallace 2019, "
        "'Attention is not Explanation')."
    )

    def show(self, scene: Scene, canvas: Canvas) -> None:
        """Labels, picture, cursor, and what the cursor's cell and row say."""
        room = canvas.beside(self.title)
        ways = [attending.heading(scene, way, room) for way in ("rows look at columns", "rows → columns")]
        canvas.title(self.title, max(ways, key=len))
        view = scene.session.view
        seen = attending.seen(scene, view.layer, view.head)
        frame = _frame(scene, canvas)
        _column_labels(scene, canvas, frame)
        _row_labels(scene, canvas, frame)
        _picture(scene, canvas, frame, seen)
        _hits(scene, canvas, frame, seen)
        below = _strip(scene, canvas, frame)
        _words(scene, canvas, frame, below)


def _frame(scene: Scene, canvas: Canvas) -> Frame:
    """The largest cells at which the whole pattern fits; else a window or pooled, as the person zoomed."""
    count, a_line = scene.length, heatmap.pixels_a_line(canvas.palette)
    x = sum(_gutter(scene, canvas.width))
    words = 0 if canvas.height < 5 else 1 if canvas.height < 9 else 3 if canvas.height < 18 else 4
    most = 0 if canvas.height < 4 else 1 if canvas.height < 12 else 2 if canvas.height < 20 else LETTERS
    frames = []
    for names in range(min(most, 1), most + 1):  # labels on fewer lines where that lets the picture grow
        tall = max(canvas.height - 1 - names - words, 1)
        rows, columns = _axes(scene, count, max(canvas.width - x, 1), tall, a_line)
        frames.append(Frame(x, 1 + min(names, _letters(scene, columns)), rows, columns, a_line))
    return max(frames, key=lambda frame: (frame.rows.groups, frame.rows.size, frame.y))


def fits(scene: Scene, canvas: Canvas) -> bool:
    """Whether the whole pattern stands there cell by cell, so that there is nothing to zoom."""
    frame = _frame(scene, canvas)
    return frame.rows.groups == frame.columns.groups == scene.length


def _axes(scene: Scene, count: int, wide: int, tall: int, a_line: int) -> tuple[Axis, Axis]:
    for size, lines in SIZES:
        pixels = max(int(lines * a_line), 1)
        if count * size <= wide and count * pixels <= tall * a_line:
            return Axis(0, count, count, pixels), Axis(0, count, count, size)
    tall = max(tall - 1, 1)  # a line says which part it is
    if scene.session.view.zoom == "whole":
        return Axis.filling(count, tall * a_line), Axis.filling(count, wide)
    size = max(NAMED, min(wide // count, NUMBERED))
    rows = Axis.window(count, tall * a_line, scene.row, a_line)
    return rows, Axis.window(count, wide, scene.column, size)


def _gutter(scene: Scene, width: int) -> tuple[int, int]:
    """Cells for positions and for tokens at the left, the space after each included."""
    positions = len(str(scene.length - 1 + scene.dropped)) + 1
    tokens = min(max(map(cell_len, scene.labels)), max(width // 6, 1)) + 1
    if width < 12:
        return 0, 0
    return (0, tokens) if width < 24 else (positions, tokens)


def _letters(scene: Scene, columns: Axis) -> int:
    """Lines the columns' labels would fill: words stand in pieces below each other."""
    if columns.most > 1:
        return 1
    longest = max(map(cell_len, scene.labels[columns.start : columns.stop]))
    return max(1, -(-longest // max(columns.size - 1, 1)))


def _pieces(label: str, room: int, size: int) -> list[str]:
    """A label in pieces of so many cells; a character that is wider takes the column's `size`, or is a mark."""
    pieces = [""]
    for character, wide in cells(label):
        if wide > size:
            character, wide = "▫", 1
        if pieces[-1] and cell_len(pieces[-1]) + wide > room:
            pieces.append("")
        pieces[-1] += character
    return pieces[:LETTERS]


def _column_labels(scene: Scene, canvas: Canvas, frame: Frame) -> None:
    if frame.y < 2:
        return
    if frame.columns.most > 1:
        _ruler(scene, canvas, frame)
        return
    size, bottom = frame.columns.size, frame.y - 1
    for column in range(frame.columns.start, frame.columns.stop):
        x = frame.x + (column - frame.columns.start) * size
        pieces = _pieces(scene.labels[column], max(size - 1, 1), size)[: frame.y - 1]
        if size == NUMBERED:
            pieces = [f" {piece:^3}" for piece in pieces]
        style = canvas.palette.accent if column == scene.column else canvas.palette.muted
        for up, piece in enumerate(reversed(pieces)):
            canvas.put(x, bottom - up, piece, style)


def _ruler(scene: Scene, canvas: Canvas, frame: Frame) -> None:
    """Positions above the columns, where there are too many for labels."""
    dropped, y, palette = scene.dropped, frame.y - 1, canvas.palette
    apart = len(str(frame.columns.stop + dropped)) + 3
    for x in range(0, frame.columns.length - apart + 1, apart):
        canvas.put(frame.x + x, y, str(frame.columns.entries(x, x).start + dropped), palette.muted)
    if frame.columns.holds(scene.column):
        here = f"{scene.column + dropped}"
        left = min(frame.left(scene.column), canvas.width - len(here))
        canvas.put(left - 3, y, " " * (len(here) + 6))
        canvas.put(left, y, here, palette.accent)


def _row_labels(scene: Scene, canvas: Canvas, frame: Frame) -> None:
    positions, tokens = _gutter(scene, canvas.width)
    if not tokens:
        return
    for down in range(min(frame.height, canvas.height - frame.y)):
        rows, _ = frame.entries(0, down)
        here = rows.start <= scene.row < rows.stop
        if down * frame.a_line % frame.rows.size:
            continue
        row = scene.row if here else rows.start
        style = canvas.palette.accent if here else canvas.palette.muted
        if positions:
            canvas.right(positions - 1, frame.y + down, str(row + scene.dropped), style)
        if here or rows.stop - rows.start <= frame.a_line:
            canvas.put(positions, frame.y + down, crop(scene.labels[row], tokens - 1), style)


def _picture(scene: Scene, canvas: Canvas, frame: Frame, seen: Seen) -> None:
    """Shades, their numbers to two decimals where there is room, and the cursor."""
    frame.paint(canvas, seen.values, seen.visible, signed=seen.signed)
    numbered = frame.columns.size == NUMBERED and frame.whole_lines
    if numbered:
        frame.write(canvas, seen.values, seen.visible, partial(_inside, signed=seen.signed), signed=seen.signed)
    worths = worth.effects(scene)
    if worths is not None and frame.whole_lines and frame.columns.size >= NAMED:
        _marks(canvas, frame, seen, worths)
    cell = scene.row, scene.column
    if frame.holds(*cell):
        value = float(seen.values[cell]) if seen.visible[cell] else 0.0
        said = short_weight(value, sign=seen.signed) if numbered else ""
        mark = worth.mark(float(worths[cell])) if worths is not None else ""
        said = f"{said:>{NUMBERED - len(mark)}}{mark}" if numbered else ""
        frame.mark(canvas, cell, value, said, signed=seen.signed)


def _marks(canvas: Canvas, frame: Frame, seen: Seen, worths: Array) -> None:
    """In the last cell of an entry on its shade how much it is worth, the number moved aside for it."""
    size, numbered = frame.columns.size, frame.columns.size == NUMBERED
    for row, column in np.argwhere(worths >= NIL).tolist():
        if frame.holds(row, column):
            value = float(seen.values[row, column])
            mark, style = worth.mark(float(worths[row, column])), heatmap.shade(canvas.palette, value)
            said = f"{_inside(value, signed=False).strip():>{size - 1}}{mark}" if numbered else mark
            canvas.put(frame.left(column) + size - len(said), frame.line(row), said, style)


def _strip(scene: Scene, canvas: Canvas, frame: Frame) -> int:
    """Below the picture what each column is worth to the row; the line after it."""
    y, found = frame.y + frame.height, worth.effects(scene)
    if canvas.height < 9:
        return y
    palette, unit, size = canvas.palette, canvas.unit, frame.columns.size
    canvas.put(0, y, first_that_fits([f"lost, {unit.name}", "lost", ""], frame.x - 1), palette.muted)
    if found is None:
        return y + 1
    for group in range(frame.columns.groups):
        entries = frame.columns.entries(group * size, group * size)
        bits = found[scene.row, entries]
        most = float(np.nanmax(bits)) if not np.isnan(bits).all() else math.nan
        if math.isnan(most):
            continue
        said = worth.short(most, unit) if size == NUMBERED else worth.mark(most)
        shown = f"{said:>{size}}" if worth.mark(most) else f"{'·':>{min(size, 3)}}"
        canvas.put(frame.x + group * size, y, shown, palette.text if worth.mark(most) else palette.faint)
    return y + 1


def _inside(value: float, signed: bool) -> str:
    """What stands in a cell; nothing where it would be zero."""
    return f"{short_weight(value, sign=signed):>4}" if abs(value) >= 0.005 else ""


def _hits(scene: Scene, canvas: Canvas, frame: Frame, seen: Seen) -> None:
    """The mouse: each cell is its strongest entry."""
    dropped = scene.dropped

    def sizes(part: tuple[slice, slice]) -> Array:
        return np.where(seen.visible[part], np.nan_to_num(np.abs(seen.values[part])), -1.0)

    def click(dx: int, dy: int) -> Act:
        return attending.choose(scene, *frame.largest(dx, dy, sizes))

    def hover(dx: int, dy: int) -> Act:
        row, column = frame.largest(dx, dy, sizes)
        return partial(look, hover=(row + dropped, column + dropped))

    canvas.grid_hit(frame.x, frame.y, frame.columns.length, frame.height, click)
    canvas.grid_hit(frame.x, frame.y, frame.columns.length, frame.height, hover, on_hover=True)
    canvas.on_leave = partial(look, hover=None)


def _words(scene: Scene, canvas: Canvas, frame: Frame, y: int) -> None:
    """Below that: what part it is, the cursor's cell, the row's ranking, the cell under the mouse."""
    palette, part = canvas.palette, _part(scene, frame)
    goes = worth.together(scene)
    if goes and not part[0]:
        part = goes
    elif goes:
        part = [f"{part[-1]} · {goes[0]}", f"{part[-1]} · {goes[-1]}", *part]
    _say(canvas, y, part, palette.muted)
    if part[0] or y < canvas.height - 2:
        y += 1
    _say(canvas, y, attending.glance(scene, scene.row, scene.column, canvas.unit), palette.strong)
    lines = min(canvas.height - y - 1, 3)
    attending.tell_ranking(scene, canvas, y + 1, lines)
    mouse = _under_mouse(scene)
    if mouse and lines > 0:
        y += lines
        canvas.put(0, y, " " * canvas.width)
        _say(
            canvas,
            y,
            [f"under the mouse: {text}" for text in attending.glance(scene, *mouse, canvas.unit)],
            palette.text,
        )


def _say(canvas: Canvas, y: int, texts: list[str], style: Style) -> None:
    canvas.put(0, y, first_that_fits(texts, canvas.width), style)


def _part(scene: Scene, frame: Frame) -> list[str]:
    """What part of the pattern is shown, the longest way to say it first; empty where it is all of it."""
    dropped, count = scene.dropped, scene.length
    rows, columns = frame.rows, frame.columns
    if frame.pooled:
        said = f"each shade is the largest of {rows.most} x {columns.most}"
        return [f"{said} · z: cell by cell", said]
    if rows.groups == columns.groups == count:
        return [""]
    spans = [f"{axis.start + dropped}-{axis.stop - 1 + dropped}" for axis in (rows, columns)]
    said = f"rows {spans[0]}, columns {spans[1]} of {count}"
    return [f"{said} · z: the whole", said, f"{spans[0]} x {spans[1]}"]


def _under_mouse(scene: Scene) -> tuple[int, int] | None:
    """Row and column of the traces under the mouse, where they are still there."""
    if scene.session.view.hover is None:
        return None
    row, column = (place - scene.dropped for place in scene.session.view.hover)
    return (row, column) if 0 <= row < scene.length and 0 <= column < scene.length else None
