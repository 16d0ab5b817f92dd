"""nanoGPT's and minGPT's models as torch modules, after their published layout, and the files they save."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.ops import Array

SIZES = {"n_layer": 2, "n_head": 2, "n_embd": 8, "block_size": 8, "vocab_size": 11}
LETTERS = "\n abcdefghi"


class Norm(nn.Module):
    def __init__(self, width: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width))
        self.bias = nn.Parameter(torch.randn(width)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.layer_norm(x, self.weight.shape, self.weight, self.bias)


class Attention(nn.Module):
    def __init__(self, C: int, H: int, T: int, bias: bool, mask: bool) -> None:
        super().__init__()
        self.heads = H
        self.c_attn, self.c_proj = nn.Linear(C, 3 * C, bias), nn.Linear(C, C, bias)
        if mask:
            self.register_buffer("bias", torch.ones(T, T).tril().view(1, 1, T, T))

    def forward(self, x: Tensor) -> Tensor:
        T, C = x.shape
        q, k, v = (part.view(T, self.heads, -1).transpose(0, 1) for part in self.c_attn(x).split(C, -1))
        z = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        out: Tensor = self.c_proj(z.transpose(0, 1).reshape(T, C))
        return out


class Block(nn.Module):
    def __init__(self, C: int, H: int, T: int, bias: bool, mask: bool) -> None:
        super().__init__()
        self.ln_1, self.attn, self.ln_2 = Norm(C, bias), Attention(C, H, T, bias, mask), Norm(C, bias)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(C, 4 * C, bias), "c_proj": nn.Linear(4 * C, C, bias)})
        self.tanh = mask

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        wide = self.mlp["c_fc"](self.ln_2(x))
        bent = nn.functional.gelu(wide, approximate="tanh" if self.tanh else "none")
        out: Tensor = x + self.mlp["c_proj"](bent)
        return out


class Karpathys(nn.Module):
    """nanoGPT: the embedding reads out as well. minGPT: a table of its own does, and each layer keeps the mask."""

    def __init__(self, sizes: Mapping[str, int], bias: bool, tied: bool) -> None:
        super().__init__()
        L, H, C, T, V = (sizes[name] for name in SIZES)
        self.blocks = [Block(C, H, T, bias, mask=not tied) for _ in range(L)]
        layers = nn.ModuleList(self.blocks)
        parts = {"wte": nn.Embedding(V, C), "wpe": nn.Embedding(T, C), "h": layers, "ln_f": Norm(C, bias)}
        self.transformer = nn.ModuleDict(parts)
        self.lm_head = nn.Linear(C, V, bias=False)
        if tied:
            self.transformer["wte"].weight = self.lm_head.weight

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.transformer["wte"](tokens) + self.transformer["wpe"](torch.arange(len(tokens)))
        for each in self.blocks:
            x = each(x)
        out: Tensor = self.lm_head(self.transformer["ln_f"](x))
        return out


def nanogpt(bias: bool = True, sizes: Mapping[str, int] = SIZES) -> Karpathys:
    torch.manual_seed(0)
    return Karpathys({**SIZES, **sizes}, bias, tied=True)


def mingpt(sizes: Mapping[str, int] = SIZES) -> Karpathys:
    torch.manual_seed(0)
    return Karpathys({**SIZES, **sizes}, bias=True, tied=False)


def logits(model: Karpathys, tokens: list[int]) -> Array:
    with torch.no_grad():
        found: Array = model(torch.tensor(tokens)).numpy()
    return found


def checkpoint(
    model: Karpathys, bias: bool = True, prefix: str = "", arguments: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What nanoGPT's train.py puts into its ckpt.pt, after a step."""
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.tensor([1, 2, 3])).sum().backward()
    optimizer.step()
    return {
        "model": {prefix + name: value for name, value in model.state_dict().items()},
        "optimizer": optimizer.state_dict(),
        "model_args": {**SIZES, "bias": bias, "dropout": 0.0, **(arguments or {})},
        "iter_num": 2000,
        "best_val_loss": torch.tensor(1.5),
        "config": {"dataset": "letters", "device": "cpu", "learning_rate": 1e-3, "compile": True},
    }


def lightning(model: nn.Module, settings: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """What Lightning's Trainer puts into a .ckpt of a module that has the model as `model`."""
    return {
        "epoch": 3,
        "global_step": 1200,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": {f"model.{name}": value for name, value in model.state_dict().items()},
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4, "completed": 3}}}},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(2.5), "dirpath": "/x"}},
        "optimizer_states": [torch.optim.AdamW(model.parameters()).state_dict()],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": {"n_head": 2, "lr": 1e-3} if settings is None else settings,
        **more,
    }


def write_meta(folder: Path, letters: str = LETTERS) -> None:
    """The table of characters of nanoGPT's data."""
    folder.mkdir(parents=True, exist_ok=True)
    table = {c: number for number, c in enumerate(letters)}
    meta = {"vocab_size": len(letters), "itos": dict(enumerate(letters)), "stoi": table}
    (folder / "meta.pkl").write_bytes(pickle.dumps(meta))


def close(a: Array, b: Array) -> bool:
    """Equal as far as float32 goes."""
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=1e-5 * max(1.0, float(np.abs(b).max()))))
