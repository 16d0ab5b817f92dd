"""Which type to multiply matrices in."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor


def compute_dtype(choice: str) -> torch.dtype:
    """The type of the matrix products for "float32", "bfloat16" or "auto": bfloat16 where it pays."""
    if choice == "auto":
        return torch.bfloat16 if bfloat16_pays() else torch.float32
    return torch.bfloat16 if choice == "bfloat16" else torch.float32


@cache
def bfloat16_pays() -> bool:
    """Whether this processor multiplies bfloat16 matrices at least twice as fast as float32 ones, by trying it.

    With a matrix unit (AMX) it is some 15 times as fast, without one up to 10 times slower: both were measured.
    """
    a, b = torch.ones(1024, 256), torch.ones(256, 512)
    x, y = a.bfloat16(), b.bfloat16()
    return 2 * _fastest(lambda: x @ y) < _fastest(lambda: a @ b)


def _fastest(product: Callable[[], Tensor]) -> float:
    product()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        product()
        times.append(time.perf_counter() - start)
    return min(times)
