"""Small random models, their saved folders, and ways to spoil them."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from models.errors import UserError
from models.formats import families
from models.formats.digests import FIELD
from models.gpt import GPT, GPTConfig, weight_shapes
from models.tokenizers import Tokenizer
from tests.models.kin import LLAMA

TEXT = "to be, or not to be!"  # nine characters
CONFIG = GPTConfig(vocab_size=9, block_size=8, n_layer=2, n_head=2, n_embd=4)


def random_model(config: GPTConfig = CONFIG, seed: int = 0, dtype: Any = np.float32) -> GPT:
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(0, 0.5, shape).astype(dtype) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, Tokenizer.train_char(TEXT), training={"steps": 7, "losses": [2.5, 1.5]})


def same(a: GPT, b: GPT) -> bool:
    return a.config == b.config and all(np.array_equal(a.weights[name], b.weights[name]) for name in a.weights)


def refusal(call: Callable[[], object]) -> str:
    """The one clear sentence a call is refused with."""
    with pytest.raises(UserError) as caught:
        call()
    message = str(caught.value)
    assert message.isprintable() and " - " in message and len(message) < 400
    return message


def vast(folder: Path) -> Path:
    """A Llama of 62 GiB, whose file has a hole where the numbers should be."""
    config = replace(LLAMA, vocab_size=1_000_000, n_embd=8_192, n_layer=1)
    family = families.holding(config)
    assert family is not None
    (folder / "config.json").write_text(json.dumps(family.write(config)))
    at, header = 0, dict[str, Any]()
    for stored in family.stored(config).values():
        for name, shape in stored.tensors.items():
            end = at + 4 * math.prod(shape)
            header[family.full_name(name)] = {"dtype": "F32", "shape": shape, "data_offsets": [at, end]}
            at = end
    raw = json.dumps(header).encode()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        file.truncate(8 + len(raw) + at)
    return folder


def pickled(folder: Path, shards: int = 1, zipped: bool = True) -> None:
    """The saved weights as pytorch_model.bin, or as so many and an index; as torch writes them now, or before 1.6."""
    weights = {name: torch.tensor(value) for name, value in load_file(folder / "model.safetensors").items()}
    (folder / "model.safetensors").unlink()
    if shards == 1:
        torch.save(weights, folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
        return
    table = {name: f"pytorch_model-0000{n % shards + 1}-of-0000{shards}.bin" for n, name in enumerate(weights)}
    for file in set(table.values()):
        part = {name: weights[name] for name in table if table[name] == file}
        torch.save(part, folder / file, _use_new_zipfile_serialization=zipped)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": table}))


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def edit_header(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of the weights; the checksum is taken away, so that the fault itself must be found."""
    raw = (folder / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    change(header)
    put_weights(folder, json.dumps(header).encode(), raw[8 + length :])


def put_weights(folder: Path, header: bytes, body: bytes) -> None:
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + body)
    edit(folder / "training.json", lambda training: training.pop(FIELD, None))
