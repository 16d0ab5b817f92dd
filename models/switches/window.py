"""Attention to some of the places before only: the nearest, and those at equal distances behind them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from models.errors import UserError
from models.gpt import GPTConfig
from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch, index


@dataclass(frozen=True, order=True)
class _Sparse(Switch):
    """Hides most of what a row could look at; `size` is what its kind says of it."""

    usual: ClassVar[int] = 8  # where no size is given
    sites = frozenset({"visible"})
    parts = frozenset({"attention"})
    aimed = True  # the board has no place for every size
    size: int = usual

    @abstractmethod
    def sees(self, back: Array) -> Array:
        """Whether a place so far back (T S) stays in sight."""

    def edit(self, value: Array, here: Here) -> Array:
        """The rest false (T S); what was false stays so."""
        columns = here.ops.positions(0, value.shape[-1], value)
        rows = columns[value.shape[-1] - value.shape[-2] :]
        return value & self.sees(abs(rows[:, None] - columns))

    def idle_in(self, config: GPTConfig) -> bool:
        """Nor where every layer of the model sees no more than it leaves."""
        near = bool(config.windows) and all(size and self.sees(np.arange(size)).all() for size in config.windows)
        return super().idle_in(config) or near

    @property
    def where(self) -> str:
        """Its size."""
        return str(self.size)

    @classmethod
    def at(cls, where: str) -> Self:
        """From "8"; of the usual size where none is given."""
        return cls(index(where, "number of places") if where else cls.usual)

    def check(self, config: GPTConfig) -> None:
        """UserError for a size that leaves nothing in sight."""
        if self.size < 1:
            raise UserError(f"{self} leaves nothing to look at", "give 1 or more")

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """The smallest."""
        yield cls(2)


class Window(_Sparse):
    """Only the nearest places in sight, oneself among them (local attention, Child et al. 2019)."""

    slug = "window"
    title = "far places"
    says = "A row looks no further back than 8 places, or window:N. What stood before comes only layer by layer."

    def sees(self, back: Array) -> Array:
        """The nearest `size`."""
        return back < self.size


class Strided(_Sparse):
    """The nearest places, and behind them every `size`-th (strided attention, Child et al. 2019)."""

    slug = "strided"
    title = "most places"
    says = "A row looks 8 places back and then at every 8th, or strided:N. It sees a root of what it saw, spread out."

    def sees(self, back: Array) -> Array:
        """The nearest `size`, and each that is a multiple of it away."""
        return (back < self.size) | (back % self.size == 0)
