"""TransformerLens: HookedTransformer of the same size, with its key-value cache."""

from __future__ import annotations

import importlib.metadata
import math
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


@torch.inference_mode()
def sweep(size: str, context: int, parts: str) -> Steps:
    """Every head, and every MLP as well unless it is to be "heads" alone, off in turn over one text.

    As well batched as it can be: a layer's parts are one batch, which begins at that layer with the stream of the
    intact pass and is hooked there alone; only its last row is unembedded.
    """
    theirs, clock, layers = model(size), Clock(), SIZES[size].layers
    text = torch.arange(context)[None] * 7 % SIZES[size].vocabulary
    logits, cache = theirs.run_with_cache(text, names_filter=lambda name: name.endswith("hook_resid_pre"))
    before = logits[0, -1].double().log_softmax(-1)
    _swept(theirs, cache["resid_pre", layers - 1], layers - 1, parts, before)
    clock.mark()
    found = [_swept(theirs, cache["resid_pre", layer], layer, parts, before) for layer in range(layers)]
    clock.mark()
    assert sum(map(len, found)) == layers * (SIZES[size].heads + (parts != "heads"))
    return clock.steps()


def _swept(theirs: Any, stream: Any, layer: int, parts: str, before: Any) -> list[tuple[float, int]]:
    """Bits and the likeliest token without each part of a layer."""
    heads = theirs.cfg.n_heads
    batch = stream.expand(heads + (parts != "heads"), -1, -1)

    def without_its_head(z: Any, hook: Any) -> Any:
        for head in range(heads):
            z[head, :, head] = 0
        return z

    def without(mlp_out: Any, hook: Any) -> Any:
        mlp_out[heads:] = 0
        return mlp_out

    hooks = [(f"blocks.{layer}.attn.hook_z", without_its_head), (f"blocks.{layer}.hook_mlp_out", without)]
    end = theirs.run_with_hooks(batch, start_at_layer=layer, stop_at_layer=theirs.cfg.n_layers, fwd_hooks=hooks)
    after = theirs.unembed(theirs.ln_final(end[:, -1:]))[:, 0].double().log_softmax(-1)
    bits = (before.exp() * (before - after)).sum(-1) / math.log(2)
    return list(zip(bits.tolist(), after.argmax(-1).tolist(), strict=True))


def versions() -> dict[str, str]:
    """What runs here."""
    return {name: importlib.metadata.version(name) for name in ("torch", "transformers", "transformer-lens")}


def _text(length: int) -> Any:
    return torch.ones(1, length, dtype=torch.long)


JOBS = {"run_with_cache": run_with_cache, "sweep": sweep, "versions": versions}
