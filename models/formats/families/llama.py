"""Llama and the models that share its arithmetic: Llama 2 and 3, TinyLlama, SmolLM, Mistral, Qwen2, Qwen3.

Touvron et al. 2023, "LLaMA: Open and Efficient Foundation Language Models": RMSNorm, rotary positions, a gated MLP. Of
its kin, Mistral has a window, Qwen2 biases where queries, keys and values are made, Qwen3 normed queries and keys.
"""

from __future__ import annotations

import re
from typing import Any

from models.formats.families import rotary
from models.formats.families.family import Family
from models.formats.families.settings import Settings
from models.gpt_config import GPTConfig

OF_ATTENTION, OF_MLP = ("attn.c_attn", "attn.c_proj"), ("mlp.c_fc", "mlp.c_up", "mlp.c_proj")  # what has biases
OF_QKV = ("attn.c_attn",)


class Llama(Family):
    """All that `transformers` computes as it computes Llama."""

    title = "Llama"
    architectures = {
        "llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM",
        "qwen3": "Qwen3ForCausalLM",
    }  # fmt: skip
    prefix, layers = "model.", "layers"
    names = {
        "wte": ("embed_tokens",), "ln_1": ("input_layernorm",), "ln_2": ("post_attention_layernorm",),
        "attn.c_attn": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
        "attn.ln_q": ("self_attn.q_norm",), "attn.ln_k": ("self_attn.k_norm",), "attn.c_proj": ("self_attn.o_proj",),
        "mlp.c_fc": ("mlp.gate_proj",), "mlp.c_up": ("mlp.up_proj",), "mlp.c_proj": ("mlp.down_proj",),
        "ln_f": ("norm",), "lm_head": ("lm_head",),
    }  # fmt: skip
    words = Family.words | {"eps": "rms_norm_eps"}
    unread = re.compile(r"layers\.\d{1,4}\.self_attn\.rotary_emb\.inv_freq")

    def read(self, settings: Settings) -> GPTConfig:
        """Its config.json, of any of its kin."""
        kind = settings.get("model_type")
        for other_turns in ("rope_interleaved", "use_mrope"):
            if settings.flag(other_turns, False):
                settings.refuse(other_turns, True)
        usual = self.usual(settings, "silu", tied=False, eps=1e-6)
        head_width = settings.size("head_dim", 1 << 16, 128 if kind == "qwen3" else usual["n_embd"] // usual["n_head"])
        return GPTConfig(
            **usual,
            positions=rotary.read(settings, head_width),
            bias=self._biases(settings, kind),
            head_dim=head_width,
            n_kv_head=settings.size("num_key_value_heads", 1024, usual["n_head"]),
            norm="rms",
            qk_norm=kind == "qwen3",
            gated=True,
            windows=self._windows(settings, kind, usual["n_layer"], usual["block_size"]),
        )

    def _biases(self, settings: Settings, kind: str) -> bool | tuple[str, ...]:
        if kind == "qwen2":
            return OF_QKV
        attention = OF_ATTENTION if settings.flag("attention_bias", False) else ()
        return (*attention, *(OF_MLP if settings.flag("mlp_bias", False) else ())) or False

    def _windows(self, settings: Settings, kind: str, layers: int, context: int) -> tuple[int, ...]:
        """Mistral's, where it is smaller than the context; Qwen has one only if it says so, and then is refused."""
        if kind == "mistral":
            window = settings.size("sliding_window", 1 << 30, context if "sliding_window" in settings.found else 4096)
            return (window,) * layers if window < context else ()
        if settings.flag("use_sliding_window", False):
            settings.refuse("use_sliding_window", True)
        for unused in ("sliding_window", "max_window_layers"):
            settings.get(unused)
        types = settings.get("layer_types", ["full_attention"])
        if not isinstance(types, list) or any(each != "full_attention" for each in types):
            settings.refuse("layer_types", types)
        return ()

    def write(self, config: GPTConfig) -> dict[str, Any]:
        """config.json as transformers writes it for the one of its kin that has these choices."""
        kind = "mistral" if config.windows else "qwen3" if config.qk_norm else "llama"
        kind = "qwen2" if config.bias == OF_QKV else kind
        found = self.usual_written(config, kind)
        found |= {"head_dim": config.head_width, "num_key_value_heads": config.kv_heads}
        found |= rotary.write(config, 1.0)
        if kind in ("llama", "qwen3"):
            found["attention_bias"] = config.has_bias("attn.c_proj")
        if kind == "llama":
            found["mlp_bias"] = config.has_bias("mlp.c_proj")
        if kind == "mistral":
            found["sliding_window"] = config.windows[0]
        return found
