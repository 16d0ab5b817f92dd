"""The neurons as a list, drawn: activation, what that adds to the token, and what is lost without each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from models.lenses.inside.neurons import BY, By
from models.ops import Array
from playground import text
from playground.inside.remembered import Seen, in_layer, layer_shown, look_of, switch_at
from playground.inside.scene import InsideScene, InsideView
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown, headline
from playground.kit.table import FIGURE, GAP, Column, needed, put_heads, put_row, with_room

NAME = 11  # cells of a neuron's name and the mark before it
BARRED = FIGURE + GAP + 4  # cells of a number and its bar
BITS = 8  # cells of an effect
LABEL = 14  # cells of a token's label in the title
THEN = 10  # cells of the token said without it
WRITES = 12  # cells of the words it writes, at least
ABOVE = 3  # lines above the list
NO_EFFECT = "none has been switched off yet"


class List:
    """One drawing of it."""

    def __init__(self, scene: InsideScene, found: Seen, canvas: Canvas) -> None:
        self.scene, self.found, self.canvas = scene, found, canvas
        self.neurons, self.here = found.neurons, look_of(scene.view)
        self.order = found.listed(self.here.by)
        self.line = found.cursor(self.here)

    def draw(self, title: str) -> None:
        """Title, choices, heads and as many neurons as fit, those about the cursor."""
        canvas, found = self.canvas, self.neurons
        token, after = (
            text.cut(label, LABEL) for label in (self.scene.next_label(found.token, found.row), self._label(found.row))
        )
        headline(canvas, title, [f"for '{token}' {numbers.probability(found.p)}", f"after {found.row} '{after}'"])
        self._choices()
        if not self.order:
            canvas.put(0, ABOVE, text.fit(NO_EFFECT, canvas.width), canvas.palette.muted)
            return
        columns = self._columns()
        put_heads(canvas, NAME, ABOVE - 1, columns)
        rows = canvas.height - ABOVE
        first = first_shown(self.line, len(self.order), rows)
        for y, line in enumerate(range(first, min(first + rows, len(self.order))), ABOVE):
            self._row(y, line, columns)

    def _label(self, row: int) -> str:
        return self.scene.play.labels[row]

    def _choices(self) -> None:
        """Layers at the left and orders at the right, each to click on, where there is room for them."""
        canvas, layers = self.canvas, range(-1, self.scene.play.model.config.n_layer)
        orders = ["by what it adds", "activation", "effect"]
        x = 0
        for layer in layers:
            words = "all layers" if layer < 0 else f"L{layer}"
            x = self._choice(x, words, layer == layer_shown(self.scene.view), partial(in_layer, layer)) + GAP
        start = canvas.width - sum(map(len, orders)) - GAP * (len(orders) - 1)
        if start < x:
            return
        for by, words in zip(BY, orders, strict=True):
            start = self._choice(start, words, by == self.here.by, partial(ranked_by, by)) + GAP

    def _choice(self, x: int, words: str, chosen: bool, act: Callable[[InsideView], InsideView]) -> int:
        self.canvas.hit(x, 1, len(words), 1, act)
        return self.canvas.put(x, 1, words, self.canvas.palette.accent if chosen else self.canvas.palette.muted)

    def _columns(self) -> list[Column[int]]:
        """What is told of each, as much as there is room for."""
        found, unit = self.neurons, self.canvas.unit
        columns: list[Column[int]] = [
            self._barred("activation", found.activation, lambda value: f"{value:.2f}"),
            self._barred("adds", found.adds, lambda value: f"{value:+.2f}"),
            self._barred("off: lost", found.off_lost, lambda value: numbers.fixed(value, 2)),
            Column(unit.name, BITS, lambda at: numbers.fixed(float(found.off_bits[at]) * unit.bit, 3)),
            Column("then", THEN, self._then, left=True),
        ]
        kept = with_room(columns, self.canvas.width - NAME)
        room = self.canvas.width - NAME - needed(kept) - GAP
        if len(kept) == len(columns) and room >= WRITES:
            kept.append(Column("writes", room, self._writes, left=True, style=self.canvas.palette.muted))
        return kept

    def _barred(self, head: str, values: Array, said: Callable[[float], str]) -> Column[int]:
        """A number beside a bar, which is whole at the largest of the list."""
        sizes = np.abs(values[[*self.order]])
        most = float(np.max(sizes, initial=0.0, where=np.isfinite(sizes))) or 1.0
        return Column(head, BARRED, lambda at: said(float(values[at])), share=lambda at: abs(float(values[at])) / most)

    def _then(self, at: int) -> str:
        """What is said without it."""
        top, row = int(self.neurons.off_top[at]), self.neurons.row
        return "" if top < 0 else "stays" if top == answer(self.scene, row) else self.scene.next_label(top, row)

    def _writes(self, at: int) -> str:
        return " ".join(self.scene.label(token) for token, _ in self.found.words[at].raises)

    def _row(self, y: int, line: int, columns: Sequence[Column[int]]) -> None:
        canvas, palette, at = self.canvas, self.canvas.palette, self.order[line]
        layer, neuron = self.found.place(at)
        here, done = line == self.line, switch_at(self.scene.view.session, layer, neuron)
        mark = done.mark if done else "▸" if here else " "
        canvas.put(0, y, mark, palette.contrast if done else palette.accent)
        style = palette.cursor if here and canvas.focused else palette.strong if here else palette.text
        canvas.put(2, y, f"L{layer} N{neuron}", style)
        put_row(canvas, NAME, y, columns, at, palette.strong if here else palette.text)
        canvas.hit(0, y, canvas.width, 1, partial(_chosen, line, (layer, neuron), here))


def answer(scene: InsideScene, row: int) -> int:
    """The token that the model says after a row."""
    return int(scene.play.known.now.logits[row].argmax())


def ranked_by(by: By, view: InsideView) -> InsideView:
    """The list in another order, from its beginning."""
    return view.looking(replace(look_of(view), by=by, line=0, on=None))


def _chosen(line: int, neuron: tuple[int, int], into: bool, view: InsideView) -> InsideView:
    """The cursor on a neuron of the list; a click where it is goes into that."""
    return view.looking(replace(look_of(view), line=line, on=neuron, inside=neuron if into else None, text=0))
