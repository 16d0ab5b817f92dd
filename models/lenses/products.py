"""How much work it is: products of two numbers, of a layer by its sizes, and of a pass as they are made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from models.gpt import GPT, GPTConfig
from models.ops import Array, Manner, Ops, Tap

T = TypeVar("T")


def by_weights(config: GPTConfig, positions: int) -> int:
    """Those with the layer's matrices, which grow with the text as the text does."""
    C, F = config.n_embd, config.mlp_width
    attention = 4 * C * C if config.has("attention") else 0  # q, k, v and the output
    return positions * (attention + 2 * C * F * config.has("mlp"))


def by_attention(config: GPTConfig, positions: int, seen: int | None = None) -> int:
    """Attention's own, scores and mixing, where each row is held against `seen` places: against all where none is said.

    Hidden places count as well: their scores are taken, and thrown away.
    """
    return 2 * config.n_embd * positions * (positions if seen is None else min(seen, positions))


def by_linear_attention(config: GPTConfig, positions: int) -> int:
    """Attention's own by the kernel of `LinearAttention`: every token is added to sums of one size, and reads them.

    A head's features are 1, its numbers, and the products of any two; each has a sum for every number, and one alone.
    """
    D = config.head_width
    features = 1 + D + D * (D + 1) // 2
    return 2 * positions * config.n_head * features * (D + 1)


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
        self, q: Array, k: Array, v: Array, visible: Array | None, manner: Manner, tap: Tap, layer: int, /
    ) -> Array:
        """The scores', and as many again to mix what was found."""
        self.products += math.prod(q.shape[:-1]) * math.prod(v.shape[-2:])
        return super().attend(q, k, v, visible, manner, tap, layer)


def counting(model: GPT) -> tuple[GPT, Counting]:
    """The same model, and what counts whatever it computes from now on."""
    ops = Counting()
    return replace(model, ops=ops), ops
