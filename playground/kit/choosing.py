"""The small screen on top where one of a list is chosen; typing finds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from playground import text
from playground.cells import cell_len
from playground.kit.dialogs import MUTED, Dialog, Word
from playground.kit.field import Field
from playground.kit.keys import own_keys

LONGEST_LIST, AROUND_LIST = 16, 8  # lines
LEAST_LABEL, MOST_LABEL = 24, 40  # cells after which an option's detail begins, as far as the labels need them


class Choose(Dialog[str]):
    """One of several (key, label, detail): gives its key, or None. Typing keeps those that hold every word typed.

    With `forget`, ^r takes an option off the list and hands its key to it.
    """

    BINDINGS: ClassVar[list[BindingType]] = own_keys(
        "choose",
        ("up", "move(-1)", "up"),
        ("down", "move(1)", "down"),
        ("pageup", "move(-8)", "page up"),
        ("pagedown", "move(8)", "page down"),
        ("ctrl+r", "forget", "forget"),
    )

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
        listed.set_options(Choice(*option, self.column) for option in left)
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
    def column(self) -> int:
        """Where the details begin, for all alike; a label longer than most pushes its own to the right."""
        widest = max((cell_len(text.visible(label)) for _, label, _ in self.options), default=0)
        return max(LEAST_LABEL, min(widest + 2, MOST_LABEL))

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


class Listing(OptionList):
    """Its options change as one types: a click on one that is gone by then chooses nothing."""

    def on_click(self, event: events.Click) -> None:
        """Textual would look for it among those that are left."""
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()


class Choice(Option):
    """One of several: its label, and its detail in a column that begins after so many cells."""

    def __init__(self, key: str, label: str, detail: str, column: int) -> None:
        super().__init__(_in_two_columns(label, detail, column))
        self.key = key


def _in_two_columns(label: str, detail: str, column: int) -> Content:
    shown = text.visible(label)
    gap = " " * max(column - cell_len(shown), 2)
    return Content.assemble(shown, gap, (text.visible(detail), MUTED)) if detail else Content(shown)
