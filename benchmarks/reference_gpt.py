"""The transformer everybody would write with torch's own parts, and nanoGPT's documented way of training it.

It is what ours is measured against, so it is written to be fast: fused attention, fused AdamW, rows drawn by indexing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Array = Any


class Block(nn.Module):
    """Pre-norm attention and MLP."""

    def __init__(self, heads: int, width: int, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width, bias=bias), nn.LayerNorm(width, bias=bias)
        self.qkv, self.mixed = nn.Linear(width, 3 * width, bias=bias), nn.Linear(width, width, bias=bias)
        self.wide, self.narrow = nn.Linear(width, 4 * width, bias=bias), nn.Linear(4 * width, width, bias=bias)
        self.bend = nn.GELU(approximate="tanh")

    def forward(self, x: Tensor) -> Tensor:
        """(B T C) to (B T C)."""
        q, k, v = (
            each.unflatten(-1, (self.heads, -1)).transpose(1, 2) for each in self.qkv(self.ln_1(x)).chunk(3, -1)
        )  # B H T D
        z = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mixed(z.transpose(1, 2).flatten(2))
        x = x + self.narrow(self.bend(self.wide(self.ln_2(x))))
        return x


class ReferenceGPT(nn.Module):
    """GPT-2 with tied embeddings; nanoGPT's runs leave the biases out, ours have them."""

    def __init__(self, vocabulary: int, context: int, layers: int, heads: int, width: int, bias: bool) -> None:
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(Block(heads, width, bias) for _ in range(layers)))
        self.ln_f = nn.LayerNorm(width, bias=bias)
        self._start(layers)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B T) to (B T V)."""
        x = self.wte(tokens) + self.wpe.weight[: tokens.shape[1]]
        return F.linear(self.ln_f(self.blocks(x)), self.wte.weight)

    def _start(self, layers: int) -> None:
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                into_stream = name.endswith(("mixed.weight", "narrow.weight"))
                nn.init.normal_(weight, 0.0, 0.02 / math.sqrt(2 * layers) if into_stream else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)


@dataclass(frozen=True)
class Recipe:
    """nanoGPT's documented setting for Tiny Shakespeare on a CPU, its README's numbers."""

    batch: int = 12
    steps: int = 2000
    warmup: int = 100
    lr: float = 1e-3
    lr_end: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.1
    clip: float = 1.0

    def rate(self, step: int) -> float:
        """Linear warm-up, then half a cosine."""
        if step < self.warmup:
            return self.lr * (step + 1) / (self.warmup + 1)
        share = (step - self.warmup) / (self.steps - self.warmup)
        return self.lr_end + (self.lr - self.lr_end) * (1 + math.cos(math.pi * share)) / 2


class ReferenceTraining:
    """That recipe, a step at a time."""

    def __init__(self, model: ReferenceGPT, tokens: Array, context: int, recipe: Recipe, seed: int = 0) -> None:
        self.model, self.recipe, self.context, self.done = model, recipe, context, 0
        self.tokens = torch.from_numpy(tokens).long()
        self.random = torch.Generator().manual_seed(seed)
        self.offsets = torch.arange(context + 1)
        matrices = [weight for weight in model.parameters() if weight.dim() == 2]
        others = [weight for weight in model.parameters() if weight.dim() != 2]
        groups = [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.lr, betas=recipe.betas, fused=True)

    def step(self) -> float:
        """One; its loss."""
        starts = torch.randint(len(self.tokens) - self.context, (self.recipe.batch, 1), generator=self.random)
        rows = self.tokens[starts + self.offsets]  # B T+1
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate(self.done)
        self.optimiser.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip, foreach=True)
        self.optimiser.step()
        self.done += 1
        return loss.item()
