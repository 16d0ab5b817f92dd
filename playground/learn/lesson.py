"""What a lesson is, and what a challenge: data, in a file each. Nothing here draws, and nothing computes a pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.gpt import GPT
from models.sampling import Sampler
from models.switches import check, parse
from models.tracing import Trace
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured, by_name
from playground.learn.questions import Question
from playground.looking.prompts import written
from playground.looking.session import Session, View
from playground.train.form import Plan

COUNTING = "From counting to attention"
HEADS = "Heads, the mask and order"
LAYERS = "Layers, neurons and facts"
MEANING = "What words mean"
WRITING = "Writing, and what it costs"
LEARNING = "How models learn"
GROUPS = (COUNTING, HEADS, LAYERS, MEANING, WRITING, LEARNING)  # in the order in which they are listed


@dataclass(frozen=True)
class Start:
    """What the person finds: a model, a text, switches, and where they look; `pane` is what the lesson points at."""

    model: str
    text: str
    switches: tuple[str, ...] = ()  # in their text form
    screen: str = "play"
    pane: str = ""  # the one that has the keys; as the screen has it if empty
    view: View = field(default_factory=View)
    looks: tuple[object, ...] = ()  # where the panes of Inside look, those not named as they do at first
    sampler: Sampler = field(default_factory=Sampler)
    seed: int = 1

    def session(self, model: GPT) -> Session:
        """The session it begins with; UserError where the model has no place for a switch."""
        switches = check(map(parse, self.switches), model.config)
        empty = Session(model.name, switches=switches, sampler=self.sampler, seed=self.seed)
        return replace(written(empty, model, self.text), view=self.view)


@dataclass(frozen=True, eq=False)
class Here:
    """Where the person stands now, which says whether something is done."""

    screen: str
    session: Session
    began: Session  # as the lesson began
    model: GPT
    scene: Any = None  # what the panes of that screen draw from; None in the text mode
    intact: Trace | None = None  # the pass without the session's switches, once it is there
    now: Trace | None = None  # ... and with them


Done = Callable[[Here], bool]


@dataclass(frozen=True)
class Act:
    """What the person does: which key is said, and by what one sees that it was done, whoever pressed what."""

    key: str  # as it is written
    words: str  # "silence the head under the cursor"
    pressed: tuple[str, ...]  # the whole act in Textual's names of keys: a test presses them
    done: Done
    plain: str = ""  # the same as a command of the text mode; empty where that has none


@dataclass(frozen=True)
class Step:
    """An act, and where the person stands for it: on the lesson's screen; without a start where they are."""

    act: Act
    start: Start | None = None


@dataclass(frozen=True)
class Claim:
    """What is said, and by whom it was said."""

    words: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """What lessons and challenges have in common: a claim that is measured on the models that are there.

    `measure` makes every number that is shown, and `holds` says of them whether the claim does: what promises more than
    it shows fails. With a `run` a model is trained for it on the Train screen, and is then `bench.trained`; what it is
    held `against` is trained after it, once its question is answered, and all of them, by the names of their plans, are
    `bench.runs`. Together they take at most 20 seconds. A run that it `lends` is finished, and stands on the Train
    screen meanwhile.
    """

    name: str
    group: str
    claim: Claim
    start: Start
    measure: Callable[[Bench], Iterable[Measured]]
    holds: Callable[[Findings], bool]
    minutes: int = 2
    run: Plan | None = None
    against: tuple[Plan, ...] = ()
    lends: Path | None = None

    @property
    def opens(self) -> Start:
        """Where the person is put first."""
        return self.start

    @property
    def runs(self) -> tuple[Plan, ...]:
        """Everything that is trained for it, one after the other."""
        return () if self.run is None else (self.run, *self.against)

    @property
    def models(self) -> tuple[str, ...]:
        """Those that the person stands before, each once, the first first."""
        return (self.start.model,)

    @property
    @abstractmethod
    def key(self) -> str:
        """What it is called on the command line, and kept under."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What stands above it."""

    def findings(self, bench: Bench) -> Findings:
        """Everything measured, by name; it takes a moment, and is for a thread."""
        return by_name(self.measure(bench))


@dataclass(frozen=True, kw_only=True)
class Lesson(Task):
    """A question, an act, perhaps others after it, and what they show.

    It is asked `before` its start where that would tell the answer; on the same screen.
    """

    number: int
    question: Question
    before: Start | None = None
    act: Act
    then: tuple[Step, ...] = ()
    shows: str  # what the numbers mean
    shows_not: str  # what one must not read into them: goes on after "It does not show"
    onward: str  # what to try next

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that is done in it, one after the other."""
        return (Step(self.act, self.start), *self.then)

    @property
    def opens(self) -> Start:
        """Where it is asked."""
        return self.before or self.start

    @property
    def models(self) -> tuple[str, ...]:
        """Of the question and of all steps."""
        starts = (self.opens, *(step.start for step in self.steps))
        return tuple(dict.fromkeys(start.model for start in starts if start is not None))

    @property
    def key(self) -> str:
        """Its number."""
        return str(self.number)

    @property
    def title(self) -> str:
        """Its number and name."""
        return f"Lesson {self.number}: {self.name}"


@dataclass(frozen=True, kw_only=True)
class Challenge(Task):
    """A small task after a group, without instructions: the program sees that it was done. Hints are asked for."""

    slug: str
    words: str  # what is to be reached
    done: Done
    hints: tuple[str, ...]
    pressed: tuple[str, ...]  # one way to do it: a test presses these keys
    shows: str  # what it meant
    needs_panes: bool = False  # the text mode has nothing to do it with, and does not wait for it

    @property
    def key(self) -> str:
        """Its slug."""
        return self.slug

    @property
    def title(self) -> str:
        """That it is one, and its name."""
        return f"Challenge: {self.name}"
