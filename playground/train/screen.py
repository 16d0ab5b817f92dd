"""The Train screen: keys and clicks become TrainViews, a process trains, a thread watches, panes draw all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from textual import work
from textual.message import Message

from playground import text
from playground.kit.dialogs import Ask, Help
from playground.kit.keys import TRAIN, Key, bindings, key_table
from playground.kit.pane import Picture
from playground.kit.screen import PaneScreen
from playground.train import library, running
from playground.train import scene as views
from playground.train.board import TrainBoard
from playground.train.child import PATIENCE, Child
from playground.train.form import LITTLE_WORLD
from playground.train.layout import PANES, staged
from playground.train.library import Known
from playground.train.panes.loss import Loss
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, Watched, see
from playground.train.watcher import Wanted, Watcher

if TYPE_CHECKING:
    from playground.app import Playground

NEW_LINE = "⏎"  # in the one line where the prompt is typed, as tokens are drawn
AGAIN = 2.0  # seconds between looks at runs that other processes train


class News(Message):
    """The training process has said something, or is gone."""

    def __init__(self, child: Child[Record]) -> None:
        self.child = child
        super().__init__()


class Seen(Message):
    """The prompt under a snapshot came from the watcher's thread."""

    def __init__(self, wanted: Wanted, watched: Watched) -> None:
        self.wanted, self.watched = wanted, watched
        super().__init__()


class Found(Message):
    """Runs on the disk were read."""

    def __init__(self, runs: dict[str, Known], whole: bool) -> None:
        self.runs, self.whole = runs, whole
        super().__init__()


class Gone(Message):
    """A run was deleted; where that was not possible, why."""

    def __init__(self, run: str, problem: str | None) -> None:
        self.run, self.problem = run, problem
        super().__init__()


