"""A small config of every family beside GPT-2, and of every attention, for what must hold of all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.gpt_config import GPTConfig, Rope

NEO = ("ln_1", "ln_2", "ln_f", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")  # what has biases in a GPT-Neo
LLAMA = GPTConfig(
    11, 16, 2, 4, 16, Rope(4), "silu", tied=False, bias=False, n_inner=24, n_kv_head=2, norm="rms", gated=True
)  # fmt: skip
KIN = {
    "llama": LLAMA,
    "mistral": replace(LLAMA, windows=(3, 3)),
    "qwen2": replace(LLAMA, bias=("attn.c_attn",), tied=True),
    "qwen3": replace(LLAMA, head_dim=6, positions=Rope(6), qk_norm=True),
    "gpt_neo": GPTConfig(11, 16, 2, 4, 16, bias=NEO, without=("scale",), windows=(0, 3)),
    "gpt_neox": GPTConfig(11, 16, 2, 4, 16, Rope(2), "gelu", tied=False, parallel=True),
}
PLAIN = GPTConfig(11, 16, 2, 4, 16)
OTHERS = KIN | {"window": replace(PLAIN, windows=(3, 3)), "linear": replace(PLAIN, linear=True)}
each_kin = pytest.mark.parametrize("config", KIN.values(), ids=KIN.keys())
each_other = pytest.mark.parametrize("config", OTHERS.values(), ids=OTHERS.keys())
