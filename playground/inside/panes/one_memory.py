"""One neuron, drawn: what it writes, and the texts that fire it, shaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from models.ops import Array
from playground import text
from playground.cells import cell_len
from playground.inside.panes.memory_list import LABEL, answer
from playground.inside.remembered import TEXTS, Seen, look_of, switch_at
from playground.inside.scene import InsideScene, InsideView
from playground.kit import heatmap, numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, first_shown, headline, say
from playground.kit.numbers import ABSENT
from playground.looking.labels import labelled

MARGIN = 9  # cells of what a line is
BACK = 0.7  # of a line, at most, for what stands before the word at which it fires


class One:
    """One drawing of it."""

    def __init__(self, scene: InsideScene, found: Seen, at: int, canvas: Canvas) -> None:
        self.scene, self.found, self.at, self.canvas = scene, found, at, canvas
        self.neurons, self.palette = found.neurons, canvas.palette
        self.layer, self.neuron = found.place(at)
        self.gap = int(scene.play.tokenizer.kind != "char")  # cells between two tokens
        self.here = np.zeros(0) if found.here is None else found.here
        most = found.fires.most if found.fires else 0.0
        self.most = max(most, float(np.max(self.here, initial=0.0)), 1e-9)

    def draw(self, title: str) -> None:
        """What it did here, what it writes, the text, and the texts that fire it."""
        headline(self.canvas, title, self._did())
        lines: list[tuple[str, list[Part]]] = [
            ("off", self._without()),
            ("raises", self._words(self.found.words[self.at].raises)),
            ("lowers", self._words(self.found.words[self.at].lowers)),
        ]
        done = switch_at(self.scene.view.session, self.layer, self.neuron)
        if done is not None:
            lines.insert(0, (done.mark, [(f"{done.told}: x takes that back", self.palette.contrast)]))
        for y, (name, parts) in enumerate(lines, 1):
            self.canvas.put(0, y, name, self.palette.contrast if name == "✕" else self.palette.muted)
            say(self.canvas, MARGIN, y, parts)
        y = len(lines) + 1
        row = self.neurons.row
        self.canvas.put(0, y, "here", self.palette.muted)
        self._shaded(y, self.scene.play.known.now.tokens[: row + 1], self.here[: row + 1], row)
        self._fires(y + 1)

    def _did(self) -> list[str]:
        found, at = self.neurons, self.at
        token = text.cut(self.scene.next_label(found.token, found.row), LABEL)
        return [
            f"L{self.layer} N{self.neuron}",
            f"activation {found.activation[at]:.2f}",
            f"adds {found.adds[at]:+.2f} to '{token}'",
        ]

    def _without(self) -> list[Part]:
        """What is lost with it off."""
        found, at, unit = self.neurons, self.at, self.canvas.unit
        top = int(found.off_top[at])
        happens = "stays" if top == answer(self.scene, found.row) else "comes instead"
        token = text.cut(self.scene.next_label(top, found.row), LABEL) if top >= 0 else ABSENT
        parts = [
            f"the score loses {numbers.fixed(float(found.off_lost[at]), 2)}",
            f"{numbers.fixed(float(found.off_bits[at]) * unit.bit, 3)} {unit.name}",
            f"'{token}' {happens}",
        ]
        return [(part, self.palette.text) for part in parts]

    def _words(self, words: Sequence[tuple[int, float]]) -> list[Part]:
        return [(f"{self.scene.label(token)} {by:+.2f}", self.palette.text) for token, by in words]

    def _fires(self, y: int) -> None:
        """How often, and where most."""
        canvas, fires = self.canvas, self.found.fires
        canvas.put(0, y, "fires", self.palette.muted)
        if fires is None:
            canvas.put(MARGIN, y, "reading texts ...", self.palette.muted)
            return
        words = [
            f"at most {fires.most:.2f}",
            f"half of that or more at {_share(fires.often)} of {numbers.counted(fires.words, 'token')}",
            self.scene.safe(self.found.read),
        ]
        say(canvas, MARGIN, y, [(each, self.palette.text) for each in words])
        places = fires.strongest(TEXTS)
        cursor = max(0, min(look_of(self.scene.view).text, len(places) - 1))
        rows = canvas.height - y - 1
        first = first_shown(cursor, len(places), rows)
        for down, at in enumerate(range(first, min(first + max(rows, 0), len(places))), y + 1):
            text_at, position = places[at]
            value = float(fires.activations[text_at][position])
            canvas.put(0, down, "▸" if at == cursor else " ", self.palette.accent)
            canvas.right(MARGIN - 1, down, f"{value:.2f}", self.palette.strong if at == cursor else self.palette.muted)
            self._shaded(down, fires.texts[text_at], fires.activations[text_at], position)
            canvas.hit(0, down, canvas.width, 1, partial(_on_text, at))

    def _shaded(self, y: int, tokens: Sequence[int] | Array, acts: Array, position: int) -> None:
        """A line of a text about a position, every token shaded by how strongly the neuron fires; that one marked."""
        labels = [text.cut(label, LABEL) for label in labelled(self.scene.play.tokenizer, [*map(int, tokens)])]
        labels[position] = f"[{labels[position]}]"
        shown = _window(labels, position, self.canvas.width - MARGIN, self.gap)
        shares = np.maximum(np.asarray(acts, float) / self.most, 0)
        styles = heatmap.shades(self.palette, shares**2)  # whose root is shown: a weak one is to be faint
        x = MARGIN
        for at in shown:
            x = self.canvas.put(x, y, labels[at], styles[at]) + self.gap


def _window(labels: Sequence[str], position: int, room: int, gap: int) -> range:
    """The tokens about a position that fit into so many cells, most of them before it."""
    first = position
    used = cell_len(labels[position])
    while first and used + cell_len(labels[first - 1]) + gap <= room * BACK:
        first -= 1
        used += cell_len(labels[first]) + gap
    last = position + 1
    while last < len(labels) and used + cell_len(labels[last]) + gap <= room:
        used += cell_len(labels[last]) + gap
        last += 1
    return range(first, last)


def _share(share: float) -> str:
    return f"{share * 100:.1f} %" if np.isfinite(share) else ABSENT


def _on_text(at: int, view: InsideView) -> InsideView:
    return view.looking(replace(look_of(view), text=at))
