"""The small screen on top where one of a list is chosen; typing finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import ClassVar, NamedTuple

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


class Item(NamedTuple):
    """One of several: what choosing it gives, what it is called, what it is, and the heading it stands under."""

    key: str
    label: str
    detail: str = ""
    group: str = ""


class Choose(Dialog[str]):
    """One of several: gives its key, or None. Typing keeps those that hold every word typed, headings included.

    With `forget`, ^r takes an option off the list and hands its key to it. Those of a group stand together.
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
        options: Iterable[tuple[str, str, str] | Item],
        forget: Callable[[str], object] | None = None,
        wide: str = "",
        placeholder: str = "type to find",
    ) -> None:
        super().__init__()
        self.wide, self.placeholder = wide, placeholder
        self.heading, self.forget = title, forget
        self.options = [Item(*option) for option in options]

    def compose(self) -> ComposeResult:
        """Title, filter, list, keys."""
        line, options = Field(placeholder=self.placeholder, compact=True), Listing(compact=True, markup=False)
        options.can_focus = False  # the keys stay with the line
        options.styles.height = self.rows(self.app.size.height)
        inside = line, options, Static(classes="problem")
        yield self.framed(self.heading, *inside, keys=self.words(), wide=self.wide)

    def words(self) -> Iterator[Word]:
        """What its keys do."""
        yield Word("⏎", "choose", self.answer)
        if self.forget:
            yield Word("^r", "forget", self.action_forget)

    def on_mount(self) -> None:
        """Everything, until something is typed."""
        self.fill()

    def on_resize(self, event: events.Resize) -> None:
        """As long a list as there is room for."""
        self.query_one(OptionList).styles.height = self.rows(event.size.height)

    def rows(self, height: int) -> int:
        """Of the list, in a terminal of that height; typing does not change them."""
        headings = len({item.group for item in self.options if item.group})
        return max(min(len(self.options) + headings, height - AROUND_LIST, LONGEST_LIST), 1)

    @on(Input.Changed)
    def fill(self) -> None:
        """The options that hold every word typed, the first one chosen."""
        left = self.found(self.query_one(Input).value)
        listed, column, lines = self.query_one(OptionList), _column(self.options), list[Option]()
        for group, items in groupby(left, lambda item: item.group):
            lines += [Option(Content(group), disabled=True)] if group else []
            lines += [Choice(item, column) for item in items]
        listed.set_options(lines)
        listed.highlighted = next(iter(self.choices), None)
        self.query_one(".problem", Static).update("" if left else "nothing matches")

    def found(self, typed: str) -> list[Item]:
        """The options for what is typed."""
        words = typed.casefold().split()
        return [item for item in self.options if all(word in " ".join(item[1:]).casefold() for word in words)]

    @property
    def choices(self) -> list[int]:
        """Where in the list one can be chosen: not at headings."""
        listed = self.query_one(OptionList)
        return [at for at in range(listed.option_count) if not listed.get_option_at_index(at).disabled]

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter."""
        self.answer()

    def answer(self) -> None:
        """Give the chosen one's key."""
        chosen = self.chosen
        if chosen is not None:
            self.dismiss(chosen)

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        """Give the clicked one's key; nothing where typing has put another, or a heading, in its place since."""
        listed = self.query_one(OptionList)
        if event.option in listed.options:
            listed.highlighted = event.option_index
            self.answer()

    @property
    def chosen(self) -> str | None:
        """The key of the highlighted option."""
        option = self.query_one(OptionList).highlighted_option
        return option.key if isinstance(option, Choice) else None

    def action_move(self, by: int) -> None:
        """Another one, as far as there are any."""
        listed, choices = self.query_one(OptionList), self.choices
        if listed.highlighted is not None:
            at = choices.index(listed.highlighted) + by
            listed.highlighted = choices[max(0, min(at, len(choices) - 1))]
            if listed.highlighted == choices[0]:
                listed.scroll_home(animate=False)  # its heading as well

    def action_forget(self) -> None:
        """Take the chosen one off the list."""
        chosen = self.chosen
        if self.forget is None or chosen is None:
            return
        self.forget(chosen)
        self.options = [item for item in self.options if item.key != chosen]
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

    def __init__(self, item: Item, column: int) -> None:
        super().__init__(_in_two_columns(item.label, item.detail, column))
        self.key = item.key


def _column(items: Iterable[Item]) -> int:
    """Where the details begin, for all alike; a label longer than most pushes its own to the right."""
    widest = max((cell_len(text.visible(item.label)) for item in items), default=0)
    return max(LEAST_LABEL, min(widest + 2, MOST_LABEL))


def _in_two_columns(label: str, detail: str, column: int) -> Content:
    shown = text.visible(label)
    gap = " " * max(column - cell_len(shown), 2)
    return Content.assemble(shown, gap, (text.visible(detail), MUTED)) if detail else Content(shown)
