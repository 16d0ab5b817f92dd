"""GPT-Neo, and with it TinyStories (Black et al. 2021; Eldan & Li 2023).

A GPT-2 whose scores are not divided by anything, and whose every other layer looks back a window only.
"""

from __future__ import annotations

import re
from typing import Any

from models.formats.families.family import Family
from models.formats.families.settings import Settings
from models.gpt_config import GPTConfig

BIASED = ("ln_1", "ln_2", "ln_f", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")  # all but queries, keys and values
GLOBAL, LOCAL = "global", "local"


class GPTNeo(Family):
    """What `transformers` calls so."""

    title = "GPT-Neo"
    architectures = {"gpt_neo": "GPTNeoForCausalLM"}
    prefix, layers = "transformer.", "h"
    names = {
        "wte": ("wte",), "wpe": ("wpe",), "ln_1": ("ln_1",), "ln_2": ("ln_2",), "ln_f": ("ln_f",),
        "attn.c_attn": ("attn.attention.q_proj", "attn.attention.k_proj", "attn.attention.v_proj"),
        "attn.c_proj": ("attn.attention.out_proj",), "mlp.c_fc": ("mlp.c_fc",), "mlp.c_proj": ("mlp.c_proj",),
        "lm_head": ("lm_head",),
    }  # fmt: skip
    words = Family.words | {
        "n_layer": "num_layers", "n_head": "num_heads", "activation": "activation_function",
        "eps": "layer_norm_epsilon",
    }  # fmt: skip
    unread = re.compile(r"h\.\d{1,4}\.attn\.attention\.(masked_)?bias")

    def read(self, settings: Settings) -> GPTConfig:
        """Its config.json."""
        settings.get("model_type")
        usual = self.usual(settings, "gelu_new", tied=True, eps=1e-5)
        windows = self._windows(settings, usual["n_layer"], usual["block_size"])
        return GPTConfig(**usual, bias=BIASED, without=("scale",), windows=windows)

    def _windows(self, settings: Settings, layers: int, context: int) -> tuple[int, ...]:
        """Of each layer, from lists of kinds and how often each comes; none where no layer has one."""
        window = settings.size("window_size", 1 << 30, 256)
        given = settings.get("attention_types", [[[GLOBAL, LOCAL], 12]])
        try:
            kinds = [kind for some, times in given[:layers] for _ in range(min(times, layers)) for kind in some]
        except (KeyError, TypeError, ValueError):
            settings.refuse("attention_types", given)
        known = len(given) <= layers == len(kinds) and all(kind in (GLOBAL, LOCAL) for kind in kinds)
        if not known or settings.get("attention_layers", kinds) != kinds:
            settings.refuse("attention_types", given)
        return tuple(window if kind == LOCAL else 0 for kind in kinds) if window < context and LOCAL in kinds else ()

    def write(self, config: GPTConfig) -> dict[str, Any]:
        """config.json as transformers writes it."""
        windows = config.windows or (0,) * config.n_layer
        kinds = [LOCAL if window else GLOBAL for window in windows]
        found = {"window_size": max(windows) or config.block_size, "attention_types": [[kinds, 1]]}
        return self.usual_written(config, "gpt_neo") | found | {"attention_layers": kinds}
