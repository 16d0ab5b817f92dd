"""The Train screen: a run that learns, its curve, and a prompt of the person's under every snapshot of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial

import models
from models.lenses.probes.probe import knows_words
from playground.kit.described import Acts
from playground.kit.dialogs import Help
from playground.kit.keys import PROGRAM, Key
from playground.kit.layout import Arrangement
from playground.kit.screen import PaneScreen
from playground.looking.host import Host
from playground.train import library, runner, ten_seconds
from playground.train import scene as views
from playground.train.child import PATIENCE, Gone
from playground.train.form import FIRST_PRESET, Plan
from playground.train.keys import KEYS
from playground.train.layout import arrangement
from playground.train.library import Known
from playground.train.new_run import NewRun
from playground.train.panes import ALL, words
from playground.train.runner import Runner
from playground.train.scene import TrainScene, TrainView, Watched
from playground.train.settling import Settled, Settling
from playground.train.skills import Able, Asking
from playground.train.watched_prompt import WatchedPrompt
from playground.train.watcher import Seen, Wanted, Watcher

AGAIN = 2.0  # seconds between looks at what other processes do to runs


class Train(PaneScreen[TrainScene, TrainView]):
    """Start a run, watch it learn, go back in time, compare."""

    app: Host
    ARRANGEMENT = arrangement()
    PANES = ALL
    TABLE = KEYS
    FIRST = "watch"

    def __init__(self) -> None:
        super().__init__()
        self.view = TrainView()
        self.runner = Runner(self.app.runs, lambda: self.call_later(self.go_on, self.heard))
        self.prompt = WatchedPrompt(self)
        self.seen: dict[str, Watched] = {}
        self.settled: tuple[Settling | None, Settled | None] = None, None  # of what was asked
        self.able: Able | None = None  # what a run can do, as it was told last
        self.watcher = Watcher(self.app.kept)
        self.looking = self.look_for_all = False  # at the disk; and whether all runs are to be read next
        self.blind = ""  # why the last look failed, as it was told

    @cached_property
    def acts(self) -> Acts:
        """What the keys do: to a run, or to where one looks."""
        return {
            **self.shared,
            "new": self.new,
            "pause": lambda: self.runner.pause(self.view.run),
            "one": lambda: self.runner.tell(self.view.run, "step"),
            "stop": self.stop,
            "onward": self.onward,
            "rewind": self.rewind,
            "delete": self.delete,
            "log": self.show_log,
            "pin": self.pin,
            "open": self.open_in_play,
            **self.prompt.acts,
            "first": self.to_first,
            "newest": self.to_newest,
            "watching": partial(self.turn_view, "watching", "watch"),
            "axis": partial(self.turn_view, "along", "loss"),
            "scale": partial(self.turn_view, "scale", "loss"),
        }

    @property
    def runs(self) -> dict[str, Known]:
        """Every run by its name."""
        return self.runner.runs

    @property
    def scene(self) -> TrainScene:
        """Everything the panes draw from."""
        records = {name: known.record for name, known in self.runs.items()}
        asked, moment = self.settled
        is_of = asked is not None and (asked.run, asked.prompt) == (self.view.run, self.prompt.typed)
        able = self.able if self.able is not None and self.able.asked.run == self.view.run else None
        return TrainScene(self.view, records, self.seen, moment if is_of else None, able)

    @property
    def arrangement(self) -> Arrangement:
        """What a run on the little world can do has a place, where there is room."""
        shown = self.prompt.shown
        return arrangement(shown is not None and knows_words(shown.model))

    def on_mount(self) -> None:
        """Whoever shows the runs the prompt; the runs themselves are found as on every return."""
        self.employ(self.watcher.work)
        self.set_interval(AGAIN, self.look_again)
        self.go_to("loss")

    def on_screen_resume(self) -> None:
        """The runs there are: another process may have begun one."""
        self.find()

    async def left(self) -> None:
        """The run is saved by its process, which is given a moment, but never killed."""
        if self.runner.is_alive and self.runner.child is not None:
            self.app.say("saving the run ...")
            self.runner.leave()
            await asyncio.to_thread(self.runner.child.wait, PATIENCE)

    def on_unmount(self) -> None:
        """The process saves."""
        self.runner.leave()

    # the flow --------------------------------------------------------------------------------------------------

    def wanted(self) -> tuple[Wanted | Settling | Asking, ...]:
        """The prompt under the snapshots looked at, since when the chosen run answers it so, and what that can do."""
        scene, wanted = self.scene, list[Wanted | Settling | Asking]()
        for name, record in list(scene.shown.items())[:2]:
            snapshot = record.snapshot_at(scene.step)
            if snapshot is not None:
                folder, is_other = self.runs[name].path / snapshot.folder, name != self.view.run
                wanted.append(Wanted(name, snapshot.step, folder, self.prompt.typed, is_other))
        if scene.record is not None and scene.record.snapshots:
            path = self.runs[self.view.run].path
            folders = tuple((each.step, path / each.folder) for each in scene.record.snapshots)
            wanted.append(Settling(self.view.run, self.prompt.typed, folders))
            asking = Asking.of(self.view.run, path, scene.record)
            is_known = self.able is not None and self.able.is_whole and self.able.asked == asking
            if "skill" in self.board.order and not is_known:
                wanted.append(asking)
        return tuple(wanted)

    def forget(self, before: object, wanted: tuple[Wanted | Settling | Asking, ...]) -> bool:
        """What is shown now stands until the answer comes; what was computed before is there at once."""
        known = {each.run: self.watcher.known(each) for each in wanted if isinstance(each, Wanted)}
        kept = {run: watched for run, watched in self.seen.items() if run in known}
        self.seen = kept | {run: watched for run, watched in known.items() if watched is not None}
        return False

    def hear(self, wanted: tuple[Wanted | Settling | Asking, ...], content: object) -> None:
        """What is no longer wanted is dropped."""
        if isinstance(content, Settled):
            asked = next(each for each in wanted if isinstance(each, Settling))
            self.settled = asked, content if content.token else None
        elif isinstance(content, Able):
            self.able = content if content.is_worth(self.able) else self.able
        elif isinstance(content, Seen):
            if content.wanted in self.asked:
                self.seen = {**self.seen, content.wanted.run: content.watched}
        else:
            super().hear(wanted, content)

    def heard(self) -> None:
        """The training process has said something, or is gone."""
        for news in self.runner.take():
            if news.gone is not None and not news.gone.orderly and self.is_current:
                self.show_log(news.gone)
            elif news.is_wrong:
                self.app.tell(news.told(self.app.unit))
            elif news.is_told:
                self.app.say(news.told(self.app.unit))
            if news.gone is not None:
                self.find()
        self.known_anew()
        self.runner.go_on()

    def look_again(self) -> None:
        """What other processes do to runs, and whether our own still answers."""
        self.look()
        for news in self.runner.not_heard():
            self.app.tell(news.says)

    def known_anew(self) -> None:
        """More is known of the runs; one of them is always chosen, where there are any."""
        if self.view.run not in self.runs:
            self.view = views.choose(self.view, next(iter(self.runs), ""))
        self.follow()

    @property
    def usable(self) -> Sequence[Key]:
        """The keys that do something now, for the footer."""
        known = self.runs.get(self.view.run)
        record = known.record if known else None
        ended = {"onward"} if record and record.state in ("stopped", "died") else set()
        acts = {"pause", "one", "stop"} if self.runner.trains(self.view.run) else ended | {"rewind", "delete"}
        other = {"pin"} if len(self.runs) > 1 else set()
        time = {"left", "right", "open", "edit"} if len(self.scene.places) else set()
        own = {"new"} | (acts if record else set()) | other | time
        label = "go on" if record and record.state == "paused" else "pause"
        keys = [replace(key, label=label) if key.action == "pause" else key for key in KEYS]
        return [key for key in keys if key.action in own or key.group == PROGRAM]

    # runs on the disk ------------------------------------------------------------------------------------------

    def find(self) -> None:
        """Read all runs, beside the drawing."""
        self.look_for_all = True
        self.look()

    def look(self) -> None:
        """Read all runs if that is asked for, else those that other processes train, begin or delete.

        One look at a time: what is asked for meanwhile is read after it, so that nothing older comes after a newer.
        """
        whole, folder = self.look_for_all, self.runner.folder
        if self.looking or not (whole or self.is_current):
            return
        self.looking, self.look_for_all = True, False
        read = partial(library.read, folder) if whole else partial(library.again, folder, self.runs)
        self.do_beside(read, self.on_found, self.on_not_found)

    def on_found(self, runs: dict[str, Known]) -> None:
        """Runs on the disk were read."""
        self.looking, self.blind, before = False, "", self.runs
        self.runner.found(runs)
        if self.runs != before:
            self.known_anew()
        if self.look_for_all:
            self.look()

    def on_not_found(self, problem: str) -> None:
        """They could not be read: told, but not at every look."""
        self.looking = False
        if problem != self.blind:
            self.app.tell(problem)
        self.blind = problem
        if self.look_for_all:
            self.look()

    # what is done to a run -------------------------------------------------------------------------------------

    def choose(self, name: str) -> None:
        """Look at a run."""
        self.see(views.choose(self.view, name))

    def new(self, preset: str = FIRST_PRESET) -> None:
        """The form, with the settings of a preset, and then the run it asks for."""
        own = [(f"the run {name}", str(known.path)) for name, known in self.runs.items() if known.has_model]
        starts = [*((name, name) for name in models.available()), *own]
        form = NewRun(self.scene.runs, self.runner.taken, starts, self.runner.last_data, preset)
        self.consult(form, lambda plan: self.alone(partial(self.start, plan), f"begin {plan.name}"))

    def start(self, plan: Plan, *, paused: bool = False) -> None:
        """Begin a run, and look at it."""
        self.runner.start(plan, paused=paused)
        self.look_at(plan.name)

    def begin_first(self) -> None:
        """The run that learns in ten seconds what its prompt asks."""

        def begin() -> None:
            self.prompt.typed = ten_seconds.PROMPT
            self.start(ten_seconds.plan(self.runner.taken))

        self.alone(begin, "train one in ten seconds")

    def onward(self) -> None:
        """Continue the chosen run; the one that is being trained goes on, or pauses."""
        name = self.view.run
        if self.runner.trains(name) and self.runs[name].record.is_alive:
            self.runner.pause(name)
            return
        self.runner.check_resumes(name)

        def resume() -> None:
            self.runner.resume(name)
            self.look_at(name)

        self.alone(resume, f"continue {name}")

    def rewind(self) -> None:
        """The chosen run again, from step 0 and paused there, beside the old one; asked first."""
        name, plan = self.view.run, self.runner.again(self.view.run)
        begin = partial(self.start, plan, paused=True)
        if self.runner.is_alive:
            self.alone(begin, f"begin {name} again from step 0")
            return
        says = f"It waits at step 0, as {plan.name}; {name} stays as it is."
        self.confirm(f"Begin {name} again from step 0?", says, "begin it again", begin)

    def stop(self) -> None:
        """Save, and end the process; one that does not answer can be ended at once."""
        name, is_deaf = self.view.run, self.runner.is_deaf
        self.runner.tell(name, "stop")
        if is_deaf:
            says = f"It does not answer. It is not saved now: {self.runner.keeps}."
            self.confirm(f"End the training of {name} at once?", says, "end it at once", self.runner.kill, "wait")
        else:
            self.app.say(f"saving {name} ...")

    def alone(self, act: Callable[[], object], what: str) -> None:
        """Do it now; where a run is being trained, ask whether to save and stop that first."""
        begin = partial(self.trying, act)  # a process that cannot be started is told, whoever waited for it
        if not self.runner.is_alive:
            begin()
            return
        name = self.runner.training
        title = f"{name} is being trained, and one runs at a time"
        says = f"Save and stop it, then {what}? {name} can be continued later."
        self.confirm(title, says, "stop it, go on", partial(self.runner.when_free, begin))

    def look_at(self, name: str) -> None:
        """A run has begun: what it writes is more to look at than the list of runs."""
        self.view = views.go_to(views.choose(self.view, name), None)
        if self.board.staged == "runs":
            self.board.stage("samples")
        self.follow()

    def delete(self) -> None:
        """Delete the chosen run, asked first; the next in the list is then chosen."""
        name = self.view.run
        known = self.runner.check_deletes(name)

        def act() -> None:
            below, above = self.scene.beside(1), self.scene.beside(-1)
            self.see(views.choose(self.view, below if below != name else above))
            self.do_beside(partial(runner.delete, known), gone)

        def gone(_none: None) -> None:
            self.view = views.forget(self.view, name)
            self.app.say(f"{name} is deleted")
            self.find()

        says = f"{known.size / 1e6:,.1f} MB, for good: nothing brings it back." if known.size else "For good."
        self.confirm(f"Delete the run {name}?", says, "delete it", act, "keep it")

    def show_log(self, gone: Gone | None = None) -> None:
        """The last lines that the training process wrote."""
        self.open_dialog(Help(*self.runner.last_words(gone), []))

    # looking ---------------------------------------------------------------------------------------------------

    def to_first(self) -> None:
        """The first snapshot."""
        places = self.scene.places
        self.see_else(views.go_to(self.view, int(places[0])) if len(places) else self.view, self.scene.nowhere(-1, 0))

    def to_newest(self) -> None:
        """Follow the newest snapshot."""
        self.see_else(views.go_to(self.view, None), self.scene.nowhere(1, 0))

    def move(self, dx: int, dy: int) -> None:
        """An arrow key, for the focused pane; where it leads nowhere, that is said."""
        pane, scene = self.pane_for_keys(), self.scene
        self.see_else(pane.move(scene, dx, dy) if pane else scene.moved(dx, dy), scene.nowhere(dx, dy))

    def enter(self) -> None:
        """Enter, for the focused pane; from the list of runs to the curve of the chosen one."""
        pane = self.board.focused
        if pane is not None and pane.name == "runs" and self.runs:
            self.go_to("loss")
        elif pane is not None:
            self.see_else(pane.enter(self.scene), f"Enter does nothing in {pane.title} now - ? explains it")

    def turn_view(self, what: views.Turned, pane: str) -> None:
        """Another axis, scale or thing to watch, where one can see it."""
        scene = self.scene
        if not (scene.watch if pane == "watch" else scene.has_curve):
            self.app.tell(scene.lacks_snapshot if pane == "watch" else scene.lacks_curve)
            return
        if pane not in self.board.order or what == "watching":  # which may only move the keys from part to part
            self.go_to(pane)
        self.see(views.turn(self.view, what))

    def pin(self) -> None:
        """Keep the chosen run drawn while another is chosen, or no longer."""
        name = self.runner.known(self.view.run).path.name
        if len(self.runs) < 2:
            self.app.tell("there is no other run to draw it with - start one (n)")
            return
        self.see(views.pin(self.view, name))
        letter = words.letter(self.view, name)
        stays = f"{name} is pinned as {letter} and stays drawn - choose another run (↑↓)"
        self.app.say(stays if letter else f"{name} is no longer pinned")

    def open_in_play(self) -> None:
        """The snapshot looked at, with the prompt, in Play."""
        asked = (each for each in self.asked or () if isinstance(each, Wanted))
        mine = next((each for each in asked if each.run == self.view.run), None)
        if mine is None:
            self.app.tell(self.scene.lacks_snapshot)
        else:
            self.app.open_model(str(mine.folder), f"{mine.run} at step {mine.step:,}", self.prompt.text)
