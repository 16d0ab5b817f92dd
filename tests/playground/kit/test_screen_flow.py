"""What every screen of panes does, on one with no model: from a key to a view, a request, an answer and a picture."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.geometry import Region
from textual.widgets import Input

from models.errors import UserError
from playground.kit.choosing import Choose
from playground.kit.commands import Command
from playground.kit.dialogs import Help
from playground.kit.keybar import KeyBar, ScreenRow
from playground.kit.notice_line import NoticeLine
from playground.kit.notices import LEAST
from playground.kit.screen import SOON
from tests.playground.kit.tiny_screen import KEYS, NARROW, PANES, TOO_SMALL, WIDE, Look, Person, Tiny, alone
from tests.playground.waiting import at_last, until


async def test_a_digit_a_tab_and_a_name_lead_to_a_pane_and_stage_it() -> None:
    async with alone() as person:
        board = person.tiny.board
        assert board.order == ["word", "answer"]
        await person.press("3")
        assert (person.focused, board.order, board.staged) == ("aside", ["word", "aside"], "aside")
        assert "Aside" in person.sees("aside")
        person.fresh()
        await person.pilot.click("#tabs", offset=(person.sees("tabs").index("answer"), 0))
        await person.pilot.pause()
        assert (person.focused, board.staged) == ("answer", "answer")
        person.fresh()
        await person.press("J")
        assert isinstance(person.app.screen, Choose)
        person.app.screen.query_one(Input).value = "asi"
        await person.press("enter")
        assert (person.focused, board.staged) == ("aside", "aside")
        person.fresh()


async def test_only_the_pane_with_the_keys_looks_like_it() -> None:
    async with alone(WIDE) as person:
        for key in ("tab", "tab", "tab", "shift+tab", "3", "2"):
            await person.press(key)
            marked = [name for name in person.tiny.board.order if "━" in person.sees(name)]
            assert marked == [person.focused]
            person.fresh()
        await person.pilot.click("#word", offset=(1, 2))  # nothing stands there: the view stays as it is
        await person.pilot.pause()
        assert person.focused == "word"
        person.fresh()


async def test_arrows_and_enter_are_for_the_pane_with_the_keys() -> None:
    async with alone() as person:
        await person.press("right")
        assert person.tiny.view.at == 1
        await person.press("3", "right")
        assert person.tiny.view.at == 101
        await person.press("enter")
        assert person.tiny.view.at == -1
        assert "at -1" in person.sees("word")


async def test_the_pane_with_the_keys_stays_on_screen_at_every_size() -> None:
    async with alone(WIDE) as person:
        board = person.tiny.board
        await person.press("3")
        assert board.order == list(PANES)
        await person.resize(NARROW)
        assert (person.focused, board.staged) == ("aside", "aside")
        person.fresh()
        await person.resize(TOO_SMALL)
        await person.press("2", "tab", "right")  # nothing to see, and nothing falls over
        assert board.order == []
        await person.resize(NARROW)
        assert (person.focused, board.staged) == ("answer", "answer")
        person.fresh()


async def test_letters_are_letters_while_one_types_and_keys_after() -> None:
    async with alone() as person:
        await person.press("3", "e", "q", "x", "3", "space", "d")
        assert (person.tiny.view.word, person.focused) == ("qx3 d", "word")
        assert not person.app.gone_to
        await person.press("ctrl+w", "escape")
        assert (person.tiny.view.word, person.tiny.draft, person.focused) == ("qx3 ", None, "aside")
        await person.press("2", "e", "ctrl+u", "tab", "q")
        assert (person.tiny.view.word, person.focused) == ("", "answer")
        assert person.app.gone_to == ["nowhere"]


@pytest.mark.parametrize("key", ["enter", "escape", "tab", "shift+tab"])
async def test_typing_ends_where_its_keys_say_so(key: str) -> None:
    async with alone() as person:
        await person.press("e", "a", key, "right")
        assert (person.tiny.view.word, person.tiny.draft, person.focused) == ("a", None, "answer")
        assert person.tiny.view.at == 1


async def test_a_click_elsewhere_ends_the_typing_and_does_what_it_does() -> None:
    async with alone() as person:
        await person.press("e", "a")
        await person.pilot.click("#answer", offset=(3, 4))  # nothing stands there
        await person.press("right")
        assert (person.tiny.draft, person.focused, person.tiny.view.at) == (None, "answer", 1)
        await person.press("e", "b")
        await person.pilot.click("#answer", offset=(3, 1))
        await person.press("right")
        assert (person.tiny.draft, person.focused, person.tiny.view.at) == (None, "answer", 12)
        await person.press("e", "c")
        await person.pilot.click("#tabs", offset=(person.sees("tabs").index("aside"), 0))
        await person.press("right")
        assert (person.tiny.draft, person.focused, person.tiny.view.at) == (None, "aside", 112)
        await person.press("e", "d")
        await person.pilot.click("#word", offset=(0, 1))
        await person.press("e")
        assert (person.tiny.view.word, person.focused) == ("abcde", "word")


async def test_the_footer_keeps_the_ways_out_where_there_is_little_room() -> None:
    async with alone((60, 18)) as person:
        bar = person.tiny.query_one(KeyBar)
        bar.keys = tuple(replace(KEYS[0], action=f"act {n}") for n in range(20)) + bar.keys
        kept = {key.action for key in bar.fitting()}
        assert kept >= {"quit"}


async def test_the_first_line_names_the_screens_the_present_one_bright_and_a_click_goes_there() -> None:
    async with alone() as person:
        row = person.tiny.query_one(ScreenRow)
        said = row.line.text.rstrip()
        assert said == "F1 help  F2 Tiny  F3 Other  F8 starts" and row.region.y == 0
        bright = [words for words, style, _ in row.line if style is person.app.palette_now().accent]
        assert "".join(bright).strip() == "F2 Tiny"
        await person.pilot.click(row, offset=(said.index("Other"), 0))
        assert person.app.gone_to == ["other"]
        await person.press("e")
        await person.pilot.click(row, offset=(said.index("help"), 0))
        assert isinstance(person.app.screen, Help), "also while a text is typed"


async def test_the_foot_says_what_the_pane_with_the_keys_shows_and_what_the_word_under_the_mouse_means() -> None:
    async with alone((120, 24)) as person:
        bar = person.tiny.query_one(KeyBar)
        assert bar.render_line(0).text.rstrip().endswith("What is answered")
        await person.press("3")
        assert bar.render_line(0).text.rstrip().endswith("Beside the answer where there is room")
        await person.press("e", *"seed")
        await person.pilot.hover("#word", offset=(2, 1))
        await person.pilot.pause()
        assert bar.render_line(0).text.strip() == "where chance begins"
        await person.pilot.hover("#word", offset=(60, 1))
        await person.pilot.pause()
        assert "done" in bar.render_line(0).text, "the keys are back"
        bar.keys = tuple(replace(KEYS[0], action=f"act {n}") for n in range(20)) + bar.keys
        assert "Beside" not in "".join(part.text for part in bar.behind(100, person.app.palette_now())), (
            "keys come first"
        )


async def test_what_cannot_be_done_is_told() -> None:
    async with alone() as person:
        await person.press("x")
        assert person.notices == ["this cannot be done - do another thing"]


async def test_the_newest_word_is_asked_about_and_answered() -> None:
    async with alone() as person:
        await person.press("e", "o", "n", "e")
        await until(person.pilot, lambda: "it is one" in person.sees("answer"))
        asked = len(person.tiny.requests)
        await person.press("escape", "3", "2", "right")
        assert len(person.tiny.requests) == asked, "nothing else was asked about"


async def test_late_answers_are_dropped() -> None:
    async with alone() as person:
        tiny = person.tiny
        await person.press("e", "a")
        await until(person.pilot, lambda: tiny.answer == "it is a")
        tiny.gate.clear()
        await person.press("b")
        await until(person.pilot, lambda: tiny.requests[-1] == "ab")
        await person.press("c")  # the worker is at "ab"
        before = tiny.worker
        tiny.employ(tiny.work)
        assert tiny.asked is None
        tiny.follow()
        assert tiny.asked == "abc"
        assert before is not None and tiny.worker is not None
        tiny.said(before, "abc", "said by one who left")
        tiny.said(tiny.worker, "ab", "said of another word")
        await person.pilot.pause()
        assert tiny.answer == "it is a"
        tiny.gate.set()
        await until(person.pilot, lambda: tiny.answer == "it is abc")


async def test_pieces_of_an_answer_that_come_together_are_drawn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    async with alone() as person:
        tiny, drawn = person.tiny, list[str]()
        await person.press("e", "a")
        await until(person.pilot, lambda: tiny.answer == "it is a")
        assert tiny.worker is not None
        monkeypatch.setattr(tiny, "draw", lambda: drawn.append(tiny.answer))
        assert tiny.worker is not None
        for piece in ("it may be", "it will be", "it is b"):
            tiny.said(tiny.worker, tiny.asked, piece)
        assert not drawn
        await person.pilot.pause()
        assert drawn[:1] == ["it is b"], "all three"
        tiny.said(tiny.worker, tiny.asked, "it was c")
        await person.pilot.pause()
        assert drawn[-1] == "it was c"


async def test_what_nobody_waits_for_any_more_is_held_by_nobody() -> None:
    class Piece(str):
        """One that can be seen to go."""

    async with alone() as person:
        tiny, told = person.tiny, list[weakref.ref[Piece]]()

        def work(request: str) -> Iterator[Piece]:
            tiny.requests.append(request)
            tiny.gate.wait()
            piece = Piece(request)
            told.append(weakref.ref(piece))
            yield piece

        tiny.gate.clear()
        tiny.employ(work)
        tiny.see(Look("one"))
        await until(person.pilot, lambda: tiny.requests == ["one"])
        await person.pilot.pause(0.2)  # the clock of drawing tells it nothing more either
        tiny.dismiss_worker()
        tiny.gate.set()
        await at_last(lambda: told and told[0]() is None)  # though the screen is told nothing more


async def test_an_answer_is_waited_for_only_where_the_one_before_came_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that needs long for a pass does not hold up the letters that are typed."""
    async with alone() as person:
        tiny = person.tiny
        monkeypatch.setattr(tiny, "forget", lambda before, wanted: True)
        tiny.gate.clear()
        tiny.see(Look("one"))
        assert tiny.late is not None and "one" not in person.sees("word"), "it may come at once: one picture is enough"
        await until(person.pilot, lambda: "one" in person.sees("word"))  # by then it has taken PATIENCE
        tiny.gate.set()
        await until(person.pilot, lambda: tiny.answer == "it is one")
        assert tiny.took > SOON
        tiny.gate.clear()
        tiny.see(Look("two"))
        assert tiny.late is None and "two" in person.sees("word"), "the last answer came late"
        tiny.gate.set()


