"""What a screen of panes may ask of its app: to go to another screen, to say something, and the styles of a theme."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from textual import events
from textual._context import active_message_pump
from textual.app import App
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.screen import ModalScreen
from textual.signal import Signal
from textual.widget import MountError
from textual.worker import WorkerFailed

from models.units import BITS, NATS, Unit
from playground.kit.css_colours import readable
from playground.kit.line_filter import SafeText
from playground.kit.notices import LONGEST, Notices
from playground.kit.palette import Palette
from playground.kit.standing import Standing, stays
from playground.kit.terminal import PatientDriver
from playground.kit.themes import CYCLE, OWN
from playground.kit.tidying import REST, Tidying


class Place(NamedTuple):
    """A screen that can be gone to: the class `kind` in `module`, made once, its state kept while another is shown."""

    name: str  # one word, for footer and palette
    key: str  # Textual's name
    words: str  # a sentence, for help and palette
    module: str
    kind: str
    plays: bool = False  # it needs the model that is open in Play
    finds: str = ""  # a module whose `found(app)` gives Commands for the palette, also while the screen is not there


class PaneApp(App[None]):
    """An app of screens that can be gone to by their names.

    mypy holds what is abstract: the metaclass is Textual's, not abc's.
    """

    PLACES: ClassVar[Sequence[Place]]
    GLOSSARY: ClassVar[Mapping[str, str]] = {}  # what words on the screens mean, in lower case, a line each
    SECOND_DOOR: ClassVar[LineFilter] = SafeText()  # one: Textual keeps each line as a filter left it
    unit: Unit = BITS  # what surprise and losses are told in

    def __init__(self) -> None:
        super().__init__(driver_class=PatientDriver)
        self.notices = Notices()
        self.tidying = Tidying()
        self.notices_changed: Signal[None] = Signal(self, "notices")
        for theme in OWN:
            self.register_theme(theme)

    def on_mount(self) -> None:
        """What is to be done while nobody presses anything begins to be looked for."""
        self.set_interval(REST, self.tidying.tidy)

    def get_default_screen(self) -> Standing[None]:
        """The one below all others."""
        return Standing(id="_default")

    @abstractmethod
    def show(self, name: str, then: Callable[[Any], object] | None = None) -> object:
        """Go to a screen, and do this with it."""

    @abstractmethod
    def show_beside(self, by: int) -> None:
        """Go to the screen so many after the one shown."""

    @abstractmethod
    def show_starts(self) -> object:
        """Offer the ways to begin."""

    def learned(self, screen: object) -> None:
        """A screen has learned something that another may show."""

    def drawn(self) -> None:
        """The screen that is shown has drawn what it is now."""

    @abstractmethod
    def leave(self) -> object:
        """End, once every screen has kept what must be kept."""

    def get_css_variables(self) -> dict[str, str]:
        """The theme's, those that words are written in made readable."""
        variables = super().get_css_variables()
        return variables | readable(variables)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever a widget shows, no control character leaves."""
        return [*super().get_line_filters(), self.SECOND_DOOR]

    def _fatal_error(self) -> None:
        """A fault ends the app as it would end by itself; whoever started it has it in `_exception`."""
        self._close_messages_no_wait()

    async def action_quit(self) -> None:
        """As `leave`."""
        self.leave()

    def tell(self, problem: str) -> None:
        """A notice that something could not be done."""
        self.notify(problem, severity="warning")

    def say(self, news: str) -> None:
        """A notice that something was done."""
        self.notify(news)

    def notify(self, message: str, *, severity: str = "information", **_of_toasts: Any) -> None:
        """A notice in the footer's place; Textual's own words stand there as well."""
        self.notices.tell(message, wrong=severity != "information")
        self.notices_changed.publish(None)
        self.set_timer(LONGEST, self._let_old_news_go)

    def clear_notifications(self) -> None:
        """Nothing has been told."""
        self.notices.told.clear()
        self.notices.read()
        self.notices_changed.publish(None)

    def _let_old_news_go(self) -> None:
        if self.notices.grow_old():
            self.notices_changed.publish(None)

    async def on_event(self, event: events.Event) -> None:
        """A key or click takes the notices away, unless it is for a dialog above them."""
        acts = isinstance(event, events.Key | events.Paste | events.MouseDown) and not event.is_forwarded
        if isinstance(event, events.InputEvent | events.Paste):
            self.tidying.pressed()
        if acts and not isinstance(self.screen, ModalScreen) and self.notices.pressed():
            self.notices_changed.publish(None)
        await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        """What finds its widgets gone because it goes itself has nothing left to do; anything else is a fault.

        Also what goes on beside the drawing: a lesson that begins in the moment in which the program ends.
        """
        pump, what = active_message_pump.get(self), error.error if isinstance(error, WorkerFailed) else error
        if isinstance(what, NoMatches | MountError) and isinstance(pump, DOMNode) and (self._exit or not stays(pump)):
            return
        super()._handle_exception(error)

    def palette_now(self) -> Palette:
        """The finished styles of the theme in force."""
        few = self.console.color_system not in ("truecolor", "256")
        return Palette.of(self.current_theme, few_colours=few, grey=self.no_color)

    def other_unit(self) -> None:
        """Bits in the place of nats, or nats in that of bits."""
        self.unit = NATS if self.unit is BITS else BITS
        self.say(f"surprise and losses are in {self.unit.name}")

    def next_theme(self) -> None:
        """The next of our own themes, and the terminal's own colours."""
        place = CYCLE.index(self.theme) if self.theme in CYCLE else -1
        self.theme = CYCLE[(place + 1) % len(CYCLE)]
