"""What could stand at the place looked at: a row a token, and every model's probability beside the others'."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from rich.style import Style

from models.gpt import GPT
from models.lenses.versus import Candidates, Side, candidates
from playground import text
from playground.cells import cell_len, wrap
from playground.compare.panes.pane_kinds import TextPane
from playground.compare.scene import Compared, CompareScene, CompareView, see
from playground.kit import numbers
from playground.kit.bar import VISIBLE, bar, full_for
from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown, fitting, paragraph

LIKELIEST = 24  # candidates of each model that can be reached with the cursor
LABEL = 14  # cells of a token's label, at most
NUMBER, GAP, LEAST = 5, 2, 4  # cells of a number, between columns, and of a bar that is worth drawing
SUMS = "surprise", (FROM := "from"), "rank", "expected", "all others"  # lines below the bars
ALWAYS = SUMS[-2:]  # whatever came, and whoever they are held against
FEW = 5  # models that all stand there, bars or not


class Bars(TextPane):
    """Candidates as aligned bars."""

    name = "bars"
    title = "What comes here"
    gist = "What each model expects here"
    help = (
        "The likeliest tokens for the place looked at, given the text before it: a row a token, a column a model, all "
        "bars of one scale. ▸ is the token that stands there. Where the truth is known it comes first, and │ marks "
        "where everybody else's bar should end, unless it does.\n\n"
        "Below: what each gives to all tokens not listed; its surprise at the token that came, in bits (1 bit is a coin"
        " toss, lower is better); the surprise it expected; how many bits it loses by not being the truth (or, where "
        "nobody knows the truth, by not being the GPT); and which of its candidates came. * marks a model built without"
        " the causal mask: it saw what came. A model that says nothing here has a line that says why.\n\n"
        "Left and right move along the text, up and down along the candidates."
    )

    def draw_results(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """Title, bars, and the sums below them."""
        canvas.title(self.title, _note(results, scene.place, canvas.beside(self.title)))
        if scene.place == 0:
            paragraph(canvas, 1, "nothing stands before the first token, so nobody predicts it", canvas.palette.muted)
        else:
            _Picture(scene, results, canvas).draw()

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """Along the text, or up and down the candidates."""
        if dx or scene.results is None or scene.place == 0:
            return super().move(scene, dx, dy)
        last = len(candidates(scene.results.versus, scene.place, LIKELIEST).tokens) - 1
        return see(scene.view, candidate=max(0, min(scene.view.candidate + dy, last)))


def _note(results: Compared, place: int, room: int) -> str:
    labels = results.labels
    came = f"▸ '{labels[place]}' came" if place < results.end else "what is next?"
    after = [f"after '{labels[place - 1]}'"] if place else []
    return fitting([*after, came, f"place {place:,}"], room) or fitting([came], room)


class _Picture:
    """One drawing of a place that is predicted."""

    def __init__(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        self.scene, self.results, self.canvas, self.palette = scene, results, canvas, canvas.palette
        self.found = candidates(results.versus, scene.place, LIKELIEST)
        self.cursor = max(0, min(scene.view.candidate, len(self.found.tokens) - 1))
        self.labels = [scene.label(int(token)) for token in self.found.tokens]
        self.full = full_for(float(np.nanmax(self.found.p, initial=0.0)))
        sums = self._sums()
        room = max(canvas.height - 2, 0)
        self.sums = sums[: max(0, min(len(sums), room - 5))]
        self.silent = _silent(scene, results, canvas.width)[: max(room - len(self.sums) - 6, 0)]
        count = room - len(self.sums) - (1 if self.sums else 0) - len(self.silent)
        self.shown = _window(self.found, self.cursor, max(count, 0))
        heads = map(self._named, self.sums)
        wide = max(map(cell_len, [*(self.labels[row] for row in self.shown), *heads]), default=1)
        self.label = max(min(wide, LABEL, canvas.width - 2 - NUMBER - GAP), 1)
        self._place(2 + self.label + GAP)

    def _place(self, start: int) -> None:
        """As many models as have room for their numbers, the first ones first; the last gives way to all others' bars.

        Without bars, names reach into the gaps.
        """
        sides = self.results.versus.sides
        room = self.canvas.width - start
        count = max(min(len(sides), (room + GAP) // (NUMBER + GAP)), 1)
        barred = (room + GAP) // (LEAST + 1 + NUMBER + GAP)  # so many have room for a bar
        count -= count == len(sides) == barred + 1 > FEW
        each = (room + GAP) // count
        self.sides, self.starts = sides[:count], range(start, start + count * each, each)
        self.wide = each - GAP  # cells of a column; the bar ends before its number
        bar = self.wide - NUMBER - 1
        self.bar = bar if bar >= LEAST else 0  # where it would be too short to tell anything there is none

    def draw(self) -> None:
        """Head, rows, sums."""
        self._head()
        y = 2
        for row in self.shown:
            self._row(y, row)
            y += 1
        y += 1
        for line in self.sums:
            self.canvas.put(2, y, text.cut(self._named(line), self.label), self.palette.muted)
            for at, start in enumerate(self.starts):
                self.canvas.right(start + self.wide, y, self._sum(line, at), self.palette.text)
            y += 1
        for words in self.silent:
            self.canvas.put(0, y, words, self.palette.contrast)
            y += 1

    def _head(self) -> None:
        if self.scene.truth and self.bar:
            self.canvas.put(2, 1, "│ truth"[: self.label + 1], self.palette.muted)
        for side, start in zip(self.sides, self.starts, strict=True):
            name = side.name + "*" * side.looks_ahead
            style = self.palette.strong if side.exact else self.palette.muted
            if self.bar:
                self.canvas.put(start, 1, text.cut(name, self.wide), style)
            else:
                self.canvas.right(start + self.wide, 1, text.cut(name, self.wide + GAP - 1), style)

    def _row(self, y: int, row: int) -> None:
        """One candidate under every model."""
        came = self.found.came is not None and int(self.found.tokens[row]) == self.found.came
        here = row == self.cursor and self.canvas.focused
        style = self.palette.strong if came else self.palette.text
        self.canvas.put(0, y, "▸" if came else " ", self.palette.accent)
        self.canvas.put(2, y, text.fit(self.labels[row], self.label), self.palette.cursor if here else style)
        for at in range(len(self.sides)):
            self._cell(y, at, row, style)
        self.canvas.hit(0, y, self.canvas.width, 1, partial(see, candidate=row))

    def _cell(self, y: int, at: int, row: int, style: Style) -> None:
        """The bar and the number of a model; where there is no room for a bar, the number on its shade."""
        p, start = float(self.found.p[at, row]), self.starts[at]
        style = style if p >= VISIBLE else self.palette.muted
        if not self.bar:
            shade = self.palette.shade(p) if p >= VISIBLE else style
            self.canvas.put(start + self.wide - NUMBER, y, _p(p).rjust(NUMBER), shade)
            return
        self.canvas.put(start, y, bar(p / self.full, self.bar, visible=p >= VISIBLE), self.palette.bar(p))
        if not self.sides[at].exact:
            self._tick(start, y, p, self._true(row))
        self.canvas.right(start + self.wide, y, _p(p), style)

    def _tick(self, start: int, y: int, p: float, true: float) -> None:
        """Where the bar should end, unless it ends there."""
        ends, should = (value / self.full * self.bar for value in (p, true))
        if not (true >= VISIBLE and abs(ends - should) >= 1):  # nor where one of them is no number
            return
        at = min(int(should), self.bar - 1)
        style = self.palette.strong if should > ends or self.palette.glyphs else self.palette.shade(max(p, 0.5))
        self.canvas.put(start + at, y, "│", style)

    def _true(self, row: int) -> float:
        """The candidate's probability under the truth; NaN where nobody knows it."""
        sides = self.results.versus.sides
        return next((float(self.found.p[at, row]) for at, side in enumerate(sides) if side.exact), math.nan)

    def _sums(self) -> list[str]:
        """What the lines below are about."""
        came, reference = ["surprise", "rank"] if self.found.came is not None else [], self.results.versus.reference
        lines = [*came, FROM] if reference is not None else came
        return [line for line in SUMS if line in lines or line in ALWAYS]

    def _named(self, line: str) -> str:
        return f"{FROM} {self.results.versus.reference}" if line == FROM else line

    def _sum(self, line: str, at: int) -> str:
        """The number of a model in one of them."""
        place, side, unit = self.scene.place, self.results.versus.sides[at], self.canvas.unit
        said: dict[str, Callable[[], str]] = {
            "surprise": lambda: numbers.bits_or_dash(side.bits[place], unit),
            FROM: lambda: self._from(side, place),
            "rank": lambda: _rank(int(side.rank[place])),
            "expected": lambda: numbers.bits_or_dash(side.entropy[place], unit),
            "all others": lambda: _p(self._others(at)),
        }
        return said[line]()

    def _from(self, side: Side, place: int) -> str:
        is_itself = side.name == self.results.versus.reference
        return numbers.ABSENT if is_itself else numbers.bits_or_dash(side.kl[place], self.canvas.unit)

    def _others(self, at: int) -> float:
        """What a model gives to all that has no row on screen."""
        p = self.found.p[at]
        return float(np.maximum(p.sum() - p[self.shown].sum() + self.found.rest[at], 0.0))


