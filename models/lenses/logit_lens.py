"""The logit lens: what the model would say if it stopped after each layer (nostalgebraist 2020).

The stream after every layer is read as the last one is: through the final norm and the unembedding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models import gpt
from models.gpt import GPT
from models.lenses.batches import last_streams
from models.lenses.probes import Case
from models.lenses.probes.probe import tokens_of, words_of
from models.lenses.versus import FIGURES, figures
from models.measures import softmax
from models.ops import Array, quiet
from models.switches import Switch, under
from models.switches.edits import edited
from models.tracing import Trace

CELLS = 1 << 20  # scores made probabilities at a time


@dataclass(frozen=True, eq=False, slots=True)
class Layers:
    """What each depth of a pass says comes next: row 0 before any layer, row l + 1 after layer l; NaN where none."""

    best: Array  # L+1 T, int: the likeliest token; -1 where nothing is known
    best_p: Array  # L+1 T
    p: Array  # L+1 T, the probability of the token that came; NaN at the last position
    rank: Array  # L+1 T, int: which of the candidates that was, from 1; 0 where none came or nothing is known
    entropy: Array  # L+1 T, bits
    kl: Array  # L+1 T, bits from what the pass says in the end to what it would say here
    known: range  # the positions that were looked at


def read_out(model: GPT, stream: Array, switches: Iterable[Switch] = ()) -> Array:
    """The scores that a residual stream (.. C) would give if it were the last: (.. V)."""
    rows, switches = stream.shape[-2] if stream.ndim > 1 else 1, tuple(switches)
    model = under(model, switches)
    with quiet():
        return gpt.read_out(model, stream, edited(model, switches, rows, seen={"resid_post": stream}))


def streams(trace: Trace) -> Array:
    """The residual stream before the first layer and after each: (L+1 T C)."""
    return np.stack([trace.blocks[0].resid_pre, *(block.resid_post for block in trace.blocks)])


def logit_lens(model: GPT, trace: Trace) -> Layers:
    """Every depth and position of a pass; what the pass says in the end is its own, switches and all.

    Costs as many unembeddings as the model has layers: 0.01 s for 96 positions of 3 layers and a vocabulary of 470.
    """
    return [*looking(model, trace)][-1]


def looking(model: GPT, trace: Trace, positions: range | None = None) -> Iterator[Layers]:
    """The same as it is found: the newest of these positions (all) first, and each time more of them."""
    ids, stream = np.asarray(trace.tokens), streams(trace)
    positions = range(len(ids)) if positions is None else positions
    found = np.full((FIGURES, *stream.shape[:2]), np.nan)
    step = max(CELLS // (model.vocab_size * len(stream)), 1)
    for stop in range(positions.stop, positions.start, -step):
        part = slice(max(stop - step, positions.start), stop)
        scores = read_out(model, stream[:, part], trace.switches).astype(np.float64)  # L+1 t V
        last = softmax(trace.logits[part])  # t V
        came = ids[part.start + 1 : part.stop + 1]
        for depth, row in enumerate(scores):
            found[:, depth, part] = figures(row, came, last)
        p, _, rank, entropy, kl, best, best_p = found.copy()
        whole = np.nan_to_num(rank).astype(np.intp), np.nan_to_num(best, nan=-1).astype(np.intp)
        known = range(part.start, positions.stop)
        yield Layers(whole[1], best_p, p, whole[0], entropy, kl, known)


def decided(found: Layers, row: int) -> int:
    """The depth from which on the likeliest token after a row is that of the end; -1 where nothing is known."""
    best = found.best[:, row]
    if best[-1] < 0:
        return -1
    others = np.flatnonzero(best != best[-1])
    return int(others[-1]) + 1 if others.size else 0


def shares_right(model: GPT, cases: Sequence[Case], switches: Iterable[Switch] = ()) -> Array:
    """Of a probe's cases, the share answered right before the first layer and after each: (L+1,).

    UserError if the model does not know the little world's words.
    """
    vocabulary, switches = words_of(model).vocab, tuple(switches)
    vectors = last_streams(model, tokens_of(model, cases), switches)  # N L+1 C
    best = read_out(model, vectors, switches).argmax(-1)
    right = [[vocabulary[token] in case.right for token in row] for row, case in zip(best, cases, strict=True)]
    return np.mean(right, 0)
