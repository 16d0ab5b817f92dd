"""One forward pass as a plain record: `trace` a text, `extend` it by a token, `retrace` it under other switches.

A Trace is a view of a Tape: arrays that only ever grow at their end, shared by every Trace along one line of text. So
appending a token costs O(T), and an earlier Trace never changes: who extends a Trace that another has already extended
gets a copy of the Tape. What a Tape does not keep is computed again when it is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from models import gpt
from models.errors import UserError, check_index
from models.gpt import GPT, LETTERS, MODEL_NAMES
from models.ops import Array, quiet
from models.switches import Switch, check, under
from models.switches.edits import begins_in, edited
from models.tape import Key, Tape, dtype, sizes

_HELD = 8  # values that a record computed again stay with it
_HOLDING = threading.Lock()  # a record is read by whoever draws it and by whoever computes on, at once


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
    angles = _Value()  # T R, of rotary positions; else R is 0
    q = _Value()  # H T D, as it is held against the keys: turned, if positions are rotary
    k = _Value()  # H T D; heads that share a key and a value have the same
    v = _Value()  # H T D
    scores = _Value()  # H T T, scaled, -inf where a row may not look
    pattern = _Value()  # H T T, rows look at columns and sum to 1
    z = _Value()  # H T D, what each head found
    attn_out = _Value()  # T C
    resid_mid = _Value()  # T C
    ln_2 = _Value()  # T C
    mlp_pre = _Value()  # T F
    mlp_pre_linear = _Value()  # T F, what a gated MLP multiplies with
    mlp_act = _Value()  # T F
    mlp_out = _Value()  # T C
    resid_post = _Value()  # T C, what the layer hands on

    def value(self, name: str) -> Array:
        """The value of that name, as kept or computed again."""
        return self.trace.value(name, self.layer)

    @property
    def visible(self) -> Array:
        """True where row may look at column in this layer: what the trace says, within the layer's window; T T."""
        of = self.trace
        return gpt.in_reach(of.tape.model, self.layer, of.visible, len(of), len(of))


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
        found = self.again.get((name, layer))
        if found is None:
            found = _again(self, name, layer)
            with _HOLDING:
                while len(self.again) >= _HELD:
                    self.again.pop(next(iter(self.again)))
                self.again[name, layer] = found
        return found


def trace(model: GPT, text: str | Sequence[int], switches: Iterable[Switch] = ()) -> Trace:
    """One pass over a text or its token ids, every value to be had.

    A text longer than the context is cut at its beginning. Raises UserError for an empty text, a character the model
    has never seen, a token id it does not have, or a switch for a place it does not have.
    """
    tokens = _tokens(model, text)
    kept = tokens[-model.config.block_size :]
    switches = check(switches, model.config)
    tape = Tape(under(model, switches))
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
    visible = None if before.visible.all() else before.visible
    with quiet():
        tape.run_on(stream_into(before, first), visible, switches, first)
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
        if not self.of.tape.model.config.offers(name):
            raise KeyError(name)
        return self.of.value(name, self.layer)

    def __iter__(self) -> Iterator[str]:
        return iter(LETTERS)

    def __len__(self) -> int:
        return len(LETTERS)


def _again(of: Trace, name: str, layer: int) -> Array:
    """A value that no tape keeps, under the switches of its pass."""
    model, inside = of.tape.model, name not in MODEL_NAMES
    if not model.config.offers(name):
        letters = sizes(model.config, len(of))
        return np.zeros([letters[letter] for letter in LETTERS[name].split()], dtype(model))
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


def _angles(of: Trace, block: BlockTrace) -> Array:
    return gpt.angles_of(of.tape.model, block.resid_pre, 0)


def _norm(name: str, reads: str, of: Trace, block: BlockTrace) -> Array:
    return gpt.norm(of.tape.model, name.format(block.layer), block.value(reads))


def _ln_2(of: Trace, block: BlockTrace) -> Array:
    return _norm("h.{}.ln_2", of.tape.model.config.mlp_reads, of, block)


def _scores(of: Trace, block: BlockTrace) -> Array:
    model = of.tape.model
    return model.ops.scores(block.q, block.k, block.visible, model.config.scale)


def _resid_mid(of: Trace, block: BlockTrace) -> Array:
    config = of.tape.model.config
    return gpt.written(config, block.resid_pre, block.attn_out) if config.has("attention") else block.resid_pre


def _mlp_pre(of: Trace, block: BlockTrace) -> Array:
    return gpt.linear(of.tape.model, f"h.{block.layer}.mlp.c_fc", block.ln_2)


def _mlp_pre_linear(of: Trace, block: BlockTrace) -> Array:
    return gpt.linear(of.tape.model, f"h.{block.layer}.mlp.c_up", block.ln_2)


def _mlp_act(of: Trace, block: BlockTrace) -> Array:
    config = of.tape.model.config
    acts = of.tape.model.ops.activate(config.activation, block.mlp_pre)
    return acts * block.mlp_pre_linear if config.gated else acts


_AGAIN: dict[str, Callable[[Trace, BlockTrace], Array]] = {
    "visible": _visible,
    "embed": _embed,
    "pos_embed": _pos_embed,
    "ln_1": partial(_norm, "h.{}.ln_1", "resid_pre"),
    "angles": _angles,
    "scores": _scores,
    "resid_mid": _resid_mid,
    "ln_2": _ln_2,
    "mlp_pre": _mlp_pre,
    "mlp_pre_linear": _mlp_pre_linear,
    "mlp_act": _mlp_act,
    "ln_final": partial(_norm, "ln_f", "resid_post"),
}
