"""Measured again: the card is made anew from what is found, and the model keeps every byte."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import baselines, model_folders
from models.errors import UserError
from models.formats import digests
from models.lenses import probes
from models.lenses.beyond import beyond
from models.lenses.probes.order import Order
from models.runs.config import TrainConfig
from models.training import corpus, result
from models.training.again import measure_again
from models.training.card import card
from tests.conftest import TINY_TEXT, random_gpt
from tests.models.training.small_training import drained

SETTINGS = TrainConfig(n_layer=1, n_head=2, n_embd=8, block_size=8)
OF_RUN = {
    "command": "playground train ...", "started_from": "", "settings": SETTINGS.as_dict(), "steps": 3, "minutes": 0.1,
    "tokens_trained_on": 384, "best_step": 3, "products_in": "float32", "threads_used": 1,
    "versions": {"python": "3", "torch": "2", "numpy": "2"},
}  # fmt: skip
STALE = {"val_loss": 9.0, "bits_per_character": 9.0, "stored_as": "float16"}  # of measurements before


def trained(folder: Path, of: corpus.Corpus, settings: TrainConfig = SETTINGS) -> Path:
    """A model folder as a run leaves it, its weights random."""
    model = random_gpt(settings.gpt(of.tokenizer.vocab_size), dtype=np.float32, tokenizer=of.tokenizer, name="mine")
    facts = {**OF_RUN, "settings": settings.as_dict(), "corpus": dict(of.facts), **STALE}
    model_folders.save(replace(model, training=facts), folder, "float16")
    baselines.save(of.rivals, folder)
    return folder


def texts(tmp_path: Path) -> tuple[Path, corpus.Corpus]:
    text = tmp_path / "text.txt"
    text.write_text(TINY_TEXT * 20)
    return text, corpus.open_corpus(corpus.text_spec(text), tmp_path / "tokens")


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "training.json").read_text("utf-8"))
    return found


def test_a_model_of_the_world_is_measured_and_its_weights_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "WORLD_HELD_OUT", 1500)
    monkeypatch.setattr(corpus, "WORLD_COUNTED", 5000)
    monkeypatch.setattr(probes, "ALL", (Order,))
    monkeypatch.setattr(result, "beyond", partial(beyond, texts=10, asked=10))
    folder = trained(tmp_path / "mine", corpus.open_corpus(corpus.world_spec(), tmp_path))
    before = contents(folder)
    model = measure_again(folder)
    after = contents(folder)
    assert {name for name in before if before[name] != after[name]} == {"README.md", "training.json"}
    assert after["README.md"].decode() == card(model) and "| who chased whom |" in card(model)
    found = told(folder)
    assert found["sha256"] == digests.seal(folder), "of the files as they are now"
    assert set(found["rivals"]) == {"bigram", "5-gram", "unigram"} and 5 < found["held_out"]["nats"] < 7
    assert {name: found[name] for name in OF_RUN} == OF_RUN and "bits_per_character" not in found


def test_a_model_of_a_text_is_measured_on_that_text_only(tmp_path: Path) -> None:
    text, of = texts(tmp_path)
    folder = trained(tmp_path / "mine", of)
    before = contents(folder)
    other = tmp_path / "other.txt"
    other.write_text(TINY_TEXT * 19)
    for given, fault in (([], r"mine learned from text.txt - give"), ([other], "text.txt, and this is another text")):
        with pytest.raises(UserError, match=fault):
            measure_again(folder, given)
    assert contents(folder) == before
    model = measure_again(folder, [text])
    assert model.training["held_out"] == pytest.approx(drained(result.measuring(model, of))["held_out"])
    assert told(folder)["held_out"] == model.training["held_out"] and "val_loss" not in told(folder)
    assert contents(folder)["model.safetensors"] == before["model.safetensors"]


def test_the_card_names_the_place_where_its_command_has_put_it(tmp_path: Path) -> None:
    text, of = texts(tmp_path)
    folder = trained(tmp_path / "mine", of)
    for out, shown in (("runs/mine", "runs/mine"), ("'my runs/a'", "'my runs/a'"), ("$'\\n'", "mine"), (None, "mine")):
        command = f"playground train x --out {out} --steps 3" if out else "python train.py --outer x"
        facts = told(folder) | {"command": command}
        (folder / "training.json").write_text(json.dumps(facts))
        measure_again(folder, [text])
        assert f"`playground generate --model {shown} --seed 1` begins:" in (folder / "README.md").read_text()


def test_whatever_ends_it_leaves_everything_as_it_was(tmp_path: Path) -> None:
    text, of = texts(tmp_path)
    folder = trained(tmp_path / "mine", of)
    before = contents(folder)

    def enough(doing: str, share: float) -> None:
        if doing == "measuring the held-out loss":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_again(folder, [text], enough)
    assert contents(folder) == before
    seen = list[tuple[str, float]]()
    measure_again(folder, [text], lambda doing, share: seen.append((doing, share)))
    shares = [share for doing, share in seen if doing == "measuring the held-out loss"]
    assert len(shares) > 1 and shares == sorted(shares) and 0 <= shares[0] < shares[-1] <= 1


@pytest.mark.parametrize(("context", "draws"), [(65, True), (64, False)])
def test_a_model_of_the_digits_draws_if_it_can_see_a_picture(context: int, draws: bool, tmp_path: Path) -> None:
    of = corpus.open_corpus(corpus.digits_spec(), tmp_path / "tokens")
    folder = trained(tmp_path / "mine", of, replace(SETTINGS, block_size=context))
    measured = measure_again(folder).training
    assert measured.keys() & {"drawing", "sample"} == ({"drawing"} if draws else {"sample"})
    said = (folder / "README.md").read_text("utf-8")
    assert said == card(model_folders.load(folder)) and ("## What it draws" in said) == draws
    if draws:
        assert f"{measured['drawing']['told']:.2f} | 179 |" in said and measured["drawing"]["right"] < 0.5
        assert "CC BY 4.0" in said and f"It sees {context} tokens" in said
    with pytest.raises(UserError, match="mine learned from the digits - leave out the text"):
        measure_again(folder, [tmp_path / "text.txt"])


def test_what_was_not_trained_here_is_refused(tmp_path: Path, tiny_folder: Path) -> None:
    with pytest.raises(UserError, match="does not say how it was trained - only what playground train has made"):
        measure_again(tiny_folder)
    _, of = texts(tmp_path)
    folder = trained(tmp_path / "mine", of)
    found = told(folder)
    (folder / "training.json").write_text(json.dumps({**found, "corpus": {"kind": "little-world"}}))
    with pytest.raises(UserError, match="mine learned from the little world - leave out the text"):
        measure_again(folder, [tmp_path / "text.txt"])
