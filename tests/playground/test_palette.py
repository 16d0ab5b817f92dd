"""The command palette finds everything, under headings; and a text that was typed comes back."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from models.runs.presets import PRESETS
from playground import settings
from playground.kit.commands import Palette
from playground.learn.catalogue import named
from playground.train.new_run import NewRun
from playground.train.screen import Train
from tests.playground.play.play_on_screen import Person, at
from tests.playground.train.runs_on_screen import make


async def do(person: Person, *words: str) -> None:
    """With ^p, what holds these words."""
    await person.pilot.press("ctrl+p")
    await person.until(lambda: isinstance(person.app.screen, Palette) and person.app.screen.query(Input))
    person.app.screen.query_one(Input).value = " ".join(words)
    await person.pilot.pause()
    await person.pilot.press("enter")
    await person.pilot.pause()


async def test_the_palette_finds_keys_models_runs_presets_sets_texts_and_themes(
    tiny_folder: Path, tmp_path: Path
) -> None:
    settings.load().with_set("quiet", ["head-off:0.0"]).with_prompt("to be\nor")
    make(tmp_path, "mine", (0, 10))
    async with at(tiny_folder) as person:
        person.app.runs = tmp_path
        found = list(person.app.everything(person.play))
        groups = {
            group: [each.title for each in found if each.group == group]
            for group in dict.fromkeys(each.group for each in found)
        }
        assert "Step" in groups["Write"] and "Mask" in groups["Switch parts off"]
        assert {"little-world", "shakespeare-char"} < set(groups["Open a model"])
        assert groups["Look at a run"] == ["mine"] and groups["Train a model"] == [*PRESETS]
        assert groups["Recall a set of switches"] == ["quiet"] and "Lesson 1:" in " ".join(groups["Begin a lesson"])
        told = " ".join(each.words for each in found if each.group == "Begin a lesson")
        assert named("7").claim.words not in told, "a lesson asks first"
        assert groups["Take a text from before"] == ["to be⏎or"] and "paper" in groups["Choose a theme"]
        await do(person, "theme", "paper")
        assert person.app.theme == "paper"
        await do(person, "recall", "quiet")
        await person.until(lambda: person.switched == {"head-off:0.0"})
        await do(person, "text from before")
        await person.until(lambda: person.text == "to be\nor")
        await do(person, "look", "mine")
        await person.until(lambda: isinstance(person.app.here, Train) and person.app.here.view.run == "mine")
        await do(person, "train a model", "no-mask")
        await person.until(lambda: isinstance(person.app.screen, NewRun) and person.app.screen.is_filled)
        assert isinstance(person.app.screen, NewRun) and person.app.screen.value("preset") == "no-mask"


async def test_what_was_typed_comes_back_while_one_types(tiny_folder: Path) -> None:
    async with at(tiny_folder, prompt="to be") as person:
        for text in ("not", "or"):
            await person.press("e", "ctrl+u", *text, "enter")
        assert settings.load().prompts == ("or", "not")
        await person.press("e", "pageup", "pageup")
        assert person.session.text == "not" and person.session.view.caret == 3
        await person.press("pageup")
        assert person.session.text == "not" and "no text before" in person.notices[-1]
        await person.press("pagedown", "pagedown")
        assert person.session.text == ""
        await person.press("ctrl+z")
        assert person.session.text == "or" and person.notices[-1] == "undone: a text from before"
