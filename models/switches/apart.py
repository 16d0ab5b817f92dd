"""Texts kept apart: from one position on, nobody may look at an earlier part of the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from models.errors import UserError, check_index
from models.gpt import GPTConfig
from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch, index


@dataclass(frozen=True, order=True)
class Apart(Switch):
    """A question that may not look at pages before it: rows from `start` on, columns `first_hidden` to `last_hidden`.

    Positions are those of the pass, from 0. What the rows between them found there still reaches the question.
    """

    slug = "apart"
    title = "texts apart"
    says = "A question may not look at the pages before it. What it still says right, it knew without them."
    sites = frozenset({"visible"})
    parts = frozenset({"attention"})
    aimed = True
    start: int
    first_hidden: int
    last_hidden: int

    @property
    def first(self) -> int:
        """Where the question begins."""
        return self.start

    def edit(self, value: Array, here: Here) -> Array:
        """The rectangle false."""
        return self.closed(value, here, False)

    def closed(self, value: Array, here: Here, nothing: float) -> Array:
        """`value` (.. T S), its rows the last of all positions, with `nothing` in the rectangle."""
        out = here.ops.copy(value)
        row = max(self.start - (here.positions - value.shape[-2]), 0)
        out[..., row:, self.first_hidden : self.last_hidden + 1] = nothing
        return out

    @property
    def told(self) -> str:
        """Why a position is hidden."""
        return "the texts are kept apart"

    @property
    def where(self) -> str:
        """The question's first position, and the pages'."""
        return f"{self.start}={self.first_hidden}-{self.last_hidden}"

    @classmethod
    def at(cls, where: str) -> Self:
        """From "24=0-23"."""
        return cls(*rectangle(cls.slug, where))

    def check(self, config: GPTConfig) -> None:
        """UserError for positions beyond the context, or a question that begins before its pages end."""
        check_index("place", self.start, config.block_size, of=str(self))
        if not self.first_hidden <= self.last_hidden < self.start:
            do = "write the question's first place, then the first and the last that it may not look at"
            raise UserError("the pages must come before the question", do, where=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """All after the first token, kept from that."""
        return (cls(start, 0, 0) for start in (1,) if start < config.block_size)


@dataclass(frozen=True, order=True)
class HeadApart(Apart):
    """The same in one head of one layer; what the others find still gets through."""

    slug = "head-apart"
    title = "texts apart in a head"
    says = "One head may not look from a question at the pages before it. Something breaks: it had read them."
    sites = frozenset({"scores"})
    layer: int
    head: int

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return layer == self.layer and head in (None, self.head)

    def edit(self, value: Array, here: Here) -> Array:
        """This head's rectangle of the scores (.. H T S) as what may not be seen."""
        out = here.ops.copy(value)
        out[..., self.head, :, :] = self.closed(value[..., self.head, :, :], here, -float("inf"))
        return out

    @property
    def told(self) -> str:
        """What keeps the head from looking."""
        return "the texts are apart in this head"

    @property
    def where(self) -> str:
        """Layer and head, then as for all."""
        return f"{self.layer}.{self.head}:{super().where}"

    @classmethod
    def at(cls, where: str) -> Self:
        """From "0.3:24=0-23"."""
        place, _, rest = where.partition(":")
        layer, dot, head = place.partition(".")
        if not dot:
            fault = f"{cls.slug} needs a layer and a head, not {place!r}"
            raise UserError(fault, f"write for example {cls.slug}:0.3:24=0-23")
        return cls(*rectangle(cls.slug, rest), index(layer, "layer"), index(head, "head"))

    def check(self, config: GPTConfig) -> None:
        """UserError if there is no such head, or as for all."""
        super().check(config)
        check_index("layer", self.layer, config.n_layer, of=str(self))
        check_index("head", self.head, config.n_head, of=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """One a head."""
        heads = [(layer, head) for layer in range(config.n_layer) for head in range(config.n_head)]
        return (cls(1, 0, 0, layer, head) for layer, head in heads if config.block_size > 1)


def rectangle(slug: str, text: str) -> tuple[int, int, int]:
    """Where a question begins, and the first and last position that it may not look at, from "24=0-23"."""
    start, equals, hidden = text.partition("=")
    first, dash, last = hidden.partition("-")
    if not equals:
        fault = f"{slug} needs a question and its pages, not {text!r}"
        raise UserError(fault, "write for example 24=0-23: from place 24 on nobody looks at 0 to 23")
    return index(start, "place"), index(first, "place"), index(last if dash else first, "place")
