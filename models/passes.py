"""Many passes at once, and passes that begin in the middle: what sweeps, patches and knock-outs are made of.

A pass with something changed equals the intact one up to where the change acts: it begins there, with what the intact
trace holds, and only with the rows that the change can reach. Passes that differ in one place go on together, as a
batch; one whose change lies in a later layer joins the others there. Where only what follows the last position is
asked, the last layer computes no other row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np

from models import gpt
from models.gpt import LETTERS, NoPast, Past
from models.ops import Array, Tap, quiet
from models.switches import Switch, check, under
from models.switches.edits import AFTER, Edit, begins_in, edited_each
from models.tracing import Trace, keeps_past, stream_into

TOGETHER = 512  # rows of all passes of a batch: so many stay in the processor's cache

# where in a layer a pass can begin: with all of it, or with what is kept of the intact one there
_LAYER, _Z, _ATTN_OUT, _RESID_MID, _MLP_OUT = range(5)
_ENTRY = {_Z: "z", _ATTN_OUT: "attn_out", _MLP_OUT: "mlp_out"}  # what is offered again there
_STAGES = {name: _LAYER for name in LETTERS} | {
    "z": _Z, "attn_out": _ATTN_OUT, "resid_mid": _RESID_MID, "ln_2": _RESID_MID, "mlp_pre": _RESID_MID,
    "mlp_pre_linear": _RESID_MID, "mlp_act": _RESID_MID, "mlp_out": _MLP_OUT, "resid_post": _MLP_OUT,
}  # fmt: skip


def after(intact: Trace, changes: Sequence[Iterable[Edit]]) -> Array:
    """What each change makes of the scores after the text's last token: (N V); see `coming`."""
    found = np.empty((len(changes), intact.tape.model.vocab_size), intact.logits.dtype)
    for numbers, scores in coming(intact, changes):
        found[numbers] = scores[:, -1]
    return found


def coming(
    intact: Trace, changes: Sequence[Iterable[Edit]], asked: int | None = 1
) -> Iterator[tuple[list[int], Array]]:
    """A pass over the text under each change, added to the switches of the trace, a batch at a time.

    Yields which of the changes it was, and their scores, of the last `asked` positions, or of all rows that they may
    change: (n asked V). Switches act in their order, after all that is none. UserError for a switch for a place that
    the model does not have.
    """
    return (batch for batch in in_pieces(intact, changes, asked) if batch is not None)


