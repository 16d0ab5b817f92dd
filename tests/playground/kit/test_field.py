"""A field's cursor stands on whole cells, by key and by mouse, and what is odd in its text can be seen."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App, ComposeResult
from textual.widgets.input import Selection

from playground.kit.field import Field

FAMILY = "\U0001f469\u200d\U0001f467"
VALUE = f"a\u0301\u0928\u093f{FAMILY}b"  # cells: 1, 1, 2, 1; characters: 2, 2, 3, 1


class OneField(App[None]):
    def compose(self) -> ComposeResult:
        yield Field(VALUE, compact=True, select_on_focus=False)


async def test_the_cursor_stands_on_whole_cells() -> None:
    app = OneField()
    async with app.run_test(size=(20, 3)) as pilot:
        field = app.query_one(Field)

        async def places(key: str) -> list[int]:
            found = []
            for _ in range(5):
                await pilot.press(key)
                found.append(field.cursor_position)
            return found

        assert await places("left") == [7, 4, 2, 0, 0]
        assert await places("right") == [2, 4, 7, 8, 8]
        clicked = []
        for x in range(7):
            await pilot.click(Field, offset=(x, 0))
            clicked.append((field.cursor_position, field.cursor_screen_offset.x))
        assert clicked == [(0, 0), (2, 1), (4, 2), (4, 2), (7, 4), (8, 6), (8, 6)]  # beyond the text: its end
        await pilot.press("home", "delete")
        assert field.value == VALUE[2:]
        await pilot.press("shift+right", "shift+right", "backspace")
        assert (field.value, field.selection) == ("b", Selection.cursor(0))


async def test_what_is_odd_in_a_field_can_be_seen_and_is_kept() -> None:
    app = OneField()
    async with app.run_test(size=(20, 3)):
        field = app.query_one(Field)
        field.value = "\u0301a\x1b\u202e\u200db\t"
        line: Callable[[], str] = field.render_line(0).text.rstrip
        assert line() == "◌a␛\ufffd\ufffdb␉" and field.value == "\u0301a\x1b\u202e\u200db\t"
        assert field.cursor_screen_offset.x == 8
