"""The application: how one goes from screen to screen, and the models that are opened."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from models.errors import UserError
from models.units import BITS, UNITS
from playground import glossary, screens, settings, text
from playground.kit.commands import Command
from playground.kit.kept import Kept
from playground.kit.keys import PROGRAM
from playground.kit.themes import OWN
from playground.kit.tidying import give_back, wait_for_rest
from playground.learn.host import Learner
from playground.looking.host import Opened
from playground.starts import TRAIN, Start, Starts

if TYPE_CHECKING:  # the first frame is drawn before NumPy and the screens are there
    from playground.kit.screen import PaneScreen
    from playground.learn.lesson import Task
    from playground.learn.tutor import Tutor
    from playground.learn.walk import Walk
    from playground.looking.session import Session
    from playground.play.screen import Play

PATIENCE = 0.5  # seconds the first drawing waits for the first results


class Playground(Learner):
    """Keys change what a screen is about, threads and a process compute, panes draw."""

    TITLE = "transformer playground"
    CSS_PATH = "app.tcss"
    PLACES = screens.ALL
    GLOSSARY = glossary.WORDS
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "lesson('out')", "leave the lesson", show=False, priority=True, id="lesson-out"),
        Binding("f7", "lesson('onward')", "on with the lesson", show=False, priority=True, id="lesson-onward"),
    ]

    def __init__(
        self,
        model: str,
        prompt: str | None = None,
        begin: Callable[[], Session] | None = None,
        runs: Path | None = None,
        first: str | None = None,
        memory: int | None = None,
        lesson: str | None = None,
        goes_on: bool = False,
    ) -> None:
        super().__init__()
        self.asked_model = model
        self.prompt, self.begin = prompt, begin  # begin: makes switches, sampler and seed
        self.runs = settings.runs() if runs is None else runs
        self.first = first or "play"  # the screen to begin with; none: the ways to begin are offered
        self.lesson = lesson  # to begin with
        self.bringing = asyncio.Lock()
        self.made: dict[str, PaneScreen[Any, Any]] = {}
        self.failed_at_start: str | None = None
        self.store = settings.load()
        self.otherwise, self.goes_on = model, goes_on
        if goes_on:
            self.go_back(first)
        self.kept = Kept(max(self.store.memory if memory is None else memory, 0) << 20)

    def go_back(self, first: str | None) -> None:
        """Begin where the person left, or with the ways to begin; on this screen, if one is asked for."""
        left = self.store.left
        if left is None:
            self.first = first or ""
            return
        self.asked_model, self.prompt = left.model, left.text or None
        self.begin = partial(_session_with, left.switches)
        self.first = first or (left.screen if left.screen in screens.NAMES else "play")

    def on_mount(self) -> None:
        """Theme and first frame, then the first screen, so that something stands there at once."""
        self.unit = UNITS.get(self.store.unit or "", BITS)
        chosen = self.store.theme
        self.theme = chosen if chosen in self.available_themes else OWN[0].name
        if self.store.problem:
            self.tell(self.store.problem)
        self.call_after_refresh(partial(self.show, self.first) if self.first else self.show_starts)

    def compose(self) -> ComposeResult:
        """The first frame: what stands there before NumPy and the model are in memory."""
        yield Static(self.opening(self.first) if self.first else "", markup=False)

    def opening(self, screen: str, model: str = "") -> str:
        """What is said while there is nothing else to see."""
        model = model or (self.asked_model if screen == "play" else "")
        return f"Opening {text.visible(model) or f'the {screen} screen'} ..."

    # screens ---------------------------------------------------------------------------------------------------

    def screen_named(self, name: str) -> PaneScreen[Any, Any]:
        """The screen of that name, made when first asked for: its imports take a while."""
        if name not in self.made:
            place = next(place for place in self.PLACES if place.name == name)
            kind: Callable[[], PaneScreen[Any, Any]] = getattr(import_module(place.module), place.kind)
            self.made[name] = kind()
            self.install_screen(self.made[name], name)
        return self.made[name]

    @property
    def play(self) -> Play:
        """The Play screen."""
        from playground.play.screen import Play

        play = self.screen_named("play")
        assert isinstance(play, Play)
        return play

    @property
    def session(self) -> Session:
        """What the person has chosen in Play."""
        return self.play.session

    @property
    def up(self) -> list[PaneScreen[Any, Any]]:
        """The screens that are there, shown or not."""
        return [screen for screen in self.made.values() if screen.is_mounted]

    @work(exclusive=True, group="showing")
    async def show(self, name: str, then: Callable[[Any], object] | None = None) -> None:
        """Go to a screen, and do this with it; Play opens its model first, which Compare needs as well."""
        place = next(place for place in self.PLACES if place.name == name)
        if place.plays and self.opened is None:
            self.open_model(self.asked_model, then=name)
            return
        await asyncio.to_thread(import_module, place.module)  # beside the drawing
        await self.bring(self.screen_named(name))
        if then is not None:
            screen = self.screen_named(name)
            screen.trying(partial(then, screen))

    def show_starts(self) -> None:
        """Offer the ways to begin."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Starts(), self.start)

    def start(self, chosen: Start | str | None) -> None:
        """Begin so; whoever chose none stays, or comes to Play."""
        if chosen is None and self.up:
            return
        begins = chosen if isinstance(chosen, Start) else Start("", "", "", chosen or "play")
        self.screen_stack[0].query_one(Static).update(self.opening(begins.screen, begins.model))
        if begins.model:
            self.open_model(begins.model, prompt=begins.prompt, then=begins.screen)
        else:
            self.show(begins.screen, (lambda train: train.begin_first()) if chosen is TRAIN else None)

    def show_beside(self, by: int) -> None:
        """Go to the screen so many after the one shown."""
        names = [place.name for place in self.PLACES]
        here = next((names.index(name) for name, screen in self.made.items() if screen is self.screen), 0)
        self.show(names[(here + by) % len(names)])

    async def bring(self, screen: PaneScreen[Any, Any]) -> None:
        """Put a screen in the place of the one shown, whose state is kept; dialogs on it go. One after the other."""
        async with self.bringing:
            while isinstance(self.screen, ModalScreen):
                await self.pop_screen()
            if self.screen is screen:
                return
            if self.screen in self.up:
                await self.switch_screen(screen)
            else:
                await self.push_screen(screen)

    # models ----------------------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, exit_on_error=False, group="loading")
    def open_model(self, name: str, called: str | None = None, prompt: str | None = None, then: str = "play") -> None:
        """Read a model folder beside the drawing, then go on in the app's own thread."""
        from playground.play import screen  # noqa: F401 - for `self.play`: imported here, it does not hold up the drawing

        try:
            if self.begin:
                self.begin()  # a wrong option is found here, where it is told
            self.call_later(self.begin_with, self.read_model(name, called), prompt, then)
        except UserError as error:
            self.call_later(self.do_without, str(error))

    def read_model(self, name: str, called: str | None = None) -> Opened:
        """A model from its folder, with what counts beside it; UserError if it cannot be read. For a thread."""
        import models
        from models import baselines, model_folders
        from models.runs import snapshots

        if said := model_folders.stated(name):
            self.call_later(self.tell, said)
        model = models.load(name)
        folder = models.folder(name)
        beside = baselines.look(snapshots.finished(folder), model_folders.tokenizer_of(model))
        for word in (*model.notes, *map(str, beside.faults)):
            self.call_later(self.tell, word)
        return Opened(replace(model, name=called or model.name), beside.models, folder)

    async def begin_with(self, opened: Opened, prompt: str | None, then: str) -> None:
        """A new model: Play starts with it, drawn once there is something to draw.

        `prompt` is the text to look at, None for that so far; `then` the screen to go to.
        """
        self.opened = opened
        self.remember(opened.folder)
        with self.batch_update():
            await self.bring(self.play)
            self.play.open(opened, prompt)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.play.answered.wait(), PATIENCE)
            if then != "play":
                self.show(then)
        await asyncio.to_thread(give_back)  # what it was made from, and the model before it

    def let_go(self) -> None:
        """Whatever screens have of the model before, which would stay in memory with it."""
        for screen in self.up:
            screen.let_go()

    def remember(self, folder: Path) -> None:
        """Offer it again; what is bundled or of a run is offered anyway."""
        from models.model_folders import PRETRAINED

        if not any(folder.resolve().is_relative_to(place.resolve()) for place in (PRETRAINED, self.runs)):
            self.keep(self.store.with_recent(str(folder.absolute())))

    def do_without(self, problem: str) -> None:
        """No model: said in a notice; with no screen at all there is nothing to stay for but the ways to begin."""
        if self.goes_on and self.opened is None:  # what was left is gone since: begin anew
            self.asked_model, self.prompt, self.begin, self.goes_on = self.otherwise, None, None, False
            self.tell(problem)
            if not self.up:
                self.show_starts()
        elif self.up:
            self.tell(problem)
        else:
            self.failed_at_start = problem
            self.exit(return_code=2)

    # lessons ---------------------------------------------------------------------------------------------------

    @cached_property
    def tutor(self) -> Tutor:
        """Who leads through a lesson."""
        from playground.learn.tutor import Tutor

        return Tutor(self)

    @work(group="teaching")
    async def teach(self, task: Task) -> None:
        """Begin a lesson, in the place of one that is open."""
        try:
            await self.tutor.begin(task)
        except UserError as error:
            self.tell(str(error))

    @property
    def walk(self) -> Walk | None:
        """Where the person is in the lesson that is open; None where none is."""
        return self.tutor.walk if "tutor" in vars(self) else None  # until one is begun, nobody is there to lead

    def drawn(self) -> None:
        """What the person was to do may be done."""
        if self.walk is not None:
            self.tutor.look()

    def action_lesson(self, name: str) -> None:
        """The keys that a lesson has wherever it stands."""
        if name == "out":
            self.tutor.out()
        else:
            self.tutor.onward()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """They are keys like others where no lesson is open, a dialog is above it, or a text is typed."""
        if action == "lesson":
            here = self.here
            return self.walk is not None and here is not None and here.draft is None and bool(self.tutor.shown)
        return super().check_action(action, parameters)

    # the rest --------------------------------------------------------------------------------------------------

    @work(exclusive=True, group="leaving")
    async def leave(self) -> None:
        """End, once every screen has kept what must be kept; who is in a lesson leaves that first."""
        shown = next((name for name, screen in self.made.items() if screen is self.here), "")
        if shown and self.walk is not None:
            shown = self.tutor.came_from
            self.tutor.leave()
        if shown and self.opened is not None:
            self.keep(self.store.with_left(self.where(shown)))
        await asyncio.gather(*(screen.left() for screen in self.up))
        self.exit()

    def on_unmount(self) -> None:
        """It ends, by a key, a signal or a fault of ours."""
        if "tutor" in vars(self):
            self.tutor.end()

    def where(self, screen: str) -> settings.Left:
        """Where the person is: model, text and switches, and this screen."""
        from models.model_folders import PRETRAINED
        from playground.looking.prompts import draft_of

        assert self.opened is not None
        folder, model = self.opened.folder, self.opened.model
        name = folder.name if folder.parent == PRETRAINED else str(folder.absolute())
        return settings.Left(name, draft_of(self.session, model), tuple(map(str, self.session.switches)), screen)

    def other_unit(self) -> None:
        """The panes follow, and the choice is kept."""
        super().other_unit()
        self.keep(self.store.with_unit(self.unit.name))
        for screen in self.up:
            screen.draw()

    def watch_theme(self, theme: str) -> None:
        """The panes' styles follow, and the choice is kept."""
        if self.up:
            self.keep(self.store.with_theme(theme))
        for screen in self.up:
            screen.draw()

    def learned(self, screen: object) -> None:
        """The screen that is shown may draw on what another has."""
        if self.here is not None and self.here is not screen:
            self.here.hear_of(screen)

    @property
    def here(self) -> PaneScreen[Any, Any] | None:
        """The screen that is shown; None where a dialog is above it, or at first."""
        return next((screen for screen in self.up if screen is self.screen), None)

    def action_command_palette(self) -> None:
        """Choose from all that can be done here."""
        if self.here is not None:
            self.here.choose_command(self.everything(self.here))

    def everything(self, here: PaneScreen[Any, Any]) -> Iterator[Command]:
        """What the screen's keys do, what each screen knows of, themes, and what Textual brings along."""
        yield from (Command(key.group, *key.command, partial(here.action_press, key.action)) for key in here.TABLE)
        for place in self.PLACES:
            yield from import_module(place.finds).found(self) if place.finds else ()
        for name in sorted(self.available_themes):
            yield Command("Choose a theme", name, "", partial(setattr, self, "theme", name))
        for title, words, act, _ in self.get_system_commands(here):
            if title not in ("Theme", "Quit"):
                yield Command(PROGRAM, title, words, act)


def _session_with(switches: Iterable[str]) -> Session:
    from models.switches import parse
    from playground.looking.session import Session

    return Session("", switches=tuple(map(parse, switches)))


def run(app: Playground) -> int:
    """Open the playground; returns the exit status. Raises what ended it, if a fault of ours did."""
    logging.basicConfig(handlers=[settings.Log()])
    wait_for_rest()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is begun until the terminal's driver listens for it
    app.run()
    if app._exception is not None:  # told, and kept in a log, by the command line
        raise app._exception
    if app.failed_at_start:
        print(f"error: {text.visible(app.failed_at_start)}", file=sys.stderr)
    return app.return_code or 0
