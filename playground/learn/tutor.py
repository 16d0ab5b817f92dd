"""Who leads through a lesson: moves the real screens, sees what the person does, and brings back all as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from models.errors import UserError
from playground.inside.screen import Inside
from playground.kit.screen import PaneScreen
from playground.learn import walk as walks
from playground.learn.bench import Bench
from playground.learn.coach import Coach, height
from playground.learn.findings import Findings
from playground.learn.host import Learner
from playground.learn.lesson import Challenge, Here, Start, Step, Task
from playground.learn.walk import Walk
from playground.looking.host import Opened
from playground.looking.session import Session
from playground.play.screen import Play
from playground.train import form, library, runner
from playground.train.record import Record
from playground.train.scene import forget, pin
from playground.train.screen import Train

FIRST = "play"  # the screen whose session a lesson moves, wherever it stands
LIST = "learn"  # the one of which lessons are begun: none stands on it


def ended_early(record: Record) -> str:
    """Why a run is not going to be measured as it stands, and what to do; nothing while it goes, or is done."""
    if record.state not in ("died", "stopped"):
        return ""
    return f"Its training has ended early: {record.problem or 'it was stopped'} - c goes on with it, esc leaves."


class Tutor:
    """Leads through one lesson at a time; without one it does nothing."""

    def __init__(self, app: Learner) -> None:
        self.app = app
        self.walk: Walk | None = None
        self.beginning = asyncio.Lock()
        self.began = Session("")  # the session as the lesson began
        self.bench = Bench()
        self.opened: dict[str, Opened] = {}  # the models of the lesson's steps, by name
        self.runs: list[str] = []  # those begun for the lesson, in the order of its plans
        self.going: list[str] = []  # those of a lesson that was left, until they are off the disk
        self.came_from = LIST  # the screen to go back to
        self.ways_back: dict[object, Callable[[], None]] = {}  # of screens, of Train's prompt, of a run lent

    # the beginning and the end ---------------------------------------------------------------------------------

    async def begin(self, task: Task) -> None:
        """Put the lesson's model, text and switches on the screen it is about; UserError if that is impossible.

        One after the other: what is not begun yet could not be left. Whatever prevents it, all is as before.
        """
        async with self.beginning:
            try:
                await self._begin(task)
            except Exception:
                if self.ways_back:  # it had come far enough to change anything
                    self.go_back()
                    self.app.show(self.came_from)
                raise

    async def _begin(self, task: Task) -> None:
        self.leave()
        app, start = self.app, task.opens
        if task.runs and self.train.runner.is_alive:
            raise UserError(
                f"{self.train.runner.training} is being trained, and one runs at a time", "stop it first (F3)"
            )
        self.opened = {name: await asyncio.to_thread(app.read_model, name) for name in task.models}
        self.came_from = self.shown or LIST
        self.ways_back = {}
        self.leave_as_it_is(*app.up)
        self.lend(start)
        screen = app.screen_named(start.screen)
        await app.bring(screen)
        self.leave_as_it_is(screen)
        if isinstance(screen, Train):
            self.ways_back[screen.prompt] = partial(screen.prompt.watch, screen.prompt.typed)
            screen.prompt.watch(start.text)
        if task.lends is not None:
            await self.lend_run(task.lends)
        self.walk, self.began, self.bench = walks.begun(task), self.play.session, Bench()
        self.play.withhold(self.walk.stage == "ask")
        if task.runs:
            self.learn()
        else:
            self.measure()
        self.look_from(start)  # a run that begins changes what one looks at
        self.stand()

    def leave_as_it_is(self, *screens: PaneScreen[Any, Any]) -> None:
        """Know the way back to how a screen is, before the lesson or who takes it does anything there."""
        for screen in screens:
            if screen not in self.ways_back:
                self.ways_back[screen] = screen.way_back()

    def lend(self, start: Start) -> None:
        """Its model, text and switches, for all screens."""
        opened = self.opened[start.model]
        self.play.lend(opened, start.session(opened.model))

    def look_from(self, start: Start) -> None:
        """The pane that it points at has the keys, and on Inside all look where it says."""
        screen = self.app.screen_named(start.screen)
        if isinstance(screen, Inside):
            screen.look_from(start.looks)
        if start.pane:
            screen.go_to(start.pane)
            screen.board.stage(start.pane)  # also if it has a place of its own: the strip may take that

    def leave(self) -> None:
        """End it: every screen is as it was before."""
        if self.walk is None:
            return
        self.walk = None
        self.play.withhold(False)
        for screen in self.app.up:
            screen.query(Coach).remove()
        self.forget_runs()
        self.go_back()

    def go_back(self) -> None:
        """To how everything was before the lesson."""
        ways, self.ways_back = self.ways_back, {}
        for back in ways.values():
            back()

    def out(self) -> None:
        """End it, and go back to where it was begun."""
        self.leave()
        self.app.show(self.came_from)

    # what the person does --------------------------------------------------------------------------------------

    def look(self) -> None:
        """A screen has drawn: the strip stands on it, and what was to be done may be done."""
        screen, walk = self.app.here, self.walk
        if walk is None or screen is None or not self.shown:
            return
        self.leave_as_it_is(screen)
        self.follow_runs()
        if walk.stage == "act" and self.is_done(walk, self.where(screen)):
            self.walk = walks.acted(walk)
            self.go_on(self.walk.step)
            self.keep()
        self.stand()

    def go_on(self, step: Step | None) -> None:
        """To where the next step begins, if it begins elsewhere than the one before has ended."""
        if step is not None and step.start is not None:
            self.lend(step.start)
            self.look_from(step.start)
            if self.shown != step.start.screen:
                self.app.show(step.start.screen)

    def where(self, screen: PaneScreen[Any, Any]) -> Here:
        """Where the person stands now."""
        play = self.play
        assert play.model is not None
        results = play.results if play.is_fresh else None
        intact, now = (results.intact, results.now) if results is not None else (None, None)
        return Here(self.shown, play.session, self.began, play.model, screen.scene, intact, now)

    @staticmethod
    def is_done(walk: Walk, here: Here) -> bool:
        """Whether the act of a lesson's step, or what a challenge asks, is done."""
        if isinstance(walk.task, Challenge):
            return walk.task.done(here)
        return walk.step is not None and walk.step.act.done(here)

    def walked(self, walk: Walk) -> None:
        """The person did something in the strip."""
        if self.walk is None:  # one of a burst, after that which left
            return
        if walk.left:
            self.out()
        else:
            is_answered, self.walk = self.walk.stage == "ask" and walk.stage == "act", walk
            if is_answered and walk.task.opens is not walk.task.start:
                self.go_on(walk.step)
                self.began = self.play.session
            if is_answered:
                self.learn_next()
            self.play.withhold(walk.stage == "ask")
            self.look()

    def onward(self) -> None:
        """A hint, or the next page, where there is one; the keys go to the strip, where it has a use for them."""
        walk, screen = self.walk, self.app.here
        if walk is None or screen is None:
            return
        if isinstance(walk.task, Challenge) and walk.stage == "act":
            self.walk = walks.hinted(walk)
        elif walk.stage == "see" and walk.findings is not None:
            self.walked(walks.turned(walk, 1, screen.query_one(Coach).pages))
        self.stand(takes_keys=True)

    # the strip -------------------------------------------------------------------------------------------------

    def stand(self, *, takes_keys: bool = False) -> None:
        """The strip on the screen that is shown, and on no other; the keys go to it when its stage is another."""
        screen, walk = self.app.here, self.walk
        if screen is None or walk is None:
            return
        for other in self.app.up:
            if other is not screen:
                other.query(Coach).remove()
        coach = next(iter(screen.query(Coach)), None)
        if coach is None:
            coach = Coach(walk, self.walked)
            screen.mount(coach, after=screen.board)
            takes_keys = True
        takes_keys = takes_keys or coach.walk.stage != walk.stage
        coach.styles.height = height(self.app.size.height)
        coach.tell(walk, self.app.palette_now(), self.app.unit)
        if takes_keys and walk.takes_keys:
            screen.call_after_refresh(coach.focus, scroll_visible=False)
        elif screen.focused is coach and not walk.takes_keys:
            if self.shown == walk.task.start.screen:
                screen.go_to(walk.task.start.pane)
            else:
                screen.turn(1)  # to the first, as the strip is no pane; in too small a terminal there is none

    # what is measured ------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Beside the drawing, while the question is read."""
        assert self.walk is not None
        task = self.walk.task
        self.play.do_beside(
            partial(task.findings, self.bench), partial(self.found, task), partial(self.not_found, task)
        )

    def found(self, task: Task, findings: Findings) -> None:
        """All of it is measured."""
        if self.walk is not None and self.walk.task is task:
            self.walk = replace(self.walk, findings=findings)
            self.keep()
            self.stand()

    def not_found(self, task: Task, problem: str) -> None:
        """It cannot be measured."""
        if self.walk is not None and self.walk.task is task:
            self.walk = replace(self.walk, failed=problem)
            self.stand()

    def keep(self) -> None:
        """Remember that the lesson was walked through, and whether the prediction came true."""
        walk = self.walk
        if walk is not None and walk.stage == "see" and walk.findings is not None:
            self.app.keep(self.app.store.with_learned(walk.task.key, walk.is_right))

    # the runs of a lesson --------------------------------------------------------------------------------------

    async def lend_run(self, run: Path) -> None:
        """A finished run, on the Train screen among the person's own."""
        train = self.train
        train.look_at(train.runner.lend(await asyncio.to_thread(library.one, run)))

        def back() -> None:
            train.runner.take_back()
            train.known_anew()

        self.ways_back[train.runner] = back

    def learn(self) -> None:
        """Train the next of the lesson's models, on the Train screen as it stands; of several all stay drawn."""
        assert self.walk is not None
        plan, train = self.walk.task.runs[len(self.runs)], self.train
        self.runs.append(form.new_name(plan.name, train.runner.taken))
        train.runner.hushed.add(self.runs[-1])
        train.start(replace(plan, name=self.runs[-1]))
        if self.walk.task.against:
            train.see(pin(train.view, self.runs[-1]))

    def learn_next(self) -> None:
        """What is held against the first, once that is trained and the question answered: their curves would tell."""
        walk = self.walk
        if walk is not None and walk.stage != "ask" and len(self.bench.runs) == len(self.runs) < len(walk.task.runs):
            self.train.runner.when_free(self.learn)

    def follow_runs(self) -> None:
        """The next once one has come to its end; once all have, measure."""
        known = self.train.runs.get(self.runs[-1]) if self.runs else None
        if known is None or self.walk is None or len(self.bench.runs) == len(self.runs):
            return
        self.walk = replace(self.walk, failed=ended_early(known.record))
        if known.record.state == "done":
            plans = self.walk.task.runs
            self.bench.runs[plans[len(self.bench.runs)].name] = known.path
            if len(self.runs) < len(plans):
                self.learn_next()
            else:
                self.walk = replace(self.walk, is_trained=True)
                self.measure()

    def forget_runs(self) -> None:
        """They were the lesson's, and go with it."""
        names, self.runs = self.runs, []
        self.going += names
        if names:
            self.train.runner.when_free(partial(self.delete_runs, names))

    def delete_runs(self, names: Sequence[str]) -> None:
        """Off the disk, beside the drawing."""
        train = self.train
        train.runner.hushed.difference_update(names)
        for name in names:
            train.view = forget(train.view, name)
            if name not in train.runs:  # it has come to nothing
                self.going.remove(name)
            else:
                train.do_beside(partial(runner.delete, train.runs[name]), partial(self.gone, name))

    def gone(self, name: str, _none: None) -> None:
        """A run is off the disk."""
        self.going.remove(name)
        self.train.find()

    def end(self) -> None:
        """The program ends, wherever the person is: no run of a lesson is left for who comes next."""
        names = [*self.runs, *self.going]
        if not names:
            return
        of = self.train.runner
        if of.training in names and of.child is not None:
            of.kill()  # nothing of it need be saved
            of.child.wait()
        for name in names:
            with suppress(UserError):
                runner.delete(of.known(name))

    # screens ---------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> str:
        """The name of the screen that is shown, where lessons can stand; else nothing."""
        return next((name for name, screen in self.app.made.items() if screen is self.app.here and name != LIST), "")

    @property
    def play(self) -> Play:
        """Its session is what lessons move."""
        play = self.app.screen_named(FIRST)
        assert isinstance(play, Play)
        return play

    @property
    def train(self) -> Train:
        """Where a lesson's run is trained."""
        train = self.app.screen_named("train")
        assert isinstance(train, Train)
        return train
