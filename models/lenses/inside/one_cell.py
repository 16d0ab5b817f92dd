"""One cell of a head's pattern: from a query and a key to a weight, and from the weight to what the head finds.

Vaswani et al. 2017, "Attention Is All You Need", section 3.2.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.ops import NUMPY, Array
from models.tracing import Trace

ROUGH = 64  # roundings of the pass's numbers that arithmetic in float64 may differ by


@dataclass(frozen=True, eq=False)
class Work:
    """Every number between one query, one key and what the head finds; as the pass had it, unless it says otherwise."""

    q: Array  # D, of the row
    k: Array  # D, of the column
    v: Array  # D, of the column
    z: Array  # D, of the row
    products: Array  # D, of q and k
    visible: bool
    score: float  # -inf where hidden
    weight: float  # of the cell in the pattern
    dot: float  # q . k
    top: float  # the row's largest score, taken off each: no power is too large
    power: float  # e to the difference; of a linear model, `Ops.kernel` of the score
    total: float  # the row's powers together
    found: Array  # D, what the row's pattern and all v give: z, unless something replaced it
    rough: float  # the spacing of the pass's numbers next to 1

    def agree(self, recorded: Array | float, given: Array | float, size: Array | float) -> bool:
        """Whether the pass had what the arithmetic gives, to the rounding of numbers of that size."""
        return agree(recorded, given, size, self.rough)

    @property
    def share(self) -> float:
        """The weight that the score gets: its power, of the row's together."""
        return self.power / self.total if self.total else 0.0

    @property
    def is_share(self) -> bool:
        """Whether the pass had that weight."""
        size = self.share * (1 + abs(self.score - self.top)) if self.power else 0.0
        return self.agree(self.weight, self.share, size)

    def is_scaled(self, scale: float) -> bool:
        """Whether the pass had q . k times the scale for its score."""
        return self.agree(self.score, self.dot * scale, np.abs(self.products).sum() * scale)


def agree(recorded: Array | float, given: Array | float, size: Array | float, rough: float) -> bool:
    """Whether a pass whose numbers lie `rough` apart next to 1 had what the arithmetic gives, of numbers of a size."""
    near = np.abs(np.subtract(recorded, given)) <= ROUGH * rough * size
    return bool(np.all(near | np.equal(recorded, given) | (np.isnan(recorded) & np.isnan(given))))


def work(trace: Trace, layer: int, head: int, row: int, column: int) -> Work:
    """The numbers of one cell, in float64 from what the trace recorded."""
    block = trace.blocks[layer]
    q, z, scores, pattern = (
        np.asarray(each[head, row], np.float64) for each in (block.q, block.z, block.scores, block.pattern)
    )
    keys, values = (np.asarray(each[head], np.float64) for each in (block.k, block.v))
    top = float(scores.max())
    powers = np.exp(scores - top) if top > -math.inf else np.where(np.isnan(scores), np.nan, 0.0)
    if trace.tape.model.config.linear:
        powers = NUMPY.kernel(scores)
    return Work(
        q=q,
        k=keys[column],
        v=values[column],
        z=z,
        products=q * keys[column],
        visible=bool(block.visible[row, column]),
        score=float(scores[column]),
        weight=float(pattern[column]),
        dot=float(q @ keys[column]),
        top=top,
        power=float(powers[column]),
        total=float(powers.sum()),
        found=pattern @ values,
        rough=float(np.finfo(block.scores.dtype).eps),
    )
