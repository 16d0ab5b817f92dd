"""The one place where edits act: they change what a pass offers to its tap, of one text and of a batch alike.

An edit knows a value by its last axes, so leading ones, a batch of texts, make no difference to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from models.gpt import GPT, GPTConfig
from models.ops import Array, Ops, Tap, idle


class Here(NamedTuple):
    """Where in a pass an edit is asked."""

    site: str
    layer: int | None  # None outside the blocks
    seen: Mapping[str, Array]  # what the pass last went on with at each site before this one
    ops: Ops


class Edit(Protocol):
    """One change to a pass: at the names in `sites`, in the layers it acts in, `edit` returns what to go on with."""

    @property
    def sites(self) -> frozenset[str]:
        """Names of values, as `gpt.py` offers them."""

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Whether it edits that layer, None for what lies outside the blocks; and that head, where one is asked for."""
        return True

    def idle_in(self, config: GPTConfig) -> bool:
        """Whether it changes nothing, because the model was built without what it acts on."""
        return False

    def edit(self, value: Array, here: Here) -> Array:
        """The value to go on with; `value` must not be changed."""


E = TypeVar("E", bound=Edit)


@dataclass(frozen=True, eq=False)
class Patch(Edit):
    """A value put into a pass: what `site` (of a layer; None outside the blocks) has at one position."""

    site: str
    layer: int | None
    position: int  # from 0, or from the end if negative
    value: Array  # .. x, as the position has it: without its axis

    @property
    def sites(self) -> frozenset[str]:
        """Its one."""
        return frozenset({self.site})

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there, on every head."""
        return layer == self.layer

    def edit(self, value: Array, here: Here) -> Array:
        """The position overwritten."""
        out = here.ops.copy(value)
        out[..., self.position, :] = self.value
        return out


class Watch:
    """A tap that keeps what some sites have in every layer, `kept[site, layer]`: whole, or of one position alone."""

    def __init__(self, *sites: str, position: int | None = None) -> None:
        self.sites, self.position = sites, position
        self.kept: dict[tuple[str, int | None], Array] = {}

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Keep and hand back."""
        if name in self.sites:
            self.kept[name, layer] = value if self.position is None else value[..., self.position, :].copy()
        return value


def edited(model: GPT, edits: Iterable[Edit], then: Tap = idle, seen: Mapping[str, Array] | None = None) -> Tap:
    """The tap of a pass under these edits, which act in the order given; `then` is handed what comes of them.

    `seen` are values from before, where the pass begins in the middle.
    """
    at: dict[str, list[Edit]] = {}
    for each in edits:
        for site in () if each.idle_in(model.config) else each.sites:
            at.setdefault(site, []).append(each)
    known, ops = dict(seen or {}), model.ops

    def tap(name: str, value: Array, layer: int | None, /) -> Array:
        for edit in at.get(name, ()):
            if edit.acts_in(layer):
                value = edit.edit(value, Here(name, layer, known, ops))
        known[name] = value
        return then(name, value, layer)

    return tap if at else then


def acting(
    edits: Iterable[E], config: GPTConfig, site: str, layer: int | None, head: int | None = None
) -> tuple[E, ...]:
    """Those of the edits that act at a site of such a model, and there on that head."""
    return tuple(e for e in edits if site in e.sites and e.acts_in(layer, head) and not e.idle_in(config))


def quiet() -> np.errstate:
    """NumPy's settings for an edited pass: an edit may send values to infinity, and whoever shows them says so."""
    return np.errstate(over="ignore", invalid="ignore")
