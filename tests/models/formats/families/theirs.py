"""Tiny random models of transformers, saved and opened here: the same numbers all the way through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from models import model_folders
from models.gpt import GPT
from models.ops import Array
from models.tracing import trace

hf: Any = transformers  # its own types do not describe what it takes
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
SEEDS = {"float32": 0, "float64": 1}
TOKENS = np.random.default_rng(0).integers(0, 11, 14)
each_dtype = pytest.mark.parametrize("dtype", TOLERANCE)


@contextmanager
def all_in(dtype: str) -> Iterator[None]:
    """Have them compute in that type all through: of float64 they take softmax, norms and angles in float32."""
    with pytest.MonkeyPatch.context() as patch:
        if dtype == "float64":
            patch.setattr(torch, "float32", torch.float64)
            patch.setattr(torch, "float", torch.float64)
            patch.setattr(torch.Tensor, "float", torch.Tensor.double)
        yield


def theirs(kind: str, dtype: str, seed: int = 0, **settings: Any) -> Any:
    """A model of a class of theirs, "Llama", with random weights, large enough for attention to choose."""
    config = getattr(hf, f"{kind}Config")(vocab_size=11, attn_implementation="eager", **settings)
    model = _class(kind)(config).to(getattr(torch, dtype)).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            middle = 1.0 if ("norm" in name or "ln_" in name) and name.endswith("weight") else 0.0
            numbers = torch.empty(parameter.shape, dtype=torch.float64).normal_(middle, 0.3, generator=generator)
            parameter.copy_(numbers)
    return model


def _class(kind: str) -> Any:
    return getattr(hf, {"GPT2": "GPT2LMHeadModel"}.get(kind, f"{kind}ForCausalLM"))


def compared(kind: str, dtype: str, folder: Path, **settings: Any) -> tuple[GPT, list[tuple[Array, Array]]]:
    """A model that they save, opened here, and its logits, streams and patterns, each ours and theirs."""
    with all_in(dtype):
        model = theirs(kind, dtype, SEEDS[dtype], **settings)
        model.save_pretrained(folder)
        with torch.no_grad():
            out = model(torch.tensor(TOKENS)[None], output_hidden_states=True, output_attentions=True)
        opened = model_folders.load(folder, dtype)
        of = trace(opened, TOKENS.tolist())
        ours = [of.logits, of.ln_final, *(each for block in of.blocks for each in (block.resid_pre, block.pattern))]
        *streams, last = out.hidden_states
        there = [out.logits, last, *(each for pair in zip(streams, out.attentions, strict=True) for each in pair)]
    return opened, [(mine, found[0].numpy()) for mine, found in zip(ours, there, strict=True)]


def difference(ours: Array, there: Array) -> float:
    """The largest there is, of the largest number where that is above 1."""
    return float(np.abs(ours - there).max() / max(1, np.abs(there).max()))


def check_the_same(kind: str, dtype: str, folder: Path, **settings: Any) -> GPT:
    """Logits, streams and patterns, of what they save and of what we save of it; the model as it was opened."""
    opened, pairs = compared(kind, dtype, folder / "theirs", **settings)
    for ours, there in pairs:
        _check(ours, there, dtype)
    with all_in(dtype):
        model_folders.save(opened, folder / "ours", dtype)
        again = model_folders.load(folder / "ours", dtype)
        assert again.config == opened.config
        assert all(np.array_equal(again.weights[name], weight) for name, weight in opened.weights.items())
        back, report = _class(kind).from_pretrained(
            folder / "ours", dtype=getattr(torch, dtype), attn_implementation="eager", output_loading_info=True
        )
        assert not any(report.values()), report
        with torch.no_grad():
            _check(pairs[0][0], back.eval()(torch.tensor(TOKENS)[None]).logits[0].numpy(), dtype)
    return opened


def _check(ours: Array, there: Array, dtype: str) -> None:
    assert ours.shape == there.shape and ours.dtype == there.dtype == np.dtype(dtype)
    assert difference(ours, there) < TOLERANCE[dtype]


def edited(folder: Path, **settings: Any) -> Path:
    """The folder with other settings in its config.json; one that is None left out."""
    file = folder / "config.json"
    found = json.loads(file.read_text()) | settings
    file.write_text(json.dumps({name: value for name, value in found.items() if value is not None}))
    return folder
