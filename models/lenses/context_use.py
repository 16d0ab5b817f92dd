"""How far back a model can use what it reads: its loss when only the last 1, 2, 4 ... tokens are allowed.

After Khandelwal et al. 2018, "Sharp Nearby, Fuzzy Far Away". The same tokens are predicted at every length, so the
points of a curve differ in nothing but the context.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from models.baselines import Baseline
from models.contract import LanguageModel
from models.gpt import GPT
from models.lenses.batches import next_logits
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.measures import told
from models.ops import Array

ROUND = 32  # tokens predicted between two looks, at most
WORK = 4_000_000_000  # parameters times positions in a round: fewer tokens a look where the GPT is large


@dataclass(frozen=True, eq=False, slots=True)
class ContextUse:
    """The curves so far: M models at L context lengths."""

    names: tuple[str, ...]  # M
    lengths: Array  # L, int, rising; the last is everything there was, up to the longest context
    bits: Array  # M L, mean surprise a token
    error: Array  # M L, standard error of that mean
    tokens: int  # predicted so far, the same at all lengths
    floor: float  # the truth's bits on these tokens, given all of the text; NaN without a truth


def lengths_up_to(longest: int) -> Array:
    """1, 2, 4 ... and the longest itself: (L,)."""
    powers = 2 ** np.arange(int(longest).bit_length())
    return np.unique(np.append(powers, longest))


def context_use(
    models: Sequence[LanguageModel],
    texts: Sequence[Sequence[int]],
    longest: int | None = None,
    most: int = 1024,
    truth: Truth | None = None,
) -> Iterator[ContextUse]:
    """The curves after every few predicted tokens, up to `most`, for a screen to show them getting smooth.

    The places predicted are drawn from those of the texts that have `longest` tokens before them: by default the
    shortest context of a GPT, or 64, and never more than the longest text has; none if no text has two tokens. A GPT
    reads a window as a text of that length, from its first position on. So one that was only trained on rows begun
    with a line end is at a loss in short windows, which begin anywhere.

    Measured on one core: a GPT of 390,000 parameters and context 96 with a bigram, 0.2 s a round of 32 tokens.
    """
    gpts = [model for model in models if isinstance(model, GPT)]
    contexts = [model.config.block_size for model in gpts]
    room = max((len(text) for text in texts), default=0) - 1
    longest = min(longest or min(contexts, default=64), *contexts, room)
    if longest < 1:
        return
    lengths = lengths_up_to(longest)
    together = min(max(WORK // (longest * max((gpt.n_parameters for gpt in gpts), default=1)), 1), ROUND)

    @cache
    def floors(text: int) -> Array:
        """The truth's surprises, made for a text when it is first asked of."""
        return np.full(len(texts[text]), np.nan) if truth is None else surprises(truth, texts[text])

    columns: list[Array] = []  # N of M L
    below: list[float] = []
    for some in _rounds(texts, longest, most, together):
        rows = np.stack([np.asarray(texts[text], np.intp)[at - longest : at + 1] for text, at in some])  # N C+1
        columns += [*np.stack([_curve(model, rows, lengths) for model in models]).transpose(2, 0, 1)]
        below += [float(floors(text)[at]) for text, at in some]
        yield _use(models, lengths, np.array(columns), float(np.mean(below)))


def _rounds(texts: Sequence[Sequence[int]], longest: int, most: int, together: int) -> Iterator[list[tuple[int, int]]]:
    """Places as (text, position), each once, so many at a time."""
    room = np.array([max(len(tokens) - longest, 0) for tokens in texts])
    ends = np.cumsum(room)
    chosen = np.random.default_rng(0).permutation(ends[-1])[:most]
    owners = np.searchsorted(ends, chosen, "right")
    places = chosen - (ends - room)[owners] + longest
    for at in range(0, len(chosen), together):
        yield [*zip(owners[at : at + together].tolist(), places[at : at + together].tolist(), strict=True)]


def _curve(model: LanguageModel, rows: Array, lengths: Array) -> Array:
    """Surprise at the last token of each row (N C+1), by how much of what is before it may be seen: (L N)."""
    reach = model.reach if isinstance(model, Baseline) else rows.shape[1]
    seen, again = np.unique(np.minimum(lengths, reach), return_inverse=True)
    return np.stack([told(next_logits(model, rows[:, -1 - length : -1]), rows[:, -1]) for length in seen])[again]


def _use(models: Sequence[LanguageModel], lengths: Array, bits: Array, floor: float) -> ContextUse:
    """Of bits (N M L)."""
    n = len(bits)
    error = bits.std(0, ddof=1) / math.sqrt(n) if n > 1 else np.full(bits.shape[1:], np.nan)
    return ContextUse(tuple(model.name for model in models), lengths, bits.mean(0), error, n, floor)
