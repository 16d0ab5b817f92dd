"""Texts in which one looks for what makes a part of the model act: such as nobody typed, where there are any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from models.gpt import GPT
from models.lenses.inside.neurons import Firing, firing
from playground.inside.scene import Subject
from playground.looking.held_out import ABOVE, ROW, HeldOut, held_out

TOKENS = 6144  # that are read, about
LONGEST = 256  # of a text
KEPT = 64  # neurons whose firing is kept


def texts_to_read(model: GPT, folder: Path | None, typed: Sequence[int]) -> HeldOut:
    """Fresh texts of the little world, what the model's run held out, or, for want of those, the text that was typed.

    Each is cut to the context, and a long one to LONGEST tokens. UserError if the run's text cannot be read.
    """
    found = held_out(model, folder, rows=TOKENS // ROW)
    if found is None:
        return HeldOut(ABOVE, (np.asarray(typed, np.intp),))
    texts = [text[: min(model.config.block_size, LONGEST)] for text in found.texts]
    return HeldOut(found.says, tuple(texts[: max(TOKENS // max(map(len, texts)), 1)]))


class Library:
    """The texts that are read with one model, and what was found in them: it is as trained, whatever is switched."""

    def __init__(self, subject: Subject) -> None:
        self.model, self.typed = subject.model, subject.now.tokens
        self.read = texts_to_read(subject.model, subject.folder, self.typed)
        self.says = self.read.says
        self.fired = dict[tuple[int, int], Firing]()

    def serves(self, subject: Subject) -> bool:
        """Whether it is of this model, and of this text where that is all there is to read."""
        return subject.model is self.model and (self.says != ABOVE or subject.now.tokens == self.typed)

    def firing(self, layer: int, neuron: int) -> Iterator[Firing]:
        """How a neuron fires over the texts, as it comes; at once if that was found before."""
        if (layer, neuron) in self.fired:
            yield self.fired[layer, neuron]
            return
        for fires in firing(self.model, self.read.texts, layer, neuron):
            yield fires
        while len(self.fired) >= KEPT:
            self.fired.pop(next(iter(self.fired)))
        self.fired[layer, neuron] = fires
