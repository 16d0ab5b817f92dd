"""The one place where edits act: they change what a pass offers to its tap, of one text and of a batch alike.

An edit knows a value by its last axes, so leading ones, a batch of texts, make no difference to it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from models.gpt import GPT, GPTConfig
from models.ops import Array, Ops, Tap, idle


class Here(NamedTuple):
    """Where in a pass an edit is asked."""

    site: str
    layer: int | None  # None outside the blocks
    seen: Mapping[str, Array]  # what the pass last went on with at each site before this one; scores may be used up
    ops: Ops
    positions: int  # S: how many positions there are by now; the rows of a value are the last of them

    def row(self, position: int, value: Array) -> int | None:
        """Which row of `value` (.. T x) a position is, from 0, or from the end if negative; None where it is not."""
        row = position + (self.positions if position < 0 else 0) - (self.positions - value.shape[-2])
        return row if 0 <= row < value.shape[-2] else None


class Edit(Protocol):
    """One change to a pass: at the names in `sites`, in the layers it acts in, `edit` returns what to go on with."""

    keeps_past: bool = True  # False: a new token changes earlier rows, so nothing can be kept
    by_row: bool = True  # False: what it makes of a row depends on the others
    of_weights: bool = False  # True: it changes what all of a pass is made of, and no value in it
    reads: frozenset[str] = frozenset()  # values of its layer, before those of its sites, that it looks at

    @property
    def first(self) -> int:
        """The first position whose row it changes; from the end if negative."""
        return 0

    @property
    @abstractmethod
    def sites(self) -> frozenset[str]:
        """Names of values, as `gpt.py` offers them; most kinds have the same wherever they act, and say so once."""

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Whether it edits that layer, None for what lies outside the blocks; and that head, where one is asked for."""
        return True

    def acts_at(self, position: int) -> bool:
        """Whether it edits what belongs to that position, from 0."""
        return True

    def idle_in(self, config: GPTConfig) -> bool:
        """Whether it changes nothing, because the model was built without what it acts on."""
        return False

    def edit(self, value: Array, here: Here) -> Array:
        """The value to go on with; `value` must not be changed. As it is of what something else is `ready` for."""
        return value

    def ready(self, model: GPT) -> Edit:
        """What acts in a pass of this model: itself, or what it stands for there."""
        return self


E = TypeVar("E", bound=Edit)


@dataclass(frozen=True, eq=False)
class Patch(Edit):
    """A value put into a pass: what `site` (of a layer; None outside the blocks) has at one position."""

    site: str
    layer: int | None
    position: int  # from 0, or from the end if negative
    value: Array  # .. x, as the position has it: without its axis
    head: int | None = None  # where the site has heads, only this one's: (.. D)

    @property
    def sites(self) -> frozenset[str]:
        """Its one."""
        return frozenset({self.site})

    @property
    def first(self) -> int:
        """Its one."""
        return self.position

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return layer == self.layer and (self.head is None or head in (None, self.head))

    def edit(self, value: Array, here: Here) -> Array:
        """The position overwritten."""
        row = here.row(self.position, value)
        if row is None:
            return value
        out = here.ops.copy(value)
        (out if self.head is None else out[..., self.head, :, :])[..., row, :] = self.value
        return out


class Watch:
    """A tap that keeps what some sites have in every layer, `kept[site, layer]`: whole, or of one position alone."""

    def __init__(self, *sites: str, position: int | None = None) -> None:
        self.sites, self.position = sites, position
        self.kept: dict[tuple[str, int | None], Array] = {}

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Keep and hand back."""
        if name in self.sites:
            kept = value if self.position is None else value[..., self.position, :]
            is_lent = name == "scores" or self.position is not None  # used up, or a view that holds all of it
            self.kept[name, layer] = np.array(kept) if is_lent and isinstance(kept, np.ndarray) else kept
        return value


def edited(
    model: GPT, edits: Iterable[Edit], positions: int, then: Tap = idle, seen: Mapping[str, Array] | None = None
) -> Tap:
    """The tap of a pass under these edits, which act in the order given; `then` is handed what comes of them.

    `positions` counts the tokens, past and new; `seen` are values from before, where the pass begins in the middle.
    """
    at = _by_site(model, [edits])
    known, ops = _Known({} if seen is None else seen), model.ops

    def tap(name: str, value: Array, layer: int | None, /) -> Array:
        for _, edit in at.get(name, ()):
            if edit.acts_in(layer):
                value = edit.edit(value, Here(name, layer, known, ops, positions))
        known[name] = value
        return then(name, value, layer)

    return tap if at else then


def edited_each(
    model: GPT, changes: Sequence[Iterable[Edit]], positions: int, seen: Mapping[str, Array] | None = None
) -> Tap:
    """The tap of a batch of passes (N ..), each under edits of its own; otherwise as `edited`."""
    at = _by_site(model, changes)
    known, ops = _Known({} if seen is None else seen), model.ops

    def tap(name: str, value: Array, layer: int | None, /) -> Array:
        acting = [(number, edit) for number, edit in at.get(name, ()) if edit.acts_in(layer)]
        if acting:
            value = ops.copy(value)
            for number, edit in acting:
                value[number] = edit.edit(value[number], Here(name, layer, _OneOf(known, number), ops, positions))
        known[name] = value
        return value

    return tap if at else idle


class _Known(dict[str, Array]):
    """What a pass went on with, after what was known before it."""

    def __init__(self, before: Mapping[str, Array]) -> None:
        super().__init__()
        self.before = before

    def __missing__(self, name: str) -> Array:
        return self.before[name]

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping."""
        try:
            return self[name]
        except KeyError:
            return default


class _OneOf(Mapping[str, Array]):
    """What one pass of a batch has seen."""

    def __init__(self, batch: Mapping[str, Array], number: int) -> None:
        self.batch, self.number = batch, number

    def __getitem__(self, name: str) -> Array:
        return self.batch[name][self.number]

    def __iter__(self) -> Iterator[str]:
        return iter(self.batch)

    def __len__(self) -> int:
        return len(self.batch)


def _by_site(model: GPT, changes: Sequence[Iterable[Edit]]) -> dict[str, list[tuple[int, Edit]]]:
    """Every edit that can act in such a model, and which of the passes it is of, by its sites."""
    at: dict[str, list[tuple[int, Edit]]] = {}
    for number, edits in enumerate(changes):
        for each in edits:
            if not each.idle_in(model.config):
                acts = each.ready(model)
                for site in acts.sites:
                    at.setdefault(site, []).append((number, acts))
    return at


# where the edits of each site begin: before the layers, in one of them, or after the last
BEFORE, AFTER = frozenset({"visible", "embed", "pos_embed"}), frozenset({"ln_final", "logits"})


def begins_in(edits: Iterable[Edit], config: GPTConfig) -> int | None:
    """The first layer that the edits change, `n_layer` if none; None if what goes into the first, or all."""
    found = config.n_layer
    for edit in edits:
        if edit.idle_in(config):
            continue
        if edit.of_weights or edit.sites & BEFORE:
            return None
        if edit.sites - AFTER:
            found = min(found, next((layer for layer in range(config.n_layer) if edit.acts_in(layer)), found))
    return found


def acting(
    edits: Iterable[E], config: GPTConfig, site: str, layer: int | None, head: int | None = None
) -> tuple[E, ...]:
    """Those of the edits that act at a site of such a model, and there on that head."""
    return tuple(e for e in edits if site in e.sites and e.acts_in(layer, head) and not e.idle_in(config))
