"""What Train does with runs: start, pause, stop, continue, rewind, delete, and what to say when a process is gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import models
from models.errors import UserError
from models.runs import folder as folders
from playground import text
from playground.kit.dialogs import Choose, Help
from playground.train import child, form, library
from playground.train import scene as views
from playground.train.child import Child, Gone
from playground.train.form import Plan
from playground.train.library import Known
from playground.train.new_run import NewRun
from playground.train.record import Record

if TYPE_CHECKING:
    from playground.train.screen import Train

NO_RUN = "no run is chosen - start one (n)"
LAST = 12  # lines of the log that are shown when a process is gone


def new(train: Train) -> None:
    """The form, and then the run it asks for."""

    def filled(plan: Plan | None) -> None:
        if plan is not None:
            alone(train, partial(start, train, plan))

    records = {name: known.record for name, known in train.runs.items()}
    own = [
        (f"the run {name}", str(known.path)) for name, known in train.runs.items() if (known.path / "model").is_dir()
    ]
    starts = [*((name, name) for name in models.available()), *own]
    train.app.push_screen(NewRun(records, starts, train.last_data), filled)


def start(train: Train, plan: Plan, *, paused: bool = False) -> None:
    """Begin a run."""
    where = train.folder / plan.name
    train.last_data = plan.data[0]
    launch(train, plan.name, Known(where, Record(config=plan.config), False, 0), plan.command(where, paused=paused))


def onward(train: Train) -> None:
    """Continue the chosen run."""
    name, known = train.view.run, train.chosen
    if known is None:
        train.app.tell(NO_RUN)
    elif known.record.is_alive and train.alive and name == train.training:
        pause(train)
    elif known.elsewhere:
        train.app.tell(f"{name} is trained by another process - stop it there")
    elif known.record.state == "done":
        train.app.tell(f"{name} has come to its end - rewind it (w), or start a run from its model (n)")
    else:
        alone(train, partial(launch, train, name, known, form.resume(known.path)))


def rewind(train: Train) -> None:
    """The chosen run again, from step 0 and paused there, beside the old one."""
    known = train.chosen
    if known is None:
        train.app.tell(NO_RUN)
        return
    try:
        plan = library.plan_again(known.path, train.runs)
    except UserError as error:
        train.app.tell(str(error))
    else:
        alone(train, partial(start, train, plan, paused=True))


def alone(train: Train, act: Callable[[], None]) -> None:
    """Do it now; where a run is being trained, ask whether to save and stop that first."""

    def chosen(answer: str | None) -> None:
        if answer == "stop":
            train.then = act
            if train.alive and train.child is not None:
                train.child.tell("stop")
            else:
                act()

    if train.alive:
        options = [
            ("stop", "save and stop it, then go on", "it can be continued later"),
            ("no", "leave it as it is", ""),
        ]
        train.app.push_screen(Choose(f"{train.training} is being trained, and one runs at a time", options), chosen)
    else:
        act()


def launch(train: Train, name: str, known: Known, words: list[str]) -> None:
    """Start a process for a run, and look at that run."""
    known = replace(known, record=known.record.begun_again())
    try:
        train.child = Child(child.command(*words), known.record, Record.after, train.heard)
    except UserError as error:
        train.app.tell(str(error))
        return
    train.training, train.nonsense, train.warned = name, 0, set()
    train.lost.pop(name, None)
    train.runs = {name: known, **{each: other for each, other in train.runs.items() if each != name}}
    train.view = views.go_to(views.choose(train.view, name), None)
    if train.view.pane == "runs":  # what it writes is more to look at
        train.view = views.see(train.view, pane="samples")
        train.board.stage("samples")
    train.ask()
    train.draw()


def pause(train: Train) -> None:
    """Pause the training, or let it go on."""
    if can_tell(train) and train.child is not None:
        train.child.tell("continue" if train.runs[train.training].record.state == "paused" else "pause")


def one_step(train: Train) -> None:
    """One single step, then wait."""
    if can_tell(train) and train.child is not None:
        train.child.tell("step")


def stop(train: Train) -> None:
    """Save, and end the process."""
    if can_tell(train) and train.child is not None:
        train.child.tell("stop")
        train.app.notify(text.visible(f"saving {train.training} ..."), markup=False)


def can_tell(train: Train) -> bool:
    """Whether a process of ours trains the chosen run; if not, that is said."""
    if train.alive and train.view.run == train.training:
        return True
    if train.alive:
        train.app.tell(f"{train.training} is being trained, not the run looked at - choose it in the list (7)")
    elif train.chosen is None:
        train.app.tell(NO_RUN)
    elif train.chosen.elsewhere:
        train.app.tell(f"{train.view.run} is trained by another process - go there")
    else:
        train.app.tell(f"{train.view.run} is not being trained - continue it (c)")
    return False


def delete(train: Train) -> None:
    """Delete the chosen run, asked first."""
    name, known = train.view.run, train.chosen
    if known is None:
        train.app.tell(NO_RUN)
        return
    if known.elsewhere or (train.alive and name == train.training):
        train.app.tell(f"{name} is being trained - stop it first (s)")
        return

    def chosen(answer: str | None) -> None:
        if answer == "delete":
            train.take_away(name)

    size = f"{known.size / 1e6:,.1f} MB, for good" if known.size else "for good"
    options = [("keep", "keep it", ""), ("delete", "delete it", size)]
    train.app.push_screen(Choose(f"Delete the run {name}?", options), chosen)


def deleted(known: Known) -> str | None:
    """Take a run off the disk; one sentence where that cannot be."""
    try:
        if folders.is_run(known.path):
            folders.delete(known.path)
    except UserError as error:
        return str(error)
    return None


# when a process says something odd, or is gone ------------------------------------------------------------------


def look_after(train: Train) -> None:
    """After news: say what is odd, and what became of the process."""
    process = train.child
    if process is None:
        return
    if process.nonsense and not train.nonsense:
        train.app.tell("the training process wrote a line that is no event; it goes on - g shows it")
    train.nonsense = process.nonsense
    warn(train)
    if process.gone is not None:
        over(train, process, process.gone)


def warn(train: Train) -> None:
    """Say what the run warns of, once for each kind: a full disk is full at every step."""
    said = train.runs[train.training].record.warnings
    for says in said[len(said) - 1 :]:
        kind = re.split(r"\d", says)[0]
        if kind not in train.warned:
            train.warned.add(kind)
            train.app.tell(f"{train.training}: {says}")


def over(train: Train, process: Child[Record], gone: Gone) -> None:
    """The process is gone: say why, and do what waited for it."""
    name, then = train.training, train.then
    train.training, train.then = "", None
    known = train.runs[name]
    if not folders.is_run(known.path):  # it never began
        train.runs = {each: other for each, other in train.runs.items() if each != name}
        train.view = views.forget(train.view, name)
    else:
        record = known.record.lost(gone.says)
        if record.state == "died" and not (gone.orderly and known.record.state == "waiting"):  # else it is as it was
            train.lost[name] = record.problem
        train.know(name, record)
    if gone.orderly:
        train.app.notify(
            text.visible(gone.says), markup=False, severity="information" if gone.status == 0 else "warning"
        )
    elif train.is_current:
        show_log(train, gone)
    else:  # whatever the person does elsewhere goes on
        train.app.tell(f"{name}: {gone.says}")
    train.find()
    if then is not None:
        then()


def show_log(train: Train, gone: Gone | None = None) -> None:
    """The last lines that the training process wrote; with `gone`, what became of it above them."""
    process = train.child
    if process is None:
        train.app.tell("no process was started since this screen was opened - nothing was written")
        return
    gone = gone or process.gone
    parts = [gone.says[:1].upper() + gone.says[1:]] if gone else []
    if process.nonsense:
        odd = "\n".join(process.odd)
        parts.append(f"It wrote {process.nonsense:,} lines that are no events, the last of them:\n{odd}")
    said = "\n".join(list(process.log)[-LAST if gone else 0 :])
    parts.append(f"What it said last:\n{said}" if said else "It said nothing on its standard error.")
    train.app.push_screen(Help("The training has ended" if gone else "The training process", "\n\n".join(parts), []))