def _silent(scene: CompareScene, results: Compared, width: int) -> list[str]:
    """Why those who say nothing about the place looked at do not, in lines of that width."""
    silent = [side for side in results.versus.sides if np.isnan(side.entropy[scene.place])]
    return [line for side in silent for line in wrap(f"{side.name}: {_why(scene, side, results)}", width)]


def _why(scene: CompareScene, side: Side, results: Compared) -> str:
    if side.exact:
        return "no text of the world goes on like this"
    model = scene.models.get(side.name)
    if isinstance(model, GPT) and scene.place <= results.end - model.config.block_size:
        return f"it sees the last {model.config.block_size:,} tokens, and this is before them"
    return "its scores are not numbers here"


def _window(found: Candidates, cursor: int, count: int) -> list[int]:
    """Which candidates have a row: those about the cursor, and the one that came."""
    total = len(found.tokens)
    first = first_shown(cursor, total, count)
    shown = [*range(first, min(first + count, total))]
    came = [] if found.came is None else np.flatnonzero(found.tokens == found.came).tolist()
    if came and came[0] not in shown and count > 2:
        shown[0 if came[0] < first else -1] = came[0]
    return shown


def _p(p: float) -> str:
    return "0" if p == 0 else numbers.fixed(p, 3)


def _rank(rank: int) -> str:
    return f"{rank:,}" if rank else numbers.ABSENT
