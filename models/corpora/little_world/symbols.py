"""What the world's rules are made of: each piece says what it may become, given what is known so far.

A text grows from a stack of pieces. A piece is a word, or a `Symbol` that becomes other pieces and may note something
down: "the hero is anna". What is noted down is the environment, one slot an attribute. `options` is the only place
where choices are made, so whoever draws from them and whoever sums over them tell the same story.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

Edition = Literal["training", "whole", "held-out"]  # without held-out combinations, with them, only them
Value = str | tuple[str, ...]  # one thing, or several: a name of two words, a list that was heard
Env = Sequence[Value | None]
Table = Mapping[Any, Value]  # a relation: of each thing (a Value), its value, or the values to choose from

REMEMBERED = 4096  # options a symbol keeps; lists make endlessly many


class Options:
    """What a symbol may become: `p` of each, the pieces to push (last is next), and the slots to set."""

    __slots__ = ("bits", "cumulative", "entropy", "outcomes", "p")

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        """Normalise the weights."""
        assert outcomes, "nothing left to choose from"
        total = sum(outcome.weight for outcome in outcomes)
        self.outcomes = [(outcome.pieces[::-1], outcome.sets) for outcome in outcomes]
        self.p = [outcome.weight / total for outcome in outcomes]
        self.bits = [-math.log2(p) for p in self.p]
        self.entropy = sum(p * bits for p, bits in zip(self.p, self.bits, strict=True))
        self.cumulative = list(accumulate(self.p))[:-1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing a symbol may become: pieces in reading order, and what is noted down."""

    pieces: tuple[Piece, ...] = ()
    sets: tuple[tuple[int, Value | None], ...] = ()
    weight: float = 1.0


class Symbol(ABC):
    """A piece that is no word yet; what it may become depends on the slots it `reads` and on nothing else."""

    def __init__(self, reads: Sequence[int] = ()) -> None:
        self.reads = tuple(reads)
        self._known: dict[tuple[Value | None, ...], Options] = {}

    def options(self, env: Env) -> Options:
        """What it may become in this environment."""
        key = tuple([env[slot] for slot in self.reads])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[key] = Options(self.outcomes(env))
        return found

    @abstractmethod
    def outcomes(self, env: Env) -> Sequence[Outcome]:
        """The same, with weights, made anew."""


Piece = str | Symbol


@dataclass(frozen=True, slots=True)
class Ref:
    """An attribute, or what a relation says of it: `hero`, `land.capital`.

    The relation is fixed, or (`land.$question`) the one whose name is noted down at `asked`.
    """

    slot: int
    table: Table | None = None
    asked: int | None = None
    tables: Mapping[str, Table] | None = None

    @property
    def reads(self) -> tuple[int, ...]:
        """The slots it depends on."""
        return (self.slot,) if self.asked is None else (self.slot, self.asked)

    def value(self, env: Env) -> Value | None:
        """Its value now; None if nothing is noted down, or the relation says nothing of it."""
        value, table = env[self.slot], self.table
        if self.tables is not None and self.asked is not None:
            question = env[self.asked]
            assert isinstance(question, str)
            table = self.tables[question]
        return value if value is None or table is None else table.get(value)


def slots_of(refs: Sequence[Ref]) -> tuple[int, ...]:
    """The slots they depend on, each once."""
    return tuple(dict.fromkeys(slot for ref in refs for slot in ref.reads))


def atoms(value: Value | None) -> tuple[str, ...]:
    """The things a value holds; none for None."""
    return () if value is None else (value,) if isinstance(value, str) else value


