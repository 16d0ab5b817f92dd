"""The thread that shows the person's prompt to a run's snapshots. The newest request wins; the last traces are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models import checkpoints
from models.errors import UserError
from models.gpt import GPT
from playground.drafts import opening, written
from playground.engine import Traces, results
from playground.scene import Scene
from playground.session import Session
from playground.training.scene import Watched

KEPT = 64  # scenes, so that scrubbing back and forth computes nothing ...
MOST_BYTES = 1 << 28  # ... unless they are large; the last two always are
LOADED = 4  # models: a new prompt is shown to the snapshot looked at without reading it again


@dataclass(frozen=True, slots=True)
class Wanted:
    """A prompt under a snapshot of a run; a prompt of None is one that the model can read."""

    run: str
    step: int
    folder: Path
    prompt: str | None


Post = Callable[[Wanted, Watched], object]


class Watcher(threading.Thread):
    """Loads snapshots and traces the prompt; `post` is called in the thread."""

    def __init__(self, post: Post) -> None:
        super().__init__(name="watcher", daemon=True)
        self.post = post
        self._wake = threading.Condition()
        self._asked: Sequence[Wanted] = ()
        self._stopped = False
        self._models: OrderedDict[Path, Traces] = OrderedDict()
        self._scenes: OrderedDict[Wanted, tuple[Watched, int]] = OrderedDict()  # and their bytes

    def ask(self, wanted: Sequence[Wanted]) -> None:
        """Compute these next and forget any earlier request."""
        with self._wake:
            self._asked = wanted
            self._wake.notify()

    def known(self, wanted: Wanted) -> Watched | None:
        """What was computed before, at once."""
        with self._wake:
            found = self._scenes.get(wanted)
        return found[0] if found else None

    def stop(self) -> None:
        """Leave after the pass in hand."""
        with self._wake:
            self._stopped = True
            self._wake.notify()

    def run(self) -> None:
        """Until stopped."""
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._asked or self._stopped)
                if self._stopped:
                    return
                wanted, self._asked = self._asked[0], self._asked[1:]
            self.post(wanted, self.known(wanted) or self._seen(wanted))

    def _seen(self, wanted: Wanted) -> Watched:
        try:
            watched, size = self._watch(wanted)
        except UserError as error:
            return Watched(wanted.step, problem=str(error))  # it may be there the next time
        except Exception as error:  # a fault of ours must not end the thread
            return Watched(wanted.step, problem=f"this could not be computed, a fault of ours: {error!r}")
        with self._wake:
            self._scenes[wanted] = watched, size
            kept = sum(each for _, each in self._scenes.values())
            while len(self._scenes) > KEPT or (kept > MOST_BYTES and len(self._scenes) > 2):
                kept -= self._scenes.popitem(last=False)[1][1]
        return watched

    def _watch(self, wanted: Wanted) -> tuple[Watched, int]:
        traces = self._models.pop(wanted.folder, None) or self._load(wanted.folder)
        self._models[wanted.folder] = traces
        while len(self._models) > LOADED:
            self._models.popitem(last=False)
        model = traces.model
        session = written(Session(model.name), model, opening(model) if wanted.prompt is None else wanted.prompt)
        found = results(session, traces, {})
        weights = sum(weight.nbytes for weight in model.weights.values())
        return Watched(wanted.step, Scene(session, model, {}, found)), weights + (found.now.tape.nbytes if found else 0)

    def _load(self, folder: Path) -> Traces:
        model = checkpoints.load_any(folder)
        if not isinstance(model, GPT):
            raise UserError("a recurrent network has no attention to look at - its curves and samples tell how it does")
        return Traces(model)
