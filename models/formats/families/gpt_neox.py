"""GPT-NeoX, and with it Pythia (Black et al. 2022; Biderman et al. 2023).

Attention and MLP read the same stream, and both add to it at once; a part of each head's numbers turns with the place.
"""

from __future__ import annotations

import re
from typing import Any

from models.formats.families import rotary
from models.formats.families.family import Family
from models.formats.families.settings import Settings
from models.gpt_config import GPTConfig

TURNS = 0.25  # the share of a head's numbers that turn, where it is not said
BUT_ATTENTION = ("ln_1", "ln_2", "ln_f", "mlp.c_fc", "mlp.c_proj")  # what has biases where attention has none


class GPTNeoX(Family):
    """What `transformers` calls so."""

    title = "GPT-NeoX"
    architectures = {"gpt_neox": "GPTNeoXForCausalLM"}
    prefix, layers = "gpt_neox.", "layers"
    names = {
        "wte": ("embed_in",), "ln_1": ("input_layernorm",), "ln_2": ("post_attention_layernorm",),
        "attn.c_attn": ("attention.query_key_value",), "attn.c_proj": ("attention.dense",),
        "mlp.c_fc": ("mlp.dense_h_to_4h",), "mlp.c_proj": ("mlp.dense_4h_to_h",), "ln_f": ("final_layer_norm",),
        "lm_head": ("embed_out",),
    }  # fmt: skip
    unread = re.compile(r"layers\.\d{1,4}\.attention\.(masked_bias|bias|rotary_emb\.inv_freq)")
    woven = True

    def read(self, settings: Settings) -> GPTConfig:
        """Its config.json."""
        settings.get("model_type")
        usual = self.usual(settings, "gelu", tied=False, eps=1e-5)
        head_width = usual["n_embd"] // usual["n_head"]
        return GPTConfig(
            **usual,
            positions=rotary.read(settings, head_width, "rotary_emb_base", "rotary_pct", TURNS),
            bias=settings.flag("attention_bias", True) or BUT_ATTENTION,
            parallel=settings.flag("use_parallel_residual", True),
        )

    def write(self, config: GPTConfig) -> dict[str, Any]:
        """config.json as transformers writes it."""
        found = {"attention_bias": config.has_bias("attn.c_attn"), "use_parallel_residual": config.parallel}
        return self.usual_written(config, "gpt_neox") | found | rotary.write(config, TURNS)
