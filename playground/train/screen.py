"""The Train screen: a run that learns, its curve, and a prompt of the person's under every snapshot of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial

import models
from playground.kit.dialogs import Ask, Choose, Help
from playground.kit.keys import PROGRAM, Key, bindings
from playground.kit.screen import Acts, PaneScreen
from playground.play.host import Host
from playground.play.prompts import mended
from playground.train import library, runner
from playground.train import scene as views
from playground.train.child import PATIENCE, Gone
from playground.train.form import Plan
from playground.train.keys import KEYS
from playground.train.layout import ARRANGEMENT
from playground.train.library import Known
from playground.train.new_run import NewRun
from playground.train.panes import ALL
from playground.train.runner import Runner
from playground.train.scene import TrainScene, TrainView, Watched
from playground.train.watcher import Seen, Wanted, Watcher

NEW_LINE = "⏎"  # in the one line where the prompt is typed, as tokens are drawn
AGAIN = 2.0  # seconds between looks at runs that other processes train


class Train(PaneScreen[TrainScene, TrainView]):
    """Start a run, watch it learn, go back in time, compare."""

    app: Host
    PANES = ALL
    TABLE = KEYS
    BINDINGS = bindings(press=KEYS)
    FIRST = "watch"

    def __init__(self) -> None:
        super().__init__(ARRANGEMENT)
        self.view = TrainView()
        self.runner = Runner(self.app.runs, lambda: self.call_later(self.go_on, self.heard))
        self.prompt: str | None = None
        self.seen: dict[str, Watched] = {}
        self.watcher = Watcher(self.app.kept)

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
            "pin": self.compare,
            "open": self.open_in_play,
            "edit": self.ask_prompt,
            "mend": self.mend_prompt,
            "first": self.to_first,
            "newest": lambda: self.see(views.go_to(self.view, None)),
            "watching": lambda: self.see(views.turn(self.view, "watching")),
            "axis": lambda: self.see(views.turn(self.view, "along")),
            "scale": lambda: self.see(views.turn(self.view, "scale")),
        }

    @property
    def runs(self) -> dict[str, Known]:
        """Every run by its name."""
        return self.runner.runs

    @property
    def scene(self) -> TrainScene:
        """Everything the panes draw from."""
        return TrainScene(self.view, {name: known.record for name, known in self.runs.items()}, self.seen)

    def on_mount(self) -> None:
        """The runs there are, and whoever shows them the prompt."""
        self.employ(self.watcher.work)
        self.find()
        self.set_interval(AGAIN, self.find_again)
        self.go_to("loss")

    def on_screen_resume(self) -> None:
        """Another process may have begun a run."""
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

    def wanted(self) -> tuple[Wanted, ...]:
        """The prompt under the snapshots looked at."""
        scene, wanted = self.scene, []
        for name, record in list(scene.shown.items())[:2]:
            snapshot = record.snapshot_at(scene.step)
            if snapshot is not None:
                wanted.append(Wanted(name, snapshot.step, self.runs[name].path / snapshot.folder, self.prompt))
        return tuple(wanted)

    def forget(self, before: object, wanted: tuple[Wanted, ...]) -> bool:
        """What is shown now stands until the answer comes; what was computed before is there at once."""
        known = {each.run: self.watcher.known(each) for each in wanted}
        kept = {run: watched for run, watched in self.seen.items() if run in known}
        self.seen = kept | {run: watched for run, watched in known.items() if watched is not None}
        return False

    def hear(self, wanted: tuple[Wanted, ...], content: object) -> None:
        """What is no longer wanted is dropped."""
        if isinstance(content, Seen):
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
                self.app.tell(news.says)
            else:
                self.app.say(news.says)
            if news.gone is not None:
                self.find()
        self.known_anew()
        self.runner.go_on()

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
        self.do_beside(partial(library.read, self.runner.folder), partial(self.on_found, whole=True))

    def find_again(self) -> None:
        """Read again what other processes are training."""
        known = {name: each for name, each in self.runs.items() if each.elsewhere}
        if known and self.is_current:
            self.do_beside(partial(library.again, known), partial(self.on_found, whole=False))

    def on_found(self, runs: dict[str, Known], whole: bool) -> None:
        """Runs on the disk were read."""
        self.runner.found(runs, whole)
        self.known_anew()

    # what is done to a run -------------------------------------------------------------------------------------

    def new(self) -> None:
        """The form, and then the run it asks for."""
        own = [(f"the run {name}", str(known.path)) for name, known in self.runs.items() if known.has_model]
        starts = [*((name, name) for name in models.available()), *own]
        form = NewRun(self.scene.runs, starts, self.runner.last_data)
        self.consult(form, lambda plan: self.alone(partial(self.start, plan)))

    def start(self, plan: Plan, *, paused: bool = False) -> None:
        """Begin a run, and look at it."""
        self.runner.start(plan, paused=paused)
        self.look_at(plan.name)

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

        self.alone(resume)

    def rewind(self) -> None:
        """The chosen run again, from step 0 and paused there, beside the old one."""
        self.alone(partial(self.start, self.runner.again(self.view.run), paused=True))

    def stop(self) -> None:
        """Save, and end the process."""
        self.runner.tell(self.view.run, "stop")
        self.app.say(f"saving {self.view.run} ...")

    def alone(self, act: Callable[[], object]) -> None:
        """Do it now; where a run is being trained, ask whether to save and stop that first."""
        begin = partial(self.trying, act)  # a process that cannot be started is told, whoever waited for it

        def chosen(answer: str) -> None:
            if answer == "stop":
                self.runner.when_free(begin)

        if not self.runner.is_alive:
            begin()
            return
        stop = ("stop", "save and stop it, then go on", "it can be continued later")
        title = f"{self.runner.training} is being trained, and one runs at a time"
        self.consult(Choose(title, [stop, ("no", "leave it as it is", "")]), chosen)

    def look_at(self, name: str) -> None:
        """A run has begun: what it writes is more to look at than the list of runs."""
        self.view = views.go_to(views.choose(self.view, name), None)
        if self.board.staged == "runs":
            self.board.stage("samples")
        self.follow()

    def delete(self) -> None:
        """Delete the chosen run, asked first."""
        name = self.view.run
        known = self.runner.check_deletes(name)

        def gone(_none: None) -> None:
            self.view = views.forget(self.view, name)
            self.app.say(f"{name} is deleted")
            self.find()

        def chosen(answer: str) -> None:
            if answer == "delete":
                self.do_beside(partial(runner.delete, known), gone)

        size = f"{known.size / 1e6:,.1f} MB, for good" if known.size else "for good"
        options = [("keep", "keep it", ""), ("delete", "delete it", size)]
        self.consult(Choose(f"Delete the run {name}?", options), chosen)

    def show_log(self, gone: Gone | None = None) -> None:
        """The last lines that the training process wrote."""
        self.app.push_screen(Help(*self.runner.last_words(gone), []))

    # looking ---------------------------------------------------------------------------------------------------

    def to_first(self) -> None:
        """The first snapshot."""
        places = self.scene.places
        if len(places):
            self.see(views.go_to(self.view, int(places[0])))

    def compare(self) -> None:
        """Draw the run under the cursor with the chosen one, or no longer; the next one where that is the chosen."""
        names = list(self.runs)
        if len(names) < 2:
            self.app.tell("there is no other run to compare with - start one (n)")
            return
        at = min(self.view.item, len(names) - 1)
        name = names[at] if names[at] != self.view.run else names[(at + 1) % len(names)]
        self.see(views.overlay(self.view, name))

    def ask_prompt(self) -> None:
        """Type the prompt that is watched."""

        def typed(prompt: str) -> None:
            self.prompt = prompt.replace(NEW_LINE, "\n") or None
            self.follow()

        shown = self.watched.replace("\n", NEW_LINE)
        title = f"The prompt to watch; {NEW_LINE} is a new line"
        self.consult(Ask(title, "nothing: one it can read", shown), typed)

    def mend_prompt(self) -> None:
        """What the chosen run does not know of the prompt is written as the nearest that it knows."""
        seen = self.seen.get(self.view.run)
        tokenizer = seen.scene.model.tokenizer if seen and seen.scene else None
        text = mended(tokenizer, self.watched) if tokenizer else self.watched
        if text == self.watched:
            self.app.say("the model knows all of the prompt")
            return
        self.prompt = text
        self.follow()

    @property
    def watched(self) -> str:
        """The prompt as it can be edited."""
        if self.prompt is not None:
            return self.prompt
        seen = self.seen.get(self.view.run)
        tokenizer = seen.scene.model.tokenizer if seen and seen.scene else None
        return tokenizer.decode(seen.scene.session.tokens) if tokenizer and seen and seen.scene else ""

    def open_in_play(self) -> None:
        """The snapshot looked at, with the prompt, in Play."""
        mine = next((each for each in self.asked or () if each.run == self.view.run), None)
        if mine is None:
            self.app.tell("there is no snapshot to open yet - start a run (n), or wait for its first")
        else:
            self.app.open_model(str(mine.folder), f"{mine.run} at step {mine.step:,}", self.watched)
