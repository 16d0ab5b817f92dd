"""The arithmetic of one cell: from a query and a key to a weight, and from the weight to what the head finds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.gpt import GPTConfig
from models.lenses.inside.one_cell import Work, work
from models.ops import Array, quiet
from models.switches.edits import acting
from models.tracing import BlockTrace, Trace
from playground.cells import cell_len
from playground.kit import heatmap
from playground.kit.canvas import Canvas
from playground.kit.flow import first_that_fits
from playground.kit.numbers import precise, weight
from playground.looking.panes import attending, worth
from playground.looking.panes.attending import PatternPane
from playground.looking.scene import Scene

STRIP = 16  # cells of a vector's picture at most
NAME = 11  # cells of the names at the left
ENTRY = 11  # cells of a number in the table
SOFTMAX, SHARE = "softmax", "share"  # the line with the weight, and what it is called where there is no softmax


@dataclass(frozen=True, eq=False)
class Line:
    """One step; those of low rank stay where there is little room."""

    name: str
    rank: int
    text: str = ""
    vector: Array | None = None


class Cell(PatternPane):
    """How the number under the cursor came about."""

    name = "cell"
    title = "One cell's arithmetic"
    gist = "How this one weight came about"
    help = (
        "How the weight of the cell under the cursor came about, with its real numbers. The row's token asks with its "
        "query q, the column's answers with its key k: the products of their numbers, added up, are q · k. Divided by "
        "the root of the head's width this is the score. What may not be seen becomes -∞. Softmax: e to the power of "
        "each score (less the row's largest, which changes nothing), divided by the sum over the row. With that "
        "weight the column's value v is added to z, which is what the head finds. Without it: what is lost of what "
        "follows the row when this one weight is zero. Where there is room, a table has "
        "every number of the vectors. What a switch has replaced is shown as the pass had it, with the switch's name. "
        "Arrows move to another cell."
    )

    def show(self, scene: Scene, canvas: Canvas) -> None:
        """The steps, those that matter most first; then the table."""
        canvas.title(self.title, _note(scene, canvas.beside(self.title)))
        trace, view = scene.shown, scene.session.view
        with quiet():
            done = work(trace, view.layer, view.head, scene.row, scene.column)
            lines = [*steps(scene, trace, done, canvas.width - NAME), *_worth(scene, canvas)]
        kept = sorted(lines, key=lambda line: line.rank)[: max(canvas.height - 1, 0)]
        y = 1
        for line in lines:
            if line in kept:
                _line(canvas, y, line)
                y += 1
        _table(canvas, y + 1, done)


def _worth(scene: Scene, canvas: Canvas) -> list[Line]:
    """What is lost without the cell, where that is known."""
    bits = worth.effect(scene, scene.row, scene.column)
    if bits is None:
        return []
    lost, plain = worth.lost(bits, canvas.unit), scene.session.view.plain
    how = "its weight zero" if plain else "its weight zero, the others making up for it"
    ways = [f"{lost} lost, {how}", f"{lost} lost"]
    return [Line("without it", 2, first_that_fits(ways, canvas.width - NAME))]


def steps(scene: Scene, trace: Trace, done: Work, room: int) -> list[Line]:
    """Every step in order, each with the numbers it takes from the one before.

    What the arithmetic does not give is told as it was recorded, with the switches that act there.
    """
    view, row, column = scene.session.view, scene.row + trace.dropped, scene.column + trace.dropped
    who = partial(_who, scene, trace)
    power, share = ("1+s+s²/2", SHARE) if scene.model.config.linear else ("e^", SOFTMAX)
    return [
        Line(f"q of {row}", 3, who("q"), done.q),
        Line(f"k of {column}", 4, who("k"), done.k),
        Line("q · k", 8, _products(done, room)),
        Line(f"/ √{len(done.q)}", 1, _scaled(scene.model.config, done, who("scores"), room)),
        Line("mask", 7 if done.visible else 0, _mask(scene, trace, done, who("scores"))),
        Line(power, 0, _kernel(done, room) if scene.model.config.linear else _power(done, room)),
        Line(share, 0, _share(done, who("pattern"), room)),
        Line(f"v of {column}", 5, who("v"), done.v),
        Line("weight × v", 2, vector=done.weight * done.v),
        Line(f"z of {row}", 6, _found(trace.blocks[view.layer], view.head, done, who, room)),
    ]


def _who(scene: Scene, trace: Trace, site: str) -> str:
    """The switches that act on a value of the head looked at, in their own words; empty where none does."""
    view = scene.session.view
    return ", ".join(each.told for each in acting(trace.switches, scene.model.config, site, view.layer, view.head))


def _told(recorded: float, given: float, near: bool, who: str, ways: list[str], room: int) -> str:
    """How a value came about, if that gives what was recorded, to the digits shown; else what was, and by whom."""
    if near and _holds(given, recorded):
        return first_that_fits(ways, room)
    said = f"{precise(recorded)}: {'rounded in the pass' if near else who or 'as the pass had it'}"
    return first_that_fits([f"{said}, not {ways[-1]}", f"{said}, not {precise(given)}", said], room)


def _holds(given: float, shown: float) -> bool:
    """Whether numbers as they are shown give the result as it is shown."""
    both_broken = math.isnan(given) and math.isnan(shown)
    return both_broken or math.isclose(given, _shown(shown), rel_tol=1e-3, abs_tol=1e-4)


def _shown(value: float) -> float:
    return float(precise(value)) if math.isfinite(value) else value


def _products(done: Work, room: int) -> str:
    """The largest products, as many as fit, and the rest of the sum."""
    products, dot = done.products, done.dot
    order = np.argsort(-np.abs(products), kind="stable")
    said = f"= {precise(dot)}"
    for most in range(1, len(order) + 1):
        terms = [float(term) for term in products[order[:most]]]
        rest = [float(products[order[most:]].sum())] if most < len(order) else []
        sum_ = " + ".join([*map(precise, terms), *(f"rest {precise(each)}" for each in rest)]).replace("+ -", "- ")
        if cell_len(longer := f"{sum_} = {precise(dot)}") > room:
            break
        if _holds(sum(map(_shown, terms + rest)), dot):
            said = longer
    return said


def _scaled(config: GPTConfig, done: Work, who: str, room: int) -> str:
    scaled = done.dot * config.scale
    ways = [f"{precise(done.dot)} / {precise(1 / config.scale)} = {precise(scaled)}"]
    if not config.has("scale"):
        plain = f"{precise(done.dot)}, not divided"
        ways = [f"{plain}: the model was built without scaling", plain]
    if not done.visible:
        others = [f"{ways[0]}, but {who}", f"{precise(done.dot)}, but {who}"]
        return first_that_fits(others if who else ways, room)
    return _told(done.score, scaled, done.is_scaled(config.scale), who, ways, room)


def _mask(scene: Scene, trace: Trace, done: Work, who: str) -> str:
    why = attending.reason(scene, trace, scene.row, scene.column)
    if done.visible or done.score == -math.inf:
        return f"{'visible' if done.visible else '-∞'}: {why}"
    return f"{precise(done.score)}: {who or 'as the pass had it'}, not -∞: {why}"


def _power(done: Work, room: int) -> str:
    if done.score == -math.inf:
        return "e^-∞ = 0"
    said = f"e^({precise(done.score)} - {precise(done.top)}) = {precise(done.power)}".replace("- -", "+ ")
    if not _holds(math.exp(min(_shown(done.score) - _shown(done.top), 0)), done.power):
        said = f"e^{precise(done.score - done.top)} = {precise(done.power)}"
    return first_that_fits([f"{said}   less the row's top score", said], room)


def _kernel(done: Work, room: int) -> str:
    """What stands in the place of the power in a model that grew up without softmax."""
    if done.score == -math.inf:
        return "0: hidden"
    size = precise(abs(done.score))
    said = f"1 {'-' if done.score < 0 else '+'} {size} + {size}²/2 = {precise(done.power)}"
    return first_that_fits([f"{said}   it was built without softmax", said], room)


def _share(done: Work, who: str, room: int) -> str:
    said = f"{precise(done.power)} / {precise(done.total)} = {precise(done.share)}"
    ways = [f"{said}   of the row's sum", said] if done.total else ["0: the row may look at nothing"]
    return _told(done.weight, done.share, done.is_share, who, ways, room)


def _found(block: BlockTrace, head: int, done: Work, who: Callable[[str], str], room: int) -> str:
    """What the cell's part of z is, or why it has none: its length along z, of the length of z."""
    if not done.agree(done.z, done.found, np.abs(block.v[head]).max()):
        what = "replaced" if done.z.any() else "set to zero"
        return first_that_fits([f"{what}: {who('z') or 'as the pass had it'}", what], room)
    share = float(np.float64(done.weight * done.v @ done.z) / np.float64(done.z @ done.z))
    if who("attn_out"):
        return first_that_fits([f"not written as it is: {who('attn_out')}", "not written as it is"], room)
    ways = [f"{precise(share)} of its length comes from here", f"{precise(share)} of its length"]
    return first_that_fits(ways, room) if done.z.any() else "zero"


