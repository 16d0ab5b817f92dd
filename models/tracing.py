"""One forward pass as a plain record: `trace` a text, `extend` it by a token, `retrace` it under other switches.

A Trace is a view of a Tape: arrays that only ever grow at their end, shared by every Trace along one line of text. So
appending a token costs O(T), and an earlier Trace never changes: who extends a Trace that another has already extended
gets a copy of the Tape.

A Tape keeps what costs a product of matrices or a softmax; the rest of a pass is computed again when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from models import gpt
from models.errors import UserError, check_index
from models.gpt import BLOCK_NAMES, GPT, MODEL_NAMES, NAMES_OF, NoPast, forward
from models.ops import Array
from models.switches import Switch, check
from models.switches.edits import begins_in, edited, quiet

_STEP = 32  # positions: a tape that must grow takes room for an eighth more, and so many at least
_HELD = 8  # values that a record computed again stay with it
Key = tuple[str, int]  # a value's name and layer; what lies outside the blocks has layer 0


class _Value:
    """A value of a record, one row a position; not to be written to."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, record: Any, owner: type | None = None) -> Array:
        return self if record is None else record.value(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class BlockTrace:
    """Every value of one layer; shapes in the letters of `gpt.py`, one row a position."""

    trace: Trace
    layer: int
    resid_pre = _Value()  # T C, what the layer reads
    ln_1 = _Value()  # T C
    q = _Value()  # H T D
    k = _Value()  # H T D
    v = _Value()  # H T D
    scores = _Value()  # H T T, scaled, -inf where a row may not look
    pattern = _Value()  # H T T, rows look at columns and sum to 1
    z = _Value()  # H T D, what each head found
    attn_out = _Value()  # T C
    resid_mid = _Value()  # T C
    ln_2 = _Value()  # T C
    mlp_pre = _Value()  # T F
    mlp_act = _Value()  # T F
    mlp_out = _Value()  # T C
    resid_post = _Value()  # T C, what the layer hands on

    def value(self, name: str) -> Array:
        """The value of that name, as kept or computed again."""
        return self.trace.value(name, self.layer)


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
    again: dict[Key, Array] = field(default_factory=dict, repr=False)  # what was computed again, the newest last

    visible = _Value()  # T T, true where row may look at column
    embed = _Value()  # T C
    pos_embed = _Value()  # T C
    ln_final = _Value()  # T C
    logits = _Value()  # T V; row t scores what follows tokens[:t + 1]

    def __len__(self) -> int:
        """T."""
        return len(self.tokens)

    @property
    def blocks(self) -> tuple[BlockTrace, ...]:
        """One record a layer."""
        return tuple(BlockTrace(self, layer) for layer in range(self.tape.model.config.n_layer))

    def value(self, name: str, layer: int = 0) -> Array:
        """A value by its name in `gpt.py`, with its shape there: kept, or computed again and held for a while."""
        if (name, layer) in self.tape.arrays:
            return self.tape.view(name, layer, len(self))
        if (name, layer) not in self.again:
            while len(self.again) >= _HELD:
                self.again.pop(next(iter(self.again)), None)
            self.again[name, layer] = _again(self, name, layer)
        return self.again[name, layer]


def trace(model: GPT, text: str | Sequence[int], switches: Iterable[Switch] = ()) -> Trace:
    """One pass over a text or its token ids, every value to be had.

    A text longer than the context is cut at its beginning. Raises UserError for an empty text, a character the model
    has never seen, a token id it does not have, or a switch for a place it does not have.
    """
    tokens = _tokens(model, text)
    kept = tokens[-model.config.block_size :]
    switches = check(switches, model.config)
    tape = Tape(model)
    tape.run(kept, switches)
    return Trace(kept, switches, len(tokens) - len(kept), tape)


def extend(model: GPT, before: Trace, token: int) -> Trace:
    """The trace of the text one token longer, equal to `trace` of it to rounding, at the cost of one position.

    Where earlier rows change, because a switch or the model opens the future, or the context is full, it is a full
    pass.
    """
    if len(before) == model.config.block_size or not keeps_past(before):
        longer = trace(model, (*before.tokens, token), before.switches)
        return Trace(longer.tokens, longer.switches, before.dropped + longer.dropped, longer.tape)
    check_index("token", token, model.config.vocab_size)
    tape = before.tape.following(len(before))
    tape.run((token,), before.switches)
    return Trace((*before.tokens, token), before.switches, before.dropped, tape)


def retrace(before: Trace, switches: Iterable[Switch]) -> Trace:
    """The trace of the same text under other switches, from the first layer that they change; UserError as `trace`."""
    model = before.tape.model
    switches = check(switches, model.config)
    if switches == before.switches:
        return branch(before)
    first = begins_in(set(switches) ^ set(before.switches), model.config)
    if first is None:
        again = trace(model, before.tokens, switches)
        return Trace(again.tokens, switches, before.dropped, again.tape)
    tape = before.tape.below(first, len(before))
    tape.run_on(before, switches, first)
    return Trace(before.tokens, switches, before.dropped, tape)


def branch(before: Trace) -> Trace:
    """The same trace on a tape of its own: who extends it leaves the original free to go on where it is."""
    return Trace(before.tokens, before.switches, before.dropped, before.tape.copy(len(before)))


def prefix(whole: Trace, length: int) -> Trace:
    """The trace of the first `length` tokens: a part of this one where no row saw what came after it, else a pass."""
    if length >= len(whole):
        return whole
    if keeps_past(whole):
        return Trace(whole.tokens[:length], whole.switches, whole.dropped, whole.tape)
    return trace(whole.tape.model, whole.tokens[:length], whole.switches)


def keeps_past(of: Trace) -> bool:
    """Whether each row depends on the tokens up to its own alone, so that rows can be added or taken away."""
    return not of.tape.model.config.looks_ahead and all(switch.keeps_past for switch in of.switches)


def nbytes(model: GPT, length: int) -> int:
    """Bytes of memory that a trace of so many tokens takes."""
    config, T = model.config, min(length, model.config.block_size)
    sizes = {"T": T, "S": T, "C": config.n_embd, "H": config.n_head, "D": config.head_width, "V": config.vocab_size}
    shapes = [MODEL_NAMES["logits"], BLOCK_NAMES["resid_pre"]]
    shapes += [BLOCK_NAMES[name] for name in _KEPT if name != "resid_pre"] * config.n_layer
    numbers = sum(int(np.prod([sizes[letter] for letter in shape.split()])) for shape in shapes)
    return numbers * int(_dtype(model).itemsize)


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


# the tape ------------------------------------------------------------------------------------------------------

# of a layer; resid_post is what the next one reads, and is kept once
_KEPT = ("resid_pre", "q", "k", "v", "pattern", "z", "attn_out", "mlp_out", "resid_post")
_ON_TAPE = frozenset((*_KEPT, "logits"))
_SQUARE = frozenset(name for name, letters in (MODEL_NAMES | BLOCK_NAMES).items() if "S" in letters)


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
        with quiet():
            tap = edited(self.model, switches, self.length + len(tokens), record)
            forward(self.model, np.asarray(tokens), record, tap)
        self.length += len(tokens)
        self.room = max(self.room, self.length)

    def run_on(self, before: Trace, switches: Iterable[Switch], first: int) -> None:
        """Record a pass over the text of another trace from a layer on, as that one is below it."""
        model, length = self.model, len(before)
        with quiet():
            tap = edited(model, switches, length, _First(self))
            visible = None if before.visible.all() else before.visible
            x = gpt.layers(model, stream_into(before, first), visible, NoPast(), tap, first)
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


# what is computed again ----------------------------------------------------------------------------------------


def stream_into(of: Trace, layer: int) -> Array:
    """The residual stream on its way into a layer, as the one before left it: (T C); after the last: what is read."""
    return of.blocks[layer - 1].resid_post if layer else of.embed + of.pos_embed


class Seen(Mapping[str, Array]):
    """What a pass went on with at each site before one that is computed again, as edits are told it."""

    def __init__(self, of: Trace, layer: int) -> None:
        self.of, self.layer = of, layer

    def __getitem__(self, name: str) -> Array:
        if name in MODEL_NAMES:
            return self.of.value(name)
        if _absent(self.of.tape.model, name):
            raise KeyError(name)
        return self.of.value(name, self.layer)

    def __iter__(self) -> Iterator[str]:
        return iter(MODEL_NAMES | BLOCK_NAMES)

    def __len__(self) -> int:
        return len(MODEL_NAMES) + len(BLOCK_NAMES)


def _absent(model: GPT, name: str) -> bool:
    """Whether the model was built without the part whose value that is."""
    return any(name in NAMES_OF.get(part, ()) for part in model.config.without)


def _again(of: Trace, name: str, layer: int) -> Array:
    """A value that no tape keeps, under the switches of its pass."""
    model, inside = of.tape.model, name in BLOCK_NAMES
    if _absent(model, name):
        sizes = {"T": len(of), "S": len(of), "C": model.config.n_embd, "F": model.config.mlp_width}
        sizes |= {"H": model.config.n_head, "D": model.config.head_width}
        return np.zeros([sizes[letter] for letter in BLOCK_NAMES[name].split()], _dtype(model))
    last = layer if inside else model.config.n_layer - 1
    tap = edited(model, of.switches, len(of), seen=Seen(of, last))
    with quiet():
        return tap(name, _AGAIN[name](of, of.blocks[last]), layer if inside else None)


def _visible(of: Trace, block: BlockTrace) -> Array:
    positions = np.arange(len(of))
    return gpt.sight(of.tape.model, positions, positions)


def _embed(of: Trace, block: BlockTrace) -> Array:
    return gpt.embedding(of.tape.model, np.asarray(of.tokens))


def _pos_embed(of: Trace, block: BlockTrace) -> Array:
    return gpt.position_embedding(of.tape.model, np.arange(len(of)))


def _norm(name: str, reads: str, of: Trace, block: BlockTrace) -> Array:
    return gpt.norm(of.tape.model, name.format(block.layer), block.value(reads))


def _scores(of: Trace, block: BlockTrace) -> Array:
    model = of.tape.model
    return model.ops.scores(block.q, block.k, of.visible, model.config.scale)


def _resid_mid(of: Trace, block: BlockTrace) -> Array:
    config = of.tape.model.config
    return gpt.written(config, block.resid_pre, block.attn_out) if config.has("attention") else block.resid_pre


def _mlp_pre(of: Trace, block: BlockTrace) -> Array:
    return gpt.linear(of.tape.model, f"h.{block.layer}.mlp.c_fc", block.ln_2)


def _mlp_act(of: Trace, block: BlockTrace) -> Array:
    return of.tape.model.ops.activate(of.tape.model.config.activation, block.mlp_pre)


_AGAIN: dict[str, Callable[[Trace, BlockTrace], Array]] = {
    "visible": _visible,
    "embed": _embed,
    "pos_embed": _pos_embed,
    "ln_1": partial(_norm, "h.{}.ln_1", "resid_pre"),
    "scores": _scores,
    "resid_mid": _resid_mid,
    "ln_2": partial(_norm, "h.{}.ln_2", "resid_mid"),
    "mlp_pre": _mlp_pre,
    "mlp_act": _mlp_act,
    "ln_final": partial(_norm, "ln_f", "resid_post"),
}
