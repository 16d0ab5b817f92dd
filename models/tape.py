"""The arrays behind a pass that is recorded: they only ever grow at their end, and are shared along one line of text.

A Tape keeps what costs a product of matrices or a softmax; the rest of a pass is computed again when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from models import gpt
from models.gpt import BLOCK_NAMES, GPT, LETTERS, MODEL_NAMES, GPTConfig, NoPast, forward
from models.ops import Array, quiet
from models.switches import Switch
from models.switches.edits import edited

_STEP = 32  # positions: a tape that must grow takes room for an eighth more, and so many at least
Key = tuple[str, int]  # a value's name and layer; what lies outside the blocks has layer 0

# of a layer; resid_post is what the next one reads, and is kept once
_KEPT = ("resid_pre", "q", "k", "v", "pattern", "z", "attn_out", "mlp_out", "resid_post")
_ON_TAPE = frozenset((*_KEPT, "logits"))
_SQUARE = frozenset(name for name, letters in LETTERS.items() if "S" in letters)


class Tape:
    """The arrays behind Traces: past and tap of a pass at once. It only grows, at its end, in `run`.

    A first pass leaves them as they were computed, without a copy; only who goes on from it gives them room.
    """

    def __init__(self, model: GPT) -> None:
        """Nothing yet."""
        self.model = model
        self.length = 0  # positions complete
        self.room = 0  # positions
        self.arrays = dict[Key, Array]()

    @property
    def nbytes(self) -> int:
        """Bytes of memory its arrays take."""
        return sum(array.nbytes for array in {id(array): array for array in self.arrays.values()}.values())

    def following(self, length: int) -> Tape:
        """A tape to write position `length` on: this one if that is its end, else a copy."""
        tape = self if self.length == length else self.copy(length)
        if length == tape.room:
            tape._grow()
        return tape

    def copy(self, length: int) -> Tape:
        """A tape of its own for the first `length` positions, which whoever writes on it makes room on."""
        copy = Tape(self.model)
        copy.length = copy.room = length
        copy.arrays = _each(self.arrays, lambda name, array: _cut(name, array, length))
        return copy

    def below(self, layer: int, length: int) -> Tape:
        """A tape that shares what lies below a layer, for a pass that goes on from there."""
        tape = Tape(self.model)
        shared = {(name, at): array for (name, at), array in self.arrays.items() if name in BLOCK_NAMES and at < layer}
        tape.arrays = _each(shared, lambda name, array: _cut(name, array, length))
        return tape

    def view(self, name: str, layer: int, length: int) -> Array:
        """The first `length` positions of a value; don't write to it."""
        return _cut(name, self.arrays[name, layer], length)

    def run(self, tokens: Sequence[int], switches: Iterable[Switch]) -> None:
        """Record a pass over the next tokens; a pass that fails leaves the tape as it was."""
        record = _Rows(self, len(tokens)) if self.length else _First(self)
        tap = edited(self.model, switches, self.length + len(tokens), record)
        forward(self.model, np.asarray(tokens), record, tap)
        self.length += len(tokens)
        self.room = max(self.room, self.length)

    def run_on(self, stream: Array, visible: Array | None, switches: Iterable[Switch], first: int) -> None:
        """Record a pass from a layer on, which reads this stream (T C); visible: (T T), None where all of it is."""
        model, length = self.model, len(stream)
        with quiet():
            tap = edited(model, switches, length, _First(self))
            x = gpt.layers(model, stream, visible, NoPast(), tap, first)
            gpt.read_out(model, x, tap)
        self.length = self.room = length

    def _grow(self) -> None:
        """Room for an eighth more."""
        self.room = min(self.room + max(self.room // 8, _STEP), self.model.config.block_size)
        self.arrays = _each(self.arrays, self._grown)

    def _grown(self, name: str, array: Array) -> Array:
        width = self.room if name in _SQUARE else array.shape[-1]
        grown = np.zeros((*array.shape[:-2], self.room, width), array.dtype)  # zero: where a row cannot look
        _cut(name, grown, self.length)[...] = _cut(name, array, self.length)
        return grown


def _each(arrays: Mapping[Key, Array], make: Callable[[str, Array], Array]) -> dict[Key, Array]:
    """Every array made into another; what two share stays shared."""
    made = {id(array): make(name, array) for (name, _), array in arrays.items()}
    return {key: made[id(array)] for key, array in arrays.items()}


class _First(NoPast):
    """Past and tap of a pass that begins a tape: every array that is kept stays as it was computed."""

    def __init__(self, tape: Tape) -> None:
        self.arrays = tape.arrays

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Keep, hand back."""
        if name in _ON_TAPE:
            self.arrays[name, layer or 0] = value
        return value


class _Rows:
    """Past and tap of a pass that goes on: keeps keys and values, writes the new rows on the tape."""

    def __init__(self, tape: Tape, new: int) -> None:
        self.length = tape.length
        self.total = tape.length + new
        self.rows = ..., slice(tape.length, self.total), slice(None)
        self.arrays = tape.arrays

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Write down, hand back."""
        if name in _ON_TAPE:
            array = self.arrays[name, layer or 0]
            if name in _SQUARE:
                array[..., self.length : self.total, : self.total] = value
            else:
                array[self.rows] = value
        return value

    def update(self, layer: int, k: Array, v: Array, /) -> tuple[Array, Array]:
        """All keys and values so far, from the tape the tap has just written them on."""
        keys, values = self.arrays["k", layer], self.arrays["v", layer]
        return keys[..., : self.total, :], values[..., : self.total, :]


def _cut(name: str, array: Array, length: int) -> Array:
    return array[..., :length, :length] if name in _SQUARE else array[..., :length, :]


def nbytes(model: GPT, length: int) -> int:
    """Bytes of memory that a trace of so many tokens takes."""
    config, T = model.config, min(length, model.config.block_size)
    letters = sizes(config, T)
    shapes = [MODEL_NAMES["logits"], BLOCK_NAMES["resid_pre"]]
    shapes += [BLOCK_NAMES[name] for name in _KEPT if name != "resid_pre"] * config.n_layer
    numbers = sum(int(np.prod([letters[letter] for letter in shape.split()])) for shape in shapes)
    return numbers * int(dtype(model).itemsize)


def sizes(config: GPTConfig, T: int) -> Mapping[str, int]:
    """What each letter of a shape stands for in a trace of T tokens."""
    found = {"T": T, "S": T, "C": config.n_embd, "H": config.n_head, "D": config.head_width, "V": config.vocab_size}
    return found | {"F": config.mlp_width, "R": config.rope.width // 2 if config.rope else 0}


def dtype(model: GPT) -> Any:
    """The type of its numbers."""
    return model.weights["wte.weight"].dtype
