"""A Pane is a function of the scene and a size: same arguments, same picture. `PaneWidget` puts one on a screen."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Protocol

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from playground.kit.canvas import Act, Canvas
from playground.kit.palette import Palette
from playground.play.layout import PANES
from playground.play.scene import Scene
from playground.play.session import Session, look


class Pane:
    """One thing to see. To add one: a file beside this with a subclass, and a line in `panes/__init__.py`.

    `draw` must cope with any size from 1 x 1 and with a scene without results.
    """

    name: ClassVar[str]  # one word: its place in the layout, its key's action
    title: ClassVar[str]
    help: ClassVar[str]  # plain words: what is shown, what the colours and numbers mean, what can be done

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """The whole picture, its title line included."""
        raise NotImplementedError

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """The session after an arrow key (one of dx and dy is -1 or 1, or more for a page)."""
        return scene.session

    def enter(self, scene: Scene) -> Session:
        """The session after Enter."""
        return scene.session


class Drawn(Protocol):
    """What can be put on a screen: a pane of any screen, which draws from that screen's scene."""

    name: ClassVar[str]

    def draw(self, scene: Any, canvas: Canvas) -> None:
        """The whole picture."""


class Picture(Widget, can_focus=True):
    """A pane on a screen: keeps its finished lines, redraws the changed ones, turns clicks into acts."""

    ALLOW_SELECT = False

    class Acted(Message):
        """The person did something in a pane; `hover` where it was only the mouse passing."""

        def __init__(self, act: Act, hover: bool) -> None:
            self.act, self.hover = act, hover
            super().__init__()

    def __init__(self, pane: Drawn, can_focus: bool) -> None:
        super().__init__(id=pane.name)
        self.can_focus = can_focus  # a click on the tabs or the status line must not take the keys away
        self.drawn = pane
        self.scene: Any = None
        self.palette: Palette | None = None
        self.canvas: Canvas | None = None
        self.strips: list[Strip] = []

    def show(self, scene: Any, palette: Palette) -> None:
        """Draw the scene; only lines that differ are sent to the terminal."""
        self.scene, self.palette = scene, palette
        if not self.display or not self.size:
            return
        canvas = Canvas(self.size.width, self.size.height, palette, focused=self.has_focus)
        self.drawn.draw(scene, canvas)
        old, self.canvas, self.strips = self.strips, canvas, canvas.strips()
        if len(old) != len(self.strips):
            self.refresh()
            return
        changed = [y for y, (a, b) in enumerate(zip(old, self.strips, strict=True)) if a != b]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def redraw(self) -> None:
        """Draw the same scene again: the size or the focus changed."""
        if self.scene is not None and self.palette is not None:
            self.show(self.scene, self.palette)

    def render_line(self, y: int) -> Strip:
        """The finished line."""
        if y < len(self.strips) and self.strips[y].cell_length == self.size.width:
            return self.strips[y]
        return Strip.blank(self.size.width, self.rich_style)

    def on_resize(self) -> None:
        """Another size, another picture."""
        self.redraw()

    def on_focus(self) -> None:
        """The title says where the keys go."""
        self.redraw()

    def on_blur(self) -> None:
        """As above."""
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """What was clicked acts."""
        self._act(event, hover=False)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """What the mouse passes may speak."""
        self._act(event, hover=True)

    def _act(self, event: events.MouseEvent, *, hover: bool) -> None:
        act = self.canvas.at(event.x, event.y, on_hover=hover) if self.canvas else None
        if act is not None:
            self.post_message(self.Acted(act, hover))


class PaneWidget(Picture):
    """A pane of the Play screen."""

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane, pane.name in PANES)
        self.pane = pane

    def on_leave(self) -> None:
        """Nothing is under the mouse any more."""
        if self.scene is not None and self.scene.session.view.hover is not None:
            self.post_message(self.Acted(partial(look, hover=None), hover=True))
