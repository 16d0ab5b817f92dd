"""Choosing one of a list, or a folder by its path."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from playground.kit.choosing import Item
from playground.kit.choosing_folder import ChooseOrFolder
from tests.playground.kit.dialogs_on_screen import NOTHING, Bare, shown
from tests.playground.waiting import until


async def test_a_path_is_completed_folder_by_folder_and_words_find_what_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "all" / "mine").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    (tmp_path / "all" / "of mine").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path))
    dialog = ChooseOrFolder("Open", [Item("a", "apple", "red")], lambda it: it.endswith(("mine/", " mine")), "a model")
    app = Bare(dialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen is dialog and dialog.query(Input))
        line = dialog.query_one(Input)
        await pilot.press(*"red")
        assert dialog.chosen == "a"
        line.value = "~/"
        await until(pilot, lambda: dialog.chosen == "~/all/")
        assert "file" not in shown(app.screen), "it is none that can be chosen"
        await pilot.press("enter")
        await until(pilot, lambda: dialog.chosen == "~/all/mine/")
        assert line.value == "~/all/" and app.given is NOTHING and "a model" in shown(app.screen)
        await pilot.press("tab", "ctrl+u")
        line.value = "~/all/o"
        await until(pilot, lambda: dialog.chosen == "~/all/of mine")
        line.value = f"'{tmp_path}/all/of mine'"
        await until(pilot, lambda: dialog.chosen == f"{tmp_path}/all/of mine")
        line.value = "~/all/m"
        await until(pilot, lambda: dialog.chosen == "~/all/mine/")
        await pilot.press("enter")
        await until(pilot, lambda: app.given == f"{tmp_path}/all/mine/")


async def test_what_no_list_has_is_given_as_it_was_typed() -> None:
    app = Bare(ChooseOrFolder("Open", [Item("a", "apple", "red")], lambda folder: True, "a model"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"gpt2", "enter")
        await until(pilot, lambda: app.given == "gpt2")
