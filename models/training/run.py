"""Drives a training in its folder: what happens comes out as events, what is wanted is looked for after every step."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from queue import Empty

from models.errors import UserError
from models.formats.files import quoted, shown
from models.runs import snapshots
from models.runs.catalogue import Begun, is_run
from models.runs.checkpoints import Checkpoints
from models.runs.events import (
    Command,
    Continued,
    Ended,
    Event,
    Inbox,
    Leave,
    Measured,
    Paused,
    Sampled,
    Saved,
    Scored,
    Snapshot,
    Started,
    Stepped,
    Warned,
    Working,
)
from models.runs.history import History, merged
from models.runs.lock import Lock
from models.runs.measurement import THINGS, Measurement
from models.training import result
from models.training.corpus import Corpus
from models.training.environment import peak
from models.training.loop import NonFinite, Training
from models.training.memory import NoMemory

SAMPLE_TOKENS = 100
COUNTING = "counting what the model is held against"
SYSTEM, NOT_FINITE = 4, 5  # exit statuses
EVERY = 0.1  # seconds between Stepped, at least
STOP = Leave("as asked", 0, measure=True)
LOGGED = (Started, Stepped, Measured, Sampled, Snapshot, Scored, Ended)


@dataclass(frozen=True, slots=True)
class How:
    """How a run is driven; nothing of it changes what is learned."""

    paused: bool = False  # from the start
    stop_on_full_disk: bool = False
    every: float = EVERY  # seconds between Stepped
    measure_all: bool = False  # of the held-out text, where a sample of it would do


class _Hurried(Exception):
    """Someone wants it to leave, and not to measure the model first."""


class Run:
    """A training in its folder, which it holds the lock of until `close`; `opening.py` makes it."""

    def __init__(self, begun: Begun, lock: Lock, corpus: Corpus, training: Training, saved: Checkpoints) -> None:
        """Take them over."""
        self.begun, self.folder, self.checkpoints = begun, begun.folder, saved
        self.corpus, self.training = corpus, training
        self.notes: Sequence[str] = ()  # to be told at the start
        self._lock, self._log = lock, History(begun.folder.path)
        self._inbox, self._how = Inbox(), How()
        self._left: Leave | None = None
        self._paused, self._single = False, False  # waits; and makes one step all the same
        self._trouble = ""  # why the last save failed
        self._model_of = -1, -1  # the step whose weights are in the model's folder, and the one it was written at
        self._since: list[Stepped] = []  # not yet told
        self._told = -math.inf  # by a clock that may have been started a moment ago

    @property
    def onward(self) -> str:
        """The command that goes on with it."""
        return f"playground train --resume {quoted(self.folder.path)}"

    def close(self) -> None:
        """Let others have the folder."""
        self._log.close()
        self._lock.release()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def events(self, inbox: Inbox, how: How = How()) -> Iterator[Event]:
        """Train to the end, or until a command says otherwise; the last event is always Ended."""
        self._inbox, self._how, told = inbox, how, ""
        for event in self._events():
            if isinstance(event, LOGGED):
                self._log.append(event)
            if self._log.trouble != told and (told := self._log.trouble):
                yield Warned(told, "log")
            yield event

    def _events(self) -> Iterator[Event]:
        yield from (Working(COUNTING, share) for share in self.corpus.counting())
        yield self._started()
        yield from map(Warned, self.notes)
        try:
            yield from self._begin()
            yield from self._train()
        except NonFinite as error:
            yield from self._not_finite(error)
            return
        except NoMemory as error:
            yield self._ended(self._with_kept(error), SYSTEM)
            return
        if self._trouble and self._how.stop_on_full_disk:
            yield self._ended(self._trouble, SYSTEM)
            return
        try:
            yield from self._finish() if self._left is None else self._leave(self._left)
        except _Hurried:
            assert self._left is not None
            yield self._stopped(self._left)

    def _begin(self) -> Iterator[Event]:
        if self.checkpoints.saved is None:
            yield self._sample()
            yield from self._snapshot()
            yield from self._save()
        if self._how.paused:
            yield from self._do("pause")

    def _train(self) -> Iterator[Event]:
        yield from self._obey()
        with closing(self.training.reports()) as reports:  # where several processes train, the others end with it
            while not self._stops() and (stepped := next(reports, None)):
                yield from self._after(stepped)
                yield from self._obey()

    def _stops(self) -> bool:
        return self._left is not None or bool(self._trouble and self._how.stop_on_full_disk)

    def _after(self, stepped: Stepped) -> Iterator[Event]:
        """What there is to tell and to keep after a step."""
        config, step, measured = self.begun.config, stepped.step, self.training.measured
        new = measured is not None and measured.step == step
        self._since.append(stepped)
        now = time.monotonic()
        if now - self._told >= self._how.every or new or self._paused:
            self._told = now
            yield self._stepped()
        if measured and new:
            yield measured
            yield self._sample()
        if step % config.snapshot_interval == 0 or self.training.done:
            yield from self._snapshot()
        if step % config.save_interval == 0 or self.training.done:
            yield from self._save()

    def _obey(self) -> Iterator[Event]:
        """Take what was said since the last step; while paused, wait for more."""
        self._single = False
        while self._left is None and not self._single:  # one step, and then what was said after it
            try:
                said = self._inbox.get(block=self._paused)
            except Empty:
                return
            if isinstance(said, Leave):
                self._left = said
            else:
                yield from self._do(said)

    def _do(self, command: Command) -> Iterator[Event]:
        step = self.training.step
        if command == "stop":
            self._left = STOP
        elif command == "save":
            yield from self._save()
        elif command == "continue":
            if self._paused:
                self._paused = False
                yield Continued(step)
        else:
            self._single = command == "step"
            if not self._paused:
                self._paused = True
                if self._since:  # what is paused at is told first
                    yield self._stepped()
                yield Paused(step)

    # what is told ----------------------------------------------------------------------------------------------

    def _started(self) -> Started:
        training, corpus, environment = self.training, self.corpus, self.training.environment
        rows, places = training.held_out.rows, training.held_out.places
        training.reserve(result.seconds_to_finish(training, corpus, self._how.measure_all))
        return Started(
            folder=str(self.folder.path),
            step=training.step,
            config=self.begun.config.as_dict(),
            parameters=training.n_parameters,
            tokens=corpus.facts.get("tokens", 0),
            held_out_tokens=len(corpus.held_out),
            vocab_size=corpus.tokenizer.vocab_size,
            process=os.getpid(),
            threads=environment.threads,
            products_in=environment.products_in,
            peak=peak(environment.products, training.device),
            rivals=corpus.rival_losses(rows),
            floor=corpus.floor(places),
            started_from=self.begun.data.from_,
            unknown=corpus.unknown,
            unknown_held_out=corpus.unknown_held_out,
            sampled_tokens=places.size,
            thing=THINGS[corpus.tokenizer.kind],
            characters=(corpus.characters(rows) or math.nan) / places.size,
            text=corpus.text,
        )

    def _stepped(self) -> Stepped:
        """The steps since the last one that was told, as one."""
        steps, self._since = self._since, []
        last = merged(steps, steps[0].step - 1)
        speed = len(steps) / sum(1 / each.tokens_per_second for each in steps)
        operations = last.operations_per_second / last.tokens_per_second
        return replace(last, tokens_per_second=speed, operations_per_second=operations * speed)

    def _sample(self) -> Event:
        try:
            text = result.write_tokens(self._model(), result.SAMPLE_SEED, SAMPLE_TOKENS)
        except UserError as error:  # scores beyond all numbers: the next step will say so as well
            return Warned(f"no sample at step {self.training.step:,}: {error}", "sample")
        return Sampled(self.training.step, text)

    def _model(self) -> result.Model:
        learner, facts = self.training.learner, {"steps": self.training.step}
        model: result.Model = learner.model(learner.arrays(), self.corpus.tokenizer, self.begun.name, facts)
        return model

    # what is kept ----------------------------------------------------------------------------------------------

    def _snapshot(self) -> Iterator[Event]:
        step = self.training.step
        try:
            self._check_there()
            where = snapshots.write(self.folder.path, self._model(), step)
        except UserError as error:
            yield Warned(str(error), "snapshot")
        else:
            yield Snapshot(step, str(where.relative_to(self.folder.path)))

    def _save(self) -> Iterator[Event]:
        yield from self._try(self._keep)
        if not self._trouble:
            yield Saved(self.training.step)

    def _try(self, write: Callable[[], object]) -> Iterator[Event]:
        """Write something; if the disk refuses, that is told, and the next save tries again."""

        def writing() -> Iterator[Event]:
            write()
            yield from ()

        yield from self._trying(writing())

    def _trying(self, writing: Iterator[Event]) -> Iterator[Event]:
        """The same for what takes a while, and tells of it."""
        self._trouble = ""
        try:
            self._check_there()
            yield from writing
        except UserError as error:
            self._trouble = str(error)
            yield Warned(self._trouble, "save")

    def _keep(self) -> None:
        """A checkpoint, and the model if there is a better one."""
        training = self.training
        if self.checkpoints.saved != training.step:
            self.checkpoints.save(training.state(), training.best_step, training.best)
        if self._model_of[0] != training.best_step:
            self._save_model()

    def _check_there(self) -> None:
        """UserError if the folder was taken away: what is written to a new one is found by nobody."""
        if not is_run(self.folder.path):
            what = f"{shown(self.folder.path)} is gone, and nothing can be saved"
            raise UserError(what, "put it back, or stop the run")

    def _save_model(self) -> None:
        """The best so far, in the run's model folder, with how far the run has come."""
        training, data = self.training, self.begun.data
        if self._model_of == (training.best_step, training.step):
            return
        facts = {"command": " ".join(map(quoted, self.begun.command)), "started_from": data.from_}
        result.save(training, self.corpus, self.folder.model, self.begun.name, facts, data.store)
        self._model_of = training.best_step, training.step

    # how it ends -----------------------------------------------------------------------------------------------

    def _finish(self) -> Iterator[Event]:
        """The run is over: measure the model."""
        step = self.training.step
        if self.checkpoints.saved != step or self._trouble:
            yield from self._save()
        if not self._trouble:
            yield from self._measure_model()
        if self._trouble:
            yield self._ended(f"done after {step:,} steps, but {self._trouble}", SYSTEM)
        else:
            yield self._ended(f"done after {step:,} steps; the model is {shown(self.folder.path)}", 0, done=True)

    def _leave(self, leave: Leave) -> Iterator[Event]:
        """Save, so that it can go on from here; then the model, which may be measured where no schedule says so."""
        yield from self._save()
        if not self._trouble:
            self.training.measure_if_new()
            yield from self._measure_model() if leave.measure else self._try(self._save_model)
        if self._trouble:
            yield self._ended(self._trouble, SYSTEM)
        else:
            yield self._stopped(leave)

    def _stopped(self, leave: Leave) -> Ended:
        ended = self._ended(f"stopped {leave.why} after step {self.training.step:,}", leave.status)
        return replace(ended, onward=self.onward)

    def _not_finite(self, error: NonFinite) -> Iterator[Event]:
        self.training.measure_if_new()
        with suppress(_Hurried):  # it leaves all the same
            yield from self._measure_model()
        yield self._ended(self._with_kept(error), NOT_FINITE)

    def _with_kept(self, error: UserError) -> str:
        """The sentence, and in it what there is to go on from."""
        saved = self.checkpoints.saved
        kept = "nothing was saved" if saved is None else f"the checkpoint of step {saved:,} is kept"
        return str(UserError(f"{error.fault}; {kept}", error.do))

    def _measure_model(self) -> Iterator[Event]:
        """Measure the best so far, and write its card."""
        yield from self._trying(self._measuring())

    def _measuring(self) -> Iterator[Event]:
        if self._paused:  # before the last step, or as it was told to stop
            self._paused = False
            if self._left is None:
                yield Continued(self.training.step)
        self._save_model()
        name, store = self.begun.name, self.begun.data.store
        work = result.finishing(self.folder.model, self.corpus, name, store, self._how.measure_all)
        told = -math.inf  # as of `_told`
        while True:
            yield from self._heed()
            try:
                working = next(work)
            except StopIteration as done:
                facts = done.value.training
                break
            if time.monotonic() - told >= self._how.every:
                told = time.monotonic()
                yield working
        measured = Measurement.of(facts)
        assert measured is not None
        yield Scored(self.training.step, measured, facts["rivals"], facts["floor"])

    def _heed(self) -> Iterator[Event]:
        """Take what was said while the model is measured: pause holds that, stop and a signal or closed pipe end it.

        The end of the input may follow a stop, and ends nothing but a pause that nobody could end any more.
        """
        with suppress(Empty):
            while True:
                said = self._inbox.get(block=self._paused)
                if said == "stop" or isinstance(said, Leave):
                    leave = STOP if said == "stop" else said
                    if leave is STOP or leave.status or self._paused:
                        self._left = leave
                        raise _Hurried
                else:
                    yield from self._do(said)

    def _ended(self, why: str, status: int, done: bool = False) -> Ended:
        training = self.training
        loss = training.best_loss if math.isfinite(training.best_loss) else None
        return Ended(training.step, why, status, done, training.best_step, loss)
