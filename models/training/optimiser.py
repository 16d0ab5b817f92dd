"""Muon for the matrices, AdamW for the rest, as one thing."""

from __future__ import annotations

import torch
from torch import Tensor

from models.training.config import TrainConfig
from models.training.parameters import Parameters


class Optimiser:
    """Muon (Jordan et al. 2024) for the blocks' matrices, AdamW for embeddings, norms and biases.

    Muon's steps are scaled to the size AdamW's would have (Liu et al. 2025, "Muon is Scalable for LLM Training"),
    so that one learning rate serves both.
    """

    def __init__(self, parameters: Parameters, config: TrainConfig) -> None:
        """Take the parameters over."""
        self.all: list[Tensor] = list(parameters.leaves.values())
        self.clip = config.clip
        self.parts: list[torch.optim.Optimizer] = [
            torch.optim.Muon(
                parameters.matrices,
                lr=config.lr,
                weight_decay=config.weight_decay,
                momentum=0.95,
                adjust_lr_fn="match_rms_adamw",
            ),
            torch.optim.AdamW(parameters.others, lr=config.lr, betas=(0.9, 0.99), weight_decay=0.0, fused=True),
        ]

    def step(self, rate: float) -> bool:
        """Clip, apply and forget the gradients; False, and nothing applied, if they are not finite."""
        norm = torch.nn.utils.clip_grad_norm_(self.all, self.clip)
        finite = bool(torch.isfinite(norm))
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = rate
            if finite:
                part.step()
            part.zero_grad(set_to_none=True)
        return finite
