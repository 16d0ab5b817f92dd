"""The pass as one stop of the walk looks at it: values with their shapes, and the arithmetic of one number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from models.gpt import BLOCK_NAMES, LETTERS, MODEL_NAMES
from models.lenses.inside.one_cell import Work, agree, work
from models.ops import Array
from models.sampling import Sampler
from models.switches.edits import acting
from models.tracing import Trace

TERMS = 3  # of a long sum, that are told one by one
SHORT = 6  # terms of a sum that is told whole


@dataclass(frozen=True)
class Key:
    """Which stop: its name, and its layer if it is in one."""

    name: str
    layer: int | None = None

    def __str__(self) -> str:
        """As it is typed: "0.scores", "logits"."""
        return self.name if self.layer is None else f"{self.layer}.{self.name}"


@dataclass(frozen=True)
class Place:
    """Whose walk it is: a row of the pass, and where many run beside each other, which one is looked at."""

    row: int
    head: int = 0
    column: int | None = None  # None: the one the row looks at most
    sampler: Sampler = Sampler()
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Value:
    """Something a stop reads or gives: its whole shape, and of it what belongs to the position."""

    name: str  # as in the trace, or a weight's
    letters: str  # those of gpt.py: "H T D"
    shape: tuple[int, ...]
    here: Array = None  # one axis, the last of the letters; None of what has no row of its own


@dataclass(frozen=True, eq=False)
class Sum:
    """How one number came about: an empty place in `form` for each of the numbers, the last as the pass had it."""

    of: str  # which number it is
    form: str
    numbers: tuple[float, ...]
    given: float  # what the arithmetic gives for the last
    holds: bool = True  # whether that is the same, to rounding: a switch may have put another in its place


class Made(NamedTuple):
    """What a stop makes of it: a sentence, what goes in and out, and how numbers came about."""

    says: str
    reads: Sequence[Value]
    gives: Sequence[Value]
    sums: Sequence[Sum] = ()
    facts: Mapping[str, float] = {}  # more numbers, by what they are


class Here:
    """The pass, as one stop looks at it."""

    def __init__(self, of: Trace, place: Place, key: Key) -> None:
        self.of, self.place, self.key = of, place, key
        self.row, self.head, self.layer = place.row, place.head, key.layer or 0
        self.model, self.block = of.tape.model, of.blocks[key.layer or 0]
        self.config, self.sampler = of.tape.model.config, place.sampler
        self.position = place.row + of.dropped
        self.rough = float(np.finfo(self.model.weights["wte.weight"].dtype).eps)

    @cached_property
    def column(self) -> int:
        """The one looked at, or the one that the row looks at most."""
        strongest = int(np.argmax(np.nan_to_num(self.block.pattern[self.head, self.row])))
        return strongest if self.place.column is None else self.place.column

    @cached_property
    def cell(self) -> Work:
        """The arithmetic of row and column."""
        return work(self.of, self.layer, self.head, self.row, self.column)

    def value(self, name: str, layer: int | None = None) -> Value:
        """A value of the pass; of those with heads, the one looked at."""
        whole = self.of.value(name, self.layer if layer is None else layer)
        mine = whole[self.head, self.row] if whole.ndim == 3 else whole[self.row]
        return Value(name, LETTERS[name], whole.shape, mine)

    def weight(self, name: str, letters: str) -> Value:
        """A weight, by its shape alone."""
        return Value(name, letters, tuple(self.model.weights[name].shape))

    def all_rows(self, name: str) -> Value:
        """A value of every position, by its shape alone."""
        return Value(name, BLOCK_NAMES[name], self.of.value(name, self.layer).shape)

    def told(self, sites: Iterable[str]) -> Iterable[str]:
        """The switches that act on what a stop gives, in their own words."""
        for site in filter(self.config.offers, sites):
            inside = site not in MODEL_NAMES
            switches = self.of.switches
            for each in acting(switches, self.config, site, self.key.layer if inside else None, self.head):
                if each.acts_at(self.row):
                    yield each.told

    def bias(self, name: str, at: int) -> list[float]:
        """That number of a bias, where the model has any."""
        bias = self.model.weights.get(f"{name}.bias")
        return [] if bias is None else [float(bias[at])]

    def sum(self, of: str, form: str, numbers: Sequence[float], given: float, recorded: float, size: float) -> Sum:
        """With whether the pass had what the arithmetic gives."""
        held = agree(recorded, given, max(size, abs(recorded)) if math.isfinite(recorded) else size, self.rough)
        return Sum(of, form, (*map(float, numbers), float(recorded)), float(given), held)

    def added(self, of: str, terms: Array, rest: Sequence[float], recorded: float) -> Sum:
        """The largest of many terms, the others together as the rest, then what else is added; few terms all."""
        terms = np.asarray(terms, np.float64)
        terms = terms[np.argsort(-np.abs(terms), kind="stable")]
        whole = len(terms) if len(terms) <= SHORT else TERMS
        others = [terms[whole:].sum()] if len(terms) > whole else []
        form = " + ".join(["{}"] * whole + ["rest {}"] * len(others) + ["{}"] * len(rest)) + " = {}"
        size = float(np.abs(terms).sum() + sum(map(abs, rest)))
        told = [*terms[:whole], *others, *rest]
        return self.sum(of, form, told, float(terms.sum()) + sum(rest), recorded, size)

    def product(self, of: str, x: Array, name: str, at: int, recorded: float) -> Sum:
        """A number of an affine map: the largest products of a vector and a column, the rest, the bias."""
        column = np.asarray(self.model.weights[f"{name}.weight"][:, at], np.float64)
        return self.added(of, np.asarray(x, np.float64) * column, self.bias(name, at), recorded)
