"""nanoGPT's checkpoints: the same scores as its own model, whatever was put around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import model_folders
from models.tokenizers import Tokenizer
from tests.models.checkpoints import LETTERS, checkpoint, close, logits, nanogpt, write_meta
from tests.models.saved_models import refusal

TOKENS = [1, 5, 3, 10, 0, 7]


def save(content: Any, folder: Path, name: str = "ckpt.pt") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(content, folder / name)
    return folder / name


@pytest.mark.parametrize("prefix", ["", "_orig_mod.", "module.", "module._orig_mod."])
@pytest.mark.parametrize("bias", [True, False])
def test_its_scores_are_nanogpts(bias: bool, prefix: str, tmp_path: Path) -> None:
    theirs = nanogpt(bias=bias)
    file = save(checkpoint(theirs, bias, prefix), tmp_path / "out-letters")
    write_meta(file.parent)
    for given in (file, file.parent):
        ours = model_folders.load(given)
        assert close(ours.logits(TOKENS), logits(theirs, TOKENS))
        assert ours.name == "out-letters" and ours.config.activation == "gelu" and ours.config.tied
        assert ours.tokenizer is not None and ours.tokenizer.encode("abc\n") == [2, 3, 4, 0]
        assert ours.training["steps"] == 2000 and not ours.notes
        assert ours.config.bias is bias


def test_from_before_there_was_a_bias_its_gelu_is_gpt2s(tmp_path: Path) -> None:
    content = checkpoint(nanogpt())
    del content["model_args"]["bias"]
    assert model_folders.load(save(content, tmp_path)).config.activation == "gelu_new"


def test_its_characters_lie_with_its_data(tmp_path: Path) -> None:
    file = save(checkpoint(nanogpt()), tmp_path / "out")
    write_meta(tmp_path / "data" / "letters")
    tokenizer = model_folders.load(file).tokenizer
    assert tokenizer is not None and "".join(tokenizer.vocab) == LETTERS


def test_gpt2s_tokens_lie_beside_it(tmp_path: Path) -> None:
    sizes = {"vocab_size": 272}  # rounded, as nanoGPT rounds GPT-2's
    theirs, text = nanogpt(sizes=sizes), "to be, or not to be"
    file = save(checkpoint(theirs, arguments=sizes), tmp_path / "out")
    whole = Tokenizer.train_bpe(text, vocab_size=262)
    whole.save(file.parent)
    model = json.loads((file.parent / "tokenizer.json").read_text())["model"]
    (file.parent / "vocab.json").write_text(json.dumps(model["vocab"]))
    (file.parent / "merges.txt").write_text("\n".join(" ".join(pair) for pair in model["merges"]))
    for name in ("tokenizer.json", "vocab.json"):
        ours = model_folders.load(file)
        assert ours.tokenizer is not None and ours.tokenizer.encode(text) == whole.encode(text)
        tokens = ours.tokenizer.encode("to be")
        assert close(ours.logits(tokens), logits(theirs, tokens))
        (file.parent / name).unlink()
    assert model_folders.load(file).tokenizer is None


def test_without_them_it_is_said_what_is_missing(tmp_path: Path) -> None:
    model = model_folders.load(save(checkpoint(nanogpt()), tmp_path / "out"))
    says = "out has no tokenizer.json - put the meta.pkl of its data, or a tokenizer.json, beside it"
    assert refusal(lambda: model_folders.tokenizer_of(model)) == says
    sizes = {"n_layer": 1, "n_embd": 2, "vocab_size": 50304}
    rounded = model_folders.load(save(checkpoint(nanogpt(sizes=sizes), arguments=sizes), tmp_path / "out"))
    says = "out has no tokenizer.json - put GPT-2's vocab.json and merges.txt beside it"
    assert refusal(lambda: model_folders.tokenizer_of(rounded)) == says


def test_a_data_set_of_another_name_leads_nowhere(tmp_path: Path) -> None:
    content = checkpoint(nanogpt())
    content["config"]["dataset"] = "../data/letters"
    write_meta(tmp_path / "data" / "letters")
    assert model_folders.load(save(content, tmp_path / "out")).tokenizer is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_layer": 3}, "tensor h.2.attn.c_attn.bias is missing (and 11 more)"),
        ({"n_head": 3}, "n_embd 8 is not a multiple of the number of heads, 3"),
        ({"n_embd": 16}, "wte.weight has the shape (11, 8), but model_args says (11, 16)"),
        ({"n_layer": "x"}, "model_args: n_layer is 'x' - it must be a whole number from 1 to 1,024"),
        ({"n_layer": [[]]}, "model_args: n_layer is no number"),
        ({"bias": None}, "model_args: bias is neither true nor false"),
        ({"bias": False}, "is not expected"),
        ({"rotary": True}, "model_args: rotary = True is not handled"),
        ({"n_kv_head": 1}, "model_args: n_kv_head = 1 is not handled"),
    ],
)
def test_an_argument_that_is_not_handled_is_refused_by_name(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    message = refusal(lambda: model_folders.load(save(checkpoint(nanogpt(), arguments=change), tmp_path)))
    assert says in message and "ckpt.pt" in message


def test_an_argument_that_changes_nothing_is_told_and_kept(tmp_path: Path) -> None:
    model = model_folders.load(save(checkpoint(nanogpt(), arguments={"author": "someone"}), tmp_path))
    assert model.notes == ("ckpt.pt also says author: kept, and without effect here",)
    model_folders.save(model, tmp_path / "saved")
    again = model_folders.load(tmp_path / "saved")
    assert again.training["author"] == "someone" and not again.notes
    assert np.array_equal(again.logits(TOKENS), model.logits(TOKENS))


def test_a_folder_with_several_checkpoints_asks_for_one(tmp_path: Path) -> None:
    for name in ("one.pt", "two.pt", "optimizer.pt"):
        save(checkpoint(nanogpt()), tmp_path, name)
    says = "holds several checkpoints: one.pt, two.pt - give one of these files"
    assert says in refusal(lambda: model_folders.load(tmp_path))
    assert model_folders.load(tmp_path / "two.pt").name == "two"
    save(checkpoint(nanogpt()), tmp_path)
    assert model_folders.load(tmp_path).name == tmp_path.name
