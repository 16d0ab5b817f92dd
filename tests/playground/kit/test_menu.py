"""A choice may be paged before its list is drawn."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.events import Key

from playground.kit.menu import Listed, Menu
from tests.playground.waiting import until


class Choosing(App[None]):
    def compose(self) -> ComposeResult:
        yield Menu([(name, name) for name in "abc"], value="a", allow_blank=False, compact=True)


async def test_a_page_is_turned_only_where_there_is_one() -> None:
    app = Choosing()
    async with app.run_test(size=(60, 18)) as pilot:
        menu = app.query_one(Menu)
        listed = menu.query_one(Listed)
        menu.focus()
        listed.action_page_up()
        listed.action_page_down()
        for name in ("enter", "pageup", "pagedown"):
            app.post_message(Key(name, None))
        await until(pilot, lambda: menu.expanded and listed.size.height)
        await pilot.press("pagedown", "enter")
        await until(pilot, lambda: menu.value == "c")
