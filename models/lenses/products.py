"""How many products of two numbers a layer takes for a text: counted, so that it is the same on every machine."""

from __future__ import annotations

from models.gpt import GPTConfig


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
