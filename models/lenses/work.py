"""How much work a pass is: the products of two numbers in it, counted as they are made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from models.gpt import GPT
from models.ops import Array, Ops, Tap

T = TypeVar("T")


class Counting(Ops):
    """NumPy's answers, and how many products of two numbers the products of matrices among them took."""

    def __init__(self) -> None:
        self.products = 0

    def of(self, compute: Callable[[], T]) -> tuple[T, int]:
        """What is computed, and how many products it took."""
        before = self.products
        return compute(), self.products - before

    def linear(self, x: Array, weight: Array, bias: Array | None, /) -> Array:
        """A product for each number and column of the weight."""
        self.products += x.size * weight.shape[-1]
        return super().linear(x, weight, bias)

    def scores(self, q: Array, k: Array, visible: Array | None, scale: float, /) -> Array:
        """A product for each number of a query and key, masked or not: (.. H T S) times D."""
        self.products += q.size * k.shape[-2]
        return super().scores(q, k, visible, scale)

    def attend(
        self, q: Array, k: Array, v: Array, visible: Array | None, scale: float, tap: Tap, layer: int, /
    ) -> Array:
        """The scores', and as many again to mix what was found."""
        self.products += math.prod(q.shape[:-1]) * math.prod(v.shape[-2:])
        return super().attend(q, k, v, visible, scale, tap, layer)


def counting(model: GPT) -> tuple[GPT, Counting]:
    """The same model, and what counts whatever it computes from now on."""
    ops = Counting()
    return replace(model, ops=ops), ops
