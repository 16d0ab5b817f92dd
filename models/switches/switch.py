"""A Switch: one change to a pass, as plain data. How to add one: a file beside this, a line in `__init__.py`."""

from __future__ import annotations

import dataclasses
import math
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from models.errors import UserError, check_index
from models.gpt import GPTConfig
from models.ops import Array, Ops
from models.switches.edits import Edit


@dataclass(frozen=True, order=True)
class Switch(Edit):
    """One change to a pass that a person can ask for.

    The text form, on the command line and in JSON, is `slug` or `slug:where`, for example "head-off:0.2".
    """

    slug: ClassVar[str]
    title: ClassVar[str]  # a few words, for the panel
    says: ClassVar[str]  # one line: what it does and what to look for
    parts: ClassVar[frozenset[str]]  # what it acts on, in the words of `GPTConfig.lacks`
    aimed: ClassVar[bool] = False  # at a small place, or by a number: the board only lists those that are on

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


LARGEST = 1e6  # value that a switch can be given


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
class UnitSwitch(LayerSwitch):
    """Acts on one unit of one layer: a head, a neuron."""

    unit: ClassVar[str]  # what that is, in a word
    mark: ClassVar[str]  # one character, where there is no room for words
    done: ClassVar[str]  # what was done to it, in a word or two
    does: ClassVar[str]  # what is done to it, before its name

    @property
    @abstractmethod
    def number(self) -> int:
        """Which of the layer's units it is."""

    @classmethod
    @abstractmethod
    def of(cls, layer: int, number: int) -> Self:
        """The switch of this unit."""

    @staticmethod
    @abstractmethod
    def units(config: GPTConfig) -> int:
        """How many such units a layer has."""

    @property
    def place(self) -> str:
        """Layer and unit, as they are written."""
        return f"{self.layer}.{self.number}"

    @property
    def told(self) -> str:
        """What was done to the unit."""
        return f"the {self.unit} is {self.done}"

    @property
    def where(self) -> str:
        """Its layer and unit."""
        return self.place

    @classmethod
    def at(cls, where: str) -> Self:
        """From "0.2": layer 0, unit 2."""
        layer, dot, number = where.partition(".")
        if not dot:
            fault = f"{cls.slug} needs a layer and a {cls.unit}, not {where!r}"
            raise UserError(fault, f"write for example {cls.of(0, 2)}")
        return cls.of(index(layer, "layer"), index(number, cls.unit))

    def check(self, config: GPTConfig) -> None:
        """UserError if there is no such unit."""
        super().check(config)
        check_index(self.unit, self.number, self.units(config), of=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """One a unit."""
        return (cls.of(layer, number) for layer in range(config.n_layer) for number in range(cls.units(config)))


@dataclass(frozen=True, order=True)
class HeadSwitch(UnitSwitch):
    """Acts on one head of one layer."""

    unit = "head"
    parts = frozenset({"attention"})
    head: int

    @property
    def number(self) -> int:
        """The head."""
        return self.head

    @classmethod
    def of(cls, layer: int, number: int) -> Self:
        """The switch of this head."""
        return cls(layer, number)

    @staticmethod
    def units(config: GPTConfig) -> int:
        """H."""
        return config.n_head

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return super().acts_in(layer) and head in (None, self.head)

    def replace(self, value: Array, new: Array | float, ops: Ops) -> Array:
        """`value` (.. H T x) with this head's part replaced."""
        out = ops.copy(value)
        out[..., self.head, :, :] = new
        return out


@dataclass(frozen=True, order=True)
class NeuronSwitch(UnitSwitch):
    """Acts on one neuron of one layer's MLP: what it hands on, at every position."""

    unit = "neuron"
    parts = frozenset({"mlp"})
    sites = frozenset({"mlp_act"})
    aimed = True
    neuron: int

    @property
    def number(self) -> int:
        """The neuron."""
        return self.neuron

    @classmethod
    def of(cls, layer: int, number: int) -> Self:
        """The switch of this neuron."""
        return cls(layer, number)

    @staticmethod
    def units(config: GPTConfig) -> int:
        """F."""
        return config.mlp_width

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """The last neuron of each layer: there are thousands."""
        return (cls(layer, config.mlp_width - 1) for layer in range(config.n_layer))

    @property
    def label(self) -> str:
        """The neuron, and what is done to it."""
        return f"L{self.layer} N{self.neuron} {self.mark}"

    def replace(self, value: Array, new: Array | float, ops: Ops) -> Array:
        """`value` (.. T F) with this neuron's activation replaced."""
        out = ops.copy(value)
        out[..., self.neuron] = new
        return out


@dataclass(frozen=True, order=True)
class ValuedSwitch(UnitSwitch):
    """Does to its unit what a number says."""

    value: float = 1.0

    @property
    def where(self) -> str:
        """Its unit and the number."""
        return f"{self.place}={number(self.value)}"

    @classmethod
    def at(cls, where: str) -> Self:
        """From "0.2=1.5"."""
        place, equals, value = where.partition("=")
        if not equals:
            raise UserError(f"{cls.slug} needs a number, not {where!r} alone", f"write for example {cls.of(0, 2)}")
        return dataclasses.replace(super().at(place), value=value_of(value))


def value_of(text: str) -> float:
    """A number that a person wrote for a switch; UserError if it is none, or larger than can be reckoned with."""
    try:
        value = float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number", "write one, for example 3.5") from None
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise UserError(f"{text!r} is too large", "write a number between minus and plus a million")
    return value


def number(value: float) -> str:
    """A number as it is written in a switch, and read back to the last bit."""
    return repr(float(value)).removesuffix(".0")
