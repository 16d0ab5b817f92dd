"""Small screens on top: ask for a line, ask whether, explain. Escape leaves each; nothing is read as markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from playground import text
from playground.cells import wrap
from playground.kit.field import Field
from playground.kit.keys import own_keys
from playground.kit.layout import too_small
from playground.kit.standing import Standing

Answer = TypeVar("Answer")
Check = Callable[[str], str | None]  # what is wrong with a text, in one sentence

MUTED = "$foreground-muted"
KEY_WIDTH = 12  # cells of the keys' names in help


class Dialog(Standing[Answer | None], ModalScreen[Answer | None]):
    """A framed column in the middle; Escape, and a click beside it, leave without an answer.

    Two clicks or returns may come at once: it leaves once, while it is on top, and takes no other screen with it. Where
    the terminal becomes too small for anything it waits unseen, with all that was typed.
    """

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = own_keys("dialog", ("escape", "cancel", "cancel"))

    def __init__(self) -> None:
        super().__init__()
        self.had_keys: Widget | None = None  # before there was no room

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Leave with this answer."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """Beside the frame is out."""
        if event.widget is self:
            self.action_cancel()

    def on_resize(self, event: events.Resize) -> None:
        """Its place is the whole screen, or none."""
        small = too_small(event.size)
        if small == self.has_class("small"):
            return
        self.set_class(small, "small")
        if small:
            self.had_keys = self.focused
            self.set_focus(None)
        else:
            self.call_after_refresh(self.set_focus, self.had_keys)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key but the way out does anything unseen."""
        return False if self.has_class("small") and action != "cancel" else super().check_action(action, parameters)

    def framed(self, title: str, *inside: Widget, keys: Iterable[Word], out: str = "cancel", wide: str = "") -> Widget:
        """The frame: its title, what is inside, the keys and the way out."""
        words = Horizontal(*keys, Word("esc", out, self.action_cancel), classes="words")
        return Vertical(Static(text.content(title), classes="title"), *inside, words, classes=f"frame {wide}")


class Word(Static):
    """What a key does, which a click does as well."""

    def __init__(self, key: str, words: str, act: Callable[[], object]) -> None:
        super().__init__(Content.assemble((key, "$accent"), " ", (words, MUTED)))
        self.act = act

    def on_click(self, event: events.Click) -> None:
        """As the key."""
        event.stop()
        self.act()


class Ask(Dialog[str]):
    """One line of text: gives it, or None. What `check` has against it is said, and the line stays."""

    def __init__(self, title: str, placeholder: str = "", value: str = "", check: Check | None = None) -> None:
        super().__init__()
        self.heading, self.placeholder, self.value, self.check = title, placeholder, value, check

    def compose(self) -> ComposeResult:
        """Title, line, what is wrong, keys."""
        line = Field(self.value, placeholder=text.visible(self.placeholder), compact=True)
        yield self.framed(self.heading, line, Static(classes="problem"), keys=[Word("⏎", "done", self.answer)])

    @on(Input.Changed)
    def unsay(self) -> None:
        """Another text, another judgement."""
        self.query_one(".problem", Static).update("")

    @on(Input.Submitted)
    def answer(self) -> None:
        """Give the text if nothing is wrong with it."""
        value = self.query_one(Input).value
        problem = self.check(value) if self.check else None
        if problem is None:
            self.dismiss(value)
        else:
            self.query_one(".problem", Static).update(text.content(problem))


class Confirm(Dialog[bool]):
    """Whether to do what cannot be taken back: two buttons, of which the safe one has the keys. Gives True, or None."""

    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = own_keys(
        "confirm",
        ("y", "yes", "yes"),
        ("n", "cancel", "no"),
        ("left,up", "app.focus_previous", "before"),
        ("right,down", "app.focus_next", "next"),
        ("space", "press", "choose"),
    )

    def __init__(self, title: str, says: str, yes: str, no: str = "leave it as it is") -> None:
        """`says` is what follows; `yes` and `no` are what the buttons do."""
        super().__init__()
        self.heading, self.says, self.yes, self.no = title, says, yes, no

    def compose(self) -> ComposeResult:
        """Question, what follows, buttons, keys."""
        buttons = [Button(text.content(f"{key[0]}  {words}"), id=key, compact=True) for key, words in self.answers]
        keys = [Word("⏎", "choose", self.action_press), Word("tab", "other", self.app.action_focus_next)]
        yield self.framed(
            self.heading, Static(text.content(self.says)), Horizontal(*buttons, classes="buttons"), keys=keys
        )

    @property
    def answers(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The safe one first."""
        return ("no", self.no), ("yes", self.yes)

    @on(Button.Pressed, "#no")
    def pressed_no(self) -> None:
        """Nothing happens."""
        self.action_cancel()

    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        """It is wanted."""
        self.dismiss(True)

    def action_press(self) -> None:
        """The button that has the keys."""
        if isinstance(self.focused, Button):
            self.focused.press()


class Help(Dialog[None]):
    """A text in plain words, and a table of (keys, words); both scroll."""

    BINDINGS: ClassVar[list[BindingType]] = own_keys(
        "help", ("question_mark,f1,enter,q", "cancel", "close"), ("j", "scroll(1)", "down"), ("k", "scroll(-1)", "up")
    )

    def __init__(self, title: str, words: str, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.heading, self.words, self.keys = title, words, keys
        self.set_class(not keys, "brief")

    def compose(self) -> ComposeResult:
        """Title, text and table, keys."""
        explained = VerticalScroll(Static(text.content(self.words, keep="\n")), KeyTable(self.keys))
        keys = [Word("↑↓", "scroll", lambda: self.action_scroll(4))]
        yield self.framed(self.heading, explained, keys=keys, out="close", wide="wide")

    def action_scroll(self, by: int) -> None:
        """So many lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


class KeyTable(Widget):
    """Keys in one column, what they do in another, however narrow."""

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.rows = [(text.fit(keys, KEY_WIDTH), text.visible(words)) for keys, words in rows]

    def lines(self, width: int) -> list[tuple[str, str]]:
        """Keys and words of each line; a row's further lines have no keys."""
        room = max(width - KEY_WIDTH, 1)
        wrapped = [(keys, wrap(words, room) or [""]) for keys, words in self.rows]
        return [(keys if n == 0 else "", part) for keys, parts in wrapped for n, part in enumerate(parts)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All lines."""
        return len(self.lines(width))

    def render(self) -> Content:
        """All lines, the keys in the accent."""
        lines = self.lines(self.size.width)
        return Content("\n").join(Content.assemble((f"{keys:{KEY_WIDTH}}", "$accent"), words) for keys, words in lines)
