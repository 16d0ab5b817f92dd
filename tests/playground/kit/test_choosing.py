"""Choosing from a list, by typing, arrows and mouse."""

from __future__ import annotations

from rich.style import Style
from textual import events
from textual.geometry import Offset
from textual.widgets import Input, OptionList

from playground.cells import cell_len
from playground.kit.choosing import Choose, Item
from tests.playground.kit.dialogs_on_screen import NOTHING, OPTIONS, Bare, press_word, shown
from tests.playground.waiting import until


async def test_choose_by_typing_and_arrows() -> None:
    app = Bare(Choose("Recall", OPTIONS))
    async with app.run_test(size=(80, 24)) as pilot:
        for words in ("no induction", "All MLPs", "head-off:0.1", "mlp-off:0, mlp-off:1"):
            assert words in shown(app.screen)
        await pilot.press("down", "down", "down", "down", "up")
        assert app.screen.query_one(OptionList).highlighted == 1
        await pilot.press(*"NO", "space", *"ind")
        await pilot.pause()
        assert "no induction" in shown(app.screen) and "nothing" not in shown(app.screen)
        await pilot.press(*"xx", "enter", "down")
        await pilot.pause()
        assert "nothing matches" in shown(app.screen) and app.given is NOTHING
        await pilot.press("ctrl+u", *"mlp", "enter")
        await pilot.pause()
        assert app.given == "b"


async def test_choose_by_mouse() -> None:
    app = Bare(Choose("Recall", OPTIONS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(OptionList, offset=Offset(3, 2))
        await pilot.pause()
        assert app.given == "c"


async def test_a_click_on_what_typing_has_just_taken_away_chooses_nothing() -> None:
    app = Bare(Choose("Recall", OPTIONS))
    async with app.run_test(size=(80, 24)) as pilot:
        listed = app.screen.query_one(OptionList)
        app.screen.query_one(Input).value = "mlp"
        await until(pilot, lambda: listed.option_count == 1)
        where = (listed, 3, 2, 0, 0, 1, False, False, False, 3, 2)
        listed.post_message(events.Click(*where, style=Style(meta={"option": 2})))  # as it was under the mouse
        await pilot.pause()
        assert app.times == 0 and app.screen is app.dialog
        await pilot.press("enter")
        await until(pilot, lambda: app.given == "b")


async def test_what_was_clicked_just_before_a_key_changed_the_list_is_not_another_by_now() -> None:
    app = Bare(Choose("Open", [Item("a", "apple"), Item("b", "plum"), Item("c", "pear", group="more")]))
    async with app.run_test(size=(80, 24)) as pilot:
        listed = app.screen.query_one(OptionList)
        clicked = listed.get_option_at_index(1)
        app.screen.query_one(Input).value = "p"
        await until(pilot, lambda: clicked not in listed.options)
        app.screen.query_one(Input).value = "pear"
        await until(pilot, lambda: listed.option_count == 2 and listed.highlighted == 1)
        for index in (0, 1):  # its heading, and it
            listed.post_message(OptionList.OptionSelected(listed, clicked, index))
        await pilot.press("down")
        assert app.times == 0 and app.screen is app.dialog and listed.highlighted == 1
        await pilot.press("enter")
        await until(pilot, lambda: app.given == "c")


async def test_choose_forgets_what_is_not_wanted() -> None:
    forgotten: list[str] = []
    app = Bare(Choose("Recall", OPTIONS, forget=forgotten.append))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "ctrl+r")
        await pilot.pause()
        assert forgotten == ["b"] and "All MLPs" not in shown(app.screen)
        await press_word(pilot, "forget")
        await pilot.press("ctrl+r", "ctrl+r", "enter")
        await pilot.pause()
        assert sorted(forgotten) == ["a", "b", "c"] and app.given is NOTHING


async def test_a_long_list_scrolls_in_a_small_terminal() -> None:
    options = [(str(n), f"option {n:03}", "x" * 200) for n in range(60)]
    app = Bare(Choose("Many", options))
    async with app.run_test(size=(60, 18)) as pilot:
        assert "esc cancel" in shown(app.screen) and "option 000" in shown(app.screen)
        await pilot.press(*["pagedown"] * 8)
        await until(pilot, lambda: "option 059" in shown(app.screen))
        assert "esc cancel" in shown(app.screen)
        await pilot.resize_terminal(100, 40)
        await until(pilot, lambda: app.screen.query_one(OptionList).size.height == 16)
        await pilot.press("enter")
        await pilot.pause()
        assert app.given == "59"


async def test_details_stand_in_one_column_however_long_a_name_is() -> None:
    names = ["a", "little-world-no-attention", "中" * 15, "x" * 50]
    app = Bare(Choose("Open", [(name, name, "detail") for name in names], wide="broad"))
    async with app.run_test(size=(120, 30)):
        lines = [line for line in shown(app.screen).splitlines() if "detail" in line]
        starts = [cell_len(line[: line.index("detail")]) for line in lines]
        assert len(lines) == 4 and len(set(starts[:3])) == 1
        assert starts[3] > starts[0] and "x  detail" in lines[3], "one that is too long moves no other"


async def test_options_stand_under_headings_that_typing_finds_and_that_cannot_be_chosen() -> None:
    options = [Item("a", "small", "", "models"), Item("b", "large", "", "models"), Item("c", "night", "", "themes")]
    dialog = Choose("All", options)
    app = Bare(dialog)
    async with app.run_test(size=(80, 24)) as pilot:
        lines = [line.strip(" │") for line in shown(app.screen).splitlines()]
        listed = [line for line in lines if line in ("models", "small", "large", "themes", "night")]
        assert listed == ["models", "small", "large", "themes", "night"]
        await pilot.press("down", "down")
        assert dialog.chosen == "c", "headings are passed over"
        await pilot.press("up", "up", "up")
        assert dialog.chosen == "a"
        await pilot.press(*"themes")
        await pilot.pause()
        assert "models" not in shown(app.screen) and dialog.chosen == "c"
        await pilot.click(OptionList, offset=Offset(3, 0))
        await pilot.pause()
        assert app.given is NOTHING, "a heading"
        await pilot.press("enter")
        await pilot.pause()
        assert app.given == "c"
