"""One list of models, in Play, Compare and Inside alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from models import available, model_files, model_folders
from models.corpora.spec import CorpusSpec
from models.run_layout import RunFolder
from models.runs import TrainConfig, catalogue
from models.units import BITS, NATS
from playground import settings
from playground.app import Playground
from playground.kit.choosing_folder import ChooseOrFolder
from playground.looking.model_picker import BUNDLED, RECENT, RUNS, offers, said
from tests.models.saved_models import vast
from tests.playground.waiting import until


def a_run(runs: Path, model: Path) -> Path:
    """A finished one, called "own"."""
    catalogue.create(runs / "own", TrainConfig(), catalogue.LearnsFrom(CorpusSpec("text", ("a.txt",))), ["train"])
    return Path(shutil.copytree(model, RunFolder(runs / "own").model))


def test_every_model_is_offered_once_with_what_its_files_tell(tiny_folder: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(tiny_folder, tmp_path / "broken")
    (broken / "config.json").write_text("{")
    own = a_run(tmp_path / "runs", tiny_folder)
    found = {offer.name: offer for offer in offers(tmp_path / "runs", [str(broken), str(own), str(tmp_path / "gone")])}
    groups = {name: offer.group for name, offer in found.items()}
    assert groups.pop("own") == RUNS and groups.pop("broken") == RECENT and set(groups.values()) == {BUNDLED}
    assert "config.json" in said(found["broken"], BITS)
    assert " ".join(said(found["little-world"], BITS).split()) == "390 K 466 words 1.050 bits michael jordan plays"
    assert "2.126 bits  ROMEO:⏎What light" in said(found["shakespeare-char"], BITS)
    assert "1.474 nats" in said(found["shakespeare-char"], NATS) and "– bits" in said(found["own"], BITS)


async def test_the_same_list_opens_in_play_compare_and_inside(tiny_folder: Path, tmp_path: Path) -> None:
    a_run(tmp_path / "runs", tiny_folder)
    mine = shutil.copytree(tiny_folder, tmp_path / "mine")
    app = Playground(str(tiny_folder), "to be", runs=tmp_path / "runs")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.opened and app.play.model is not None)
        listed = []
        for place, choice in (("play", "own"), ("inside", str(mine)), ("compare", "own")):
            app.show(place)
            await until(pilot, lambda: app.screen is app.screen_named(place))  # noqa: B023  # called in this round only
            await pilot.press("o")
            await until(pilot, lambda: isinstance(app.screen, ChooseOrFolder) and app.screen.query(Input))
            listed.append({item.label for item in app.screen.options})  # type: ignore[attr-defined]  # as just waited for
            app.screen.query_one(Input).value = choice
            await pilot.pause()
            await pilot.press("enter")
            if place != "compare":
                opened = Path(choice).name
                await until(pilot, lambda: app.opened.model.name == opened and app.here is not None)  # type: ignore[union-attr]  # noqa: B023
                assert app.here is app.screen_named(place)
        compare = app.screen_named("compare")
        await until(pilot, lambda: "own" in compare.scene.names)  # type: ignore[union-attr]  # a CompareScene
    assert listed[0] == {*available(), "own", "tiny"} and "worked-example" in listed[0]
    assert listed[1] == listed[0] and listed[2] == listed[0] | {"mine"}
    assert settings.load().recent == (str(mine), str(tiny_folder))


async def test_what_a_model_needs_is_said_before_and_one_that_cannot_be_opened_leaves_what_is_there(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_files, "machine", lambda: 8 << 30)
    (huge := tmp_path / "huge").mkdir()
    (adapter := tmp_path / "adapter").mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    gguf = tmp_path / "some.gguf"
    gguf.write_bytes(b"GGUF")
    refused = {
        vast(huge): "needs 61.8 GiB of memory, this machine has 8.0 - choose a smaller model",
        adapter: "is an adapter (LoRA) alone, without the model that it changes - merge the two",
        gguf: "some.gguf is a GGUF file, as llama.cpp reads them - give the folder it was made from",
    }
    app = Playground(str(tiny_folder), "to be", runs=tmp_path / "runs")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.opened and app.play.model is not None)
        first = app.opened
        for number, (place, says) in enumerate(refused.items(), 1):
            await open_path(app, pilot, place)
            await until(pilot, lambda: len(app.notices.told) == number)  # noqa: B023  # called in this round only
            assert says in app.notices.told[-1].words and app.opened is first
        monkeypatch.setattr(model_folders, "LARGE", 1)
        mine = Path(shutil.copytree(tiny_folder, tmp_path / "mine"))
        await open_path(app, pilot, mine)
        await until(pilot, lambda: app.opened is not first)
        assert app.notices.told[-1].words == "mine needs 0.0 GiB of memory, this machine has 8.0"


async def open_path(app: Playground, pilot: Pilot[None], place: Path) -> None:
    """As a person does who types it, and goes on into a folder that does not look like a model's."""
    await pilot.press("o")
    await until(pilot, lambda: isinstance(app.screen, ChooseOrFolder) and app.screen.query(Input))
    app.screen.query_one(Input).value = str(place)
    await pilot.pause()
    while isinstance(app.screen, ChooseOrFolder):
        await pilot.press("enter")
