"""The running sum of bits as a curve a model: where two part, one of them knew something."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from rich.style import Style

from models.lenses.versus import Side
from models.ops import Array
from playground import text
from playground.compare.scene import Compared, CompareScene, CompareView, go_to
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.chart import Chart, Name, Ruler

NAMED = 12  # cells of a model's name


def told_by_all(results: Compared) -> Array:
    """The places whose bits are summed: those that every model with anything to say predicted; (P,) bool.

    A GPT does not see what lies beyond its context. The truth, which may leave a text for good, is not waited for.
    """
    bits = [side.bits for side in results.versus.sides if not side.exact and not np.isnan(side.bits).all()]
    bits = bits or [side.bits for side in results.versus.sides]
    return ~np.isnan(np.stack(bits)).any(0)


def running_sum(results: Compared, side: Side) -> Array:
    """The bits of all tokens up to and with each place: (P,); NaN where the model has nothing to say."""
    counted = told_by_all(results) & ~np.isnan(side.bits)
    sums = np.cumsum(np.where(counted, side.bits, 0.0))
    silent = np.isnan(side.bits)
    silent[0], silent[-1] = False, silent[-2] and results.end > 1  # nothing comes there
    sums[silent] = math.nan
    return sums


def draw_sums(scene: CompareScene, results: Compared, canvas: Canvas, high: int) -> None:
    """So many lines below the title, and an upright line at the place looked at."""
    if high < 2 or results.end < 2:
        return
    sides, styles = results.versus.sides, looks(scene, canvas)
    totals = [running_sum(results, side) * canvas.unit.bit for side in sides]
    finite = np.concatenate([total[np.isfinite(total)] for total in totals])
    names = [
        Name(_last(total), f"{text.cut(side.name, NAMED)} {numbers.fixed(_last(total), 2, numbers.BROKEN)}", style)
        for side, total, (style, _) in zip(sides, totals, styles, strict=True)
    ]
    y = Ruler(0.0, float(finite.max(initial=1.0)) * 1.02)
    chart = Chart.framed(canvas, high, Ruler(0.0, float(results.end)), y, names, max(high // 3, 2))
    chart.upright(float(scene.place), "│", canvas.palette.faint)
    places = np.arange(results.end + 1.0)
    for total, (style, dash) in reversed([*zip(totals, styles, strict=True)]):
        chart.line(places, total, style, dash)
    chart.named()
    canvas.grid_hit(chart.left, chart.top, chart.wide, chart.high, partial(_place_at, results.end, chart.wide))


def _place_at(end: int, wide: int, dx: int, dy: int) -> partial[CompareView]:
    place = round(end * (dx + 0.5) / wide)
    return partial(go_to, place=None if place >= end else place)


def _last(total: Array) -> float:
    known = total[~np.isnan(total)]
    return float(known[-1]) if known.size else math.nan


def looks(scene: CompareScene, canvas: Canvas) -> list[tuple[Style, tuple[int, int]]]:
    """How each model's curve is told from the others'."""
    palette = canvas.palette
    own = {scene.against: palette.contrast, scene.leads: palette.accent, scene.truth: palette.strong}
    rest = iter([(palette.text, (3, 2)), (palette.muted, (1, 2)), (palette.muted, (5, 2)), (palette.text, (7, 3))])
    return [(own[name], (1, 0)) if name in own else next(rest, (palette.muted, (1, 1))) for name in scene.names]
