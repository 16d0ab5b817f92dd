"""From scores to one drawn token, with everything that decided it kept for the screen.

Order of the filters: temperature, then top-k (Fan et al. 2018, "Hierarchical Neural Story Generation"), then top-p on
what top-k left, renormalised (Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration"). It is the order in
which Hugging Face transformers' `generate` applies them.

The random number of a step depends on (seed, position) alone: Philox, a counter-based generator (Salmon et al. 2011,
"Parallel Random Numbers: As Easy as 1, 2, 3"), keyed by the seed and counted by the position. So stepping back and
forward, or replaying a session, draws the same token; and because the number picks from the cumulative distribution in
order of token ids, two models given the same number are comparable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Protocol, runtime_checkable

import numpy as np

from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT
from models.measures import largest, softmax
from models.ops import Array
from models.tracing import Trace, extend

REPEATS, REPEATED = 3, 24  # times and tokens from which on a text is one that repeats itself


@dataclass(frozen=True, slots=True)
class Sampler:
    """How a token is chosen; plain numbers, so `asdict` is its JSON. UserError for a number out of range.

    temperature 0 always takes the likeliest token; top_k 0 and top_p 1 cut nothing; top_p keeps at least one token.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn with, by name."""
        _check("temperature", self.temperature, math.inf, "0 (greedy) or more")
        _check("top_p", self.top_p, 1, "from 0 to 1")
        if not _is_int(self.top_k) or self.top_k < 0:
            raise UserError(f"top_k is {self.top_k!r}", "give a whole number, 0 (keep all) or more")


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """One sampled token and why it was that one."""

    raw: Array  # V, probabilities as the model gave them
    filtered: Array  # V, after temperature, top-k and top-p; sums to 1
    kept: Array  # V, bool: what top-k and top-p left
    token: int
    u: float  # the random number, 0 <= u < 1
    sampler: Sampler
    seed: int
    position: int  # where the token will stand: the number of tokens before it


@runtime_checkable
class Stepping(Protocol):
    """A model that can score the next token without scoring the whole text again."""

    def next_logits(self, tokens: Sequence[int], /) -> Array:
        """Scores of what follows all of `tokens`: (V,)."""


def draw(logits: Array, sampler: Sampler, seed: int, position: int) -> Draw:
    """One token from scores (V,); UserError if they are not numbers or the seed is out of range."""
    raw, p, kept = filtered(logits, sampler)
    u = uniform(seed, position)
    cumulative = np.cumsum(p)
    token = int(np.searchsorted(cumulative, u * cumulative[-1], side="right"))  # never one of probability 0, as u < 1
    return Draw(raw, p, kept, token, u, sampler, seed, position)


def draw_next(trace: Trace, sampler: Sampler, seed: int) -> Draw:
    """The token after a trace; UserError as for `draw`."""
    return draw(trace.logits[-1], sampler, seed, trace.dropped + len(trace))


def filtered(logits: Array, sampler: Sampler) -> tuple[Array, Array, Array]:
    """What `draw` chooses from, without drawing: raw, filtered and kept, each (V,).

    Cheap enough to redo at every key. Equal probabilities are ranked by token id. UserError if the scores are no
    distribution.
    """
    x = np.asarray(logits, np.float64)
    assert x.ndim == 1 and x.size, "one row of logits"
    top = x.max()
    if not np.isfinite(top):
        raise _no_distribution(x)
    raw = softmax(x)
    if sampler.temperature == 0:
        kept = _largest(x, 1)
        return raw, kept.astype(np.float64), kept
    with np.errstate(over="ignore"):  # a tiny temperature sends all but the best to -inf
        p = raw if sampler.temperature == 1 else softmax((x - top) / sampler.temperature)
    kept = np.ones(x.size, bool)
    if 0 < sampler.top_k < x.size:
        kept = _largest(p, sampler.top_k)
    if sampler.top_p < 1:
        kept = _largest(p, _nucleus(p[kept], sampler.top_p))
    return raw, _renormalised(p, kept), kept


def uniform(seed: int, position: int) -> float:
    """The random number of a step, 0 <= u < 1, by (seed, position) alone; UserError unless both are from 0 to 2**63."""
    for name, value in (("seed", seed), ("position", position)):
        if not _is_int(value) or not 0 <= value <= 2**63:
            raise UserError(f"{name} is {value!r}", "give a whole number from 0 to 2**63")
    # NumPy promises the raw stream of a bit generator for ever, but not what Generator makes of it
    raw = int(np.random.Philox(key=int(seed), counter=int(position)).random_raw())
    return (raw >> 11) * 2.0**-53


def write_on(model: GPT, trace: Trace, sampler: Sampler, seed: int) -> Iterator[Draw]:
    """Draw after a trace without end, under its switches; a pass is made only when its draw is asked for."""
    while True:
        drawn = draw_next(trace, sampler, seed)
        yield drawn
        trace = extend(model, trace, drawn.token)


def generate(model: LanguageModel, tokens: Sequence[int], n: int, sampler: Sampler, seed: int) -> list[Draw]:
    """Draw n tokens in a row after `tokens`; UserError for an empty prompt."""
    if not len(tokens):
        raise UserError("the prompt is empty", "give at least one token to go on from")
    return list(islice(draws(model, tokens, sampler, seed), n))


def draws(model: LanguageModel, tokens: Sequence[int], sampler: Sampler, seed: int) -> Iterator[Draw]:
    """Draw after `tokens`, at least one, without end, each from what any model says of all before it.

    Uses the model's `next_logits(tokens) -> (V,)` where it has one.
    """
    text = list(tokens)
    while True:
        row = model.next_logits(text) if isinstance(model, Stepping) else model.logits(text)[-1]
        drawn = draw(row, sampler, seed, len(text))
        yield drawn
        text.append(drawn.token)


def until(draws: Iterator[Draw], end: int) -> Iterator[Draw]:
    """The draws before the token that ends a text."""
    return takewhile(lambda drawn: drawn.token != end, draws)


def cycle(tokens: Sequence[int]) -> int:
    """How many tokens the end of a text repeats again and again, three times and for two dozen at least; 0: none."""
    for length in range(1, len(tokens) // REPEATS + 1):
        whole = max(REPEATS * length, REPEATED)
        if whole <= len(tokens) and tokens[-whole:-length] == tokens[-whole + length :]:
            return length
    return 0


def _largest(p: Array, n: int) -> Array:
    """Marks the n largest of p (V,), equal ones by lowest id."""
    kept = np.zeros(p.size, bool)
    kept[largest(p, n)] = True
    return kept


def _nucleus(p: Array, top_p: float) -> int:
    """How many of the largest of p (V,) it takes to have at least top_p of all their probability."""
    mass = np.cumsum(np.sort(p)[::-1])
    return int(np.searchsorted(mass, top_p * mass[-1])) + 1


def _renormalised(p: Array, kept: Array) -> Array:
    """The distribution p without what was cut, summing to 1."""
    if kept.all():
        return p.copy()
    p = np.where(kept, p, 0.0)
    return p / p.sum()


def _no_distribution(x: Array) -> UserError:
    if np.isneginf(x).all():
        return UserError("every score is minus infinity", "no token can be drawn; switch something back on")
    bad = int(np.count_nonzero(np.isnan(x) | np.isposinf(x)))
    what = f"the scores are not numbers ({bad} of {x.size} are NaN or infinite)"
    return UserError(what, "no token can be drawn from them")


def _check(name: str, value: float, most: float, says: str) -> None:
    """UserError unless value is a finite number from 0 to `most`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value <= most:
        raise UserError(f"{name} is {value!r}", f"give a number, {says}")


def _is_int(value: object) -> bool:
    """Whether it is a whole number, NumPy's included."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
