"""The Compare screen through Textual's Pilot, on real model folders: what a person does, and what it changes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Input

from models.baselines import Bigram
from models.lenses.truth import Truth
from playground.app import Playground
from playground.compare.keys import EDITING, KEYS
from playground.compare.layout import PANES, TEXT
from playground.compare.scene import CompareScene
from playground.kit.dialogs import Ask, Help
from playground.kit.keys import digit
from playground.looking.prompts import MENDS
from tests.conftest import ROOT
from tests.playground.compare.compare_on_screen import Person, at
from tests.playground.compare.compare_scenes import STORY
from tests.playground.looking.scenes import CORPUS
from tests.playground.waiting import PATIENCE


async def test_it_compares_the_model_and_the_text_of_play(letters: Path) -> None:
    async with at(letters, "To be, or not") as person:
        compare = person.compare
        assert compare.view.text == "To be, or not" and [*compare.known.models] == ["GPT", "bigram", "unigram"]
        assert compare.known.results is not None and compare.known.results.end == len("To be, or not")
        assert "GPT" in person.sees("strips") and "bigram" in person.sees("bars")
        assert "letters" in person.sees("status")


async def test_a_text_changed_in_play_is_taken_over_and_one_typed_here_is_kept(letters: Path) -> None:
    async with at(letters) as person:
        await person.press("e", "x", "enter")
        assert person.compare.view.text == "To bex"
        await person.pilot.press("f2")
        await person.until(lambda: person.app.screen is person.app.play)
        await person.press("f4")
        await person.until(lambda: person.app.screen is person.compare)
        assert person.compare.view.text == "To bex"
        await person.pilot.press("f2")
        await person.until(lambda: person.app.screen is person.app.play)
        await person.pilot.press("space")
        await person.until(lambda: len(person.app.play.session.tokens) == 6)
        await person.press("f4")
        await person.until(lambda: person.compare.view.tokens == person.app.play.session.tokens)


async def test_another_model_in_play_is_another_here(letters: Path, words: Path) -> None:
    async with at(letters) as person:
        person.app.open_model(str(words), prompt=STORY)
        await person.until(lambda: person.app.screen is person.app.play)
        await person.pilot.press("f4")
        await person.until(lambda: person.compare.view.text == STORY)
        await person.settle()
        assert next(iter(person.compare.known.models)) == "truth"
        assert person.compare.known.results is not None and person.compare.known.results.beliefs


async def test_from_train_it_opens_the_model_itself(letters: Path, tmp_path: Path) -> None:
    app = Playground(str(letters), runs=tmp_path, first="train")
    async with app.run_test(size=(120, 36)) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: "train" in app.made and app.screen is app.made["train"])
        await pilot.press("f4")
        await person.until(lambda: "compare" in app.made and app.screen is app.made["compare"])
        await person.settle()
        assert app.opened is not None and person.compare.known.gpt is app.opened.model is app.play.model


async def test_going_along_the_text(words: Path) -> None:
    async with at(words, STORY) as person:
        compare = person.compare
        assert compare.view.place is None and "what is next?" in person.sees("bars")
        await person.press("left")
        assert compare.scene.place == len(compare.view.tokens) - 1
        await person.press("home")
        assert compare.scene.place == 0 and "before the first token" in person.sees("bars")
        await person.press("right")
        assert "'was' came" in person.sees("bars")
        await person.press("end")
        assert compare.view.place is None


async def test_w_goes_to_the_worst_place_and_n_to_the_best(words: Path) -> None:
    async with at(words, STORY) as person:
        compare = person.compare
        wrong, wins = compare.scene.found("wrong"), compare.scene.found("wins")
        await person.press("home", "w")
        assert compare.scene.place == wrong[0]
        await person.press("w")
        assert compare.scene.place == wrong[1]
        await person.press("W")
        assert compare.scene.place == wrong[0]
        await person.press("n")
        assert compare.scene.place == wins[0]
        before = compare.scene.leads, compare.scene.against
        await person.press("m")
        assert (compare.scene.leads, compare.scene.against) != before
        await person.press("M")
        assert (compare.scene.leads, compare.scene.against) == before


async def test_every_pane_by_its_number_with_its_help(words: Path) -> None:
    async with at(words, STORY, (80, 24)) as person:
        for name in PANES:
            await person.press(digit(PANES, name))
            assert person.compare.focused is person.compare.board.picture(name), name
            assert person.sees(name).strip()
        await person.pilot.press("question_mark")
        await person.until(lambda: isinstance(person.app.screen, Help))
        assert any("grid" in str(widget.render()) for widget in person.app.screen.query(".title"))


async def test_tab_goes_round_and_a_tab_can_be_clicked(letters: Path) -> None:
    async with at(letters) as person:
        order = person.compare.board.order
        for name in [*order[1:], order[0]]:
            await person.press("tab")
            assert person.compare.focused is person.compare.board.picture(name)
        canvas = person.compare.board.picture("tabs").canvas
        assert canvas is not None
        line = canvas.plain().splitlines()[0]
        await person.pilot.click("#tabs", offset=(line.index("wrong"), 0))
        await person.until(lambda: person.compare.board.staged == "wrong")
        assert person.compare.focused is person.compare.board.picture("wrong")


@pytest.mark.parametrize("size", [(60, 18), (100, 30), (160, 48)])
async def test_every_size_shows_every_pane(words: Path, size: tuple[int, int]) -> None:
    async with at(words, STORY, size) as person:
        for name in PANES:
            person.compare.go_to(name)
            await person.pilot.pause()
            assert name in person.compare.board.order and person.sees(name).strip()
        await person.pilot.resize_terminal(50, 10)
        await person.pilot.pause()
        await person.pilot.resize_terminal(*size)
        await person.press("left")


async def test_typing_is_followed_and_left(letters: Path) -> None:
    async with at(letters) as person:
        compare = person.compare
        await person.press("1", "e")
        assert TEXT in compare.arrangement.places(compare.board.size, "bars").regions and "To·be" in person.sees(TEXT)
        await person.press("n", "o", "t")
        assert compare.view.text == "To benot" and compare.known.results is not None and compare.known.results.end == 8
        await person.press("left", "backspace")
        assert compare.view.text == "To bent"
        assert compare.board.text is not None
        compare.board.text.post_message(Paste("[red]\x1b[2J"))
        await person.until(lambda: "red" in compare.view.text)
        assert compare.view.problem is not None and "never seen" in person.sees(TEXT)
        await person.press("ctrl+u")
        assert compare.view.text == "t" and compare.view.problem is None
        await person.press("enter")
        assert compare.draft is None and compare.focused is compare.board.picture("strips")
        await person.press("w")
        assert compare.view.text == "t", "letters are keys again"


async def test_what_the_model_knows_of_a_text_is_compared_by_one_key(letters: Path) -> None:
    async with at(letters) as person:
        compare = person.compare
        await person.press("ctrl+r")
        assert person.notices[-1] == "the model knows all of the text"
        await person.press("e")
        assert compare.board.text is not None
        compare.board.text.post_message(Paste(" — tö bé"))
        await person.until(lambda: "tö" in compare.view.text)
        await person.settle()
        shown = " ".join(person.sees(TEXT).split())
        assert "'—' (U+2014), 'ö' (U+00F6) and 'é' (U+00E9)" in shown and MENDS in shown
        assert compare.known.results is not None and compare.known.results.end == 6
        compare.board.text.post_message(Paste(" tö bé"))
        await person.until(lambda: "—" not in compare.view.text)
        await person.press("ctrl+r")
        assert compare.view.text == "To be to be" and compare.view.caret == 11
        assert compare.known.results is not None and compare.known.results.end == 11
        compare.board.text.post_message(Paste("é"))
        await person.press("enter", "ctrl+r")
        assert compare.view.text == "To be to bee" and compare.view.problem is None


async def test_words_that_are_read_as_unknown_are_named(words: Path) -> None:
    async with at(words, STORY + " zebra") as person:
        await person.press("e")
        assert "the model does not know 'zebra'" in " ".join(person.sees(TEXT).split())
        await person.press("ctrl+r")
        assert person.compare.view.text == STORY + " " and not person.compare.view.unread


async def test_a_result_of_another_text_is_dropped(letters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter is typed while the text before it is still being compared."""
    begun, onward, logits = threading.Event(), threading.Event(), Bigram.logits

    def held_up(*arguments: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():  # panes ask it as well
            begun.set()
            assert onward.wait(PATIENCE)
        return logits(*arguments)

    async with at(letters) as person:
        compare, before = person.compare, person.compare.view.tokens
        monkeypatch.setattr(Bigram, "logits", held_up)
        await person.pilot.press("e", "o")
        await person.until(begun.is_set)
        await person.pilot.press("r")
        drawn = set[Sequence[int]]()
        draw = compare.board.draw

        def watched(scene: CompareScene, *more: Any) -> None:
            drawn.update([scene.results.tokens] if scene.results else [])
            draw(scene, *more)

        monkeypatch.setattr(compare.board, "draw", watched)
        onward.set()
        await person.settle()
        assert compare.view.tokens in drawn and drawn <= {before, compare.view.tokens}


async def test_a_text_of_nothing_and_of_one_token(letters: Path) -> None:
    async with at(letters) as person:
        await person.press("e", "ctrl+u")
        assert person.compare.view.tokens == () and "press e" in person.sees("strips")
        await person.press("enter", *"1234567890", "w", "n", "left", "enter", "e", "T")
        assert person.compare.known.results is not None and person.compare.known.results.end == 1
        await person.press("escape", *"1234567890", "w", "n", "left", "enter")


async def test_the_status_says_what_cut_the_text(letters: Path) -> None:
    async with at(letters, "To be #") as person:
        assert "never seen" in person.sees("status") and person.compare.known.results is not None


async def test_models_write_from_the_place_with_the_seed(words: Path) -> None:
    async with at(words, STORY) as person:
        compare = person.compare
        assert not compare.asked.onward, "nobody writes what nobody sees"
        await person.press("8")
        await person.until(lambda: len(compare.known.continuations) == len(compare.known.models))
        first = dict(compare.known.continuations)
        assert all(first.values())
        await person.press("S")
        await person.until(lambda: len(compare.known.continuations) == len(compare.known.models))
        assert compare.known.continuations != first
        await person.press("s")
        await person.until(lambda: len(compare.known.continuations) == len(compare.known.models))
        assert compare.known.continuations == first
        await person.press("left", "left")
        assert compare.asked.onward == compare.view.tokens[:-2]


async def test_scores_grow_while_they_are_seen(words: Path) -> None:
    async with at(words, STORY) as person:
        compare = person.compare
        assert compare.known.scored.scoreboard is None
        await person.press("6")
        await person.until(lambda: compare.known.scored.scoreboard and compare.known.scored.scoreboard.texts >= 2)
        board = compare.known.scored.scoreboard
        assert board is not None and [score.name for score in board.scores] == [*compare.known.models]
        assert board.floor == pytest.approx(min(score.bits for score in board.scores)) and board.floor > 0.5
        assert "little world" in person.sees("scoreboard")
        await person.press("enter")
        assert not compare.asked.scores
        await person.press("r")
        assert compare.asked.scores
        await person.press("7")
        await person.until(lambda: compare.known.scored.context_use is not None)
        await person.press("2", "3")
        assert not compare.asked.scores


async def test_a_text_file_to_score_on(letters: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(CORPUS * 20)
    async with at(letters) as person:
        compare = person.compare
        await person.pilot.press("f")
        await person.until(lambda: isinstance(person.app.screen, Ask))
        await person.pilot.press(*"nowhere.txt", "enter")
        await person.until(lambda: person.notices)
        assert "nowhere.txt" in person.notices[0] and compare.known.scored.file is None
        assert compare.asked.file is None
        await person.until(
            lambda: compare.known.scored.is_done
        )  # what the model has instead: it waits for no missing file
        await person.pilot.press("f")
        await person.until(lambda: isinstance(person.app.screen, Ask))
        compare.app.screen.query_one(Input).value = str(text)
        await person.pilot.press("enter")
        await person.until(lambda: compare.known.scored.scoreboard is not None)
        assert "text.txt" in person.sees("scoreboard")


async def test_searching_the_grid(words: Path) -> None:
    async with at(words, STORY) as person:
        await person.pilot.press("slash")
        await person.until(lambda: isinstance(person.app.screen, Ask))
        await person.pilot.press(*"bank", "enter")
        await person.until(lambda: person.compare.view.search == "bank")
        await person.press("plus")
        assert person.compare.view.zoom == 1
        await person.press("escape")
        assert person.compare.view.search == ""


async def test_the_truth_is_there_where_the_world_is(words: Path) -> None:
    async with at(words, STORY, (160, 48)) as person:
        assert isinstance(person.compare.known.models["truth"], Truth)
        assert "knows" in person.compare.board.order and "read it" in person.sees("knows")


def test_the_screen_is_imported_late() -> None:
    code = "import sys, playground.app, playground.kit.keys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    late = ("numpy", "playground.compare.screen", "playground.compare.panes", "models.lenses")
    assert not [name for name in done.stdout.split() if name.startswith(late)]


def test_no_two_keys_are_the_same() -> None:
    for table in (KEYS, EDITING):
        keys = [key for each in table for key in each.keys.split(",")]
        assert len(keys) == len(set(keys))
