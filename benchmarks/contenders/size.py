"""The sizes of model that are compared; weights are random."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """GPT-2's numbers."""

    vocabulary: int
    context: int
    layers: int
    heads: int
    width: int


SIZES = {
    "small": Size(vocabulary=65, context=2048, layers=4, heads=4, width=128),
    "medium": Size(vocabulary=65, context=256, layers=4, heads=4, width=256),
    "world": Size(vocabulary=470, context=96, layers=3, heads=4, width=96),
    "gpt2": Size(vocabulary=50257, context=1024, layers=12, heads=12, width=768),
}
