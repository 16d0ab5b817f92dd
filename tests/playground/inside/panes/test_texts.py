"""Two texts on screen: what each page is worth, closed and open again, and pages as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import UserError
from models.switches import Apart
from playground.inside.layout import PANES
from playground.inside.panes.texts import EXAMPLE, Texts, TextsLook, to_head
from playground.inside.scene import InsideScene
from playground.inside.texts_in_words import as_typed, typed
from playground.kit.keys import digit
from playground.looking.session import look_at
from tests.playground.inside.inside_on_screen import at
from tests.playground.inside.inside_scenes import drawn, scene, seen
from tests.playground.looking.scenes import GLYPHS

PANE = Texts()
TEXT = "\ngreece is far away .\nfrance is far away .\nthe capital is"


def looked(of: InsideScene | None = None, **where: int | bool) -> InsideScene:
    of = of or scene(TEXT)
    return seen(of, to_head(0, 3, of.view).looking(TextsLook(**where)))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(146, 38), (118, 26), (76, 17)], ids=str)
def test_answer_pages_heads_and_rectangle(size: tuple[int, int]) -> None:
    plain = drawn(PANE, looked(), *size).plain()
    lines = plain.splitlines()
    assert (
        "with the pages paris 0.971 · without 0.030, but berlin · costs 4.80 bits" in plain
        and "layer 0 head 3" in plain
    )
    (page,) = (line for line in lines if "2 france" in line)
    assert page.split()[-4:] == ["13.71", "0.853", "0.46", "0.50"]
    assert "closed in one head: L0H3 6.38" in plain
    (row,) = (line for line in lines if line.startswith("capital"))
    assert row.split() == ["capital", "0.10", "0.44"]
    assert "is → france 0.708" in plain
    assert "page 2 of 2 costs most when closed; ranked by mean vector 2 in wte, then 2 2 1" in " ".join(plain.split())


def test_by_token_each_has_a_column_of_its_own() -> None:
    plain = drawn(PANE, looked(by_token=True), 118, 26).plain()
    head, *rows = plain.splitlines()[9:]
    assert head.split() == ["greece", "is", "far", "away", ".", "⏎", "france", "is", "far", "away", ".", "⏎"]
    assert rows[2].split()[0] == "is" and rows[2].split()[7] == "0.71"
    assert any(glyph in drawn(PANE, looked(by_token=True), 60, 26, GLYPHS).plain() for glyph in "▒▓░≡#")


def test_a_depth_is_chosen_and_its_ranking_shown() -> None:
    of = looked()
    deeper = seen(of, PANE.enter(of))
    assert "L0 mean" in drawn(PANE, deeper).plain() and "wte mean" in drawn(PANE, of).plain()
    assert PANE.back(deeper).look(TextsLook).depth == 0 == PANE.back(of).look(TextsLook).depth
    assert PANE.enter(looked(depth=3)).look(TextsLook).depth == 3


def test_x_closes_what_the_cursor_is_on_and_opens_it_again() -> None:
    of = looked()
    assert PANE.put_in(of).session.switches == (Apart(13, 1, 12),)
    second = looked(page=2)
    assert PANE.put_in(second).session.switches == (Apart(13, 7, 12),)
    shut = looked(scene(TEXT, (Apart(13, 7, 12),)), page=2)
    plain = drawn(PANE, shut).plain()
    assert "▸✕ 2 france" in plain and "13.71" in plain and "is → france" not in plain
    assert not PANE.put_in(shut).session.switches
    whole = drawn(PANE, looked(scene(TEXT, (Apart(13, 1, 12),)))).plain()
    assert "head 3 · closed" in whole and "looks at no page in this head" in whole
    (row,) = (line for line in whole.splitlines() if line.startswith("capital"))
    assert row == "capital", "what may not be looked at is empty, not zero"


def test_arrows_take_a_page_and_a_head_and_clicks_do() -> None:
    of = looked()
    assert PANE.move(of, 1, 0).look(TextsLook).page == 1 and PANE.move(of, -1, 0).look(TextsLook).page == 0
    assert PANE.move(looked(page=2), 1, 0).look(TextsLook).page == 2
    view = PANE.move(of, 0, 1).session.view
    assert (view.layer, view.head) == (1, 0)
    view = PANE.move(of, 0, -9).session.view
    assert (view.layer, view.head) == (0, 0)
    canvas = drawn(PANE, of)
    y = next(y for y, line in enumerate(canvas.plain().splitlines()) if "2 france" in line)
    act = canvas.at(5, y)
    assert act is not None and act(of.view).look(TextsLook).page == 2
    y, line = next((y, line) for y, line in enumerate(canvas.plain().splitlines()) if "L0H1" in line)
    act = canvas.at(line.index("L0H1"), y)
    assert act is not None and act(of.view).session.view.head == 1


def test_the_question_is_read_up_to_the_cursor() -> None:
    of = looked()
    before = seen(of, of.view.with_session(look_at(of.view.session, 14)))
    assert "with the pages paris" not in drawn(PANE, before).plain()
    in_a_page = seen(of, of.view.with_session(look_at(of.view.session, 3)))
    assert PANE.asks(in_a_page) == PANE.asks(of) and "with the pages paris" in drawn(PANE, in_a_page).plain()


def test_one_text_says_what_to_do_and_offers_an_example() -> None:
    of = scene("michael jordan plays")
    plain = " ".join(drawn(PANE, of).plain().split())
    assert "there is one text here: f types pages and a question" in plain and EXAMPLE in plain
    assert PANE.suggestion(of) == EXAMPLE
    told = PANE.told(of, EXAMPLE)
    assert told.session.text == TEXT and PANE.suggestion(seen(scene(TEXT), told)) == EXAMPLE


def test_pages_are_typed_with_bars_or_taken_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "pages.txt"
    file.write_text("one page\n\nanother \nthe question\n")
    assert typed("a | b |c") == "a\nb\nc" and typed("| a | b") == "\na\nb"
    assert typed(str(file)) == "one page\nanother\nthe question"
    assert typed(f"{file} | and then") == "one page\nanother\nthe question\nand then"
    assert typed(f"'{file}' | '~nobody'") == "one page\nanother\nthe question\n'~nobody'" and typed("~nobody|b")
    assert as_typed(typed("| a | b")) == "| a | b"
    for words, says in (("a", "no page before the question"), (" | a", "no page"), (f"{tmp_path}", "no page")):
        with pytest.raises(UserError, match=says):
            typed(words)
    (tmp_path / "empty").write_text(" \n")
    with pytest.raises(UserError, match="no line of text"):
        typed(f"{tmp_path / 'empty'} | a")


async def test_pages_typed_on_screen_can_be_closed_and_all_of_it_undone() -> None:
    async with at() as person:
        await person.press(digit(PANES, "texts"), "f", "enter")
        await person.settle()
        assert person.app.session.text == TEXT and "with the pages paris" in person.sees("texts")
        await person.press("x")
        await person.settle()
        assert person.app.session.switches == (Apart(13, 1, 12),) and "closed" in person.sees("texts")
        await person.press(digit(PANES, "walk"), *["down"] * 5)
        await person.settle()
        assert "stop 6 of 46" in person.sees("walk") and "L0 scores" in person.sees("walk")
        await person.press("u")
        assert not person.app.session.switches
        await person.press("u")
        assert person.app.session.text == "michael jordan plays"
