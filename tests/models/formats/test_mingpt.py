"""minGPT's state dicts: the same scores as its own model, and the heads from where they are said."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from models import model_folders
from tests.models.checkpoints import close, lightning, logits, mingpt, nanogpt, write_meta
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


@pytest.mark.parametrize("settings", [None, {"config": {"n_head": 2}}, {"model": Namespace(n_head=2)}])
def test_weights_under_state_dict_as_lightning_saves_them_are_read(settings: Any, tmp_path: Path) -> None:
    theirs = nanogpt()
    theirs.load_state_dict({name: value * 1.1 for name, value in theirs.state_dict().items()})
    torch.save(lightning(theirs, settings), tmp_path / "last.ckpt")
    ours = model_folders.load(tmp_path)
    assert ours.config.n_head == 2 and close(ours.logits(TOKENS), logits(theirs, TOKENS))
    assert ours.training["steps"] == 1200


def test_transformers_own_model_inside_lightnings_is_read_the_way_it_lies(tmp_path: Path) -> None:
    torch.manual_seed(0)
    theirs: Any = GPT2LMHeadModel(GPT2Config(vocab_size=11, n_positions=8, n_embd=8, n_layer=2, n_head=2))
    theirs.eval()
    torch.save(lightning(theirs), tmp_path / "last.ckpt")
    ours = model_folders.load(tmp_path / "last.ckpt")
    with torch.no_grad():
        assert close(ours.logits(TOKENS), theirs(torch.tensor([TOKENS])).logits[0].numpy())


class Marks:
    """A class of hyper-parameters that would leave a mark if it were made."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return open, (self.file, "w")


def test_what_lightning_saved_beside_them_is_never_run(tmp_path: Path) -> None:
    torch.save(lightning(nanogpt(), {"n_head": 2, "schedule": Marks(str(tmp_path / "mark"))}), tmp_path / "last.ckpt")
    says = refusal(lambda: model_folders.load(tmp_path / "last.ckpt"))
    assert "last.ckpt asks for" in says and "open, which is no plain data" in says
    assert not (tmp_path / "mark").exists()
    settings: dict[str, Any] = {"n_head": Namespace()}
    settings["n_head"].config = settings["n_head"].more = settings  # goes on without an end
    torch.save(lightning(nanogpt(), settings), tmp_path / "last.ckpt")
    says = refusal(lambda: model_folders.load(tmp_path / "last.ckpt"))
    assert "last.ckpt: n_head is Record(name='argparse.Namespace') - it must be a whole number" in says
    torch.save(lightning(nanogpt(), {}), tmp_path / "last.ckpt")
    says = refusal(lambda: model_folders.load(tmp_path / "last.ckpt"))
    assert "last.ckpt holds weights alone, which do not say how many heads there are" in says
    torch.save({"state_dict": {"loss": torch.ones(3)}, "epoch": 1}, tmp_path / "last.ckpt")
    assert "last.ckpt holds state_dict, epoch: no GPT" in refusal(lambda: model_folders.load(tmp_path / "last.ckpt"))


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
