"""How fast this machine multiplies matrices, and in which type."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor


@cache
def bfloat16_pays() -> bool:
    """Whether this processor multiplies bfloat16 matrices at least twice as fast as float32 ones, by trying it.

    With a matrix unit (AMX) it is some 15 times as fast, without one up to 10 times slower: both were measured.
    """
    a, b = torch.ones(1024, 256), torch.ones(256, 512)
    x, y = a.bfloat16(), b.bfloat16()
    return 2 * _fastest(lambda: x @ y) < _fastest(lambda: a @ b)


def peak(dtype: torch.dtype, device: torch.device) -> float:
    """Floating-point operations a second that a large product reaches here, the best of a few; takes about 0.1 s."""
    size = 4096 if device.type == "cuda" else 1024
    a = torch.ones(size, size, dtype=dtype, device=device)

    def product() -> Tensor:
        return a @ a

    return 2.0 * size**3 / _fastest(product, device)


def _fastest(product: Callable[[], Tensor], device: torch.device | None = None) -> float:
    product()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        product()
        if device is not None and device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - start)
    return min(times)
