"""minGPT's state dicts: the same scores as its own model, and the heads from where they are said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from models import model_folders
from tests.models.checkpoints import close, logits, mingpt, nanogpt, write_meta
from tests.models.saved_models import refusal

TOKENS = [1, 5, 3, 10, 0, 7]
HEADS = [{"model": {"model_type": "gpt-tiny", "n_head": 2}, "system": {"seed": 1}}, {"n_head": "2"}]


@pytest.mark.parametrize("config", HEADS)
def test_its_scores_are_mingpts(config: dict[str, Any], tmp_path: Path) -> None:
    theirs = mingpt()
    torch.save(theirs.state_dict(), tmp_path / "model.pt")
    (tmp_path / "config.json").write_text(json.dumps(config))
    write_meta(tmp_path)
    for given in (tmp_path, tmp_path / "model.pt"):
        ours = model_folders.load(given)
        assert close(ours.logits(TOKENS), logits(theirs, TOKENS))
        assert not ours.config.tied and ours.config.activation == "gelu_new"
        assert ours.tokenizer is not None and ours.tokenizer.encode("ab") == [2, 3]


def test_the_heads_of_its_own_models_are_known(tmp_path: Path) -> None:
    theirs = mingpt({"n_layer": 3, "n_head": 3, "n_embd": 48})
    torch.save(theirs.state_dict(), tmp_path / "model.pt")
    ours = model_folders.load(tmp_path)
    assert ours.config.n_head == 3 and close(ours.logits(TOKENS), logits(theirs, TOKENS))


def test_other_weights_alone_do_not_say_their_heads(tmp_path: Path) -> None:
    torch.save(mingpt().state_dict(), tmp_path / "mine.pt")
    says = "mine.pt holds weights alone, which do not say how many heads there are - put config.json beside it"
    assert says in refusal(lambda: model_folders.load(tmp_path / "mine.pt"))


def test_nanogpts_weights_alone_are_read_as_nanogpts(tmp_path: Path) -> None:
    theirs = nanogpt(bias=False)
    torch.save(theirs.state_dict(), tmp_path / "weights.pth")
    (tmp_path / "config.json").write_text('{"n_head": 2}')
    ours = model_folders.load(tmp_path / "weights.pth")
    assert ours.config.tied and close(ours.logits(TOKENS), logits(theirs, TOKENS))


def test_something_else_in_a_checkpoint_is_named(tmp_path: Path) -> None:
    torch.save({"epoch": 3, "net": mingpt().state_dict()}, tmp_path / "mine.pt")
    says = "mine.pt holds epoch, net: no GPT that is known here - give the checkpoint of a GPT"
    assert says in refusal(lambda: model_folders.load(tmp_path))
    torch.save({"wte.weight": 3}, tmp_path / "mine.pt")
    assert "mine.pt: wte.weight is no tensor, where the weights should be" in refusal(
        lambda: model_folders.load(tmp_path)
    )
    torch.save({"wte.weight": torch.ones(3)}, tmp_path / "mine.pt")
    assert "has no table wte.weight of vectors" in refusal(lambda: model_folders.load(tmp_path))
