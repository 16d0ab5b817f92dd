"""What a run says and what it can be told: values, and one JSON line each. Training process and screen share them.

A line is an object whose "event" (or "do", for a command) is the class's name in lower case and whose other members are
its fields. Losses are nats a token, times seconds of training, rates per second.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Literal, cast, get_args

from models.errors import UserError
from models.formats import records
from models.runs.measurement import Measurement, Thing

MAX_LINE = 1 << 20  # characters


@dataclass(frozen=True, slots=True)
class Started:
    """The run begins, or goes on from `step`."""

    folder: str
    step: int
    config: Mapping[str, Any]
    parameters: int
    tokens: int  # to learn from; 0 where they are made as they are needed
    held_out_tokens: int
    vocab_size: int
    process: int  # its number, to be told
    threads: int
    products_in: str  # the type of the matrix products
    peak: float = 0.0  # floating-point operations a second that this machine reached in a large product
    rivals: Mapping[str, float] = field(default_factory=dict)  # sampled losses of the baselines
    floor: float | None = None  # the sampled loss nobody can go below, where it is known
    started_from: str = ""  # the model it was given to go on from
    unknown: float | None = None  # the share of <unk> in what is learned from; None where no text is unknown
    unknown_held_out: float | None = None
    sampled_tokens: int = 0  # held-out tokens that each Measured is measured on, always the same; 0: not told
    thing: Thing = "token"  # what a token is
    characters: float = math.nan  # of the text, a token; no number where its tokens do not tell all of the text
    text: str = ""  # what tells the text it learns from apart from any other


@dataclass(frozen=True, slots=True)
class Stepped:
    """After a step."""

    step: int
    progress: float  # 0 to 1
    tokens: int  # learned from so far
    seconds: float
    loss: float  # mean over the steps since the last such event
    rate: float  # learning rate
    norm: float  # of the whole gradient, before it is clipped
    tokens_per_second: float
    operations_per_second: float
    memory: int  # bytes the process holds
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A sample of the held-out text was measured, with the weights as they are while they learn."""

    step: int
    seconds: float
    loss: float  # mean over the steps since the last measurement
    held_out: float  # the sampled loss
    best: bool = False  # the lowest so far
    by_position: tuple[float, ...] = ()  # held-out loss at each position of the context
    gradients: Mapping[str, float] = field(default_factory=dict)  # norm by layer: "embed", "0", "1" ..., "ln_f"
    updates: Mapping[str, float] = field(default_factory=dict)  # a step's change over the weights' size, by layer
    error: float = math.nan  # standard error of the sampled loss; no number for a sample of one window


@dataclass(frozen=True, slots=True)
class Working:
    """No step is made for a while: the text is made ready, or the model measured."""

    doing: str
    share: float  # of it that is done: 0 to 1


@dataclass(frozen=True, slots=True)
class Scored:
    """The best model so far was measured as it is stored: this is the run's held-out loss."""

    step: int  # how far the run has come
    held_out: Measurement
    rivals: Mapping[str, float] = field(default_factory=dict)  # on the same tokens
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the model writes by now."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A model folder for the timeline was written; its place within the run's folder."""

    step: int
    folder: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint was written: from here it can go on."""

    step: int


@dataclass(frozen=True, slots=True)
class Paused:
    """It waits for a command."""

    step: int


@dataclass(frozen=True, slots=True)
class Continued:
    """It goes on."""

    step: int


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the person should know; it goes on all the same. What comes again and again does so as one kind."""

    says: str
    kind: Literal["note", "log", "save", "snapshot", "sample", "command"] = "note"  # a note is said once


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over, or has been left and can be continued."""

    step: int
    why: str  # one sentence
    status: int  # the exit status that follows
    done: bool  # whether nothing is left to continue
    best_step: int
    best_loss: float | None = None  # the lowest sampled loss; None if it was never measured
    onward: str = ""  # the command that goes on with it, for who types commands; empty where nothing was left off


@dataclass(frozen=True, slots=True)
class Failed:
    """The process ends without having said Ended: what it was asked cannot be done, or it has a fault."""

    why: str  # one sentence
    status: int  # the exit status that follows


Event = (
    Started | Stepped | Measured | Sampled | Snapshot | Saved | Paused | Continued | Working | Scored | Warned | Ended
    | Failed
)  # fmt: skip


Command = Literal["pause", "continue", "step", "save", "stop"]  # what a running training can be told


@dataclass(frozen=True, slots=True)
class Leave:
    """To save and leave, whatever else waits."""

    why: str  # in words that follow "stopped": "by ctrl+c"
    status: int  # to leave with
    measure: bool = False  # first measure the model in full, for who has time to wait


# threads and signal handlers put, which SimpleQueue allows at any moment, even while the same thread takes
Inbox = SimpleQueue[Command | Leave]

EVENTS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in get_args(Event)}


def encode(event: Event | Command) -> str:
    """One line, without its end; numbers that are none become null."""
    if isinstance(event, str):
        return json.dumps({"do": event})
    return json.dumps({"event": type(event).__name__.lower(), **records.plain(event)}, allow_nan=False)


def decode(line: str) -> Event:
    """The event of a line; UserError for anything that is none."""
    values = _object(line)
    name = str(values.pop("event", ""))
    if name not in EVENTS:
        raise UserError(f"a line is no event: {line[:80]!r}", "it may be of a newer version")
    event: Event = records.read(EVENTS[name], values, name)
    return event


def decode_command(line: str) -> Command:
    """The command of a line; UserError for anything that is none."""
    do = _object(line).get("do")
    if do not in get_args(Command):
        raise UserError(f"a line is no command: {line[:80]!r}", f"they are {', '.join(get_args(Command))}")
    return cast(Command, do)


def _object(line: str) -> dict[str, Any]:
    try:
        values = json.loads(line) if len(line) <= MAX_LINE else None
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise UserError(f"a line is no JSON object: {line[:80]!r}", "an event is one a line")
    return values
