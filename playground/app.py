"""The application: loads models beside the drawing, owns the themes, and shows the Play screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from textual import work
from textual.app import App, SystemCommand
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen

import models
from models import baselines
from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT
from playground import leaving, settings, text
from playground.driver import PatientDriver
from playground.line_filter import SafeText
from playground.palette import Palette
from playground.screens.play import Play
from playground.session import Session
from playground.themes import CYCLE, OWN


class Loaded(Message):
    """A model and the baselines beside it are in memory."""

    def __init__(self, model: GPT, beside: Mapping[str, LanguageModel]) -> None:
        self.model, self.beside = model, beside
        super().__init__()


class NotLoaded(Message):
    """A model could not be loaded; one sentence says why."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__()


class Playground(App[None]):
    """Keys change the Session, a thread makes the Traces, panes draw them."""

    TITLE = "transformer playground"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, model: str, prompt: str | None = None, start: Session | None = None) -> None:
        super().__init__(driver_class=PatientDriver)
        self.asked_model = model
        self.play = Play(prompt, start)
        self.failed_at_start: str | None = None
        for theme in OWN:
            self.register_theme(theme)
        self.store = settings.load()

    def on_mount(self) -> None:
        """Theme, screen, model: in that order, so that something stands there at once."""
        leaving.watch(self)
        chosen = self.store.theme
        self.theme = chosen if chosen in self.available_themes else OWN[0].name
        self.push_screen(self.play)
        if self.store.problem:
            self.tell(self.store.problem)
        self.open_model(self.asked_model)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever a widget shows, no control character leaves."""
        return [*super().get_line_filters(), SafeText()]

    @work(thread=True, exclusive=True, exit_on_error=False, group="loading")
    def open_model(self, name: str) -> None:
        """Read a model folder beside the drawing; the screen hears of it by a message."""
        try:
            model = models.load(name)
            assert model.tokenizer is not None
            self.post_message(Loaded(model, baselines.load(models.folder(name), model.tokenizer)))
        except UserError as error:
            self.post_message(NotLoaded(str(error)))

    def on_loaded(self, message: Loaded) -> None:
        """A new model: the screen starts with it."""
        self.play.open(message.model, message.beside)

    def on_not_loaded(self, message: NotLoaded) -> None:
        """Said in a notice; with no model at all there is nothing to stay for."""
        if self.play.model is None:
            self.failed_at_start = message.problem
            self.exit(return_code=2)
        else:
            self.tell(message.problem)

    def tell(self, problem: str) -> None:
        """A notice that something could not be done."""
        self.notify(text.visible(problem), severity="warning", markup=False, timeout=8)

    def palette_now(self) -> Palette:
        """The finished styles of the theme in force."""
        few = self.console.color_system not in ("truecolor", "256")
        return Palette.of(self.current_theme, few_colours=few)

    def next_theme(self) -> None:
        """The next of our own themes, and the terminal's own colours."""
        place = CYCLE.index(self.theme) if self.theme in CYCLE else -1
        self.theme = CYCLE[(place + 1) % len(CYCLE)]

    def watch_theme(self, theme: str) -> None:
        """The panes' styles follow, and the choice is kept."""
        if self.play.is_mounted:
            self.keep(self.store.with_theme(theme))
            self.play.draw()

    def keep(self, store: settings.Settings) -> None:
        """Go on with what is remembered now; a disk that refused is said, and nothing else is lost."""
        self.store = store
        if store.problem:
            self.tell(store.problem)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything a key does, by its words."""
        if isinstance(screen, Play):
            yield from (SystemCommand(title, words, act) for title, words, act in screen.commands())
        yield from super().get_system_commands(screen)


def run(model: str, prompt: str | None = None, start: Session | None = None) -> int:
    """Open the playground with the switches, sampler and seed of `start`; returns the exit status."""
    app = Playground(model, prompt, start)
    app.run()
    if app.failed_at_start:
        print(f"error: {text.visible(app.failed_at_start)}", file=sys.stderr)
    return app.return_code or 0
