"""A Switch: one change to a pass, as plain data. How to add one: a file beside this, a line in `__init__.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from models.errors import UserError, check_index
from models.gpt import GPTConfig
from models.ops import Array, Ops
from models.switches.edits import Edit, Here


@dataclass(frozen=True, order=True)
class Switch(Edit):
    """One change to a pass that a person can ask for.

    The text form, on the command line and in JSON, is `slug` or `slug:where`, for example "head-off:0.2".
    """

    slug: ClassVar[str]
    title: ClassVar[str]  # a few words, for the panel
    says: ClassVar[str]  # one line: what it does and what to look for
    parts: ClassVar[frozenset[str]]  # what it acts on, in the words of `GPTConfig.lacks`
    aimed: ClassVar[bool] = False  # at a place too small for the board, which lists those that are on

    @property
    def sites(self) -> frozenset[str]:
        """Names of values; most kinds have the same wherever they act, and say so once."""
        raise NotImplementedError

    def edit(self, value: Array, here: Here) -> Array:
        """The value to go on with; `value` must not be changed. Not of a switch that something else is `ready` for."""
        raise NotImplementedError

    def idle_in(self, config: GPTConfig) -> bool:
        """Whether it changes nothing, because the model was built without what it acts on."""
        return not self.parts.isdisjoint(config.lacks)

    @property
    def told(self) -> str:
        """What it did, in a few words, beside a value that it replaced."""
        return f"{self.title} off"

    @property
    def where(self) -> str:
        """What it acts on, as text; empty when it acts on the whole model."""
        return ""

    @property
    def label(self) -> str:
        """What it is called in a list of those that are on."""
        return str(self)

    @property
    def texts(self) -> tuple[tuple[int, ...], ...]:
        """Other texts that it takes something from, as token ids: it means nothing to a model with other tokens."""
        return ()

    def __str__(self) -> str:
        """The text form, which `parse` reads back."""
        return f"{self.slug}:{self.where}" if self.where else self.slug

    @classmethod
    def at(cls, where: str) -> Self:
        """The switch for this place; UserError if the place cannot be read."""
        if where:
            raise UserError(f"{cls.slug} acts on the whole model", f"write {cls.slug}, without {where!r}")
        return cls()

    def check(self, config: GPTConfig) -> None:
        """UserError if the model has no such place."""

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """Every such switch a model of these sizes can have; of those that are `aimed`, an example a head or layer."""
        yield cls()


def index(text: str, what: str) -> int:
    """The number of a layer, a head or a position from its text; UserError if it is none."""
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise UserError(f"{text!r} is not a {what}", "write a number from 0")
    return int(text)


@dataclass(frozen=True, order=True)
class LayerSwitch(Switch):
    """Acts in one layer."""

    layer: int

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return layer == self.layer

    @property
    def told(self) -> str:
        """Its title, which says what it did to the layer."""
        return f"{self.title} in this layer"

    @property
    def where(self) -> str:
        """Its layer."""
        return str(self.layer)

    @classmethod
    def at(cls, where: str) -> Self:
        """From "2"."""
        return cls(index(where, "layer"))

    def check(self, config: GPTConfig) -> None:
        """UserError if there is no such layer."""
        check_index("layer", self.layer, config.n_layer, of=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """One a layer."""
        return (cls(layer) for layer in range(config.n_layer))


@dataclass(frozen=True, order=True)
class HeadSwitch(LayerSwitch):
    """Acts on one head of one layer."""

    mark: ClassVar[str]  # one character, where there is no room for words
    done: ClassVar[str]  # what was done to the head, in a word or two
    does: ClassVar[str]  # what is done to it, before the head's number
    parts = frozenset({"attention"})
    head: int

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return super().acts_in(layer) and head in (None, self.head)

    @property
    def told(self) -> str:
        """What was done to the head."""
        return f"the head is {self.done}"

    @property
    def where(self) -> str:
        """Its layer and head."""
        return f"{self.layer}.{self.head}"

    @classmethod
    def at(cls, where: str) -> Self:
        """From "0.2": layer 0, head 2."""
        layer, dot, head = where.partition(".")
        if not dot:
            raise UserError(f"{cls.slug} needs a layer and a head, not {where!r}", f"write for example {cls.slug}:0.2")
        return cls(index(layer, "layer"), index(head, "head"))

    def check(self, config: GPTConfig) -> None:
        """UserError if there is no such head."""
        super().check(config)
        check_index("head", self.head, config.n_head, of=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """One a head."""
        return (cls(layer, head) for layer in range(config.n_layer) for head in range(config.n_head))

    def replace(self, value: Array, new: Array | float, ops: Ops) -> Array:
        """`value` (.. H T x) with this head's part replaced."""
        out = ops.copy(value)
        out[..., self.head, :, :] = new
        return out
