"""Small screens on top: ask for a line, choose from a list, explain. Escape leaves each; nothing is read as markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from playground import text
from playground.cells import cell_len, wrap
from playground.kit.field import Field
from playground.kit.layout import too_small
from playground.kit.standing import Standing

Answer = TypeVar("Answer")
Check = Callable[[str], str | None]  # what is wrong with a text, in one sentence

MUTED = "$foreground-muted"
KEY_WIDTH = 12  # cells of the keys' names in help
LONGEST_LIST, AROUND_LIST = 16, 8  # lines
LABEL_WIDTH = 24  # cells after which an option's detail begins


class Dialog(Standing[Answer | None], ModalScreen[Answer | None]):
    """A framed column in the middle; Escape, and a click beside it, leave without an answer.

    Two clicks or returns may come at once: it leaves once, while it is on top, and takes no other screen with it. Where
    the terminal becomes too small for anything it waits unseen, with all that was typed.
    """

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", id="dialog-cancel")]

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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes", id="confirm-yes"),
        Binding("n", "cancel", "no", id="confirm-no"),
        Binding("left,up", "app.focus_previous", "other", id="confirm-before"),
        Binding("right,down", "app.focus_next", "other", id="confirm-next"),
        Binding("space", "press", "choose", id="confirm-press"),
    ]

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


class Choose(Dialog[str]):
    """One of several (key, label, detail): gives its key, or None. Typing keeps those that hold every word typed.

    With `forget`, ^r takes an option off the list and hands its key to it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "up", id="choose-up"),
        Binding("down", "move(1)", "down", id="choose-down"),
        Binding("pageup", "move(-8)", "page up", id="choose-page-up"),
        Binding("pagedown", "move(8)", "page down", id="choose-page-down"),
        Binding("ctrl+r", "forget", "forget", id="choose-forget"),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[tuple[str, str, str]],
        forget: Callable[[str], object] | None = None,
        wide: str = "",
    ) -> None:
        super().__init__()
        self.wide = wide
        self.heading, self.options, self.forget = title, list(options), forget

    def compose(self) -> ComposeResult:
        """Title, filter, list, keys."""
        line, options = Field(placeholder="type to find", compact=True), Listing(compact=True, markup=False)
        options.can_focus = False  # the keys stay with the line
        options.styles.height = self.rows(self.app.size.height)
        keys = [Word("⏎", "choose", self.answer)]
        if self.forget:
            keys.append(Word("^r", "forget", self.action_forget))
        yield self.framed(self.heading, line, options, Static(classes="problem"), keys=keys, wide=self.wide)

    def on_mount(self) -> None:
        """Everything, until something is typed."""
        self.fill()

    def on_resize(self, event: events.Resize) -> None:
        """As long a list as there is room for."""
        self.query_one(OptionList).styles.height = self.rows(event.size.height)

    def rows(self, height: int) -> int:
        """Of the list, in a terminal of that height; typing does not change them."""
        return max(min(len(self.options), height - AROUND_LIST, LONGEST_LIST), 1)

    @on(Input.Changed)
    def fill(self) -> None:
        """The options that hold every word typed, the first one chosen."""
        words = self.query_one(Input).value.casefold().split()
        left = [option for option in self.options if all(word in " ".join(option[1:]).casefold() for word in words)]
        listed = self.query_one(OptionList)
        listed.set_options(Choice(*option) for option in left)
        listed.highlighted = 0 if left else None
        self.query_one(".problem", Static).update("" if left else "nothing matches")

    @on(Input.Submitted)
    def answer(self) -> None:
        """Give the chosen one's key."""
        chosen = self.chosen
        if chosen is not None:
            self.dismiss(chosen)

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        """Give the clicked one's key."""
        assert isinstance(event.option, Choice)
        self.dismiss(event.option.key)

    @property
    def chosen(self) -> str | None:
        """The key of the highlighted option."""
        option = self.query_one(OptionList).highlighted_option
        return option.key if isinstance(option, Choice) else None

    def action_move(self, by: int) -> None:
        """Another one, as far as there are any."""
        listed = self.query_one(OptionList)
        if listed.option_count:
            listed.highlighted = max(0, min((listed.highlighted or 0) + by, listed.option_count - 1))

    def action_forget(self) -> None:
        """Take the chosen one off the list."""
        chosen = self.chosen
        if self.forget is None or chosen is None:
            return
        self.forget(chosen)
        self.options = [option for option in self.options if option[0] != chosen]
        self.fill()


class Help(Dialog[None]):
    """A text in plain words, and a table of (keys, words); both scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1,enter,q", "cancel", "close", id="help-close"),
        Binding("j", "scroll(1)", "down", id="help-down"),
        Binding("k", "scroll(-1)", "up", id="help-up"),
    ]

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


class Listing(OptionList):
    """Its options change as one types: a click on one that is gone by then chooses nothing."""

    def on_click(self, event: events.Click) -> None:
        """Textual would look for it among those that are left."""
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()


class Choice(Option):
    """One of several: its label, and its detail in a second column; a long label pushes that to the right."""

    def __init__(self, key: str, label: str, detail: str) -> None:
        super().__init__(_in_two_columns(label, detail))
        self.key = key


def _in_two_columns(label: str, detail: str) -> Content:
    shown = text.visible(label)
    gap = " " * max(LABEL_WIDTH - cell_len(shown), 2)
    return Content.assemble(shown, gap, (text.visible(detail), MUTED)) if detail else Content(shown)
