"""The arithmetic of one cell: from a query and a key to a weight, and from the weight to what the head finds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len

from models.ops import Array
from models.switches import AttentionOff, HeadMean, HeadOff, HeadUniform, ScaleOff
from models.tracing import Trace
from playground.kit import heatmap, numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import first_that_fits, nothing
from playground.kit.heatmap import Axis
from playground.kit.pane import Pane
from playground.play.panes import attending
from playground.play.panes.absent import NO_TEXT
from playground.play.scene import Scene
from playground.play.session import Session

STRIP = 16  # cells of a vector's picture at most
NAME = 11  # cells of the names at the left
ENTRY = 11  # cells of a number in the table


@dataclass(frozen=True, eq=False)
class Work:
    """Every number between one query, one key and what the head finds, as the pass had them."""

    q: Array  # D, of the row
    k: Array  # D, of the column
    v: Array  # D, of the column
    z: Array  # D, of the row
    visible: bool
    dot: float  # q . k
    root: float  # what it is divided by
    score: float  # what came of it, -inf where hidden
    top: float  # the row's largest score, taken off each: no power is too large
    power: float  # e to the difference
    total: float  # the row's powers together
    weight: float  # of the cell in the pattern


@dataclass(frozen=True, eq=False)
class Line:
    """One step; those of low rank stay where there is little room."""

    name: str
    rank: int
    text: str = ""
    vector: Array | None = None


class Cell(Pane[Scene, Session]):
    """How the number under the cursor came about."""

    name = "cell"
    title = "One cell's arithmetic"
    help = (
        "How the weight of the cell under the cursor came about, with its real numbers. The row's token asks with its "
        "query q, the column's answers with its key k: the products of their numbers, added up, are q · k. Divided by "
        "the root of the head's width this is the score. What may not be seen becomes -∞. Softmax: e to the power of "
        "each score (less the row's largest, which changes nothing), divided by the sum over the row. With that "
        "weight the column's value v is added to z, which is what the head finds. Where there is room, a table has "
        "every number of the vectors. Arrows move to another cell."
    )

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """The steps, those that matter most first; then the table."""
        trace, view = scene.shown, scene.session.view
        if trace is None:
            nothing(canvas, self.title, NO_TEXT)
            return
        canvas.title(self.title, _note(scene, canvas.beside(self.title)))
        done = work(trace, view.layer, view.head, scene.row, scene.column)
        lines = steps(scene, trace, done, canvas.width - NAME)
        kept = sorted(lines, key=lambda line: line.rank)[: max(canvas.height - 1, 0)]
        y = 1
        for line in lines:
            if line in kept:
                _line(canvas, y, line)
                y += 1
        _table(canvas, y + 1, done)

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """Another cell."""
        return attending.move(scene, dx, dy)


def work(trace: Trace, layer: int, head: int, row: int, column: int) -> Work:
    """The numbers of one cell, in float64 from what the trace recorded."""
    block = trace.blocks[layer]
    q, z = (np.asarray(values[head, row], np.float64) for values in (block.q, block.z))
    k, v = (np.asarray(values[head, column], np.float64) for values in (block.k, block.v))
    scores = np.asarray(block.scores[head, row], np.float64)
    with np.errstate(all="ignore"):
        top = float(scores.max())
        powers = np.exp(scores - top) if top > -math.inf else np.where(np.isnan(scores), np.nan, 0.0)
        dot, total = float(q @ k), float(powers.sum())
    return Work(
        q, k, v, z, bool(trace.visible[row, column]), dot, math.sqrt(len(q)),
        float(scores[column]), top, float(powers[column]), total, float(block.pattern[head, row, column]),
    )  # fmt: skip


def steps(scene: Scene, trace: Trace, done: Work, room: int) -> list[Line]:
    """Every step in order, each with the numbers it takes from the one before."""
    row, column = scene.row + trace.dropped, scene.column + trace.dropped
    return [
        Line(f"q of {row}", 3, vector=done.q),
        Line(f"k of {column}", 4, vector=done.k),
        Line("q · k", 8, _products(done, room)),
        Line(f"/ √{len(done.q)}", 1, _scaled(trace, done, scene.session.view.layer, scene.session.view.head)),
        Line("mask", 7 if done.visible else 0, _mask(done, scene.row, scene.column)),
        Line("e^", 0, _power(done, room)),
        Line("softmax", 0, _share(done, room)),
        Line(f"v of {column}", 5, vector=done.v),
        Line("weight × v", 2, vector=done.weight * done.v),
        Line(f"z of {row}", 6, _found(trace, done, scene.session.view.layer, scene.session.view.head)),
    ]


def four(value: float) -> str:
    """At least four digits that count."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    size = abs(value)
    if size == 0:
        return "0.0000"
    if not 1e-4 <= size < 1e5:
        return f"{value:.3e}"
    return f"{value:.{2 if size >= 1e3 else 4 if size >= 0.1 else 3 - math.floor(math.log10(size))}f}"


def _products(done: Work, room: int) -> str:
    """The largest products, as many as fit, and the rest of the sum."""
    products = done.q * done.k
    order = np.argsort(-np.abs(products), kind="stable")
    said = f"= {four(done.dot)}"
    for most in range(1, len(order) + 1):
        largest, rest = products[order[:most]], float(products[order[most:]].sum())
        terms = " + ".join(four(float(term)) for term in largest).replace("+ -", "- ")
        longer = f"{terms}{f' + rest {four(rest)}' if most < len(order) else ''} = {four(done.dot)}"
        if cell_len(longer) > room:
            break
        said = longer
    return said


