"""u and b do what they say and say what they did; where the person looks is left alone."""

from __future__ import annotations

from pathlib import Path

from playground.looking.labels import label
from playground.looking.panes.prompt_lines import PARTS
from tests.playground.play.play_on_screen import Person, at


async def open_model(person: Person, folder: Path) -> None:
    """As a choice in the list of models does."""
    opening = person.session.opening
    person.app.open_model(str(folder))
    await person.until(lambda: person.session.opening != opening and person.play.is_fresh)


async def test_undo_says_what_it_undid_and_leaves_the_focus_the_pane_and_the_head(folder: Path) -> None:
    async with at(folder, size=(80, 24)) as person:
        await person.press("space", "x", "T", "S", "7", "right", "3", "right", "down", "5")
        look, there = (person.session.view.layer, person.session.view.head), person.session
        newest = label(person.play.tokenizer, there.tokens[-1])
        said = ["seed 2", "temperature 1.1", "silence head 0.0", f"step '{newest}'"]
        for words in said:
            await person.press("u")
            assert person.notices[-1] == f"undone: {words}"
            focused = person.play.board.focused
            assert focused is not None and focused.name == person.play.board.staged == "row"
            assert (person.session.view.layer, person.session.view.head) == look
        await person.press("u")
        assert person.notices[-1] == "nothing is left to undo" and person.text == "To be"
        for words in reversed(said):
            await person.press("U")
            assert person.notices[-1] == f"redone: {words}"
        assert person.session.tokens == there.tokens and person.session.switches == there.switches
        await person.press("U")
        assert person.notices[-1] == "nothing is left to do again"


async def test_opening_a_model_is_undone_as_any_act_is(folder: Path, words: Path) -> None:
    async with at(folder, prompt="to be, or not", size=(80, 24)) as person:
        await person.press("3", "right", "down", "x")
        char, before = person.model, person.session
        await open_model(person, words)
        assert person.model is not char and person.session.model == "words" and person.text == "to be, or not"
        assert person.app.opened is not None and person.app.opened.model is person.model
        await person.press("space", "u", "u")
        assert person.notices[-1] == "undone: opened words"
        assert person.model is char and person.session == before and person.app.opened.model is char
        focused = person.play.board.focused
        assert focused is not None and focused.name == "heads" and "to·be,·or·not" in person.sees("prompt")
        await person.press("U", "U", "u", "u", "u")
        assert person.notices[-1] == "undone: silence head 1.1"
        await person.press("e", "ctrl+y", "ctrl+y")
        assert person.session.model == "words" and person.session.view.caret == 13, "who types goes on typing"


async def test_a_model_that_is_no_longer_kept_is_not_gone_back_to(folder: Path, words: Path) -> None:
    async with at(folder, prompt="to be, or not") as person:
        person.app.kept.most = 0  # but for two values, which stay however large: the passes of the model in use
        await open_model(person, words)
        for key in ("x", "m"):  # a pass each, not only the newest that is asked for
            await person.press(key)
        await person.press("u", "u", "u")
        assert person.session.model == "words" and "random is no longer kept in memory" in person.notices[-1]
        await person.press("space")
        assert person.session.model == "words"


async def test_b_says_where_it_went_and_without_another_line_that_there_is_none(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("b")
        assert "no other line of text" in person.notices[-1] and person.text == "To be"
        await person.press("space", "space")
        await person.press("1", "left", "left", "2", "down", "down")
        there = person.text
        await person.press("enter")
        forced = person.text
        assert len(forced) == 6 and there.startswith("To be") and forced != there[:6]
        shown = person.sees("prompt").splitlines()
        assert shown[1].endswith(f"{PARTS}▸{forced[-1].replace(' ', '·')}")
        assert shown[-2] == f"{PARTS} b: at 5 '{there[5:].replace(' ', '·')}'"
        await person.press("b")
        assert person.text == there and f"place 5 it goes on '{there[5:].replace(' ', '·')}'" in person.notices[-1]
        shown = person.sees("prompt").splitlines()
        assert shown[-2] == f"{PARTS} b: at 5 '{forced[-1].replace(' ', '·')}'" and shown[1][5] == PARTS
        await person.press("u")
        assert person.notices[-1] == "undone: the other line of text" and person.text == forced


async def test_a_token_forced_at_the_end_can_be_returned_from(folder: Path) -> None:
    async with at(folder) as person:
        for keys in (("2", "down", "enter"), ("down", "enter")):
            await person.press(*keys)
        forced = person.text
        assert len(forced) == 7 and person.sees("prompt").splitlines()[-2] == f"{PARTS} b: at 5 it ends"
        await person.press("b")
        assert person.text == "To be" and "at 5 '" in person.sees("prompt")
        await person.press("b")
        assert person.text == forced
