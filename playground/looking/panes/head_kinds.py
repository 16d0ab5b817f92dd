"""What a head's pattern looks like, in a word and a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.ops import Array

FARTHEST = 4  # places back that a head is measured at
MEASURED = 64  # rows at most on which the spread of a head is measured


@dataclass(frozen=True, slots=True)
class Kind:
    """What a head's pattern looks like, by one number: the mean weight that goes there."""

    name: str  # empty where it is none of them
    value: float
    says: str


def measured(pattern: Array, visible: Array) -> list[Kind]:
    """The kind of each head (H T T): where more than half of its weight goes, or that it is spread.

    Rows that would reach back to the first token are left out. The spread is the number of places
    a row looks at (1 / sum of squared weights) against those it may see, on at most MEASURED rows.
    """
    length = pattern.shape[-1]
    if length < 4:
        return [Kind("", 0.0, "")] * pattern.shape[0]
    some = slice(2, length, -(-(length - 2) // MEASURED))
    with np.errstate(all="ignore"):
        squares = np.einsum("hts,hts->ht", pattern[:, some], pattern[:, some])
        spread = (1 / squares / np.count_nonzero(visible[some], -1)).mean(-1)
    shares = {
        "self": (np.diagonal(pattern, 0, 1, 2)[:, 2:].mean(-1), "of its weight on itself"),
        "prev": (np.diagonal(pattern, -1, 1, 2)[:, 1:].mean(-1), "of its weight one back"),
        "first": (pattern[:, 2:, 0].mean(-1), "of its weight on the first"),
        "spread": (spread, "of what it may see is looked at"),
    }
    for far in range(2, min(FARTHEST, length - 2) + 1):
        shares[f"{far} back"] = (np.diagonal(pattern, -far, 1, 2)[:, 1:].mean(-1), f"of its weight {far} back")
    heads = range(pattern.shape[0])
    return [_largest({name: (float(value[head]), says) for name, (value, says) in shares.items()}) for head in heads]


def _largest(shares: dict[str, tuple[float, str]]) -> Kind:
    name, (value, says) = max(shares.items(), key=lambda item: item[1][0] if item[1][0] > 0 else 0.0)
    return Kind(name if value > 0.5 else "", value, says if np.isfinite(value) else "")
