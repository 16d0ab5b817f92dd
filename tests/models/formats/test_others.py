"""Models of other programs: each is called what it is, as a file and as a folder, and the sentence says the way on."""

from __future__ import annotations

import json
import struct
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models import model_folders
from models.formats.others import HANDS_ON, TYPES
from tests.models.saved_models import edit, random_model, refusal

# dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size (below 0: untied), seq_len
SIZES = (8, 16, 2, 4, 2, 11, 6)


def llama2_c(*sizes: int) -> bytes:
    """What version 0 of its export.py writes: sizes, then every tensor."""
    C, F, L, H, K, V, T = sizes
    D = C // H
    shapes = [(abs(V), C), (L, C), (L, C, C), (L, C, K * D), (L, C, K * D), (L, C, C), (L, C), *[(L, C, F)] * 3, (C,)]
    shapes += [(T, D // 2)] * 2 + ([(abs(V), C)] if V < 0 else [])
    return struct.pack("<7i", *sizes) + b"".join(np.zeros(shape, np.float32).tobytes() for shape in shapes)


FILES = {
    "model-q4_0.gguf": (
        b"GGUF\x03\0\0\0",
        "a GGUF file",
        "gguf_file=..., quantization_config=GgufConfig(dequantize=True)",
    ),
    "weights": (b"GGUF\x03\0\0\0", "a GGUF file", "save_pretrained(FOLDER)"),
    "ggml-model.bin": (b"lmgg" + bytes(99), "a GGUF file", "gguf_file"),
    "consolidated.00.pth": (b"PK\3\4", "a part of a Llama", "convert_llama_weights_to_hf.py"),
    "gpt2_124M.bin": (struct.pack("<256i", 20240326, 3, *[0] * 254), "a model of llm.c's", "dev/eval/export_hf.py"),
    "stories.bin": (llama2_c(*SIZES), "a model of llama2.c's", "export.py --version -1"),
    "untied.bin": (llama2_c(*SIZES[:5], -11, 6), "a model of llama2.c's", "export.py --version -1"),
    "v1.bin": (b"24ka" + bytes(252), "a model of llama2.c's", "export.py --version -1"),
    "model.onnx": (b"\x08\x07", "an ONNX file", "the folder that it was exported from"),
    "flax_model.msgpack": (b"\x81", "a file of Flax's", "from_flax=True"),
    "tf_model.h5": (b"\x89HDF\r\n\x1a\n", "a file of TensorFlow's", "from_tf=True"),
    "saved_model.pb": (b"\x08\x01", "a file of TensorFlow's", "from_tf=True"),
    "model.ckpt.index": (b"\0", "a file of TensorFlow's", "from_tf=True"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_program_is_called_what_it_is_alone_and_in_a_folder(name: str, tmp_path: Path) -> None:
    content, is_a, do = FILES[name]
    file = tmp_path / name
    file.write_bytes(content)
    as_file, as_folder = (refusal(partial(model_folders.load, place)) for place in (file, tmp_path))
    assert f"{name} is {is_a}" in as_file and do in as_file
    assert f"has no weights but {name}: {is_a}" in as_folder and as_file.endswith(as_folder.partition(" - ")[2])
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    for place in (tmp_path, tmp_path / "config.json"):
        assert refusal(partial(model_folders.load, place)) == as_folder


def test_what_is_not_of_another_program_is_not_called_so(tmp_path: Path) -> None:
    whole = llama2_c(*SIZES)
    for content in (whole[:-4], whole + b"\0", b"\0" * 28, b"", b"GGU", struct.pack("<7i", 8, 16, 2, 3, 1, 11, 6)):
        (tmp_path / "some.bin").write_bytes(content)
        assert "llama2.c" not in (message := refusal(lambda: model_folders.load(tmp_path))) and "GGUF" not in message
    model_folders.save(random_model(), tmp_path / "model")
    (tmp_path / "model" / "also.gguf").write_bytes(b"GGUF")
    assert model_folders.load(tmp_path / "model").n_parameters


def test_an_adapter_alone_names_its_model(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "some/model"}))
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    for place in (tmp_path, tmp_path / "adapter_model.safetensors", tmp_path / "adapter_config.json"):
        message = refusal(partial(model_folders.load, place))
        assert "is an adapter (LoRA) alone, without the model some/model that it changes" in message
        assert "merge_and_unload()" in message


@pytest.mark.parametrize(("kind", "does"), [*TYPES.items()], ids=[*TYPES])
def test_a_model_that_does_not_write_from_left_to_right_is_called_what_it_is(
    kind: str, does: str, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    (tmp_path / "model.safetensors").write_bytes(b"")
    message = refusal(lambda: model_folders.load(tmp_path))
    assert f"config.json is that of a {kind}, which {does} - give a model that writes on" in message


def test_a_mamba_of_its_authors_is_told_by_a_setting_and_another_family_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    (tmp_path / "config.json").write_text(json.dumps({"d_model": 768, "ssm_cfg": {}}))
    assert f"config.json is that of a mamba, which {HANDS_ON}" in refusal(lambda: model_folders.load(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gemma2"}))
    for look in (model_folders.load, model_folders.config_of):
        says = (
            "config.json: model_type = 'gemma2' is not handled - give a gpt2, or one of gpt_neo, gpt_neox, llama, mis"
        )
        assert says in refusal(partial(look, tmp_path))


@pytest.mark.parametrize("packed", ["h.0.attn.c_attn.qweight", "h.0.mlp.c_fc.weight.absmax", "h.0.mlp.c_fc.SCB"])
def test_quantised_weights_are_told_by_their_tensors_where_config_says_nothing(packed: str, tmp_path: Path) -> None:
    model_folders.save(random_model(), tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    save_file(weights | {f"transformer.{packed}": np.ones(4, np.int32)}, tmp_path / "model.safetensors")
    says = "model.safetensors has weights that are quantised - give the model in 16 or 32 bits that it was made from"
    assert says in refusal(lambda: model_folders.load(tmp_path))


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "quantised (gptq 4 bits)"),
        ({"quantization_config": {"quant_method": "bitsandbytes"}}, "quantised (bitsandbytes)"),
        ({"quantization_config": {}}, "quantised - "),
        ({"quantization": {"group_size": 64, "bits": 8}}, "quantised (8 bits)"),
    ],
)
def test_quantised_weights_are_called_so(setting: dict[str, Any], says: str, tmp_path: Path) -> None:
    model_folders.save(random_model(), tmp_path)
    edit(tmp_path / "config.json", lambda config: config.update(setting))
    message = refusal(lambda: model_folders.load(tmp_path))
    assert says in message and "in 16 or 32 bits that it was made from" in message