def in_pieces(
    intact: Trace, changes: Sequence[Iterable[Edit]], asked: int | None = 1
) -> Iterator[tuple[list[int], Array] | None]:
    """The same, with None after each layer of a batch, for who may want to leave it there."""
    whole = [_ordered(intact, edits) for edits in changes]
    starts, groups = dict[int, _Start](), defaultdict[tuple[int, bool], list[int]](list)
    for number, edits in enumerate(whole):
        start = _start(intact, tuple(changes[number]), edits)
        if start is None:
            yield [number], _from_the_text(intact, edits, asked)[None]
        else:
            starts[number] = start
            groups[start.row, all(edit.by_row for edit in edits)].append(number)
    for (row, by_row), numbers in groups.items():
        numbers.sort(key=lambda number: (starts[number].layer, starts[number].stage))
        few = max(TOGETHER // (len(intact) - row), 1)
        for at in range(0, len(numbers), few):
            some = numbers[at : at + few]
            batch = _Batch(intact, row, asked if by_row else None, asked)
            yield from batch.run([(starts[n], whole[n]) for n in some])
            yield some, batch.scores()


@dataclass(frozen=True)
class _Start:
    """Where a changed pass leaves the intact one."""

    layer: int  # n_layer: after the last
    stage: int
    row: int


def _ordered(intact: Trace, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """With the switches of the trace, in the order in which they act."""
    edits = tuple(edits)
    switches = [edit for edit in edits if isinstance(edit, Switch)]
    others = [edit for edit in edits if not isinstance(edit, Switch)]
    return (*others, *check((*intact.switches, *switches), intact.tape.model.config))


def _start(intact: Trace, change: tuple[Edit, ...], edits: tuple[Edit, ...]) -> _Start | None:
    """None for a pass that must begin with the text."""
    config = intact.tape.model.config
    layer = begins_in(change, config)
    if layer is None:
        return None
    acting = [edit for edit in change if not edit.idle_in(config)]
    stage = min((_stage(intact, edit, layer) for edit in acting if edit.acts_in(layer)), default=_LAYER)
    by_row = keeps_past(intact) and all(edit.keeps_past for edit in edits)
    firsts = [edit.first + (len(intact) if edit.first < 0 else 0) for edit in acting]
    return _Start(layer, stage, min((*firsts, len(intact) - 1)) if by_row else 0)


def _stage(intact: Trace, edit: Edit, layer: int) -> int:
    """Where in its first layer an edit begins to act; earlier where a switch has changed what would be gone on with."""
    stage = min((_STAGES[site] for site in (edit.sites | edit.reads) - AFTER), default=_LAYER)
    config = intact.tape.model.config
    while stage and any(
        _ENTRY.get(stage) in switch.sites and switch.acts_in(layer) and not switch.idle_in(config)
        for switch in intact.switches
    ):
        stage -= 1
    return stage


def _from_the_text(intact: Trace, edits: tuple[Edit, ...], asked: int | None) -> Array:
    """A whole pass: (asked V)."""
    model = under(intact.tape.model, edits)
    one = edited_each(model, [edits], len(intact))

    def tap(name: str, value: Array, layer: int | None, /) -> Array:
        return one(name, value[None], layer)[0]

    few = asked if all(edit.by_row for edit in edits) else None
    scores = gpt.forward(model, np.asarray(intact.tokens), tap=tap, asked=few)
    return scores if asked is None else scores[-asked:]


class _Earlier:
    """Keys and values of the rows before those that a batch computes, from the intact trace."""

    def __init__(self, intact: Trace, row: int) -> None:
        self.blocks, self.length = intact.blocks, row

    def update(self, layer: int, k: Array, v: Array, /) -> tuple[Array, Array]:
        """The intact ones first, for each pass of the batch."""
        block = self.blocks[layer]
        return _Joined(block.k[:, : self.length], k, -2), _Joined(block.v[:, : self.length], v, -2)


class _Joined:
    """Rows that all passes of a batch have (H R D), and after them each pass's own (n H T D): a factor of products.

    What is shared is not copied for each pass, and all of them meet it in one product.
    """

    __array_ufunc__ = None  # a product with it is its own to make

    def __init__(self, shared: Array, own: Array, axis: int) -> None:
        self.shared, self.own, self.axis = shared, own, axis  # along which axis, -1 or -2, the rows lie

    def swapaxes(self, a: int, b: int) -> _Joined:
        """Both parts, of their last two axes."""
        return _Joined(self.shared.swapaxes(a, b), self.own.swapaxes(a, b), -3 - self.axis)

    def __rmatmul__(self, left: Array) -> Array:
        """Rows (n H T x) of each pass times all rows, or weights of all rows times them."""
        if self.axis == -1:
            return np.concatenate((_all_times(left, self.shared), left @ self.own), -1)
        length = self.shared.shape[-2]
        return _all_times(left[..., :length], self.shared) + left[..., length:] @ self.own


def _all_times(left: Array, shared: Array) -> Array:
    """What each pass has (n H T x) times what they share (H x y), one product a head: (n H T y)."""
    n, heads, rows, wide = left.shape
    found = left.swapaxes(0, 1).reshape(heads, n * rows, wide) @ shared
    return found.reshape(heads, n, rows, -1).swapaxes(0, 1)


class _Batch:
    """Passes over the same rows of one text, each with changes of its own."""

    def __init__(self, intact: Trace, row: int, few: int | None, asked: int | None) -> None:
        self.intact, self.model = intact, intact.tape.model
        self.row, self.few, self.asked = row, few, asked
        self.past: Past = _Earlier(intact, row) if row else NoPast()
        self.visible = None if intact.visible.all() else intact.visible[row:]
        self.x: Array | None = None  # n R C, the stream of the passes that have begun
        self.edits = list[tuple[Edit, ...]]()  # theirs

    def run(self, passes: Sequence[tuple[_Start, tuple[Edit, ...]]]) -> Iterator[None]:
        """Through all layers from the first that one of them changes, sorted by that; it can be left after each."""
        for layer in range(self.model.config.n_layer + 1):
            self._go_on(layer)
            joining = [(start.stage, own) for start, own in passes if start.layer == layer]
            for stage, group in groupby(joining, key=itemgetter(0)):
                self._join(layer, stage, [each for _, each in group])
            if self.x is not None:
                yield None

    def scores(self) -> Array:
        """What all of them say in the end: (n asked V)."""
        assert self.x is not None, "passes without a start"
        with quiet():
            scores = gpt.read_out(self.model, self.x, self._tap(self.edits, {"resid_post": self.x}))
        return scores if self.asked is None else scores[:, -self.asked :]

    def _go_on(self, layer: int) -> None:
        if self.x is not None and layer < self.model.config.n_layer:
            tap, few = self._tap(self.edits), self._few(layer)
            with quiet():
                self.x = gpt.block(self.model, layer, self.x, self.visible, self.past, tap, few)

    def _join(self, layer: int, stage: int, edits: list[tuple[Edit, ...]]) -> None:
        with quiet():
            new = self._enter(layer, stage, edits)
        self.x = new if self.x is None else np.concatenate((self.x, new))
        self.edits += edits

    def _tap(self, edits: Sequence[tuple[Edit, ...]], seen: Mapping[str, Array] | None = None) -> Tap:
        return edited_each(self.model, edits, len(self.intact), seen)

    def _few(self, layer: int) -> int | None:
        return self.few if layer == self.model.config.n_layer - 1 else None

    def _enter(self, layer: int, stage: int, edits: list[tuple[Edit, ...]]) -> Array:
        """The stream as the layer leaves it (n R C), of passes that begin in it."""
        model, config, n = self.model, self.model.config, len(edits)
        if layer == config.n_layer:
            return self._kept(stream_into(self.intact, layer), n, self._few(layer - 1))
        if stage == _LAYER:
            x = self._kept(stream_into(self.intact, layer), n, None)
            return gpt.block(model, layer, x, self.visible, self.past, self._tap(edits), self._few(layer))
        few, block, seen = self._few(layer), self.intact.blocks[layer], dict[str, Array]()
        tap = self._tap(edits, seen)
        if stage == _MLP_OUT:
            x = self._kept(block.resid_mid, n, few)
            if config.has("mlp"):
                x = gpt.written(config, x, tap("mlp_out", self._kept(block.mlp_out, n, few), layer))
            return tap("resid_post", x, layer)
        x = before = seen["resid_pre"] = self._kept(block.resid_pre, n, few)
        if config.has("attention"):
            if stage == _Z:
                out = gpt.mixed(model, layer, tap("z", self._kept(block.z, n, few), layer), tap)
            else:
                out = seen["attn_out"] = self._kept(block.attn_out, n, few)
                out = tap("attn_out", out, layer) if stage == _ATTN_OUT else out
            x = gpt.written(config, x, out)
        return gpt.second_half(model, layer, before, x, tap)

    def _kept(self, value: Array, n: int, few: int | None) -> Array:
        """The rows of an intact value (.. T x) that are computed, for each of n passes."""
        rows = value[..., self.row :, :] if few is None else value[..., -few:, :]
        return np.broadcast_to(rows, (n, *rows.shape))
