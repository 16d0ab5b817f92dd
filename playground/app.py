"""The application: loads models beside the drawing, owns the themes, and shows the Play screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from textual import work
from textual.app import App, ComposeResult, SystemCommand
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from models.errors import UserError
from playground import leaving, settings, text
from playground.driver import PatientDriver
from playground.line_filter import SafeText
from playground.palette import Palette
from playground.themes import CYCLE, OWN

if TYPE_CHECKING:
    from models.contract import LanguageModel
    from models.gpt import GPT
    from playground.screens.play import Play
    from playground.session import Session

PATIENCE = 0.5  # seconds the first drawing waits for the first results


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

    def __init__(self, model: str, prompt: str | None = None, begin: Callable[[], Session] | None = None) -> None:
        super().__init__(driver_class=PatientDriver)
        self.asked_model = model
        self.prompt, self.begin = prompt, begin
        self.failed_at_start: str | None = None
        for theme in OWN:
            self.register_theme(theme)
        self.store = settings.load()

    def on_mount(self) -> None:
        """Theme and first frame, then the model, so that something stands there at once."""
        leaving.watch(self)
        chosen = self.store.theme
        self.theme = chosen if chosen in self.available_themes else OWN[0].name
        if self.store.problem:
            self.tell(self.store.problem)
        self.call_after_refresh(self.open_model, self.asked_model)

    def compose(self) -> ComposeResult:
        """The first frame: what stands there before NumPy and the model are in memory."""
        yield Static(f"Opening {text.visible(self.asked_model)} ...", markup=False)

    @cached_property
    def play(self) -> Play:
        """The Play screen; imported late, because it needs NumPy."""
        from playground.screens.play import Play

        return Play(self.prompt, self.begin and self.begin())

    @property
    def playing(self) -> bool:
        """Whether the Play screen is there."""
        return "play" in self.__dict__ and self.play.is_mounted

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever a widget shows, no control character leaves."""
        return [*super().get_line_filters(), SafeText()]

    @work(thread=True, exclusive=True, exit_on_error=False, group="loading")
    def open_model(self, name: str) -> None:
        """Read a model folder beside the drawing; the screen hears of it by a message."""
        import models
        from models import baselines
        from playground.screens import play  # noqa: F401 - for `self.play`: imported here, it does not hold up the drawing

        try:
            if self.begin:
                self.begin()  # a wrong option is found here, where it is told
            model = models.load(name)
            assert model.tokenizer is not None
            self.post_message(Loaded(model, baselines.load(models.folder(name), model.tokenizer)))
        except UserError as error:
            self.post_message(NotLoaded(str(error)))

    async def on_loaded(self, message: Loaded) -> None:
        """A new model: the screen starts with it, drawn once there is something to draw."""
        with self.batch_update():
            if not self.playing:
                await self.push_screen(self.play)
            self.play.open(message.model, message.beside)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.play.answered.wait(), PATIENCE)

    def on_not_loaded(self, message: NotLoaded) -> None:
        """Said in a notice; with no model at all there is nothing to stay for."""
        if not self.playing:
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
        return Palette.of(self.current_theme, few_colours=few, grey=self.no_color)

    def next_theme(self) -> None:
        """The next of our own themes, and the terminal's own colours."""
        place = CYCLE.index(self.theme) if self.theme in CYCLE else -1
        self.theme = CYCLE[(place + 1) % len(CYCLE)]

    def watch_theme(self, theme: str) -> None:
        """The panes' styles follow, and the choice is kept."""
        if self.playing:
            self.keep(self.store.with_theme(theme))
            self.play.draw()

    def keep(self, store: settings.Settings) -> None:
        """Go on with what is remembered now; a disk that refused is said, and nothing else is lost."""
        self.store = store
        if store.problem:
            self.tell(store.problem)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything a key does, by its words."""
        if self.playing and screen is self.play:
            yield from (SystemCommand(title, words, act) for title, words, act in self.play.commands())
        yield from super().get_system_commands(screen)


def run(model: str, prompt: str | None = None, begin: Callable[[], Session] | None = None) -> int:
    """Open the playground with the switches, sampler and seed `begin` returns; returns the exit status."""
    app = Playground(model, prompt, begin)
    app.run()
    if app.failed_at_start:
        print(f"error: {text.visible(app.failed_at_start)}", file=sys.stderr)
    return app.return_code or 0
