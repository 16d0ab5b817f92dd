"""Input: a token's vector is one that the person wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from models.errors import UserError, check_index
from models.gpt import GPTConfig
from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch, index, number, value_of

FORM = "write for example input:1=0.55,0.87,0.66, a number for each of the stream's"


@dataclass(frozen=True, order=True)
class Input(Switch):
    """The vector of the token at one position, before positions are added, replaced by these numbers."""

    slug = "input"
    title = "another vector"
    says = "A token's vector is the one you write. Change a number of it, and follow what becomes of it further on."
    sites = frozenset({"embed"})
    parts = frozenset()
    aimed = True
    position: int
    vector: tuple[float, ...]  # C

    @property
    def first(self) -> int:
        """Its one position."""
        return self.position

    def acts_at(self, position: int) -> bool:
        """Only there."""
        return position == self.position

    def edit(self, value: Array, here: Here) -> Array:
        """The numbers in that row."""
        row = here.row(self.position, value)
        if row is None:
            return value
        out = here.ops.copy(value)
        for at, each in enumerate(self.vector):
            out[..., row, at] = each
        return out

    @property
    def told(self) -> str:
        """Whose numbers they are."""
        return "its vector is one that was typed"

    @property
    def label(self) -> str:
        """The position; the vector may be longer than a list has room for."""
        return f"input at {self.position}"

    @property
    def where(self) -> str:
        """Position and numbers."""
        return f"{self.position}={','.join(map(number, self.vector))}"

    @classmethod
    def at(cls, where: str) -> Self:
        """From "1=0.55,0.87,0.66"."""
        position, equals, vector = where.partition("=")
        if not equals:
            raise UserError(f"{cls.slug} needs a place and numbers, not {where!r}", FORM)
        return cls(index(position, "place"), vector_of(vector))

    def check(self, config: GPTConfig) -> None:
        """UserError for a position beyond the context, or a vector of another width than the stream's."""
        of = f"{self.slug}:{self.position}"
        check_index("place", self.position, config.block_size, of=of)
        if len(self.vector) != config.n_embd:
            fault = f"a vector of this model has {config.n_embd} numbers, not {len(self.vector)}"
            raise UserError(fault, "write all of them, with commas between", where=of)

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """The first position, its numbers up and down in turn."""
        yield cls(0, tuple((-1.0) ** at / 2 for at in range(config.n_embd)))


def vector_of(text: str) -> tuple[float, ...]:
    """Numbers with commas or blanks between them; UserError for what is none."""
    return tuple(value_of(each) for each in text.replace(",", " ").split())


def typed_into(vector: Sequence[float], text: str) -> tuple[float, ...]:
    """The vector that a person types in place of another: all its numbers, or "2=0.5" for number 2 alone."""
    place, equals, value = text.partition("=")
    if not equals:
        return vector_of(text)
    at = index(place.strip(), "number")
    check_index("number", at, len(vector))
    return (*vector[:at], value_of(value.strip()), *vector[at + 1 :])
