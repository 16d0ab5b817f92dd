"""A folder whose files have digests: what was changed is refused or told, and what has none is read as it is."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import baselines, model_folders
from models.baselines import Bigram, NGram
from models.errors import UserError
from models.formats import digests
from models.tokenizers import Tokenizer
from tests.models.saved_models import CONFIG, TEXT, edit, pickled, random_model, refusal, same

COUNTED = ("bigram.safetensors", "ngram.safetensors")
FILES = ("bigram.safetensors", "config.json", "model.safetensors", "ngram.safetensors", "tokenizer.json")


def counted(text: str = TEXT * 3) -> list[baselines.Baseline]:
    tokenizer = random_model().tokenizer
    assert tokenizer is not None
    tokens = np.array(tokenizer.encode(text))
    return [kind.count(tokens, CONFIG.vocab_size, tokens, tokenizer) for kind in (Bigram, NGram)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model_folders.save(random_model(), tmp_path / "model", beside=counted())
    return tmp_path / "model"


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def test_every_file_has_its_digest_and_the_model_does_not_know(folder: Path) -> None:
    told = json.loads((folder / "training.json").read_text())["sha256"]
    assert told == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    loaded = model_folders.load(folder)
    assert same(loaded, random_model()) and loaded.training == random_model().training
    assert baselines.look(folder, loaded.tokenizer).faults == ()
    assert list(baselines.load(folder, loaded.tokenizer)) == ["bigram", "ngram", "unigram"]


def test_two_tokens_that_change_places_are_noticed(folder: Path) -> None:
    edit(folder / "tokenizer.json", lambda spec: spec["model"]["vocab"].update({"b": 4, "e": 3}))
    assert "tokenizer.json is damaged, or was changed: its SHA-256" in refusal(lambda: model_folders.load(folder))


def test_of_a_fault_of_the_weights_and_one_of_the_tokenizer_the_first_is_said(folder: Path) -> None:
    """Both are read at once, and either may come to its fault before the other."""
    (folder / "tokenizer.json").write_text("{")
    assert "tokenizer.json is not valid JSON" in refusal(lambda: model_folders.load(folder))
    flip(folder / "model.safetensors", -9)
    assert "model.safetensors is damaged, or was changed" in refusal(lambda: model_folders.load(folder))


def test_so_is_a_setting_that_fits_the_weights_as_well(folder: Path) -> None:
    edit(folder / "config.json", lambda config: config.update(n_head=1))
    message = refusal(lambda: model_folders.load(folder))
    assert "config.json is damaged, or was changed" in message and message.endswith("say so: playground models seal")
    digests.seal(folder)  # it is right as it is
    assert model_folders.load(folder).config.n_head == 1


@pytest.mark.parametrize("name", COUNTED)
def test_a_bit_of_a_baseline_costs_that_baseline_alone(name: str, folder: Path) -> None:
    size = (folder / name).stat().st_size
    for at in (size - 1, size - 9, 8 + 2, size // 2):
        flip(folder / name, at)
        found = baselines.look(folder)
        assert [name in str(fault) and " - " in str(fault) for fault in found.faults] == [True]
        assert name.split(".")[0] not in found.models and len(found.models) > 0
        with pytest.raises(UserError, match=name):
            baselines.load(folder)
        flip(folder / name, at)
    assert not baselines.look(folder).faults


def test_a_baseline_that_is_lost_is_told_and_missed_by_nobody(folder: Path) -> None:
    (folder / "ngram.safetensors").unlink()
    assert same(model_folders.load(folder), random_model())
    found = baselines.look(folder)
    (fault,) = map(str, found.faults)
    assert "ngram.safetensors is lost: training.json knows what it was - copy it again, or say: playground mod" in fault
    assert set(found.models) == set(baselines.load(folder)) == {"bigram", "unigram"}
    digests.seal(folder)
    assert not baselines.look(folder).faults


def test_weights_in_pickles_and_a_tokenizer_in_two_files_have_theirs(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    whole = Tokenizer.train_bpe(TEXT, vocab_size=263)
    model_folders.save(replace(random_model(replace(CONFIG, vocab_size=264)), tokenizer=whole), folder)
    model: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in model["merges"]))
    (folder / "added_tokens.json").write_text(json.dumps({"<end>": 263}))
    pickled(folder, shards=2)
    index, first = "pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin"
    small = {"config.json", "vocab.json", "merges.txt", "added_tokens.json", index}
    assert set(digests.seal(folder)) == {*small, first, first.replace("1-of", "2-of")}
    assert model_folders.load(folder).n_parameters
    torch.save({name: each + 1 for name, each in torch.load(folder / first).items()}, tmp_path / "other.bin")
    for name in (*small, first):
        content = (folder / name).read_bytes()
        other = (tmp_path / "other.bin").read_bytes() if name == first else content + b"\n"  # as sound as before
        (folder / name).write_bytes(other)
        assert f"{name} is damaged, or was changed: its SHA" in refusal(lambda: model_folders.load(folder)), name
        (folder / name).write_bytes(content)
    (folder / "added_tokens.json").unlink()
    assert "added_tokens.json is lost: training.json knows" in refusal(lambda: model_folders.load(folder))


def test_a_tokenizer_that_is_lost_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert "tokenizer.json is lost: training.json knows what it was" in refusal(lambda: model_folders.load(folder))
    edit(folder / "training.json", lambda training: training.pop("sha256"))
    assert model_folders.load(folder).tokenizer is None


def test_folders_without_digests_or_with_that_of_the_weights_alone_are_read_as_before(folder: Path) -> None:
    weights = json.loads((folder / "training.json").read_text())["sha256"]["model.safetensors"]
    edit(folder / "training.json", lambda training: [training.pop("sha256"), training.update(weights_sha256=weights)])
    edit(folder / "config.json", lambda config: config.update(n_head=1))
    (folder / "ngram.safetensors").unlink()
    model = model_folders.load(folder)
    assert model.config.n_head == 1 and "weights_sha256" not in model.training and not baselines.look(folder).faults
    flip(folder / "model.safetensors", -1)
    assert "model.safetensors is damaged, or was changed" in refusal(lambda: model_folders.load(folder))
    (folder / "training.json").unlink()
    assert not same(model_folders.load(folder), random_model())


@pytest.mark.parametrize("value", [3, [], {"model.safetensors": 3}, "x", None])
def test_digests_that_are_none_are_named(value: object, folder: Path) -> None:
    edit(folder / "training.json", lambda training: training.update(sha256=value))
    assert "training.json: sha256 is not a text for each file's name" in refusal(lambda: model_folders.load(folder))
    assert "sha256 is not a text" in str(baselines.look(folder).faults[0])


def test_what_stays_beside_a_model_that_is_saved_again_keeps_its_digest(folder: Path) -> None:
    model_folders.save(random_model(seed=2), folder)
    assert json.loads((folder / "training.json").read_text())["sha256"].keys() == set(FILES)
    assert not baselines.look(folder).faults
    flip(folder / "bigram.safetensors", -1)
    model_folders.save(random_model(seed=3), folder)  # a later save does not make it right
    assert "bigram.safetensors is damaged, or was changed" in str(baselines.look(folder).faults[0])
    model_folders.save(random_model(seed=3), folder, beside=counted(TEXT * 5))
    assert not baselines.look(folder).faults


def test_the_card_is_the_persons_to_write_in(folder: Path) -> None:
    (folder / "README.md").write_text("mine")
    (folder / "tokenizer_config.json").write_text("{}")
    assert same(model_folders.load(folder), random_model())


def test_sealing_reads_only_regular_files(folder: Path) -> None:
    os.mkfifo(folder / "more.safetensors")
    assert set(digests.seal(folder)) == set(FILES)