def _note(scene: Scene, room: int) -> str:
    view = scene.session.view
    places = f"{attending.place(scene, scene.row)} → {attending.place(scene, scene.column)}"
    ways = [attending.heading(scene, places, room), f"L{view.layer} H{view.head} · {places}", places]
    rows = f"{scene.row + scene.dropped} → {scene.column + scene.dropped}"
    return first_that_fits([*(way for way in ways if places in way), rows], room)


def _line(canvas: Canvas, y: int, line: Line) -> None:
    palette = canvas.palette
    canvas.put(0, y, line.name, palette.muted)
    if line.vector is None:
        canvas.put(NAME, y, line.text, palette.strong if line.name in (SOFTMAX, SHARE) else palette.text)
        return
    heatmap.strip(canvas, NAME, y, line.vector, STRIP)
    start = NAME + min(len(line.vector), STRIP) + 2
    if line.text:
        start = canvas.put(start, y, line.text, palette.text) + 2
    canvas.put(start, y, _numbers(line.vector, canvas.width - start), palette.text)


def _numbers(vector: Array, room: int) -> str:
    """All numbers to four digits where they fit; else the first and the last, as many as do."""
    full = " ".join(map(precise, vector.tolist()))
    if cell_len(full) <= room:
        return full
    texts = [weight(float(value)) if abs(value) < 1e3 else precise(float(value)) for value in vector]
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
    columns = {"q": done.q, "k": done.k, "q × k": done.products, "v": done.v}
    columns |= {"part of z": done.weight * done.v, "z": done.z}
    fitting = list(columns)[: max((canvas.width - 4) // ENTRY, 0)]
    shown = width if width <= room else room - 1
    lines = [("", fitting)]
    lines += [(str(d), [precise(float(columns[name][d])) for name in fitting]) for d in range(shown)]
    if shown < width:
        rest = precise(float(columns["q × k"][shown:].sum()))
        lines.append(("rest", [rest if name == "q × k" else "…" for name in fitting]))
    lines.append(("sum", [precise(done.dot) if name == "q × k" else "" for name in fitting]))
    for down, (name, texts) in enumerate(lines):
        style = canvas.palette.strong if name == "sum" else canvas.palette.text if name else canvas.palette.muted
        canvas.right(4, y + down, name, canvas.palette.muted)
        for across, text in enumerate(texts, 1):
            canvas.right(4 + across * ENTRY, y + down, text, style)
