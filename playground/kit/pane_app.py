"""What a screen of panes may ask of its app: to go to another screen, to say something, and the styles of a theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import App
from textual.filter import LineFilter

from playground import text
from playground.kit.line_filter import SafeText
from playground.kit.palette import Palette
from playground.kit.terminal import PatientDriver, watch
from playground.kit.themes import CYCLE, OWN


class Place(NamedTuple):
    """A screen that can be gone to: the class `kind` in `module`, made once, its state kept while another is shown."""

    name: str  # one word, for footer and palette
    key: str  # Textual's name
    words: str  # a sentence, for help and palette
    module: str
    kind: str
    plays: bool = False  # it needs the model that is open in Play


class PaneApp(App[None]):
    """An app of screens that can be gone to by their names."""

    PLACES: ClassVar[Sequence[Place]]

    def __init__(self) -> None:
        super().__init__(driver_class=PatientDriver)
        for theme in OWN:
            self.register_theme(theme)

    def on_mount(self) -> None:
        """It ends when it is told to, or when its terminal is gone."""
        watch(self)

    def show(self, name: str) -> object:
        """Go to a screen."""
        raise NotImplementedError

    def show_beside(self, by: int) -> None:
        """Go to the screen so many after the one shown."""
        raise NotImplementedError

    def leave(self) -> object:
        """End, once every screen has kept what must be kept."""
        raise NotImplementedError

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever a widget shows, no control character leaves."""
        return [*super().get_line_filters(), SafeText()]

    async def action_quit(self) -> None:
        """As `leave`."""
        self.leave()

    def tell(self, problem: str) -> None:
        """A notice that something could not be done."""
        self.notify(text.visible(problem), severity="warning", markup=False, timeout=8)

    def say(self, news: str) -> None:
        """A notice that something was done."""
        self.notify(text.visible(news), markup=False)

    def palette_now(self) -> Palette:
        """The finished styles of the theme in force."""
        few = self.console.color_system not in ("truecolor", "256")
        return Palette.of(self.current_theme, few_colours=few, grey=self.no_color)

    def next_theme(self) -> None:
        """The next of our own themes, and the terminal's own colours."""
        place = CYCLE.index(self.theme) if self.theme in CYCLE else -1
        self.theme = CYCLE[(place + 1) % len(CYCLE)]
