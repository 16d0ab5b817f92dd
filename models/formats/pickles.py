"""Pickles read as plain data: no class is looked up, nothing is imported, nothing is called.

A pickle is a program for a small machine with a stack, described in Python's own pickletools. Only the instructions
that plain values and PyTorch's checkpoints are made of are known here, and only the names that whoever reads one gives;
whatever else it asks for is refused by its name. Python's reader would import and call it, and takes memory for any
length or index that is written there.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.errors import UserError
from models.formats.files import shown
from models.formats.tensor_names import quantised

QUANTISED = ("._rebuild_qtensor", ".QInt8Storage", ".QUInt8Storage", ".QInt32Storage")  # what torch makes them of
MAX_BYTES = 32 << 20
MAX_STEPS = 1_000_000  # each makes at most some hundred bytes

Call = Callable[[tuple[Any, ...]], Any]  # from the arguments in the pickle to a value; Fault where they do not fit


class Fault(Exception):
    """What a pickle says cannot be."""


class _Refused(Exception):
    """The name of what is not made here."""


@dataclass(frozen=True, slots=True)
class Name:
    """Something of a module, which is not looked up."""

    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """An object of a class that is not known here: the class's name, and its fields."""

    name: str
    fields: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the pickle says lies outside it."""

    id: Any = field(repr=False)


def _ordered(given: tuple[Any, ...]) -> dict[Any, Any]:
    if given:
        raise Fault("a table is made of something else than its names and values")
    return {}


PLAIN: Mapping[str, Call] = {"collections.OrderedDict": _ordered}
# settings that programs keep as an object: what they hold is read, their class is not
RECORDS = {"argparse.Namespace", "mingpt.utils.CfgNode", "types.SimpleNamespace"}
CONFIG = "GPTConfig"  # in whatever module


def read(content: bytes, what: str, calls: Mapping[str, Call] = PLAIN) -> Any:
    """The value a pickle makes, of tables, lists, texts, numbers, Names, Records, Elsewheres and what `calls` make.

    It may hold itself, so who goes through it goes no deeper than it has to. Raises UserError naming `what` for
    anything damaged, and for a name that is not among `calls`.
    """
    if len(content) > MAX_BYTES:
        fault = f"{what} has {len(content):,} bytes of pickle, more than the {MAX_BYTES:,} read here"
        raise UserError(fault, "give the weights of a GPT")
    return read_first(content, 0, what, calls)[0]


def read_first(content: bytes, at: int, what: str, calls: Mapping[str, Call]) -> tuple[Any, int]:
    """The same of the pickle that begins at a byte, and where it ends."""
    machine = _Machine(content, at, calls)
    try:
        return machine.run(), machine.at
    except _Refused as refused:
        if str(refused).endswith(QUANTISED):
            raise quantised(what) from None
        fault = f"{what} asks for {shown(refused)}, which is no plain data, and is not opened"
        raise UserError(fault, "do not trust it, or have its author save the weights alone") from None
    except (Fault, LookupError, UnicodeDecodeError, struct.error) as error:
        fault = shown(error) if isinstance(error, Fault) else "its pickle does not hold together"
        raise UserError(f"{what} is damaged: {fault} at byte {machine.at:,} of it", "copy it again") from None


def _key(value: Any) -> Any:
    """A key of a table: nothing that takes for ever to hash, nor numbers that are made to have one hash."""
    if isinstance(value, str | None) or isinstance(value, int) and abs(value) < 1 << 32:
        return value
    raise Fault("a table has a key that is no text and no small number")


class _Machine:
    """The stack, what was left below marks, and what is kept to be had again."""

    def __init__(self, content: bytes, at: int, calls: Mapping[str, Call]) -> None:
        self.content, self.calls, self.at = content, calls, at
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        if self.take(1) != b"\x80" or not 2 <= self.number("B") <= 5:
            raise Fault("it is no pickle of protocol 2 to 5")
        for _ in range(MAX_STEPS):
            code = self.take(1)
            if code == b".":
                return self.stack.pop()
            if code not in _ACTS:
                raise Fault(f"the instruction {code!r} is not known here")
            _ACTS[code](self)
        raise Fault(f"it has more than {MAX_STEPS:,} instructions")

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if not 0 <= count <= len(self.content) - self.at:
            raise Fault("it ends too early")
        self.at += count
        return self.content[self.at - count : self.at]

    def number(self, form: str) -> Any:
        """The next bytes as `struct` reads them."""
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]

    def text(self, form: str) -> str:
        """The next text, its length before it."""
        return self.take(self.number(form)).decode()

    def line(self) -> str:
        """The rest of the line."""
        end = self.content.find(b"\n", self.at, self.at + 1000)
        if end < 0:
            raise Fault("a name has no end")
        return (self.take(end - self.at) + self.take(1))[:-1].decode()

    def push(self, value: Any) -> None:
        """One more on the stack."""
        self.stack.append(value)

    def mark(self) -> None:
        """Begin a stack above this one."""
        self.below.append(self.stack)
        self.stack = []

    def marked(self) -> list[Any]:
        """All above the mark, which is gone then."""
        found, self.stack = self.stack, self.below.pop()
        return found

    def keep(self, place: int) -> None:
        """Keep what is on top."""
        self.memo[place] = self.stack[-1]

    def row(self, count: int) -> None:
        """The last `count` become one tuple."""
        found = tuple(self.pop() for _ in range(count))
        self.push(found[::-1])

    def pop(self) -> Any:
        """What is on top."""
        return self.stack.pop()

    def extend(self, values: list[Any]) -> None:
        """The list on top, longer."""
        if type(self.stack[-1]) is not list:
            raise Fault("something is appended to what is no list")
        self.stack[-1].extend(values)

    def update(self, values: list[Any]) -> None:
        """The table on top, with these names and values in turn."""
        table = self.stack[-1]
        if type(table) is not dict or len(values) % 2:
            raise Fault("names and values are put into what is no table")
        for name, value in zip(values[::2], values[1::2], strict=True):
            table[_key(name)] = value

    def find(self, module: Any, name: Any) -> None:
        """A name, if it is one that may be asked for."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise Fault("a name is no text")
        full = f"{module}.{name}"
        if full not in self.calls and full not in RECORDS and name != CONFIG:
            raise _Refused(full)
        self.push(Name(full))

    def call(self, name: Any, given: Any) -> None:
        """What a name makes of what it is given; an object of an unknown class begins empty."""
        if not isinstance(name, Name) or type(given) is not tuple:
            raise Fault("something is called that is no name")
        make = self.calls.get(name.name)
        if make is None and given:
            raise Fault(f"{shown(name.name)} is made of something")
        self.push(Record(name.name) if make is None else make(given))

    def build(self, state: Any) -> None:
        """What is on top gets its fields; a table has none that are data."""
        target = self.stack[-1]
        if isinstance(target, Record) and type(state) is dict:
            target.fields.update(state)
        elif type(target) is not dict:
            raise Fault("fields are given to what has none")