async def test_a_refusal_and_a_fault_of_the_worker_are_told_and_it_goes_on() -> None:
    async with alone() as person:
        tiny = person.tiny
        tiny.see(Look("wrong"))
        await until(person.pilot, lambda: person.notices == ["this is no word - type another"])
        tiny.see(Look("fault"))
        await until(person.pilot, lambda: len(person.notices) == 2)
        assert "a fault of ours" in person.notices[1]
        assert "ZeroDivisionError" in person.notices[1]
        tiny.see(Look("right"))
        await until(person.pilot, lambda: "it is right" in person.sees("answer"))


async def test_what_is_computed_beside_the_drawing_comes_back_or_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with alone() as person:
        found: list[int] = []
        person.tiny.do_beside(lambda: 7, found.append)
        await until(person.pilot, lambda: found == [7])

        def refuse() -> int:
            raise UserError("there is nothing", "make something")

        person.tiny.do_beside(refuse, found.append)
        await until(person.pilot, lambda: person.notices == ["there is nothing - make something"])
        person.tiny.do_beside(lambda: 1 // 0, found.append)
        await until(person.pilot, lambda: len(person.notices) == 2)
        assert "a fault of ours" in person.notices[1]
        assert "ZeroDivisionError" in caplog.text

        def cannot(_found: int) -> None:
            raise UserError("it is gone", "look again")

        person.tiny.do_beside(lambda: 8, cannot)
        await until(person.pilot, lambda: len(person.notices) == 3)
        assert found == [7]


async def test_a_theme_changes_every_picture() -> None:
    async with alone() as person:
        before = person.tiny.board.picture("answer").strips
        person.app.next_theme()
        person.tiny.draw()
        assert person.tiny.board.picture("answer").strips != before
        person.fresh()


def marked(person: Person) -> list[tuple[int, str]]:
    """What is underlined on the screen, with its line."""
    strips = enumerate(person.app.screen._compositor.render_strips())
    return [(y, text) for y, strip in strips for text, style, _ in strip if style and style.underline]


async def test_what_is_live_is_marked_under_the_mouse_and_nothing_else() -> None:
    async with alone() as person:
        await person.press("e", "t", "o", "enter")
        await until(person.pilot, lambda: "it is to" in person.sees("answer"))
        answer = person.tiny.board.picture("answer").region
        await person.pilot.hover(offset=(answer.x + 2, answer.y + 1))
        await person.pilot.pause()
        assert marked(person) == [(answer.y + 1, "it is to")]
        person.tiny.answer = "now it is another"
        person.tiny.draw()
        await person.pilot.pause()
        assert marked(person) == [(answer.y + 1, "now it is another")]
        await person.pilot.hover(offset=(answer.x + 2, answer.y + 3))
        await person.pilot.pause()
        assert marked(person) == []
        footer = person.tiny.query_one(KeyBar)
        await person.pilot.hover(footer, offset=(footer.line.text.index("refuse"), 0))
        await person.pilot.pause()
        assert "".join(text for _, text in marked(person)) == "x refuse"
        await person.pilot.hover("#word", offset=(0, 2))
        await person.pilot.pause()
        assert marked(person) == []


async def test_a_notice_stands_in_the_footers_place_until_it_could_be_read_and_a_key_is_pressed() -> None:
    async with alone() as person:
        line, now = person.tiny.query_one(NoticeLine), [0.0]
        person.app.notices.clock = lambda: now[0]
        board = person.tiny.board.region
        await person.press("x")
        assert line.display and line.region == Region(0, 23, 80, 1) and person.tiny.board.region == board
        assert "this cannot be done - do another thing" in str(line.render())
        await person.press("left")
        assert line.display
        now[0] += LEAST
        await person.press("left")
        assert not line.display
        person.app.tell(50 * "word ")
        await person.pilot.pause()
        assert line.region == Region(0, 21, 80, 3) and person.tiny.board.region.bottom == 21
        await person.resize((60, 18))
        await until(person.pilot, lambda: line.region == Region(0, 15, 60, 3))
        assert person.tiny.board.region.bottom == 17 and person.tiny.board.order
        await person.pilot.click(NoticeLine)
        await until(person.pilot, lambda: not line.display)


async def test_a_key_for_a_dialog_takes_no_notice_away_and_none_lies_over_the_dialog() -> None:
    async with alone() as person:
        person.app.notices.clock = lambda: 0.0
        person.app.say("done")
        person.app.notices.clock = lambda: LEAST
        await person.press("J")
        line = person.tiny.query_one(NoticeLine)
        assert not line.display
        person.app.tell("it broke")
        person.app.notices.clock = lambda: 3 * LEAST
        await person.press("a", "escape")
        assert isinstance(person.app.screen, Tiny) and line.display
        await person.press("left")
        assert not line.display


async def test_nothing_opens_below_the_least_size() -> None:
    async with alone() as person:
        for size in (TOO_SMALL, (6, 30), (4, 4)):
            await person.resize(size)
            await person.press("J", "question_mark")
            person.tiny.choose_command([Command("a", "b", "c", person.settle)])
            await person.pilot.pause()
            assert person.app.screen is person.tiny
        await person.resize(NARROW)
        await person.press("J")
        assert isinstance(person.app.screen, Choose)


async def test_a_burst_of_what_opens_a_dialog_opens_one() -> None:
    async with alone() as person:
        before = len(person.app.screen_stack)
        for _ in range(6):  # as clicks in the footer do, before the first dialog has heard of them
            person.tiny.action_press("help")
        await person.settle()
        assert len(person.app.screen_stack) == before + 1
