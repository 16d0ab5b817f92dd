"""A Pane is a function of the scene and a size: same arguments, same picture. A Picture puts one on a screen."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from textual import events
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from models.units import BITS, Unit
from playground.kit.canvas import Act, Canvas, underlined
from playground.kit.palette import Palette

SENTENCE = re.compile(r"(?<! al)[.:;]\s")  # where the first one ends


class Looked(Protocol):
    """What a scene is to all screens: how it is looked at, and what an arrow key does that no pane has a use for."""

    @property
    def view(self) -> Any:
        """The view it is seen with."""

    def moved(self, dx: int, dy: int) -> Any:
        """The view after an arrow key."""


Scene = TypeVar("Scene", bound=Looked)
View = TypeVar("View")


class Pane(ABC, Generic[Scene, View]):
    """One thing to see of a scene; what it makes of a key is another view. Its place stands in the screen's layout.

    `draw` must cope with any size from 1 x 1, and with a scene of which nothing is known yet.
    """

    name: ClassVar[str]  # one word: its place in the layout, its key's action
    title: ClassVar[str]
    help: ClassVar[str]  # plain words: what is shown, what the colours and numbers mean, what can be done
    gist: ClassVar[str] = ""  # at most 33 cells: at the foot, where the first sentence of the help does not fit
    is_typed: ClassVar[bool] = False  # keys and pasted text go into it while the screen's text is edited

    @property
    def in_short(self) -> str:
        """What is shown, in the first sentence of the help."""
        return SENTENCE.split(self.help, maxsplit=1)[0].rstrip(".:;")

    @abstractmethod
    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """The whole picture, its title line included."""

    def sees(self, scene: Scene) -> tuple[Any, ...] | None:
        """All of the scene that the picture is made of: while that is equal, the picture stands. None: draw it anew."""
        return None

    def move(self, scene: Scene, dx: int, dy: int) -> View:
        """The view after an arrow key (one of dx and dy is -1 or 1, or more for a page)."""
        view: View = scene.moved(dx, dy)
        return view

    def enter(self, scene: Scene) -> View:
        """The view after Enter."""
        view: View = scene.view
        return view

    def wheel(self, scene: Scene, by: int) -> View:
        """The view after a notch of the wheel, up (-1) or down (1): as with the arrow key, unless it says otherwise."""
        return self.move(scene, 0, by)


class Picture(Widget, can_focus=True):
    """A pane on a screen: keeps its finished lines, redraws the changed ones, turns clicks into acts."""

    ALLOW_SELECT = False

    class Acted(Message):
        """The person did something in a pane; `hover` where it was only the mouse passing."""

        def __init__(self, act: Act, hover: bool) -> None:
            self.act, self.hover = act, hover
            super().__init__()

    class Turned(Message):
        """The wheel was turned over a pane, up (-1) or down (1)."""

        def __init__(self, pane: Pane[Any, Any], by: int) -> None:
            self.pane, self.by = pane, by
            super().__init__()

    class Pointed(Message):
        """The mouse is over another word, or over none."""

        def __init__(self, word: str) -> None:
            self.word = word
            super().__init__()

    def __init__(self, pane: Pane[Any, Any], can_focus: bool) -> None:
        super().__init__(id=pane.name)
        self.can_focus = can_focus  # a click on the tabs or the status line must not take the keys away
        self.pane = pane
        self.scene: Any = None
        self.palette: Palette | None = None
        self.unit = BITS
        self.canvas: Canvas | None = None
        self.strips: list[Strip] = []
        self.made_of: tuple[Any, ...] | None = None  # the picture that stands; None where that is not to be told
        self.mouse: Offset | None = None  # where it is, in this picture
        self.live: Region | None = None  # what a click there acts on
        self.word = ""  # what is under the mouse

    def show(self, scene: Any, palette: Palette, unit: Unit) -> None:
        """Draw the scene, unless it would be the same picture again; only lines that differ go to the terminal."""
        self.scene, self.palette, self.unit = scene, palette, unit
        seen = self.pane.sees(scene)
        made_of = None if seen is None else (seen, palette, unit, self.size, self.has_focus, self.display)
        if not self.display or not self.size:
            self._let_go()
            return
        if made_of is not None and made_of == self.made_of:
            return
        canvas = Canvas(self.size.width, self.size.height, palette, focused=self.has_focus, unit=unit)
        self.pane.draw(scene, canvas)
        self._let_go()
        old, self.canvas, self.strips, self.made_of = self.strips, canvas, canvas.strips(), made_of
        self._mark()
        if len(old) != len(self.strips):
            self.refresh()
            return
        changed = [y for y, (a, b) in enumerate(zip(old, self.strips, strict=True)) if a != b]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def forget(self) -> None:
        """Hold nothing of what is shown, until it is shown anew."""
        self._let_go()
        self.scene = None

    def _let_go(self) -> None:
        """What the picture does goes, and at once: it holds what it was drawn from, perhaps that very picture."""
        if self.canvas is not None:
            self.canvas.let_go()
        self.made_of = None

    def redraw(self) -> None:
        """Draw the same scene again: the size or the focus changed."""
        if self.scene is not None and self.palette is not None:
            self.show(self.scene, self.palette, self.unit)

    def render_line(self, y: int) -> Strip:
        """The finished line; what is live under the mouse is marked."""
        if y >= len(self.strips) or self.strips[y].cell_length != self.size.width:
            return Strip.blank(self.size.width, self.rich_style)
        live = self.live
        return self.strips[y] if live is None or live.y != y else underlined(self.strips[y], live.x, live.right)

    def on_resize(self) -> None:
        """Another size, another picture."""
        self.redraw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The title says where the keys go."""
        super().watch_has_focus(has_focus)
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """What was clicked acts."""
        self._act(event, hover=False)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """What the mouse passes is marked where it is live, and may speak."""
        self.mouse = event.offset
        self._mark()
        self._point(self.canvas.word(*event.offset) if self.canvas is not None else "")
        self._act(event, hover=True)

    def on_leave(self) -> None:
        """Nothing is under the mouse any more."""
        self.mouse = None
        self._mark()
        self._point("")
        if self.canvas is not None and self.canvas.on_leave is not None:
            self.post_message(self.Acted(self.canvas.on_leave, hover=True))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """A notch up."""
        self._turn(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """A notch down."""
        self._turn(event, 1)

    def _turn(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        act = self.canvas.turned(event.x, event.y, by) if self.canvas else None
        if act is not None:
            self.post_message(self.Acted(act, hover=False))
        elif self.can_focus:  # tabs and status lines are no lists
            self.post_message(self.Turned(self.pane, by))

    def _mark(self) -> None:
        before, mouse = self.live, self.mouse
        self.live = self.canvas.under(*mouse) if self.canvas is not None and mouse is not None else None
        if self.live != before:
            self.refresh(*(part for part in (before, self.live) if part is not None))

    def _point(self, word: str) -> None:
        if word != self.word:
            self.word = word
            self.post_message(self.Pointed(word))

    def _act(self, event: events.MouseEvent, *, hover: bool) -> None:
        act = self.canvas.at(event.x, event.y, on_hover=hover) if self.canvas else None
        if act is not None:
            self.post_message(self.Acted(act, hover))
