"""Padding: positions the person marks are attended by nobody."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from models.errors import UserError
from models.gpt import GPTConfig
from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch, index

MOST = 100_000  # positions of a range that are written out; `check` refuses so many anyway


@dataclass(frozen=True, order=True)
class Padding(Switch):
    """Hide positions from every query; a position that may look at nothing attends to nothing."""

    slug = "padding"
    title = "padding"
    says = "Nobody looks at the marked places. Their columns go dark; what had leaned on them changes its mind."
    sites = frozenset({"visible"})
    parts = frozenset({"attention"})
    positions: tuple[int, ...] = ()

    def edit(self, value: Array, here: Here) -> Array:
        """The marked columns false."""
        out = here.ops.copy(value)
        for position in self.positions:
            if position < out.shape[-1]:
                out[..., position] = False
        return out

    @property
    def told(self) -> str:
        """Why a position is hidden."""
        return "it is padding"

    @property
    def where(self) -> str:
        """Its positions."""
        return ",".join(map(str, self.positions))

    @classmethod
    def at(cls, where: str) -> Self:
        """From "0,3,5-7"."""
        positions: set[int] = set()
        for part in where.split(","):
            first, dash, last = part.strip().partition("-")
            start = index(first, "place")
            stop = index(last, "place") if dash else start
            if stop < start:
                raise UserError(f"padding {part.strip()!r} runs backwards", "write the smaller place first")
            positions.update(range(start, min(stop, start + MOST) + 1))
        return cls(tuple(sorted(positions)))

    def check(self, config: GPTConfig) -> None:
        """UserError for a position beyond the context."""
        beyond = [p for p in self.positions if p >= config.block_size]
        if beyond:
            has = f"this model has 0 to {config.block_size - 1}"
            raise UserError(f"padding {beyond[0]} is beyond the context", has)

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """One a position."""
        return (cls((position,)) for position in range(config.block_size))