class Train(PaneScreen[TrainBoard]):
    """Start a run, watch it learn, go back in time, compare."""

    BOARD = TrainBoard
    TABLE = TRAIN
    BINDINGS = bindings(press=TRAIN)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder  # of all runs
        self.view = TrainView(pane="watch")
        self.runs: dict[str, Known] = {}
        self.prompt: str | None = None
        self.child: Child[Record] | None = None
        self.training = ""  # the run that the child trains
        self.lost: dict[str, str] = {}  # runs whose process died here, and why
        self.nonsense = 0  # lines of its that were no events, as far as that was said
        self.warned: set[str] = set()  # kinds of its warnings that were told
        self.last_data = LITTLE_WORLD  # what the last run was to learn from
        self.then: Callable[[], None] | None = None  # what is to be done when the child is gone
        self.seen: dict[str, Watched] = {}
        self.wanted: list[Wanted] = []
        self.watcher = Watcher(lambda wanted, watched: self.post_message(Seen(wanted, watched)))
        self.own = self.shared(PANES) | {
            "new": partial(running.new, self),
            "pause": partial(running.pause, self),
            "one": partial(running.one_step, self),
            "stop": partial(running.stop, self),
            "onward": partial(running.onward, self),
            "rewind": partial(running.rewind, self),
            "delete": partial(running.delete, self),
            "log": partial(running.show_log, self),
            "compare": self.compare,
            "open": self.open_in_play,
            "edit": self.edit,
            "first": self.to_first,
            "newest": lambda: self.see(views.go_to(self.view, None)),
            "watching": lambda: self.see(views.next_watched(self.view)),
            "axis": lambda: self.see(views.next_axis(self.view)),
            "scale": lambda: self.see(views.other_scale(self.view)),
        }

    @classmethod
    def of(cls, app: Playground) -> Self:
        """Over the runs that the app was started with."""
        return cls(app.runs or library.home())

    @property
    def scene(self) -> TrainScene:
        """Everything the panes draw from."""
        return TrainScene(self.view, {name: known.record for name, known in self.runs.items()}, self.seen)

    @property
    def chosen(self) -> Known | None:
        """The run looked at."""
        return self.runs.get(self.view.run)

    def on_mount(self) -> None:
        """The runs there are, and whoever shows them the prompt."""
        self.watcher.start()
        self.find()
        self.set_interval(AGAIN, self.find_again)
        self.go_to("loss")

    def on_screen_resume(self) -> None:
        """Another process may have begun a run."""
        self.find()
        self.draw()

    def on_resize(self) -> None:
        """When the panes have their new places, see that none is lost."""
        self.call_after_refresh(self.settle)

    async def left(self) -> None:
        """The run is saved by its process, which is given a moment, but never killed."""
        if self.child is not None and self.child.gone is None:
            self.app.notify("saving the run ...", markup=False)
            self.child.leave()
            await asyncio.to_thread(self.child.wait, PATIENCE)

    def on_unmount(self) -> None:
        """The thread goes with the screen, and the process saves."""
        self.watcher.stop()
        if self.child is not None:
            self.child.leave()

    # the flow: see, ask, draw ----------------------------------------------------------------------------------

    def see(self, view: TrainView) -> None:
        """The person looks elsewhere."""
        if view == self.view:
            return
        before, self.view = self.view, view
        if view.pane != before.pane:
            self.board.stage(view.pane)
            self.call_after_refresh(self.draw)
        self.ask()
        self.draw()

    def ask(self) -> None:
        """Have the prompt shown to the snapshots looked at; what is shown now stands until the answer comes."""
        scene = self.scene
        wanted = []
        for name in (self.view.run, scene.second):
            snapshot = self.runs[name].record.snapshot_at(scene.step) if name in self.runs else None
            if name and snapshot is not None:
                where = self.runs[name].path / snapshot.folder
                wanted.append(Wanted(name, snapshot.step, where, self.prompt))
        if wanted == self.wanted:
            return
        self.wanted = wanted
        self.seen = {name: watched for name, watched in self.seen.items() if name in {each.run for each in wanted}}
        unknown = []
        for each in wanted:
            known = self.watcher.known(each)
            if known is None:
                unknown.append(each)
            else:
                self.seen[each.run] = known
        self.watcher.ask(unknown)

    def on_seen(self, message: Seen) -> None:
        """What is no longer wanted is dropped."""
        if message.wanted in self.wanted:
            self.seen = {**self.seen, message.wanted.run: message.watched}
            self.draw()

    def heard(self, child: Child[Record]) -> None:
        """In the child's thread: there is news."""
        self.post_message(News(child))

    def on_news(self, message: News) -> None:
        """The child has said something."""
        if message.child is self.child and self.training:
            self.know(self.training, message.child.take())
            running.look_after(self)

    def know(self, name: str, record: Record) -> None:
        """More of a run."""
        self.runs = {**self.runs, name: replace(self.runs[name], record=record)}
        self.ask()
        self.draw()

    def draw(self) -> None:
        """Draw what is there now."""
        if self.is_mounted and self.is_current:
            self.board.draw(self.scene, self.app.palette_now())
            self.show_keys(self.usable)

    @property
    def usable(self) -> list[Key]:
        """The keys that do something now, for the footer."""
        record = self.chosen.record if self.chosen else None
        trains = self.alive and self.view.run == self.training
        ended = {"onward"} if record and record.state in ("stopped", "died") and self.chosen else set()
        acts = {"pause", "one", "stop"} if trains else ended | {"rewind", "delete"}
        other = {"compare"} if len(self.runs) > 1 else set()
        time = {"left", "right", "open", "edit"} if len(self.scene.places) else set()
        own = {"new"} | (acts if record else set()) | other | time
        label = "go on" if record and record.state == "paused" else "pause"
        keys = [replace(key, label=label) if key.action == "pause" else key for key in TRAIN]
        return [key for key in keys if key.action in own or key.group == "program"]

    # runs on the disk ------------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="runs", exit_on_error=False)
    def find(self) -> None:
        """Read all runs, beside the drawing."""
        self.post_message(Found(library.read(self.folder), whole=True))

    def find_again(self) -> None:
        """Read again what other processes are training."""
        known = {name: each for name, each in self.runs.items() if each.elsewhere}
        if known and self.is_current:
            self.read_again(known)

    @work(thread=True, exclusive=True, group="again", exit_on_error=False)
    def read_again(self, known: dict[str, Known]) -> None:
        """As `find`, for these."""
        self.post_message(Found(library.again(known), whole=False))

    def on_found(self, message: Found) -> None:
        """What the child says of its run is newer than what its folder does."""
        own = {self.training: self.runs[self.training]} if self.training else {}
        found = message.runs if message.whole else {**self.runs, **message.runs}
        self.runs = {**own, **{name: self.told(name, each) for name, each in found.items() if name not in own}}
        if self.view.run not in self.runs:
            self.view = views.choose(self.view, next(iter(self.runs), ""))
        self.ask()
        self.draw()

    def told(self, name: str, known: Known) -> Known:
        """What its folder says of a run; that its process died, only we know."""
        if name not in self.lost or known.elsewhere:
            return known
        return replace(known, record=replace(known.record, state="died", problem=self.lost[name]))

    @work(thread=True, group="deleting", exit_on_error=False)
    def take_away(self, name: str) -> None:
        """Delete a run, beside the drawing."""
        problem = running.deleted(self.runs[name])
        self.post_message(Gone(name, problem))

    def on_gone(self, message: Gone) -> None:
        """A run was deleted, or not."""
        if message.problem is not None:
            self.app.tell(message.problem)
        else:
            self.view = views.forget(self.view, message.run)
            self.app.notify(text.visible(f"{message.run} is deleted"), markup=False)
        self.find()

    @property
    def alive(self) -> bool:
        """Whether a child of ours trains."""
        return self.child is not None and self.child.gone is None

    # looking ---------------------------------------------------------------------------------------------------

    def on_picture_acted(self, message: Picture.Acted) -> None:
        """A click or the mouse passing."""
        view = message.act(self.view)
        if view.pane != self.view.pane and view.pane in PANES:  # a tab: as its number key
            self.go_to(view.pane)
        else:
            self.see(view)

    def move(self, dx: int, dy: int) -> None:
        """An arrow key, for the focused pane; sideways it is time in most."""
        pane = self.board.focused_pane
        self.see(pane.move(self.scene, dx, dy) if pane is not None else self.scene.scrubbed(dx))

    def enter(self) -> None:
        """Enter, for the focused pane."""
        pane = self.board.focused_pane
        if pane is not None:
            self.see(pane.enter(self.scene))

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

    def edit(self) -> None:
        """Type the prompt that is watched."""

        def typed(prompt: str | None) -> None:
            if prompt is not None:
                self.prompt = prompt.replace(NEW_LINE, "\n") or None
                self.ask()
                self.draw()

        shown = self.watched.replace("\n", NEW_LINE)
        self.app.push_screen(
            Ask(f"The prompt to watch; {NEW_LINE} is a new line", "nothing: one it can read", shown), typed
        )

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
        mine = next((each for each in self.wanted if each.run == self.view.run), None)
        if mine is None:
            self.app.tell("there is no snapshot to open yet - start a run (n), or wait for its first")
        else:
            self.app.open_model(str(mine.folder), f"{mine.run} at step {mine.step:,}", self.watched)

    def explain(self) -> None:
        """What the focused pane shows, and every key."""
        pane = self.board.focused_pane or Loss()
        self.app.push_screen(Help(pane.title, pane.help, key_table(TRAIN, PANES)))

    def go_to(self, name: str) -> None:
        """Give a pane the keys, and a place if it has none."""
        order = self.board.order
        if order and name not in order:
            self.see(see(self.view, pane=name))
        self.set_focus(self.board.pane(name), scroll_visible=False)

    def settle(self) -> None:
        """At another size the changing place holds what has no other, and the pane with the keys stays on screen."""
        order, pane = self.board.order, self.board.focused_pane
        changing = staged(self.board.size, self.view.pane)
        if changing is not None and changing != self.view.pane:
            self.see(see(self.view, pane=changing))
        if order and pane is not None and pane.name not in order:
            self.go_to(pane.name)
        self.draw()
