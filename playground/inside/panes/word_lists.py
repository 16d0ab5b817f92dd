"""Neighbours, sums and directions of words as lists, and their angles as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from models.lenses.inside.words import BINS, NEAR_ZERO
from models.ops import Array
from playground import text
from playground.cells import cell_len
from playground.inside.panes.word_found import Listed, Neighbours, OfAngles, OfDirection, OfSum, WordsLook
from playground.inside.scene import InsideView
from playground.kit import numbers
from playground.kit.bar import UPRIGHT, bar
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, first_shown, headline, over_lines, say

WORD = 14  # cells, at most
VALUE = 7
BESIDE = 60  # cells from which two lists stand side by side


def draw_neighbours(canvas: Canvas, found: Neighbours, look: WordsLook, title: str) -> None:
    """The nearest first."""
    headline(canvas, title, [f"nearest to {found.word}", f"cosine, {found.where}"])
    put_list(canvas, 1, 0, canvas.width, found.listed, look.line)


def draw_sum(canvas: Canvas, found: OfSum, look: WordsLook, title: str) -> None:
    """The words given left out, and beside them left in."""
    palette = canvas.palette
    headline(canvas, title, [found.said, "nearest, by cosine"])
    y = _lines(canvas, 1, _answer(canvas, found))
    two = canvas.width >= BESIDE
    wide = (canvas.width - 4) // 2 if two else canvas.width
    canvas.put(0, y, text.cut("the words given left out", wide), palette.muted)
    put_list(canvas, y + 1, 0, wide, found.listed, look.line)
    if two:
        canvas.put(wide + 4, y, text.cut("left in (given ones marked *)", wide), palette.muted)
        put_list(canvas, y + 1, wide + 4, wide, found.all_listed, None)


def _answer(canvas: Canvas, found: OfSum) -> list[Part]:
    palette = canvas.palette
    if not found.answer:
        return [("a word after = is looked up: its rank", palette.muted)]
    out = f"rank {found.without.rank:,}" if found.without.rank else "left out itself"
    return [
        (f"{found.answer}: {out}", palette.strong),
        (f"rank {found.within.rank:,} with the words given", palette.text),
        (f"cosine {numbers.weight(found.within.cosine, sign=True)}", palette.text),
    ]


def draw_direction(canvas: Canvas, found: OfDirection, look: WordsLook, title: str) -> None:
    """The controls, all words as a strip, both ends as lists, and where groups fall."""
    palette, of = canvas.palette, found.found
    headline(canvas, title, [found.name, numbers.counted(found.pairs, "pair") + ", marked *"])
    told = [
        (f"spread of all words {of.spread:.2f}, between random words {of.by_chance:.2f}", palette.text),
        (f"{numbers.counted(found.far, 'word')} of no pair as far out as half of the pairs", palette.text),
    ]
    if found.pairs > 1:
        told.insert(0, (f"{of.right} of {found.pairs} pairs right by the others' direction", palette.strong))
    y = _strip(canvas, _lines(canvas, 1, told), found)
    sides: list[Part] = [(f"{name} {above} of {count}", palette.text) for name, above, count in found.groups]
    rows = canvas.height - y - 1  # of the lists, below their names
    if sides and rows > 1:
        rows -= 1
        say(canvas, canvas.put(0, canvas.height - 1, "above 0: ", palette.muted), canvas.height - 1, sides)
    wide = (canvas.width - 4) // 2
    for x, name, listed, cursor in (
        (0, "farthest below", found.low, look.line),
        (wide + 4, "farthest above", found.high, look.line - len(found.low)),
    ):
        canvas.put(x, y, text.cut(name, wide), palette.muted)
        first = 0 if listed is found.low else len(found.low)
        put_list(canvas, y + 1, x, wide, listed, cursor if 0 <= cursor < len(listed) else None, rows, first)


def _strip(canvas: Canvas, y: int, found: OfDirection) -> int:
    """How many words fall where, with the pairs' ends below; the line after it."""
    palette, wide, falls = canvas.palette, canvas.width, found.found.falls
    if canvas.height < y + 6 or wide < 10:
        return y
    most = float(np.abs(falls).max()) or 1.0
    counts = np.histogram(falls, wide, (-most, most))[0]
    steps = np.ceil(counts / max(int(counts.max()), 1) * (len(UPRIGHT) - 1)).astype(int)
    canvas.put(0, y, "".join(UPRIGHT[step] for step in steps.tolist()), palette.bar(1.0))
    canvas.put(wide // 2, y + 1, "0", palette.muted)
    for glyph, side in (("○", found.found.sides[:, 0]), ("●", found.found.sides[:, 1])):
        for value in side.tolist():
            canvas.put(min(int((value + most) / (2 * most) * wide), wide - 1), y + 1, glyph, palette.text)
    return y + 2


def draw_angles(canvas: Canvas, found: OfAngles, look: WordsLook, title: str) -> None:
    """The words' cosines, beside chance in as many dimensions and in three."""
    palette, of = canvas.palette, found.found
    headline(canvas, title, [f"angles of {of.pairs:,} pairs", found.where])
    told = [
        (f"mean {of.mean:.2f}", palette.text),
        (f"spread {of.spread:.3f}; by chance, 1/√{of.dimensions}: {of.chance_spread:.3f}", palette.strong),
        (f"within {NEAR_ZERO} of 0: {numbers.percent(of.near_zero)}", palette.text),
        (f"by chance {numbers.percent(of.chance_near_zero)}", palette.text),
        (f"in three dimensions {numbers.percent(NEAR_ZERO)}", palette.text),
        (f"spread without the vectors' mean {of.mean_gone:.3f}", palette.muted),
    ]
    y = _lines(canvas, 1, told)
    wide = max((canvas.width - VALUE) // 3, 1)
    columns = (("these", of.shares), (f"chance in {of.dimensions}", of.chance), ("in 3", of.in_three))
    for at, (name, _) in enumerate(columns):
        canvas.put(VALUE + at * wide, y, text.cut(name, wide - 1), palette.muted)
    rows = max(canvas.height - y - 1, 1)
    joined = next((size for size in (1, 2, 4, 5, 8, 10, 20, BINS) if BINS // size <= rows), BINS)
    shares = [np.add.reduceat(share, np.arange(0, BINS, joined)) for _, share in columns]
    _bars(canvas, y + 1, wide, of.edges[::joined], shares)


def _bars(canvas: Canvas, y: int, wide: int, edges: Array, shares: Sequence[Array]) -> None:
    """A line for each range of cosines, the largest first; bars of one scale."""
    most = max(float(share.max()) for share in shares)
    for line, bin in enumerate(reversed(range(len(shares[0])))):
        middle = float(edges[bin] + edges[bin + 1]) / 2
        canvas.right(VALUE - 1, y + line, f"{middle:+.2f}", canvas.palette.muted)
        for at, share in enumerate(shares):
            part = float(share[bin]) / most
            drawn = bar(part, wide - 1, visible=bool(share[bin] > 1e-6))
            canvas.put(VALUE + at * wide, y + line, drawn, canvas.palette.bar(part))


def _lines(canvas: Canvas, y: int, parts: Sequence[Part]) -> int:
    """The parts over as many lines as they need; the line after them."""
    for line in over_lines(parts, canvas.width):
        say(canvas, 0, y, line)
        y += 1
    return y


def put_list(
    canvas: Canvas,
    y: int,
    x: int,
    wide: int,
    listed: Sequence[Listed],
    cursor: int | None,
    rows: int | None = None,
    first_line: int = 0,
) -> None:
    """Words with a bar and their number, those about the cursor; a click puts the cursor there."""
    palette, rows = canvas.palette, canvas.height - y if rows is None else rows
    first = first_shown(cursor or 0, len(listed), max(rows, 1))
    shown = listed[first : first + max(rows, 0)]
    word = min(max((cell_len(each.label) + each.marked for each in listed), default=1), WORD, wide)
    most = max((abs(each.value) for each in listed), default=1.0) or 1.0
    for line, each in enumerate(shown, first):
        at = y + line - first
        style = palette.strong if each.marked else palette.text
        style = palette.cursor if line == cursor and canvas.focused else palette.accent if line == cursor else style
        canvas.put(x, at, text.cut(each.label + "*" * each.marked, word), style)
        room = wide - word - 1
        if room >= VALUE:
            canvas.right(x + word + VALUE, at, numbers.weight(each.value, sign=True), palette.text)
        if room > VALUE + 3:
            share = abs(each.value) / most
            canvas.put(x + word + VALUE + 1, at, bar(share, min(room - VALUE - 1, 40)), palette.bar(share))
        canvas.hit(x, at, wide, 1, partial(point, first_line + line))


def point(line: int, view: InsideView) -> InsideView:
    """The cursor of the list is put there."""
    return view.looking(replace(view.look(WordsLook), line=line))