def words(value: Value) -> tuple[str, ...]:
    """The words a value is said with: "by the river" is three."""
    return tuple(word for atom in atoms(value) for word in atom.split())


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way a rule may go on, and what must (or must not) be known for it."""

    weight: float
    pieces: tuple[Piece, ...]
    guard: Ref | None = None
    wanted: bool = True

    def applies(self, env: Env) -> bool:
        """Whether it may be chosen now."""
        return self.guard is None or (self.guard.value(env) is not None) == self.wanted


class Rule(Symbol):
    """`<name>`: one of its alternatives; they are filled in when all rules exist, since rules may name each other."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.alternatives: tuple[Alternative, ...] = ()

    def fill(self, alternatives: Sequence[Alternative]) -> None:
        """Say what it may become."""
        self.alternatives = tuple(alternatives)
        self.reads = slots_of([each.guard for each in alternatives if each.guard is not None])

    def outcomes(self, env: Env) -> Sequence[Outcome]:
        """The alternatives that apply."""
        return [Outcome(each.pieces, (), each.weight) for each in self.alternatives if each.applies(env)]


class Named(Symbol):
    """`<$next>`: the rule whose name was noted down."""

    def __init__(self, slot: int, rules: Mapping[str, Rule]) -> None:
        super().__init__((slot,))
        self.rules = rules

    def outcomes(self, env: Env) -> Sequence[Outcome]:
        """That rule."""
        name = env[self.reads[0]]
        assert isinstance(name, str)
        return [Outcome((self.rules[name],))]


class Say(Symbol):
    """`{hero}`, `{land.capital}`: the words of a value."""

    def __init__(self, ref: Ref) -> None:
        super().__init__(ref.reads)
        self.ref = ref

    def outcomes(self, env: Env) -> Sequence[Outcome]:
        """Its words."""
        value = self.ref.value(env)
        assert value is not None, "nothing to say"
        return [Outcome(words(value))]


class Note(Symbol):
    """`[owner=hero]`, `[heard=heard item]`, `[item=]`: note down a value, several as one, or that nothing is known."""

    def __init__(self, slot: int, terms: Sequence[Ref]) -> None:
        super().__init__(slots_of(terms))
        self.slot, self.terms = slot, tuple(terms)

    def outcomes(self, env: Env) -> Sequence[Outcome]:
        """Nothing said, one thing known."""
        values = [term.value(env) for term in self.terms]
        value = values[0] if len(values) == 1 else tuple(atom for each in values for atom in atoms(each)) or None
        return [Outcome((), ((self.slot, value),))]


class Swap(Symbol):
    """`[owner<>other]`."""

    def outcomes(self, env: Env) -> Sequence[Outcome]:
        """Each gets the other's value."""
        a, b = self.reads
        return [Outcome((), ((a, env[b]), (b, env[a])))]


class Pick(Symbol):
    """`{hero:name}`, `{friend:kin.names-hero^hero.strangers}`, `{:food}`: choose, note down if it has a slot, say.

    In square brackets it is chosen in silence.
    """

    def __init__(
        self,
        slot: int | None,
        of: tuple[str, ...] | Ref,
        aloud: bool,
        excluded: Sequence[Ref] = (),
        held: Sequence[Ref] = (),
        edition: Edition = "whole",
    ) -> None:
        """Choose from a list, or the list a relation gives, without what is excluded.

        `held` are the choices that no training text makes here; the edition decides what becomes of them.
        """
        super().__init__(slots_of([*([of] if isinstance(of, Ref) else []), *excluded, *held]))
        self.slot, self.of, self.aloud = slot, of, aloud
        self.excluded, self.held, self.edition = excluded, held, edition

    def choices(self, env: Env) -> list[str]:
        """What may be chosen, each as likely as the others."""
        candidates = atoms(self.of.value(env)) if isinstance(self.of, Ref) else self.of
        out, held = ({atom for ref in refs for atom in atoms(ref.value(env))} for refs in (self.excluded, self.held))
        left = [each for each in candidates if each not in out]
        if self.edition == "training":
            return [each for each in left if each not in held]
        if self.edition == "held-out":
            return [each for each in left if each in held] or left
        return left

    def outcomes(self, env: Env) -> Sequence[Outcome]:
        """One for each choice."""
        return [
            Outcome(words(each) if self.aloud else (), () if self.slot is None else ((self.slot, each),))
            for each in self.choices(env)
        ]
