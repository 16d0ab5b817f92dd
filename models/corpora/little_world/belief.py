"""What can be known of a text so far: the exact distribution of the next word, by the rules that wrote it.

A text may have grown in several ways that look the same until now. All of them are kept, each with its probability,
and go on together (the forward algorithm of hidden Markov models, Baum et al. 1970, over the states of the grammar).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from models.corpora.little_world.symbols import Piece, Value

LINE_END = "\n"

State = tuple[tuple[Piece, ...], tuple[Value | None, ...]]  # what is still to be said, and what is noted down
Sets = tuple[tuple[int, Value | None], ...]


class Leaf(NamedTuple):
    """One way on from a state: its probability and, up to the word it says, where it leads."""

    p: float
    stack: tuple[Piece, ...]
    rest: tuple[Piece, ...]  # goes on the stack
    env: tuple[Value | None, ...]
    sets: Sets

    def state(self) -> State:
        """Where it leads; made only for the word that comes."""
        return self.stack + self.rest, noted(self.env, self.sets)


Leaves = Mapping[str, list[Leaf]]  # by the next word


class Reading(NamedTuple):
    """One way to understand the text so far, and how likely it is to be right."""

    p: float
    says: str


def noted(env: tuple[Value | None, ...], sets: Sets) -> tuple[Value | None, ...]:
    """The environment with these slots set."""
    if not sets:
        return env
    slots = list(env)
    for slot, value in sets:
        slots[slot] = value
    return tuple(slots)


def leaves(state: State) -> Leaves:
    """Every way from a state to its next word; a text that is over goes on with a line end."""
    found: dict[str, list[Leaf]] = {}
    waiting = [(1.0, *state)]
    while waiting:
        p, stack, env = waiting.pop()
        if not stack:
            found.setdefault(LINE_END, []).append(Leaf(p, (), (), env, ()))
            continue
        top, stack = stack[-1], stack[:-1]
        if isinstance(top, str):
            found.setdefault(top, []).append(Leaf(p, stack, (), env, ()))
            continue
        options = top.options(env)
        for q, (pushed, sets) in zip(options.p, options.outcomes, strict=True):
            if pushed and isinstance(pushed[-1], str):
                found.setdefault(pushed[-1], []).append(Leaf(p * q, stack, pushed[:-1], env, sets))
            else:
                waiting.append((p * q, stack + pushed, noted(env, sets)))
    return found


@dataclass(frozen=True, eq=False)
class Belief:
    """The states a text may be in, with their probabilities."""

    states: Mapping[State, float]
    start: State  # where a line end leads
    expand: Callable[[State], Leaves]  # `leaves`, remembered
    read: Callable[[State], str]  # a state in plain words

    @cached_property
    def p(self) -> Mapping[str, float]:
        """The probability of every word that can come next; they sum to 1."""
        total: dict[str, float] = {}
        for state, p in self.states.items():
            for word, ways in self.expand(state).items():
                total[word] = total.get(word, 0.0) + p * sum(way.p for way in ways)
        return total

    def after(self, word: str) -> Belief | None:
        """What is known once this word has come; None if it cannot come. An empty line before a text says nothing."""
        states: dict[State, float] = {}
        for state, p in self.states.items():
            for way in self.expand(state).get(word, ()):
                there = self.start if word == LINE_END else way.state()
                states[there] = states.get(there, 0.0) + p * way.p
        if not states:
            return self if word == LINE_END and self.states.keys() == {self.start} else None
        total = sum(states.values())
        return replace(self, states={state: p / total for state, p in states.items()})

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """What the text may mean so far, in plain words, the likeliest first; together they have probability 1."""
        by_text: dict[str, float] = {}
        for state, p in self.states.items():
            says = self.read(state)
            by_text[says] = by_text.get(says, 0.0) + p
        return tuple(sorted((Reading(p, says) for says, p in by_text.items()), key=lambda each: (-each.p, each.says)))
