"""An edge cut: one row of one head no longer looks at one column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from models.errors import UserError, check_index
from models.gpt import GPTConfig
from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch, index

PLACES = ("layer", "head", "row", "column")


@dataclass(frozen=True, order=True)
class EdgeSwitch(Switch):
    """Acts on one weight of one head's pattern; row and column are positions in the pass, from 0."""

    mark: ClassVar[str]  # one character, where there is no room for words
    mends: ClassVar[bool]  # whether the row's other weights make up for it
    sites = frozenset({"pattern"})
    parts = frozenset({"attention"})
    aimed = True
    layer: int
    head: int
    row: int
    column: int

    @property
    def first(self) -> int:
        """Its row."""
        return self.row

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return layer == self.layer and head in (None, self.head)

    def acts_at(self, position: int) -> bool:
        """In its row alone."""
        return position == self.row

    def edit(self, value: Array, here: Here) -> Array:
        """The weight zero, in the rows of this pass (.. H T S)."""
        row = here.row(self.row, value)
        if row is None or self.column >= value.shape[-1]:
            return value
        out = here.ops.copy(value)
        out[..., self.head, row, self.column] = 0
        if self.mends:
            weights = here.ops.copy(out[..., self.head, row, :])
            total = weights.sum(-1)[..., None]
            out[..., self.head, row, :] = weights / here.ops.where(total == 0, total + 1, total)
        return out

    @property
    def told(self) -> str:
        """Which edge is cut."""
        return f"{self.row} may not look at {self.column}"

    @property
    def label(self) -> str:
        """The edge, and what was done to it."""
        return f"L{self.layer} H{self.head} {self.row}→{self.column} {self.mark}"

    @property
    def where(self) -> str:
        """Layer, head, row and column."""
        return f"{self.layer}.{self.head}.{self.row}.{self.column}"

    @classmethod
    def at(cls, where: str) -> Self:
        """From "0.3.23.21"."""
        places = where.split(".")
        if len(places) != len(PLACES):
            fault = f"{cls.slug} needs a layer, a head, a row and a column, not {where!r}"
            raise UserError(fault, f"write for example {cls.slug}:0.3.23.21")
        return cls(*(index(text, what) for text, what in zip(places, PLACES, strict=True)))

    def check(self, config: GPTConfig) -> None:
        """UserError if the model has no such head or position."""
        counts = (config.n_layer, config.n_head, config.block_size, config.block_size)
        for what, place, count in zip(PLACES, (self.layer, self.head, self.row, self.column), counts, strict=True):
            check_index(what, place, count, of=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """In each head the second token's look at the first."""
        row = min(1, config.block_size - 1)
        return (cls(layer, head, row, 0) for layer in range(config.n_layer) for head in range(config.n_head))


class EdgeOff(EdgeSwitch):
    """A row that looks at all but one column: as a softmax without that score would have it.

    Where it looked at nothing else, it finds nothing.
    """

    slug = "edge-off"
    title = "edge off"
    mark = "✕"
    says = "One row no longer looks at one column, and more at the others. Most heavy edges are not missed at all."
    mends = True


class EdgeZero(EdgeSwitch):
    """A row that looks at all but one column, with no more weight on the others than before."""

    slug = "edge-zero"
    title = "edge zero"
    mark = "0"
    says = "One row no longer looks at one column, and no more at the others: what it found there is only left out."
    mends = False
