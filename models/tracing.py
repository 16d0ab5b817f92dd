"""One forward pass as a plain record: `trace` a text, `extend` it by a token.

A Trace is a view of a Tape: buffers that only ever grow at their end, shared by every Trace along one line of text.
So appending a token costs O(T), and an earlier Trace never changes: who extends a Trace that another has already
extended gets a copy of the Tape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from models.errors import UserError, check_index
from models.gpt import BLOCK_NAMES, GPT, MODEL_NAMES, NAMES_OF, GPTConfig, forward
from models.ops import Array
from models.switches import Switch, check
from models.switches.edits import edited, quiet

_STEP = 64  # positions: a tape has room for a quarter more than it needs, in whole steps
_ALIGNED = 64  # bytes: where a buffer may begin


class _Kept:
    """A value on the tape of a record, cut to the positions of that record; not to be written to."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, record: Any, owner: type | None = None) -> Array:
        return self if record is None else record.tape.view(self.name, record.layer, record.length)


@dataclass(frozen=True, slots=True, eq=False)
class BlockTrace:
    """Every value of one layer; shapes in the letters of `gpt.py`, one row a position."""

    tape: Tape
    layer: int
    length: int
    resid_pre = _Kept()  # T C, what the layer reads
    ln_1 = _Kept()  # T C
    q = _Kept()  # H T D
    k = _Kept()  # H T D
    v = _Kept()  # H T D
    scores = _Kept()  # H T T, scaled, -inf where a row may not look
    pattern = _Kept()  # H T T, rows look at columns and sum to 1
    z = _Kept()  # H T D, what each head found
    attn_out = _Kept()  # T C
    resid_mid = _Kept()  # T C
    ln_2 = _Kept()  # T C
    mlp_pre = _Kept()  # T F
    mlp_act = _Kept()  # T F
    mlp_out = _Kept()  # T C
    resid_post = _Kept()  # T C, what the layer hands on


@dataclass(frozen=True, eq=False)
class Trace:
    """One pass over a text: what went in, every value on the way, and the scores of what comes next.

    `tokens` are those the model saw; `dropped` says how many earlier ones no longer fit its context. The values of a
    part that the model was built without are zeros.
    """

    tokens: tuple[int, ...]
    switches: tuple[Switch, ...]
    dropped: int
    tape: Tape

    layer: ClassVar = 0  # what lies outside the blocks is kept once
    visible = _Kept()  # T T, true where row may look at column
    embed = _Kept()  # T C
    pos_embed = _Kept()  # T C
    ln_final = _Kept()  # T C
    logits = _Kept()  # T V; row t scores what follows tokens[:t + 1]

    def __len__(self) -> int:
        """T."""
        return len(self.tokens)

    @property
    def length(self) -> int:
        """T."""
        return len(self.tokens)

    @cached_property
    def blocks(self) -> tuple[BlockTrace, ...]:
        """One record a layer."""
        return tuple(BlockTrace(self.tape, layer, self.length) for layer in range(self.tape.config.n_layer))


def trace(model: GPT, text: str | Sequence[int], switches: Iterable[Switch] = ()) -> Trace:
    """One pass over a text or its token ids, every value kept.

    A text longer than the context is cut at its beginning. Raises UserError for an empty text, a character the model
    has never seen, a token id it does not have, or a switch for a place it does not have.
    """
    tokens = _tokens(model, text)
    kept = tokens[-model.config.block_size :]
    switches = check(switches, model.config)
    tape = Tape(model.config, _room(len(kept), model.config), _dtype(model))
    tape.run(model, kept, switches)
    return Trace(kept, switches, len(tokens) - len(kept), tape)


def extend(model: GPT, before: Trace, token: int) -> Trace:
    """The trace of the text one token longer, equal to `trace` of it to rounding, at the cost of one position.

    Where earlier rows change, because a switch or the model opens the future, or the context is full, it is a full
    pass.
    """
    kept = not model.config.looks_ahead and all(switch.keeps_past for switch in before.switches)
    if len(before) == model.config.block_size or not kept:
        longer = trace(model, (*before.tokens, token), before.switches)
        return Trace(longer.tokens, longer.switches, before.dropped + longer.dropped, longer.tape)
    check_index("token", token, model.config.vocab_size)
    tape = before.tape.following(len(before))
    tape.run(model, (token,), before.switches)
    return Trace((*before.tokens, token), before.switches, before.dropped, tape)


def branch(before: Trace) -> Trace:
    """The same trace on a tape of its own: who extends it leaves the original free to go on where it is."""
    return Trace(before.tokens, before.switches, before.dropped, before.tape.copy(len(before)))


def nbytes(model: GPT, length: int) -> int:
    """Bytes of memory that a trace of so many tokens takes."""
    room = _room(min(length, model.config.block_size), model.config)
    return sum(size for *_, size in _layout(model.config, room, _dtype(model)).values())


