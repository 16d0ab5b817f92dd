"""Writes `tests/data/glassllm` anew: trained weights that were not made here, and what their own program says of them.

    pip install --no-deps glassllm==0.1.0
    python -m tests.models.formats.families.from_glassllm

The package's model is a Llama whose rotary positions turn neighbours, numbers 2 n and 2 n + 1 of a head, where
transformers turns n and n + D / 2: so the columns that make queries and keys change places.
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from models.ops import Array
from tests.conftest import DATA

FOLDER = DATA / "glassllm"
PROMPT, WRITTEN = "Alice was beginning to get very tired of", 40
LINEAR = {
    "attn.W_Q": "self_attn.q_proj", "attn.W_K": "self_attn.k_proj", "attn.W_V": "self_attn.v_proj",
    "attn.W_O": "self_attn.o_proj", "ffn.W1": "mlp.gate_proj", "ffn.W3": "mlp.up_proj", "ffn.W2": "mlp.down_proj",
}  # fmt: skip
NORMS = {"norm1": "input_layernorm", "norm2": "post_attention_layernorm"}


def halves(matrix: Array, head_width: int) -> Array:
    """Its columns with the even numbers of each head first, then the odd ones."""
    by_head = matrix.reshape(len(matrix), -1, head_width // 2, 2)
    return by_head.swapaxes(-1, -2).reshape(matrix.shape)


def tensors(theirs: dict[str, Array], layers: int, head_width: int) -> dict[str, Array]:
    """What they call so, as transformers names and stores it."""
    found = {"model.embed_tokens.weight": theirs["E"], "model.norm.weight": theirs["norm_f.gamma"]}
    for layer in range(layers):
        for name, ours in NORMS.items():
            found[f"model.layers.{layer}.{ours}.weight"] = theirs[f"blocks.{layer}.{name}.gamma"]
        for name, ours in LINEAR.items():
            matrix = theirs[f"blocks.{layer}.{name}"]
            matrix = halves(matrix, head_width) if name in ("attn.W_Q", "attn.W_K") else matrix
            found[f"model.layers.{layer}.{ours}.weight"] = matrix.T
    return {name: np.ascontiguousarray(tensor, np.float16) for name, tensor in found.items()}


def config_of(theirs: Any) -> dict[str, Any]:
    """Their sizes, in the words of transformers."""
    return {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": theirs.vocab_size,
        "hidden_size": theirs.d_model, "intermediate_size": int(8 * theirs.d_model / 3),
        "num_hidden_layers": theirs.n_layers, "num_attention_heads": theirs.n_heads,
        "num_key_value_heads": theirs.n_kv_heads, "max_position_embeddings": theirs.max_len,
        "rope_theta": theirs.rope_base, "rms_norm_eps": theirs.eps, "hidden_act": "silu", "tie_word_embeddings": True,
        "torch_dtype": "float16",
    }  # fmt: skip


def main() -> None:
    """Convert, have their program run, and write both down."""
    package = import_module("glassllm")
    model, tokenizer = package.load_pretrained("en")
    FOLDER.mkdir(exist_ok=True)
    weights = {name: tensor.data for name, tensor in model.named_parameters().items()}
    converted = tensors(weights, model.cfg.n_layers, model.cfg.d_model // model.cfg.n_heads)
    save_file(converted, FOLDER / "model.safetensors", {"format": "pt"})
    (FOLDER / "model.safetensors").chmod(0o644)
    (FOLDER / "config.json").write_text(json.dumps(config_of(model.cfg), indent=2) + "\n")
    (license_,) = (file for file in distribution("glassllm").files or () if Path(file).name == "LICENSE")
    (FOLDER / "LICENSE").write_text(license_.read_text())
    tokens, tracer = tokenizer.encode(PROMPT), package.Tracer()
    with package.no_grad():
        logits = model(tokens, trace=tracer).data[0]
    patterns = np.stack([tracer.get("attn.softmax", layer=layer).value for layer in range(model.cfg.n_layers)])
    written = [step.token for step in model.generate(tokens, WRITTEN, greedy=True)]
    said = {"prompt": np.array(tokens), "logits": logits, "patterns": patterns, "written": np.array(written)}
    np.savez_compressed(FOLDER / "said.npz", **said)
    print(tokenizer.decode([*tokens, *written]))


if __name__ == "__main__":
    main()
