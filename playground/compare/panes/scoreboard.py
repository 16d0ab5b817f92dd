"""Every model over held-out text: bits a token, perplexity, and how far above what nobody can beat. It grows."""

from __future__ import annotations

import math
from functools import partial

from models.lenses.scoreboard import Score
from models.lenses.scoreboard import Scoreboard as Board
from models.units import Unit
from playground import text
from playground.cells import cell_len
from playground.compare.panes.pane_kinds import HeldOutPane, state
from playground.compare.scene import CompareScene, measure
from playground.kit import numbers
from playground.kit.bar import bar
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, over_lines, paragraph, say
from playground.kit.table import GAP, Column, needed, put_heads, put_row, with_room

NAME = 14  # cells of a model's name, at most
LEAST = 8  # of a bar
UNFAIR = "no fair score: it saw what came"
AHEAD = (
    "* built without the causal mask: it sees the tokens it is asked for. Use of context is fair to it: there it is "
    "shown only what stands before."
)


class Scoreboard(HeldOutPane):
    """The models, best first."""

    name = "scoreboard"
    title = "Scoreboard"
    asks = "all models read texts that none of them has learned from: who is surprised least?"
    gist = "How well each predicts new text"
    help = (
        "How well each model predicts text that none of them has learned from, the best first; the title says which. "
        "For want of such a text it is the one above, which they may have learned from: f scores on a file of yours. "
        "Bits a token (I: nats): the mean surprise; 1 bit is a coin toss, lower is better. ± is how far off that mean "
        "may be by the chance of which texts were read (one standard error). Perplexity is the same number as 2 to the "
        "bits: as if it had to choose among so many equally likely tokens at every step.\n\n"
        "Where the truth is known, its own surprise is the floor (│ in the bars): the world is partly random, and "
        "nobody can do better on average. What is above the floor is what a model has still to learn; it has a ± of "
        "its own, since a few texts can by chance suit a model better than the truth. * marks a model built without "
        "the causal mask: it sees the very tokens it is asked for, so a score would not be fair, and it gets none.\n\n"
        "Enter starts, stops and goes on; the numbers settle while texts are read."
    )

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """Title, a row a model, and how far it has come."""
        board = scene.scored.scoreboard
        if not self.begin(scene, canvas, board.texts if board else 0):
            return
        assert board is not None
        _Table(board, canvas).draw()
        parts = over_lines(_progress(scene, board, canvas), canvas.width)
        y = min(len(board.scores) + 3, canvas.height - 1)
        if any(score.looks_ahead for score in board.scores):
            paragraph(canvas, y + len(parts) + 1, AHEAD, canvas.palette.muted)
        for row, line in enumerate(parts[: canvas.height - y], y):
            say(canvas, 0, row, line)
        canvas.hit(0, y, canvas.width, max(canvas.height - y, 0), measure)


def _progress(scene: CompareScene, board: Board, canvas: Canvas) -> list[Part]:
    palette, unit = canvas.palette, canvas.unit
    texts = numbers.counted(board.texts, "text")
    parts: list[Part] = [(f"{texts}, {board.tokens:,} tokens", palette.text), state(scene, palette)]
    if not math.isnan(board.floor):
        known = "" if board.known == board.tokens else f", known for {board.known:,} tokens"
        parts.insert(1, (f"floor {numbers.fixed(board.floor * unit.bit, 3)}{known}", palette.strong))
    return parts


def _perplexity(score: Score) -> str:
    value = score.perplexity if score.bits < 1000 else math.inf
    return numbers.fixed(value, 2)


class _Table:
    """One drawing of the rows: as many columns as fit, the first ones first, and bars in what room is left."""

    def __init__(self, board: Board, canvas: Canvas) -> None:
        self.canvas, self.palette, self.floor = canvas, canvas.palette, board.floor
        self.scores = sorted(board.scores, key=lambda s: (s.looks_ahead, math.isnan(s.bits), s.bits))
        fair = [score for score in self.scores if not score.looks_ahead]
        self.name = max(min(max(cell_len(_name(each)) for each in self.scores), NAME, canvas.width - 7), 1)
        unit = canvas.unit
        columns: list[Column[Score]] = [Column(unit.name, 6, lambda score: numbers.fixed(score.bits * unit.bit, 3))]
        if not math.isnan(board.floor):
            columns.append(Column("above floor", 14, partial(_above, unit)))
        columns.append(Column("perplexity", 10, _perplexity))
        columns.append(Column("±", 6, lambda score: numbers.fixed(score.error * unit.bit, 3)))
        self.columns = with_room(columns, canvas.width - self.name)
        left = canvas.width - self.name - needed(self.columns)
        self.bar = left - GAP if left - GAP >= LEAST else 0
        self.start = self.name + (GAP + self.bar if self.bar else 0)
        self.full = max((each.bits for each in fair if math.isfinite(each.bits)), default=1.0) or 1.0

    def draw(self) -> None:
        """Head and rows."""
        put_heads(self.canvas, self.start, 1, self.columns)
        best = next((each for each in self.scores if not (each.above == 0 or each.looks_ahead)), None)
        for y, score in enumerate(self.scores, 2):
            style = self.palette.strong if score.above == 0 or score is best else self.palette.text
            self.canvas.put(0, y, text.cut(_name(score), self.name), style)
            if score.looks_ahead:
                x = self.name + GAP
                self.canvas.put(x, y, text.cut(UNFAIR, self.canvas.width - x), self.palette.muted)
                continue
            self._bar(y, score)
            put_row(self.canvas, self.start, y, self.columns, score, style)

    def _bar(self, y: int, score: Score) -> None:
        """As long as its bits, the floor marked in it."""
        if not self.bar or math.isnan(score.bits):
            return
        x, share, palette = self.name + GAP, score.bits / self.full, self.palette
        style = palette.contrast if math.isinf(score.bits) else palette.bar(0.55)
        self.canvas.put(x, y, bar(share, self.bar), style)
        if not math.isnan(self.floor):
            at = min(int(self.floor / self.full * self.bar), self.bar - 1)
            within = share * self.bar > at + 1 and not palette.glyphs
            self.canvas.put(x + at, y, "│", palette.shade(0.55) if within else palette.strong)


def _above(unit: Unit, score: Score) -> str:
    """How far above the truth, which is 0 above itself; nothing before it can be said how sure that is."""
    if score.above == 0:
        return "floor"
    if math.isnan(score.above) or math.isnan(score.above_error):
        return numbers.ABSENT
    return f"{score.above * unit.bit:+,.3f} ±{numbers.fixed(score.above_error * unit.bit, 3)}"


def _name(score: Score) -> str:
    return text.visible(score.name) + "*" * score.looks_ahead
