"""What the form for a new run is made of: a line a setting, with its control and a remark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Static

from playground import text
from playground.cells import cell_len
from playground.kit.field import Field
from playground.kit.keys import own_keys
from playground.kit.menu import Menu
from playground.train import sources


class Paths(Suggester):
    """Completes a path while it is typed; the right arrow takes it."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first that fits."""
        return next(iter(sources.completions(value)), None) if value else None


class Box(Checkbox):
    """Its mark is another when it is on, which can be seen without colours as well."""

    BUTTON_INNER = "·"

    def watch_value(self) -> None:
        """Another state, another mark."""
        self.BUTTON_INNER = "X" if self.value else "·"
        super().watch_value()


class Pick(Menu, inherit_bindings=False):
    """One of several; the arrows lead past it as past any other line, and open nothing."""

    BINDINGS: ClassVar[list[BindingType]] = own_keys("pick", ("enter,space", "show_overlay", "choose"))


class Lines(VerticalScroll, can_focus=False, inherit_bindings=False):
    """All of them, which scroll to the one that has the keys; arrows are not for scrolling."""


class Line(Horizontal):
    """A label, a control, and a remark: what it means, or what is wrong."""

    def __init__(self, name: str, label: str, says: str, *controls: Widget) -> None:
        super().__init__(id=f"line-{name}", classes="line")
        self.key, self.label, self.says, self.controls = name, label, says, controls
        self.remarked = says

    def compose(self) -> ComposeResult:
        """From left to right."""
        yield Static(text.content(self.label), classes="label")
        yield from self.controls
        yield Static(text.content(self.says), classes="says")

    def remark(self, problem: str | None, caution: str | None, says: str | None) -> None:
        """Say what is wrong; without a fault, what should be known; else what it means."""
        remark, words = self.query_one(".says", Static), problem or caution or says or self.says
        remark.set_class(problem is not None, "wrong")
        remark.set_class(problem is None and caution is not None, "caution")
        if words != self.remarked:  # every key judges all lines anew, and an update lays the whole form out again
            self.remarked = words
            remark.update(text.content(words))

    @property
    def cut_off(self) -> str:
        """The remark, where there is no room for all of it beside the line."""
        return self.remarked if cell_len(self.remarked) > self.query_one(".says").content_size.width else ""


def blank(name: str, value: str, suggester: Suggester | None = None, placeholder: str = "") -> Input:
    """A line of text."""
    return Field(value, id=name, compact=True, suggester=suggester, placeholder=placeholder)


def pick(name: str, options: Sequence[tuple[str, str]], value: str) -> Pick:
    """One of several (words, value)."""
    shown = [(text.content(words), each) for words, each in options]
    return Pick(shown, value=value, allow_blank=False, compact=True, id=name)
