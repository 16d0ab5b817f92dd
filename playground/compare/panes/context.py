"""How far back each model can use what it reads: its surprise when only the last 1, 2, 4 ... tokens are allowed."""

from __future__ import annotations

import math

import numpy as np

from models.lenses.context_use import ContextUse
from playground import text
from playground.cells import cell_len
from playground.compare.panes.pane_kinds import HeldOutPane, state
from playground.compare.panes.sums import looks
from playground.compare.scene import CompareScene, measure
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.chart import Chart, Name, Ruler
from playground.kit.flow import Part, over_lines, say

NAME = 14  # cells of a model's name, at most
FIGURE = 6  # cells of a number in the table, with the space before it
USES = 7  # cells of the last column
CHART = 6  # lines from which a chart tells something
ENOUGH = 0.05  # bits a token: what is gained beyond is little


class Context(HeldOutPane):
    """A curve a model."""

    name = "context"
    title = "Use of context"
    asks = "all models predict held-out text, seeing only the last 1, 2, 4 ... tokens of it."
    gist = "How far back a model can look"
    help = (
        "How many tokens back a model can use: its mean surprise, in bits a token (I: nats), shown only the last 1, "
        "2, 4 ... tokens before the one to predict. All points are over the same held-out tokens, so a curve falls "
        "only because more context helps. A bigram is flat: one token is all it can use. A GPT goes on falling as far "
        "as attention finds something.\n\n"
        "'uses' in the table is the shortest context that is within 0.05 bits of the model's best; ± what chance may "
        "do to a number (one standard error). Where the truth is known, ┄ is its surprise at the same tokens given all "
        "of the text: the floor. A model that was trained only on texts from their start may be at a loss in a short "
        "window, which begins anywhere.\n\n"
        "Enter starts, stops and goes on; the curves get smooth while tokens are predicted."
    )

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """Title, curves, table, and how far it has come."""
        use = scene.scored.context_use
        if not self.begin(scene, canvas, use.tokens if use else 0):
            return
        assert use is not None
        told = over_lines(_told(scene, use, canvas), canvas.width)
        room = canvas.height - 1
        table = len(use.names) + 1
        below = table if room >= table + CHART + 4 else 0
        lines = len(told) if room >= below + CHART + len(told) else min(room, 1)
        chart = room - below - lines - 1 - (1 if below else 0)  # a line for the lengths, and a gap
        if chart >= 2:
            _curves(scene, use, canvas, chart)
            if below:
                _table(use, canvas, canvas.height - lines - table)
        else:
            lines = min(room, len(told))
        for y, parts in enumerate(told[:lines], canvas.height - lines):
            say(canvas, 0, y, parts)
        canvas.hit(0, canvas.height - lines, canvas.width, lines, measure)


def uses(use: ContextUse, model: int) -> int:
    """The shortest context with which a model is nearly as good as it gets."""
    bits = use.bits[model]
    near = np.flatnonzero(bits <= np.min(bits, initial=math.inf) + ENOUGH)
    return int(use.lengths[near[0]]) if near.size else int(use.lengths[-1])


def _told(scene: CompareScene, use: ContextUse, canvas: Canvas) -> list[Part]:
    palette, unit = canvas.palette, canvas.unit
    parts: list[Part] = []
    if scene.leads in use.names:
        model = use.names.index(scene.leads)
        first, best = float(use.bits[model, 0]), float(use.bits[model].min())
        words = f"{text.visible(scene.leads)} uses {numbers.counted(uses(use, model), 'token')}"
        parts.append((words, palette.strong))
        fall = f"from {numbers.bits(first, unit)} to {numbers.bits(best, unit)} {unit.name} a token"
        parts.append((fall, palette.text))
    if not math.isnan(use.floor):
        parts.append((f"floor {numbers.bits(use.floor, unit)}", palette.strong))
    return [*parts, (f"{numbers.counted(use.tokens, 'token')} predicted", palette.muted), state(scene, palette)]


def _curves(scene: CompareScene, use: ContextUse, canvas: Canvas, high: int) -> None:
    """Bits over the length, each doubling equally long."""
    palette, unit = canvas.palette, canvas.unit
    styles = dict(zip(scene.names, looks(scene, canvas), strict=True))
    lines, floor = [*zip(use.names, use.bits * unit.bit, strict=True)], use.floor * unit.bit
    ends = [(float(bits[-1]), text.cut(name, NAME), styles[name][0]) for name, bits in lines]
    names = [Name(end, f"{name} {numbers.fixed(end, 2, numbers.BROKEN)}", style) for end, name, style in ends]
    names.append(Name(floor, f"floor {numbers.bits(use.floor, unit)}", palette.strong, is_level=True))
    x = Ruler(0.0, max(math.log2(use.lengths[-1]), 1.0))
    y = Ruler.over(np.array([*use.bits.ravel(), use.floor]) * unit.bit, margin=0.06).at_least(0.2 * unit.bit)
    chart = Chart.framed(canvas, high, x, y, names, max(high // 3, 2))
    chart.level(floor, "┄", palette.strong)
    lengths = np.log2(use.lengths.astype(float))
    for name, bits in reversed(lines):
        chart.line(lengths, bits, *styles[name])
        if len(lengths) == 1:
            chart.point(float(lengths[0]), float(bits[0]), "•", styles[name][0])
    chart.named()
    chart.axis(((math.log2(length), f"{length:,}") for length in reversed(use.lengths.tolist())), gap=1)
    stop, words = chart.left + chart.wide, " tokens back"
    if stop + len(words) <= canvas.width:
        canvas.put(stop, chart.top + chart.high, words, palette.muted)


def _table(use: ContextUse, canvas: Canvas, y: int) -> None:
    """A row a model, a column a length: the last ones where there is not room for all."""
    palette, unit = canvas.palette, canvas.unit
    name = max(min(max(cell_len(text.visible(each)) for each in use.names), NAME, canvas.width - FIGURE), 1)
    shown = range(len(use.lengths))[-max((canvas.width - name - 2 * USES) // FIGURE, 1) :]
    styles = [*[palette.text] * (len(shown) + 1), palette.muted, palette.strong]
    rows = [[unit.name, *(f"{int(use.lengths[at]):,}" for at in shown), "±", "uses"]]
    for model, called in enumerate(use.names):
        bits = [numbers.bits_or_dash(use.bits[model, at], unit) for at in shown]
        rows.append([called, *bits, numbers.bits_or_dash(use.error[model, -1], unit), f"{uses(use, model):,}"])
    for row, (first, *words) in enumerate(rows, y):
        first_style, *others = styles if row > y else [palette.muted] * len(styles)
        canvas.put(0, row, text.cut(first, name), first_style)
        x = name
        for wide, word, style in zip([*[FIGURE] * len(shown), USES, USES], words, others, strict=True):
            x += wide
            if x <= canvas.width:
                canvas.right(x, row, word, style)
