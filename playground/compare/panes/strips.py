"""The text token by token, and under it a strip a model: how surprised it was, how far from the truth, how sure."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from rich.style import Style

from models.lenses.versus import Side
from models.ops import Array
from models.units import Unit
from playground import text
from playground.cells import cell_len
from playground.compare.panes.pane_kinds import NEXT, TextPane
from playground.compare.panes.sums import draw_sums, running_sum, told_by_all
from playground.compare.scene import Compared, CompareScene, CompareView, Shows, go_to, next_shown
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import (
    Line,
    Part,
    first_shown,
    first_that_fits,
    over_lines,
    say,
    token_away,
    token_lines,
    unit_at,
)
from playground.kit.palette import GLYPHS

LONGEST = 12  # cells of a token's label
FIGURE = 4  # cells that a number in a strip needs
MARGIN = 12  # cells of a model's name at the left
FULL: dict[Shows, float] = {"bits": 8.0, "kl": 4.0, "chance": 1.0}  # what gets the whole shade
LOUDEST = 0.75  # of the ramp, so that the cursor is the loudest
TOLD = 2  # lines in which the place looked at is told, about
TALL, WIDE = 18, 60  # lines beyond one a model, and cells, from which there is room for a table
COLUMN = 12  # cells of its columns
ROOMY = 84  # cells from which the title line has room for the shades and what they stand for


class Strips(TextPane):
    """The whole text under every model."""

    name = "strips"
    title = "Surprise"
    gist = "What each token cost each model"
    help = (
        "The text, and under each token a cell for each model. Enter changes what they show:\n\n"
        "- surprise in bits (I: nats) at the token that came: 0 is certain, 1 a coin toss, 8 one chance in 256;\n"
        "- the running sum of those bits as a curve: the lowest curve is the best model, and none can stay below the "
        "truth for long;\n"
        "- how many bits a model's prediction is from the truth's (or, where nobody knows the truth, from the GPT's), "
        "whatever came;\n"
        "- the probability it gave to the token that came.\n\n"
        "The brighter, the more. Below stand the numbers at the token looked at, and the sums over the tokens that all "
        "models predict: a GPT cannot see beyond its context. * marks a model built without the causal mask, which saw "
        "what came. Left and right move along the "
        "text, up and down by a line; a click goes there. ? is the place after the text, where nothing has come."
    )

    def __init__(self) -> None:
        self.width = 60  # of the last picture: up and down mean its lines

    def draw_results(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """Title, strips or curves, and the place looked at in numbers."""
        self.width = canvas.width
        shows = scene.view.shows
        _title(scene, results, canvas)
        below = _table_lines(scene, results, canvas.width, canvas.height)
        if below:
            _Table(scene, results, canvas).draw(canvas.height - below)
        else:
            told = _told(scene, results, canvas)
            needed = max(5, 3 + len(results.versus.sides))  # title, text, and a strip a model come first
            below = len(told) if canvas.height >= needed + len(told) else min(1, max(canvas.height - 1, 0))
            for y, parts in enumerate(told[:below], canvas.height - below):
                say(canvas, 0, y, parts)
        high = canvas.height - 1 - below - (below > 1)
        if shows == "sum":
            draw_sums(scene, results, canvas, high)
        else:
            _Strips(scene, results, canvas, shows).draw(high)

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """Along the text; up and down by a line, as near to straight as can be."""
        results = scene.results
        if results is None or dx or scene.view.shows == "sum":
            return super().move(scene, dx, dy)
        lines = _lines_of(scene, results, self.width)
        place = token_away(lines, scene.place, dy)
        if place is None:
            place = 0 if dy < 0 else results.end
        return go_to(scene.view, None if place == results.end else place)

    def enter(self, scene: CompareScene) -> CompareView:
        """Bits, their sum, bits from the reference, chance."""
        return next_shown(scene.view)


def filled(scene: CompareScene, width: int, most: int) -> int:
    """How many lines the pane fills of so many: all, where the text is long, or a curve is drawn."""
    results = scene.results
    if results is None or scene.view.shows == "sum":
        return most
    below = _table_lines(scene, results, width, most) or TOLD
    return min(2 + _text_lines(scene, results, width) + below, most)


def _text_lines(scene: CompareScene, results: Compared, width: int) -> int:
    """Of the whole text with its strips, a blank one between two."""
    blocks = len(_lines_of(scene, results, width))
    return blocks * (2 + len(_sides(results, scene.view.shows))) - 1


def _table_lines(scene: CompareScene, results: Compared, width: int, height: int) -> int:
    """Of the table; none where the text needs its room."""
    table = 2 + len(results.versus.sides)
    whole = 2 + _text_lines(scene, results, width) + table
    return table if width >= WIDE and height >= min(TALL + len(results.versus.sides), whole) else 0


# words -------------------------------------------------------------------------------------------------------------


def _meaning(results: Compared, shows: Shows, unit: str) -> tuple[str, ...]:
    """In words, the longest first."""
    name = results.versus.reference or "reference"
    is_true = any(side.exact for side in results.versus.sides if side.name == name)
    reference = "the truth" if is_true else f"the {text.visible(name)}"
    return {
        "bits": (f"in {unit}, at the token that came", f"in {unit}"),
        "sum": (f"in {unit}, summed from the start", "summed"),
        "kl": (f"{unit} from {reference}, whatever came", f"{unit} from {reference}", f"{unit} apart"),
        "chance": ("probability of the token that came", "as probability"),
    }[shows]


def _title(scene: CompareScene, results: Compared, canvas: Canvas) -> None:
    """What is shown, and the shades with their numbers where there is room."""
    shows = scene.view.shows
    canvas.title(Strips.title, first_that_fits(_meaning(results, shows, canvas.unit.name), canvas.beside(Strips.title)))
    if shows == "sum" or canvas.width < ROOMY or canvas.palette.glyphs:
        return
    full, palette = FULL[shows] * _factor(shows, canvas.unit), canvas.palette
    x = canvas.width - 13
    canvas.put(x - 1, 0, " 0 ", palette.muted)
    for step in range(8):
        canvas.put(x + 2 + step, 0, " ", palette.shade((step + 0.5) / 8 * LOUDEST))
    canvas.put(x + 10, 0, f" {full:.2g}".ljust(3), palette.muted)


def _told(scene: CompareScene, results: Compared, canvas: Canvas) -> list[list[Part]]:
    """The place looked at under every model, in numbers."""
    palette, place, shows, unit = canvas.palette, scene.place, scene.view.shows, canvas.unit
    came = place < results.end
    parts: list[Part] = [(f"'{results.labels[place]}'" if came else "after the text", palette.strong)]
    if place == 0:
        return [[*parts, ("the first token: nobody predicts it", palette.muted)]]
    if not came and shows in ("bits", "chance"):
        parts.append(("nothing has come yet", palette.muted))
        shows = "kl"
    for side in _sides(results, shows):
        value = float(_values(results, side, shows)[place])
        number = _chance(value) if shows == "chance" else numbers.bits_or_dash(value, unit)
        parts.append((f"{text.visible(side.name)} {number}", palette.strong if side.exact else palette.text))
    if shows != "chance":
        parts.append((f"{unit.name} apart" if shows == "kl" else unit.name, palette.muted))
    return over_lines(parts, canvas.width)


def _sides(results: Compared, shows: Shows) -> list[Side]:
    """Those that have something to show: nobody is any bits from itself."""
    return [side for side in results.versus.sides if shows != "kl" or side.name != results.versus.reference]


def _chance(p: float) -> str:
    return numbers.ABSENT if math.isnan(p) else numbers.probability(p)


def _factor(shows: Shows, unit: Unit) -> float:
    """From what is reckoned to what is shown."""
    return 1.0 if shows == "chance" else unit.bit


def _values(results: Compared, side: Side, shows: Shows) -> Array:
    if shows == "sum":
        return running_sum(results, side)
    return {"bits": side.bits, "kl": side.kl, "chance": side.p}[shows]


# strips ------------------------------------------------------------------------------------------------------------


def _margin(results: Compared, width: int) -> int:
    """Cells of the names at the left; none where that leaves too little for the text."""
    longest = max(cell_len(text.visible(side.name)) for side in results.versus.sides)
    return min(longest, MARGIN, width // 5) + 2 if width >= 24 else 0


def _lines_of(scene: CompareScene, results: Compared, width: int) -> list[Line]:
    """Every place over lines; words are apart, and each as wide as a number."""
    room, least = max(width - _margin(results, width), 1), FIGURE if scene.apart else 1
    return token_lines((*results.labels, NEXT), room, scene.apart, least=least, most=LONGEST)


class _Strips:
    """One drawing of tokens and strips."""

    def __init__(self, scene: CompareScene, results: Compared, canvas: Canvas, shows: Shows) -> None:
        self.scene, self.results, self.canvas, self.palette, self.shows = scene, results, canvas, canvas.palette, shows
        self.margin = _margin(results, canvas.width)
        self.sides = _sides(results, shows)
        self.values = [_values(results, side, shows) for side in self.sides]

    def draw(self, high: int) -> None:
        """As many lines as there is room for, that of the place looked at among them."""
        lines = _lines_of(self.scene, self.results, self.canvas.width)
        tall = 1 + len(self.sides)
        gap = 1 if high >= 2 * (tall + 1) else 0
        count = max((high + gap) // (tall + gap), 1)
        here = next(n for n, line in enumerate(lines) if line[-1][1].token >= self.scene.place)
        first = first_shown(here, len(lines), count)
        y = 1
        for line in lines[first : first + count]:
            self._block(y, line, 1 + high)
            y += tall + gap

    def _block(self, y: int, line: Line, bottom: int) -> None:
        """Tokens and their strips, down to the bottom."""
        for x, unit in line:
            self.canvas.put(self.margin + x, y, unit.shown.rstrip(), self._token_style(unit.token))
        for row, (side, values) in enumerate(zip(self.sides, self.values, strict=True), y + 1):
            if row >= bottom:
                break
            if self.margin:
                name = text.cut(side.name + "*" * side.looks_ahead, self.margin - 1)
                self.canvas.put(0, row, name, self.palette.strong if side.exact else self.palette.muted)
            for x, unit in line:
                self._cell(self.margin + x, row, unit.cells, float(values[unit.token]), unit.token)
        height = min(1 + len(self.sides), bottom - y)
        self.canvas.grid_hit(self.margin, y, self.canvas.width - self.margin, height, partial(self._clicked, line))

    def _clicked(self, line: Line, dx: int, dy: int) -> partial[CompareView]:
        place = unit_at(line, dx).token
        return partial(go_to, place=None if place == self.results.end else place)

    def _token_style(self, place: int) -> Style:
        if place == self.scene.place:
            return self.palette.cursor
        return self.palette.muted if place == self.results.end else self.palette.text

    def _cell(self, x: int, y: int, wide: int, value: float, place: int) -> None:
        """The shade of a value, and its number where there is room for it."""
        if math.isnan(value):
            self.canvas.put(x, y, " " * wide, self.palette.text)
            return
        share = min(value / FULL[self.shows], 1.0) * (1.0 if self.palette.glyphs else LOUDEST)
        if wide >= FIGURE:
            self.canvas.put(
                x,
                y,
                numbers.four_cells(value * _factor(self.shows, self.canvas.unit)).rjust(wide),
                self._shade(share, place),
            )
        elif self.palette.glyphs:
            self.canvas.put(x, y, GLYPHS[1:][min(int(share * 5), 4)] * wide, self.palette.text)
        else:
            self.canvas.put(x, y, ("│" if place == self.scene.place else " ") * wide, self._shade(share, place))

    def _shade(self, share: float, place: int) -> Style:
        return self.palette.shade(share, bold=place == self.scene.place)


# the table ---------------------------------------------------------------------------------------------------------


class _Table:
    """A row a model: the place looked at, and the whole text."""

    def __init__(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        self.scene, self.results, self.canvas, self.palette = scene, results, canvas, canvas.palette
        self.start = _margin(results, canvas.width)
        reference = results.versus.reference
        apart = [f"from {text.visible(reference)}"] if reference else []
        self.heads = [canvas.unit.name, "chance", *apart, canvas.unit.name, "a token", *apart]
        self.counted = told_by_all(results)
        self.here = 2 + len(apart)  # columns about the place looked at

    def draw(self, y: int) -> None:
        """Two lines of heads, then the models."""
        place, end = self.scene.place, self.results.end
        label = f"at '{text.cut(self.results.labels[place], LONGEST)}'" if place < end else "after the text"
        self._right(y, self.here, label, self.palette.strong)
        count = int(np.count_nonzero(self.counted))
        whole = "the whole text" if count == end - 1 else f"{count:,} tokens that all predict"
        self._right(y, len(self.heads), whole, self.palette.strong)
        for column, head in enumerate(self.heads, 1):
            self._right(y + 1, column, head, self.palette.muted)
        for row, side in enumerate(self.results.versus.sides, y + 2):
            style = self.palette.strong if side.exact else self.palette.text
            self.canvas.put(0, row, text.cut(side.name + "*" * side.looks_ahead, self.start - 1), style)
            for column, number in enumerate(self._numbers(side), 1):
                self._right(row, column, number, style)

    def _right(self, y: int, column: int, words: str, style: Style) -> None:
        x = self.start + column * COLUMN - 2 + (2 if column > self.here else 0)
        if x <= self.canvas.width:
            self.canvas.right(x, y, words, style)

    def _numbers(self, side: Side) -> list[str]:
        place, reference = self.scene.place, self.results.versus.reference
        number = partial(numbers.bits_or_dash, unit=self.canvas.unit)
        bits, kl = (each[self.counted & ~np.isnan(each)] for each in (side.bits, side.kl))
        total, mean = (bits.sum(), bits.mean()) if bits.size else (math.nan, math.nan)
        here, whole = [number(side.bits[place]), _chance(side.p[place])], [number(total), number(mean)]
        if reference:
            is_apart = side.name != reference and kl.size
            here.append(number(side.kl[place]) if is_apart else numbers.ABSENT)
            whole.append(number(kl.mean()) if is_apart else numbers.ABSENT)
        return here + whole
