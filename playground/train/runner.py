"""What is done to runs: start, pause, step, stop, continue, rewind, delete; one process trains at a time. No screen.

Whatever cannot be done raises a UserError, and nothing has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from models.corpora.spec import LITTLE_WORLD
from models.errors import UserError
from models.formats.files import names_in
from models.runs import catalogue
from models.runs.events import Command
from models.runs.measurement import Measurement
from models.units import Unit
from playground.train import child, form
from playground.train.child import Child, Gone
from playground.train.form import Plan
from playground.train.library import Known
from playground.train.record import Record, State

LAST = 12  # lines of the log that are shown when a process is gone
ONWARD: dict[State, str] = {"stopped": "c continues it", "done": "o opens it in Play"}
AFTER_THE_END = "begin it again (R), or start a run from its model (n)"
DEAF = 10.0  # seconds without an answer after which a process is spoken of


@dataclass(frozen=True, slots=True)
class News:
    """Something to be told; `gone` where it is that the process is."""

    says: str
    is_wrong: bool = True
    gone: Gone | None = None
    scored: Measurement | None = None  # the held-out loss, where the run came to that
    is_told: bool = True  # not where someone else speaks of the run

    def told(self, unit: Unit) -> str:
        """All of it in words."""
        return f"{self.says} - held-out loss {self.scored.said(unit)}" if self.scored else self.says


class Runner:
    """The runs by name, and the process that trains one of them; `post` is called, in a thread, when it said more."""

    def __init__(self, folder: Path, post: Callable[[], object]) -> None:
        self.folder, self.post = folder, post  # the folder of all runs
        self.runs: dict[str, Known] = {}
        self.lent: dict[str, Known] = {}  # of them, those that lie elsewhere
        self.hushed: set[str] = set()  # those of a lesson, which says itself when they are over
        self.child: Child[Record] | None = None
        self.training = ""  # the run that the child trains
        self.last_data: str = LITTLE_WORLD  # what the last run was to learn from
        self._lost: dict[str, str] = {}  # runs whose process died here, and why
        self._warned: set[str] = set()  # kinds of its warnings that were told
        self._called_deaf = False  # that it does not answer was told
        self._then: Callable[[], object] | None = None  # what is to be done when the child is gone

    # what is so ------------------------------------------------------------------------------------------------

    @property
    def is_alive(self) -> bool:
        """Whether a process of ours trains."""
        return self.child is not None and self.child.gone is None

    def trains(self, name: str) -> bool:
        """Whether it trains this run."""
        return self.is_alive and name == self.training

    @property
    def is_deaf(self) -> bool:
        """Whether it was told something long ago, and says nothing."""
        return self.is_alive and self.child is not None and self.child.silence() > DEAF

    @property
    def taken(self) -> set[str]:
        """The names that no new run can have: those of runs, and of whatever else lies in their folder."""
        return {*self.runs, *names_in(self.folder)}

    def known(self, name: str) -> Known:
        """A run by its name."""
        if name not in self.runs:
            raise UserError("there is no run yet", "start one (n)")
        return self.runs[name]

    def found(self, runs: Mapping[str, Known]) -> None:
        """All runs, as they were read from the disk. What the process says of its own is newer."""
        own = {self.training: self.runs[self.training]} if self.training else {}
        first = {**own, **self.lent}
        self.runs = {**first, **{name: self._told(name, each) for name, each in runs.items() if name not in first}}

    def lend(self, known: Known) -> str:
        """A finished run that lies elsewhere, among the others until it is taken back; its name there."""
        name = form.new_name(known.path.name, self.taken)
        self.lent[name] = known
        self.found(self.runs)
        return name

    def take_back(self) -> None:
        """The runs without those that were lent."""
        lent, self.lent = self.lent, {}
        self.found({name: known for name, known in self.runs.items() if name not in lent})

    def _told(self, name: str, known: Known) -> Known:
        """What its folder says of a run; that its process died, only we know."""
        if name not in self._lost or known.elsewhere:
            return known
        return replace(known, record=replace(known.record, state="died", problem=self._lost[name]))

    # what is done ----------------------------------------------------------------------------------------------

    def start(self, plan: Plan, *, paused: bool = False) -> None:
        """Begin a run."""
        where = self.folder / plan.name
        self.last_data = plan.data[0]
        known = Known(where, Record(config=plan.config), False, 0)
        self._launch(plan.name, known, plan.command(where, paused=paused))

    def resume(self, name: str) -> None:
        """Go on with a run from its last checkpoint."""
        known = self.known(name)
        self._launch(name, known, form.resume(known.path))

    def check_resumes(self, name: str) -> None:
        """UserError unless the run can be gone on with."""
        known = self.known(name)
        if known.elsewhere:
            raise UserError(f"{name} is trained by another process", "stop it there")
        if known.record.state == "done":
            raise UserError(f"{name} has come to its end", AFTER_THE_END)

    def again(self, name: str) -> Plan:
        """The plan of the same run from step 0, beside the old one; UserError where what it was is not known."""
        return form.plan_again(form.new_name(name, self.taken), catalogue.open(self.known(name).path))

    def _launch(self, name: str, known: Known, words: list[str]) -> None:
        known = replace(known, record=known.record.begun_again())
        self.child = Child(child.command(*words), known.record, Record.after, lambda _child: self.post())
        self.training, self._warned, self._called_deaf = name, set(), False
        self._lost.pop(name, None)
        self.runs = {name: known, **{each: other for each, other in self.runs.items() if each != name}}

    def pause(self, name: str) -> None:
        """Pause the training, or let it go on."""
        self.tell(name, "continue" if self.known(name).record.state == "paused" else "pause")

    def when_free(self, act: Callable[[], object]) -> None:
        """Save and stop what is trained, then do this."""
        if not self.is_alive:
            act()
            return
        self._then = act
        self.tell(self.training, "stop")

    def tell(self, name: str, do: Command) -> None:
        """Give the process that trains this run a command."""
        known = self.known(name)
        if self.trains(name) and self.child is not None:
            self.child.tell(do)
        elif known.elsewhere:
            raise UserError(f"{name} is trained by another process", "go there")
        elif self.is_alive:
            raise UserError(f"{self.training} is being trained, not {name}", "choose it in the list of runs (7)")
        elif known.record.state == "done":
            raise UserError(f"{name} has come to its end", AFTER_THE_END)
        else:
            raise UserError(f"{name} is not being trained", "continue it (c)")

    def kill(self) -> None:
        """End the process at once; its run keeps the last checkpoint."""
        if self.is_alive and self.child is not None:
            self.child.kill()

    def check_deletes(self, name: str) -> Known:
        """The run; UserError if it is being trained."""
        known = self.known(name)
        if known.elsewhere or self.trains(name):
            raise UserError(f"{name} is being trained", "stop it first (X)")
        if name in self.lent:
            raise UserError(f"{name} is the lesson's", "leave the lesson, and it goes")
        return known

    def leave(self) -> None:
        """No more commands: the process saves and ends by itself."""
        if self.child is not None:
            self.child.leave()

    # what the process says -------------------------------------------------------------------------------------

    def take(self) -> list[News]:
        """Everything the process has said so far goes into its run's record; what of it must be told."""
        process, name = self.child, self.training
        if process is None or not name:
            return []
        self._know(name, process.take())
        news = self._warnings(name, process)
        if process.gone is not None:
            news.append(self._over(name, process.gone))
        return news

    def not_heard(self) -> list[News]:
        """That the process does not answer, once."""
        if not self.is_deaf or self._called_deaf:
            self._called_deaf = self.is_deaf
            return []
        self._called_deaf = True
        what = f"the training of {self.training} does not answer: it is busy, or something holds it up"
        return [News(f"{what} - wait, or end it at once (X): {self.keeps}")]

    @property
    def keeps(self) -> str:
        """What is kept of the run that is trained if its process is ended at once."""
        saved = self.runs[self.training].record.saved if self.training else None
        return "nothing of it was saved" if saved is None else f"the checkpoint of step {saved:,} is kept"

    def go_on(self) -> None:
        """Do what waited for the process to be gone."""
        if not self.is_alive and self._then is not None:
            then, self._then = self._then, None
            then()

    def _know(self, name: str, record: Record) -> None:
        self.runs = {**self.runs, name: replace(self.runs[name], record=record)}

    def _warnings(self, name: str, process: Child[Record]) -> list[News]:
        """What is wrong or the run warns of, once for each kind: a full disk is full at every step."""
        odd = "the training process wrote a line that is no event; it goes on - g shows it"
        said = {"nonsense": odd} if process.nonsense else {}
        for each in self.runs[name].record.warnings[-1:]:
            said[each.says if each.kind == "note" else each.kind] = f"{name}: {each.says}"
        new = {kind: says for kind, says in said.items() if kind not in self._warned}
        self._warned.update(new)
        return [News(says) for says in new.values()]

    def _over(self, name: str, gone: Gone) -> News:
        """The process is gone: what that means for its run."""
        self.training = ""
        known = self.runs[name]
        if not catalogue.is_run(known.path):  # it never began
            self.runs = {each: other for each, other in self.runs.items() if each != name}
        else:
            record = known.record.lost(gone.says)
            is_as_before = gone.orderly and known.record.state == "waiting"
            if record.state == "died" and not is_as_before:
                self._lost[name] = record.problem
            self._know(name, record)
        scored = known.record.scored.held_out if known and known.record.scored else None
        is_wrong = gone.status != 0 or not gone.orderly
        return News(self._told_of(name, gone), is_wrong, gone, scored, is_wrong or name not in self.hushed)

    def _told_of(self, name: str, gone: Gone) -> str:
        """How it ended, and what can be done now with the keys of this screen."""
        known = self.runs.get(name)
        onward = ONWARD.get(known.record.state, "") if known and gone.orderly else ""
        return " - ".join(filter(None, (f"{name}: {gone.says}", onward)))

    def last_words(self, gone: Gone | None = None) -> tuple[str, str]:
        """A title and the last lines that the process wrote; with `gone`, what became of it above them."""
        process = self.child
        if process is None:
            raise UserError("no process was started since this screen was opened", "nothing was written")
        gone = gone or process.gone
        parts = [gone.says[:1].upper() + gone.says[1:]] if gone else []
        if process.nonsense:
            odd = "\n".join(process.odd)
            parts.append(f"It wrote {process.nonsense:,} lines that are no events, the last of them:\n{odd}")
        said = "\n".join(list(process.log)[-LAST if gone else 0 :])
        parts.append(f"What it said last:\n{said}" if said else "It said nothing on its standard error.")
        return "The training has ended" if gone else "The training process", "\n\n".join(parts)


def delete(known: Known) -> None:
    """Take a run off the disk."""
    if catalogue.is_run(known.path):
        catalogue.delete(known.path)