def _tokens(model: GPT, text: str | Sequence[int]) -> tuple[int, ...]:
    if isinstance(text, str):
        if model.tokenizer is None:
            raise UserError(f"{model.name} has no tokenizer", "give token ids instead of text")
        text = model.tokenizer.encode(text)
    tokens = tuple(int(token) for token in text)
    if not tokens:
        raise UserError("there is no text to look at", "give at least one token")
    for token in tokens:
        check_index("token", token, model.config.vocab_size)
    return tokens


def _dtype(model: GPT) -> Any:
    return model.weights["wte.weight"].dtype


def _layout(config: GPTConfig, room: int, dtype: Any) -> dict[str, tuple[tuple[int, ...], Any, int]]:
    """Every buffer's shape, a layer first, the type of its numbers, and its bytes, up to where the next may begin."""
    sizes = {"C": config.n_embd, "F": 4 * config.n_embd, "V": config.vocab_size, "H": config.n_head}
    sizes |= {"D": config.head_width, "T": room, "S": room}
    found = {}
    for name, letters in (MODEL_NAMES | BLOCK_NAMES).items():
        layers = config.n_layer if name in BLOCK_NAMES else 1
        shape = layers, *(sizes[letter] for letter in letters.split())
        kind = np.dtype(bool if name == "visible" else dtype)
        found[name] = shape, kind, -(-math.prod(shape) * kind.itemsize // _ALIGNED) * _ALIGNED
    return found


def _room(length: int, config: GPTConfig) -> int:
    room = -(-(length + length // 4 + 1) // _STEP) * _STEP
    return min(room, config.block_size)


class Tape:
    """The buffers behind Traces: past and tap of a pass at once. It only grows, at its end, in `run`.

    All of them lie in one piece of memory, which the system gets back whole when nobody looks at it any more.
    """

    def __init__(self, config: GPTConfig, room: int, dtype: Any) -> None:
        """Room for so many positions."""
        self.config = config
        self.room = room
        self.length = 0  # positions complete
        self.dtype = dtype
        self.absent = frozenset(name for part in config.without for name in NAMES_OF.get(part, ()))
        layout = _layout(config, room, dtype)
        self.nbytes = sum(size for *_, size in layout.values())
        memory, start = np.empty(self.nbytes, np.uint8), 0
        self.buffers = dict[str, Array]()
        for name, (shape, kind, size) in layout.items():
            self.buffers[name], start = np.ndarray(shape, kind, memory, start), start + size
        for name in self.absent | _SQUARE:
            self.buffers[name].fill(0)

    def following(self, length: int) -> Tape:
        """A tape to write position `length` on: this one if that is its end and there is room, else a copy."""
        return self if self.length == length and length < self.room else self.copy(length)

    def copy(self, length: int) -> Tape:
        """A tape of its own for the first `length` positions, with room for more."""
        copy = Tape(self.config, _room(length, self.config), self.dtype)
        copy.length = length
        for name, layers in self.buffers.items():
            for layer, buffer in enumerate(() if name in self.absent else layers):
                _write(name, copy.buffers[name][layer], 0, length, _cut(name, buffer, length))
        return copy

    def view(self, name: str, layer: int, length: int) -> Array:
        """The first `length` positions of a value; don't write to it."""
        return _cut(name, self.buffers[name][layer], length)

    def run(self, model: GPT, tokens: Sequence[int], switches: Iterable[Switch]) -> None:
        """Record a pass over the next tokens; a pass that fails leaves the tape as it was."""
        record = _Record(self, len(tokens))
        with quiet():
            forward(model, np.asarray(tokens), record, edited(model, switches, record))
        self.length += len(tokens)


class _Record:
    """Past and tap of one pass: keeps keys and values, writes every value on the tape."""

    def __init__(self, tape: Tape, new: int) -> None:
        self.length = tape.length
        self.total = tape.length + new
        self.rows = ..., slice(tape.length, self.total), slice(None)
        self.buffers = tape.buffers

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Write down, hand back."""
        buffer = self.buffers[name][layer or 0]
        if name in _SQUARE:
            _write(name, buffer, self.length, self.total, value)
        else:
            buffer[self.rows] = value
        return value

    def update(self, layer: int, k: Array, v: Array, /) -> tuple[Array, Array]:
        """All keys and values so far, from the tape the tap has just written them on."""
        keys, values = self.buffers["k"][layer], self.buffers["v"][layer]
        return keys[..., : self.total, :], values[..., : self.total, :]


_SQUARE = frozenset(name for name, letters in (MODEL_NAMES | BLOCK_NAMES).items() if "S" in letters)


def _write(name: str, buffer: Array, start: int, stop: int, value: Array) -> None:
    """Put rows in their place; in a square, what lies ahead of the last of them is hidden from all of them."""
    if name in _SQUARE:
        buffer[..., start:stop, :stop] = value
        if name == "scores":
            buffer[..., start:stop, stop:] = -np.inf  # pattern and visible are zero from the start
    else:
        buffer[..., start:stop, :] = value


def _cut(name: str, buffer: Array, length: int) -> Array:
    return buffer[..., :length, :length] if name in _SQUARE else buffer[..., :length, :]