def _two(act: Callable[[_Machine, Any, Any], None]) -> Callable[[_Machine], None]:
    """An instruction that takes two values from the stack."""

    def pop_two(machine: _Machine) -> None:
        second, first = machine.pop(), machine.pop()
        act(machine, first, second)

    return pop_two


_ACTS: Mapping[bytes, Callable[[_Machine], object]] = {
    b"\x95": lambda machine: machine.number("Q"),  # how long the next part is
    b"(": _Machine.mark,
    b"N": lambda machine: machine.push(None),
    b"\x88": lambda machine: machine.push(True),
    b"\x89": lambda machine: machine.push(False),
    b"K": lambda machine: machine.push(machine.number("B")),
    b"M": lambda machine: machine.push(machine.number("H")),
    b"J": lambda machine: machine.push(machine.number("i")),
    b"\x8a": lambda machine: machine.push(int.from_bytes(machine.take(machine.number("B")), "little", signed=True)),
    b"G": lambda machine: machine.push(struct.unpack(">d", machine.take(8))[0]),
    b"\x8c": lambda machine: machine.push(machine.text("B")),
    b"X": lambda machine: machine.push(machine.text("I")),
    b"C": lambda machine: machine.push(machine.take(machine.number("B"))),
    b"]": lambda machine: machine.push([]),
    b"}": lambda machine: machine.push({}),
    b")": lambda machine: machine.push(()),
    b"\x85": lambda machine: machine.row(1),
    b"\x86": lambda machine: machine.row(2),
    b"\x87": lambda machine: machine.row(3),
    b"t": lambda machine: machine.push(tuple(machine.marked())),
    b"a": lambda machine: machine.extend([machine.pop()]),
    b"e": lambda machine: machine.extend(machine.marked()),
    b"s": _two(lambda machine, name, value: machine.update([name, value])),
    b"u": lambda machine: machine.update(machine.marked()),
    b"q": lambda machine: machine.keep(machine.number("B")),
    b"r": lambda machine: machine.keep(machine.number("I")),
    b"\x94": lambda machine: machine.keep(len(machine.memo)),
    b"h": lambda machine: machine.push(machine.memo[machine.number("B")]),
    b"j": lambda machine: machine.push(machine.memo[machine.number("I")]),
    b"c": lambda machine: machine.find(machine.line(), machine.line()),
    b"\x93": _two(_Machine.find),
    b"R": _two(_Machine.call),
    b"\x81": _two(_Machine.call),
    b"b": lambda machine: machine.build(machine.pop()),
    b"Q": lambda machine: machine.push(Elsewhere(machine.pop())),
}
