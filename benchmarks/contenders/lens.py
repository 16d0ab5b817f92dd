"""TransformerLens: HookedTransformer of the same size, with its key-value cache."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from typing import Any

import torch
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.cache.key_value_cache import TransformerLensKeyValueCache

from benchmarks.contenders.clock import Clock, Steps
from benchmarks.contenders.size import SIZES

torch.set_num_threads(1)


@cache
def model(size: str) -> Any:
    """Random weights of that size."""
    s = SIZES[size]
    config = HookedTransformerConfig(
        n_layers=s.layers, n_heads=s.heads, d_model=s.width, d_head=s.width // s.heads, d_mlp=4 * s.width,
        n_ctx=s.context, d_vocab=s.vocabulary, act_fn="gelu_new", normalization_type="LN", device="cpu", seed=0,
    )  # fmt: skip
    return HookedTransformer(config)


@torch.inference_mode()
def run_with_cache(size: str, context: int, steps: int) -> Steps:
    """All names of the newest position, keys and values of the earlier ones from its cache."""
    theirs, clock = model(size), Clock()
    past = TransformerLensKeyValueCache.init_cache(theirs.cfg, "cpu", 1)
    theirs(_text(context), past_kv_cache=past, attention_mask=_text(context))
    for _ in range(steps + 1):
        clock.mark()
        _, cache = theirs.run_with_cache(_text(1), past_kv_cache=past, attention_mask=_text(1))
    clock.mark()
    assert cache["pattern", 0].shape[-2:] == (1, context + steps + 1)
    return clock.steps(skip=1)


def versions() -> dict[str, str]:
    """What runs here."""
    return {name: importlib.metadata.version(name) for name in ("torch", "transformers", "transformer-lens")}


def _text(length: int) -> Any:
    return torch.ones(1, length, dtype=torch.long)


JOBS = {"run_with_cache": run_with_cache, "versions": versions}