def _scaled(trace: Trace, done: Work, layer: int, head: int) -> str:
    if ScaleOff() in trace.switches:
        said, score = f"{four(done.dot)}, not divided: score scaling is off", done.dot
    else:
        score = done.dot / done.root
        said = f"{four(done.dot)} / {four(done.root)} = {four(score)}"
    if done.visible and HeadUniform(layer, head) in trace.switches:
        return f"{said}, set to 0: all alike"
    if done.visible and not math.isclose(score, done.score, rel_tol=1e-3, abs_tol=1e-3) and math.isfinite(score):
        return f"{said}, by a switch {four(done.score)}"
    return said


def _mask(done: Work, row: int, column: int) -> str:
    if done.visible:
        return "visible: it comes no later" if column <= row else "visible: the causal mask is off"
    return "-∞: it comes later" if column > row else "-∞: it is padding"


def _power(done: Work, room: int) -> str:
    if not done.visible:
        return "e^-∞ = 0"
    said = f"e^({four(done.score)} - {four(done.top)}) = {four(done.power)}".replace("- -", "+ ")
    return first_that_fits([f"{said}   less the row's top score", said], room)


def _share(done: Work, room: int) -> str:
    if done.total == 0:
        return "0: the row may look at nothing"
    said = f"{four(done.power)} / {four(done.total)} = {four(done.weight)}"
    return first_that_fits([f"{said}   of the row's sum", said], room)


def _found(trace: Trace, done: Work, layer: int, head: int) -> str:
    """What the cell's part of z is, or why it has none: its length along z, of the length of z."""
    if HeadOff(layer, head) in trace.switches:
        return "set to zero: the head is silenced"
    if HeadMean(layer, head) in trace.switches:
        return "set to its average over the text"
    if AttentionOff(layer) in trace.switches:
        return "not written: this layer's attention is off"
    with np.errstate(all="ignore"):
        share = float(np.float64(done.weight * done.v @ done.z) / np.float64(done.z @ done.z))
    return "zero" if not done.z.any() else f"{four(share)} of its length comes from here"


def _note(scene: Scene, room: int) -> str:
    view = scene.session.view
    places = f"{attending.place(scene, scene.row)} → {attending.place(scene, scene.column)}"
    ways = [attending.heading(scene, places, room), f"L{view.layer} H{view.head} · {places}", places]
    return first_that_fits([way for way in ways if places in way], room)


def _line(canvas: Canvas, y: int, line: Line) -> None:
    palette = canvas.palette
    canvas.put(0, y, line.name, palette.muted)
    if line.vector is None:
        canvas.put(NAME, y, line.text, palette.strong if line.name == "softmax" else palette.text)
        return
    _strip(canvas, NAME, y, line.vector)
    start = NAME + min(len(line.vector), STRIP) + 2
    canvas.put(start, y, _numbers(line.vector, canvas.width - start), palette.text)


def _strip(canvas: Canvas, x: int, y: int, vector: Array) -> None:
    """A vector as shades, of its own largest number; neighbours together where it is long."""
    size = np.nanmax(np.abs(vector), initial=0.0)
    row = (vector / size if size and np.isfinite(size) else np.where(np.isfinite(vector), 0.0, np.nan))[None]
    axis = Axis(0, 1, 1, heatmap.pixels_a_line(canvas.palette))
    along = Axis(0, len(vector), min(len(vector), STRIP))
    heatmap.paint(canvas, x, y, heatmap.image(row, np.ones_like(row, bool), axis, along, signed=True), signed=True)


def _numbers(vector: Array, room: int) -> str:
    """The first numbers and the last, as many as fit."""
    texts = [numbers.weight(float(value)) if abs(value) < 1e3 else four(float(value)) for value in vector]
    for shown in range(len(texts), 0, -1):
        said = " ".join(texts) if shown == len(texts) else f"{' '.join(texts[:shown])} … {texts[-1]}"
        if cell_len(said) <= room:
            return said
    return ""


def _table(canvas: Canvas, y: int, done: Work) -> None:
    """Number by number, where there is room for some: the products add up to q . k."""
    width, room = len(done.q), canvas.height - y - 2  # a head line and the sum
    if room < min(width, 3):
        return
    columns = {"q": done.q, "k": done.k, "q × k": done.q * done.k, "v": done.v}
    columns |= {"part of z": done.weight * done.v, "z": done.z}
    fitting = list(columns)[: max((canvas.width - 4) // ENTRY, 0)]
    shown = width if width <= room else room - 1
    lines = [("", fitting)]
    lines += [(str(d), [four(float(columns[name][d])) for name in fitting]) for d in range(shown)]
    if shown < width:
        rest = four(float(columns["q × k"][shown:].sum()))
        lines.append(("rest", [rest if name == "q × k" else "…" for name in fitting]))
    lines.append(("sum", [four(done.dot) if name == "q × k" else "" for name in fitting]))
    for down, (name, texts) in enumerate(lines):
        style = canvas.palette.strong if name == "sum" else canvas.palette.text if name else canvas.palette.muted
        canvas.right(4, y + down, name, canvas.palette.muted)
        for across, text in enumerate(texts, 1):
            canvas.right(4 + across * ENTRY, y + down, text, style)
