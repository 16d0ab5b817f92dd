"""Several models over held-out texts: bits a token, perplexity, and how far each is above what nobody can beat."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.contract import LanguageModel
from models.gpt import GPT
from models.lenses.estimates import ratio_errors
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.ops import Array


@dataclass(frozen=True, slots=True)
class Score:
    """How one model did."""

    name: str
    bits: float  # a token; infinite if it ruled out one that came, NaN before the first
    error: float  # standard error of that mean, taking each text as one draw; NaN for a single text
    above: float  # bits a token above the truth, over the tokens where there is a truth; NaN without one
    above_error: float  # standard error of that; smaller, since both read the same texts; NaN for a single text
    looks_ahead: bool = False  # it was built without the causal mask and saw the tokens it scored

    @property
    def perplexity(self) -> float:
        """2 to the bits: among how many equally likely tokens it was, so to speak, choosing."""
        return math.exp2(self.bits)


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """All models on the same tokens, in the order they were given."""

    scores: tuple[Score, ...]
    texts: int
    tokens: int  # predicted
    known: int  # of them, those where the truth is known
    floor: float  # the truth's own bits a token over the known ones; NaN where there are none


def scoreboards(models: Sequence[LanguageModel], texts: Iterable[Sequence[int]]) -> Iterator[Scoreboard]:
    """The scoreboard after each of the texts, for a screen to show it growing; leave whenever it is sure enough.

    Every text is read by itself (see `surprises`), its first token predicted by nobody. The floor is known if one of
    the models is a `Truth`, as far as the texts are texts of its world.
    """
    truth = next((at for at, model in enumerate(models) if isinstance(model, Truth)), None)
    sums: list[Array] = []  # one a text: bits by model, tokens, bits by model and tokens where the truth is known
    for text in texts:
        bits = np.stack([surprises(model, text)[1:] for model in models])  # M T-1
        known = np.zeros(bits.shape[1], bool) if truth is None else np.isfinite(bits[truth])
        sums.append(np.array([*bits.sum(-1), bits.shape[1], *bits[:, known].sum(-1), known.sum()]))
        yield _board(models, truth, np.array(sums))


def _board(models: Sequence[LanguageModel], truth: int | None, sums: Array) -> Scoreboard:
    count = len(models)
    total = sums.sum(0)
    tokens, known = int(total[count]), int(total[-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        bits = total[:count] / tokens if tokens else np.full(count, np.nan)
        error = ratio_errors(sums[:, :count], sums[:, count], bits)
        over_known = total[count + 1 : -1] / known if known else np.full(count, np.nan)
        floor = math.nan if truth is None else float(over_known[truth])
        beyond = sums[:, count + 1 : -1] - (0 if truth is None else sums[:, [count + 1 + truth]])
        above_error = ratio_errors(beyond, sums[:, -1], over_known - floor)
        scores = tuple(
            Score(
                model.name,
                float(bits[at]),
                float(error[at]),
                float(over_known[at] - floor),
                float(above_error[at]),
                isinstance(model, GPT) and model.config.looks_ahead,
            )
            for at, model in enumerate(models)
        )
    return Scoreboard(scores, len(sums), tokens, known, floor)
