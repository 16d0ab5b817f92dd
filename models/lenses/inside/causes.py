"""What stands beside a score's sum, found by trying: what each part is missed for, and what it carries over.

What a part writes, what is lost without it, and what of another text's answer comes with it are three questions. A
head whose own vector says nothing of a token may fetch what an MLP then writes it from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.lenses.inside.attribution import Attribution
from models.lenses.inside.patching import carrying_whole
from models.lenses.inside.sweep import switching_off
from models.measures import told
from models.ops import Array, quiet
from models.tracing import Trace, keeps_past, prefix


@dataclass(frozen=True, eq=False, slots=True)
class Lost:
    """What a pass loses without each of P parts, one at a time; NaN and -1 where that is not known or cannot be."""

    bits: Array  # P, of the token's probability, or of its lead over the other one
    top: Array  # P, int: what the model then says

    @classmethod
    def unknown(cls, parts: int) -> Lost:
        """As long as nothing was tried."""
        return cls(np.full(parts, np.nan), np.full(parts, -1, np.intp))


def lost_when_off(trace: Trace, found: Attribution) -> Iterator[Lost | None]:
    """Switch off each part that has a switch, in turn, and see what the score loses: more of it each time.

    That of a part which is off already, or has no switch, is not known. None wherever it may be left.
    """
    intact = prefix(trace, found.row + 1) if keeps_past(trace) else trace
    places = {part.off: at for at, part in enumerate(found.parts) if part.off is not None}
    lost, before = Lost.unknown(len(found.parts)), _bits(trace.logits[found.row], found)
    yield lost
    for some in switching_off(intact, places, found.row):
        bits, top = lost.bits.copy(), lost.top.copy()
        for off, scores in some:
            bits[places[off]], top[places[off]] = before - _bits(scores, found), scores.argmax()
        lost = Lost(bits, top) if some else lost
        yield lost if some else None


def _bits(scores: Array, found: Attribution) -> float:
    """The log2 of a token's probability, or of how many times the other's it is, in scores (V,)."""
    scores = scores.astype(np.float64)
    if found.against is None:
        return -float(told(scores[None], np.array([found.token]))[0])
    with quiet():
        return float(scores[found.token] - scores[found.against]) / math.log(2)


@dataclass(frozen=True, eq=False, slots=True)
class CarriedOver:
    """How much of another text's answer each of P parts carries over; shares as in `patching.Carried`.

    NaN where that is not known, or the part is none that a pass can be given from another: embedding, position, biases.
    """

    answers: tuple[int, int]  # what follows the text, and the other
    everywhere: Array  # P, with all that the part writes, at every position, as it is in the other text
    at_last: Array  # P, with that at the last position alone


def carried_over(here: Trace, there: Trace, found: Attribution) -> Iterator[CarriedOver | None]:
    """Take each head and each MLP as a whole from another text's pass, in turn: more of it each time.

    Both texts up to the row of the attribution. None wherever it may be left. UserError unless they have one length,
    and answers of their own there.
    """
    here, there = (prefix(each, found.row + 1) for each in (here, there))
    places = [at for at, part in enumerate(found.parts) if part.patched]
    chosen = [part.patched for part in found.parts if part.patched]
    for known in carrying_whole(here, there, chosen):
        if known is None:
            yield None
            continue
        shares = np.full((2, len(found.parts)), np.nan)
        shares[:, places] = known.shares.T
        yield CarriedOver(known.answers, *shares)
