"""A model that cannot read the prompt begins with its own, and the person's is not lost."""

from __future__ import annotations

import gc
import shutil
from dataclasses import replace
from pathlib import Path
from weakref import ref

import models
from models.switches import HeadOff, Patched, Rewritten
from playground.looking.prompts import opening
from playground.looking.session import Session
from playground.play.another_model import begun
from tests.playground.play.play_on_screen import at
from tests.playground.play.test_undo import open_model

OWN = "zebra quagga okapi"  # characters that one model knows, words that the other does not


async def test_a_text_that_the_model_does_not_know_is_kept_and_brought_back_by_e(letters: Path, words: Path) -> None:
    async with at(letters, prompt=OWN) as person:
        await person.press("space")
        own = person.text
        await open_model(person, words)
        assert person.session.text == opening(person.model) and "e brings yours back" in person.notices[-1]
        await person.press("space", "e")
        assert person.session.text == own and person.session.view.caret == len(own)
        assert "the model does not know 'zebra'" in person.sees("prompt")
        await person.press("ctrl+z")
        assert person.notices[-1] == "undone: your own text brought back"
        await person.press("enter", "u", "u")
        assert person.text == own and person.session.model == "letters"


async def test_the_text_put_aside_comes_back_with_a_model_that_knows_it(letters: Path, words: Path) -> None:
    async with at(letters, prompt=OWN) as person:
        await open_model(person, words)
        await open_model(person, letters)
        assert person.text == OWN and person.session.aside is None


async def test_an_example_is_nobodys_text(letters: Path, words: Path) -> None:
    async with at(letters, prompt=None) as person:
        await person.press("escape")
        await open_model(person, words)
        assert person.session.text == opening(person.model) and person.session.aside is None and not person.notices


async def test_what_is_typed_anew_is_the_persons_text(letters: Path, words: Path) -> None:
    async with at(letters, prompt=OWN) as person:
        await open_model(person, words)
        await person.press("1", "e", "ctrl+u", *"To be", "enter")
        assert person.text == "To be" and person.session.aside is None
        await open_model(person, letters)
        assert person.text == "To be"


async def test_head_place_and_run_stay_sensible(folder: Path, words: Path) -> None:
    """The other model has one layer of two heads."""
    async with at(folder, prompt="To be, or") as person:
        await person.press("3", "right", "right", "right", "down", "1", "left", "left", "r")
        view = person.session.view
        assert (view.layer, view.head, view.row) == (1, 3, 6)
        await open_model(person, words)
        view = person.session.view
        assert (view.layer, view.head, view.row) == (0, 1, None) and not person.play.writing.runs
        await person.press("u", "1", "left")
        same = person.session.view.row
        await open_model(person, folder)
        assert person.session.view.row == same is not None, "the same text is looked at where it was"


def test_what_is_taken_from_another_text_is_off_where_its_tokens_are_another_one() -> None:
    names = "little-world", "little-world-no-attention", "shakespeare-char"
    world, bare, letters = map(models.load, names)
    patch, fact = Patched("mlp_out", 1, 2, (12, 45, 7)), Rewritten(0, (12, 45), (12, 46))
    before = replace(Session(world.name), switches=(HeadOff(0, 1), patch, fact))
    session, notices = begun(before, world, letters, "To be")
    assert session.switches == (HeadOff(0, 1),)
    assert notices == ["what was taken from another text is off again: to shakespeare-char its tokens are another one"]
    session, notices = begun(before, world, bare, "to be")
    assert set(session.switches) == set(before.switches) and not notices


async def test_of_five_models_opened_one_after_the_other_only_the_last_is_left(folder: Path, tmp_path: Path) -> None:
    """Where there is no room to keep the others; nothing else holds on to them."""
    folders = [Path(shutil.copytree(folder, tmp_path / str(number))) for number in range(5)]
    async with at(folders[0]) as person:
        person.app.kept.most = 0
        worker = person.play.worker
        assert worker is not None
        seen, thread = [ref(person.model)], ref(worker)
        del worker
        for each in (*folders[1:], folders[0]):
            await open_model(person, each)
            gc.collect()
            assert seen[-1]() is None, "a model that is larger than all that may be kept goes at once"
            await person.press("x", "space")  # two passes, which are what is kept however little room there is
            seen.append(ref(person.model))
        gc.collect()
        assert [each() is None for each in seen] == [True] * 5 + [False]
        assert thread() is None, "and the thread of the first has gone with it"
