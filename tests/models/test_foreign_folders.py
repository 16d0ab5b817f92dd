"""GPT-2 folders as other programs leave them: other names, other files, other sizes, and heads for other tasks."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel

from models import model_folders
from models.gpt import GPT, GPTConfig
from models.tokenizers import Tokenizer
from models.tracing import trace
from tests.models.checkpoints import close
from tests.models.saved_models import CONFIG, TEXT, edit, pickled, random_model, refusal, same


@pytest.fixture
def foreign(folder: Path) -> Path:
    """The saved model without what this program knows of it."""
    (folder / "training.json").unlink()
    return folder


@pytest.mark.parametrize("shards", [1, 3])
def test_weights_in_pickles_are_the_same(shards: int, foreign: Path) -> None:
    pickled(foreign, shards)
    assert same(model_folders.load(foreign), random_model())
    assert same(model_folders.load(foreign / "config.json"), random_model())


@pytest.mark.parametrize(("by_layer", "inner"), [(False, None), (True, None), (False, 20)])
def test_what_transformers_computes_from_a_pickle_is_computed_here(
    by_layer: bool, inner: int | None, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=11, n_positions=8, n_layer=3, n_head=2, n_embd=8, n_inner=inner)
    config._attn_implementation = "eager"  # the one that gives its patterns
    config.scale_attn_by_inverse_layer_idx = config.reorder_and_upcast_attn = by_layer
    theirs = GPT2LMHeadModel(config)
    theirs.train(False)
    for weight in theirs.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    (tmp_path / "config.json").write_text(json.dumps(theirs.config.to_dict()))
    torch.save(theirs.state_dict(), tmp_path / "pytorch_model.bin")
    tokens = [3, 1, 4, 1, 5, 9]
    with torch.no_grad():
        found = theirs(torch.tensor([tokens]), output_attentions=True)
    ours = model_folders.load(tmp_path)
    assert close(ours.logits(tokens), found.logits[0].numpy())
    assert all(
        close(block.pattern, pattern[0].numpy())
        for block, pattern in zip(trace(ours, tokens).blocks, found.attentions, strict=True)
    )
    model_folders.save(ours, tmp_path / "saved")
    assert close(model_folders.load(tmp_path / "saved").logits(tokens), found.logits[0].numpy())


def test_an_index_of_pickles_leads_nowhere_else(foreign: Path) -> None:
    pickled(foreign, 2)
    index = foreign / "pytorch_model.bin.index.json"
    edit(index, lambda found: found["weight_map"].popitem())
    assert "holds other tensors than pytorch_model.bin.index.json says" in refusal(lambda: model_folders.load(foreign))
    edit(index, lambda found: found["weight_map"].update({"wte.weight": "../a.bin"}))
    assert "names a file outside the folder or of another kind" in refusal(lambda: model_folders.load(foreign))


@pytest.mark.parametrize("prefix", ["model.", "_orig_mod.", "module.", "module._orig_mod.transformer.", "model.model."])
def test_what_stands_before_all_names_is_taken_off(prefix: str, foreign: Path) -> None:
    weights = load_file(foreign / "model.safetensors")
    renamed = {name.replace("transformer.", prefix): value for name, value in weights.items()}
    save_file(renamed, foreign / "model.safetensors")
    assert same(model_folders.load(foreign), random_model())
    save_file(renamed | {"transformer.wte.weight": weights["transformer.wte.weight"]}, foreign / "model.safetensors")
    assert "transformer.wte.weight, which are the same weight" in refusal(lambda: model_folders.load(foreign))


@pytest.mark.parametrize("name", ["v_head.summary.weight", "score.weight", "model.classifier.bias"])
def test_a_head_for_another_task_is_left_out_with_a_word(name: str, foreign: Path) -> None:
    weights = load_file(foreign / "model.safetensors")
    save_file(weights | {name: np.ones((2, 4), np.float32)}, foreign / "model.safetensors")
    model = model_folders.load(foreign)
    head = name.removeprefix("model.").partition(".")[0]
    assert same(model, random_model()) and model.notes == (f"left out, for other tasks than writing: {head}",)


@pytest.mark.parametrize(("rows", "tokens"), [(50_304, 50_257), (51_200, 50_257), (272, 261), (16, 9)])
def test_more_rows_than_tokens_are_spare(rows: int, tokens: int, tmp_path: Path) -> None:
    tokenizer = Tokenizer.train_char("".join(chr(0x20000 + number) for number in range(tokens)))
    config = GPTConfig(rows, 4, 1, 1, 2)
    model_folders.save(replace(random_model(config), tokenizer=tokenizer), tmp_path / "model")
    model = model_folders.load(tmp_path / "model")
    assert model.tokenizer is not None and model.tokenizer.token(rows - 1) == f"<{rows - 1}>"
    assert model.tokenizer.rows is None and model.logits([rows - 1]).shape == (1, rows)


def fewer(tokenizer: Tokenizer, rows: int, folder: Path) -> GPT:
    """A model of so many tokens, saved with a tokenizer of more."""
    model_folders.save(replace(random_model(replace(CONFIG, vocab_size=rows)), tokenizer=None), folder)
    tokenizer.save(folder)
    return model_folders.load(folder)


def test_fewer_rows_than_tokens_open_and_the_token_is_the_error(tmp_path: Path) -> None:
    chars = fewer(Tokenizer.train_char(TEXT), 7, tmp_path / "char")  # the tokens are " !,benort"
    assert chars.tokenizer is not None and chars.tokenizer.encode("no be") == [5, 6, 0, 3, 4]
    last = "rt"
    for each in last:
        message = refusal(partial(chars.tokenizer.encode, f"be{each}"))
        assert message.startswith(f"the token {each!r} has the number ") and "the model has rows for 7" in message
    spec = Tokenizer.train_bpe(TEXT, vocab_size=262)
    spec.save(tmp_path)
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    added = {"content": "[PAD]", "id": 262, "special": True, **flags}
    edit(tmp_path / "tokenizer.json", lambda found: found["added_tokens"].append(added))
    pairs = fewer(Tokenizer.load(tmp_path), 262, tmp_path / "bpe")
    assert pairs.tokenizer is not None and pairs.tokenizer.encode(TEXT) == spec.encode(TEXT)
    for read in (pairs.tokenizer.encode, pairs.tokenizer.pieces):
        says = "the token '[PAD]' has the number 262, and the model has rows for 262 - leave it out of the text"
        assert refusal(partial(read, "to[PAD]")) == says


def test_a_folder_of_gpt2_without_tokenizer_json_is_read(tmp_path: Path) -> None:
    whole = Tokenizer.train_bpe(TEXT, vocab_size=263)
    model = replace(random_model(replace(CONFIG, vocab_size=264)), tokenizer=whole)
    model_folders.save(model, tmp_path / "model")
    content: dict[str, Any] = json.loads((tmp_path / "model" / "tokenizer.json").read_text())["model"]
    for name in ("tokenizer.json", "tokenizer_config.json", "training.json"):
        (tmp_path / "model" / name).unlink()
    (tmp_path / "model" / "vocab.json").write_text(json.dumps(content["vocab"]))
    (tmp_path / "model" / "merges.txt").write_text("\n".join(" ".join(pair) for pair in content["merges"]))
    loaded = model_folders.load(tmp_path / "model")
    assert loaded.tokenizer is not None and loaded.tokenizer.encode(TEXT) == whole.encode(TEXT)


def test_files_that_begin_with_a_byte_order_mark_open(foreign: Path) -> None:
    marked = sorted(foreign.glob("*.json"))
    assert {"config.json", "tokenizer.json"} <= {file.name for file in marked}
    for file in marked:
        file.write_bytes(BOM_UTF8 + file.read_bytes())
    assert same(model_folders.load(foreign), random_model())
    (foreign / "config.json").write_bytes(BOM_UTF8 * 2 + b"{}")
    assert "config.json is not valid JSON" in refusal(lambda: model_folders.load(foreign)), "there is one at most"


def test_weights_under_state_dict_in_a_folder_are_the_same(foreign: Path) -> None:
    pickled(foreign, 1)
    file = foreign / "pytorch_model.bin"
    torch.save({"state_dict": torch.load(file), "epoch": 1}, file)
    assert same(model_folders.load(foreign), random_model())
