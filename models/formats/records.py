"""JSON to a dataclass and back, by the types of its fields: what does not fit is refused, and the field named.

A field may be an int, float, bool or str, one of a Literal's, a tuple, a list or a Mapping of such, another dataclass,
any of them or None, or Any. JSON has no number that is none: null stands for it, both ways. A field whose name would be
one of Python's own words has a line after it, from_, which JSON does not have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache, partial
from itertools import repeat
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from models.errors import UserError
from models.formats.files import shown, shown_value

T = TypeVar("T")
Reader = Callable[[Any], Any]  # JSON's value to the field's

LARGEST = 1 << 63  # of whole numbers, either way


class _Misfit(Exception):
    """A value that does not fit; `path` is where it stands, from the outside in."""

    def __init__(self, fault: str, do: str, *path: str) -> None:
        super().__init__(fault)
        self.fault, self.do, self.path = fault, do, path


def read(kind: type[T], values: object, where: str = "", **given: Any) -> T:
    """The record of that kind that a JSON object holds, `given` fields aside, which it must not hold.

    Raises UserError for a field that is unknown, missing, of another type or beyond bounds, its path as `setting` and
    in the sentence; and whatever the dataclass itself refuses. `where` is the file or place the object comes from.
    """
    try:
        record: T = _record(kind, given, values)
    except _Misfit as misfit:
        path = shown(".".join(misfit.path))
        fault = misfit.fault if path else f"it {misfit.fault}"
        raise UserError(fault, misfit.do, setting=path, where=where) from None
    except UserError as error:
        raise error.at(where) from None
    return record


def plain(value: Any) -> Any:
    """What `read` makes the value of again: an object for a record, a list for a tuple, null for no number."""
    if is_dataclass(value):
        return {each.name.rstrip("_"): plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _record(kind: Any, given: Mapping[str, Any], value: Any) -> Any:
    readers, needed, keywords = _fields(kind, *given)
    names = _object(value).keys()
    if strange := names - readers.keys():
        raise _Misfit("is not known here", "it may be of a newer version", min(strange))
    if missing := needed - names:
        raise _Misfit("is missing", "the file is damaged", min(missing))
    found = _named(value, map(readers.__getitem__, names))
    found = {keywords.get(name, name): each for name, each in found.items()} if keywords else found
    try:
        return kind(**found, **given)
    except UserError as error:  # the dataclass's own
        if not error.setting:
            raise
        raise _Misfit(error.what, error.do, error.setting) from None


def _named(values: Mapping[str, Any], readers: Iterable[Reader]) -> dict[str, Any]:
    return dict(zip(values, _all(list(values), readers, values.values()), strict=True))


def _all(steps: Sequence[object], readers: Iterable[Reader], values: Iterable[Any]) -> list[Any]:
    """Each value read by its reader; one that does not fit stands at its step."""
    found: list[Any] = []
    try:
        for reader, value in zip(readers, values, strict=False):
            found.append(reader(value))
    except _Misfit as misfit:
        misfit.path = (str(steps[len(found)]), *misfit.path)
        raise
    return found


@cache
def _fields(kind: type[Any], *given: str) -> tuple[dict[str, Reader], set[str], dict[str, str]]:
    """How each field is read, by its name in JSON; those that must be there; and those called otherwise in Python."""
    hints, own = get_type_hints(kind), {each.name.rstrip("_"): each for each in fields(kind) if each.name not in given}
    needed = {name for name, each in own.items() if each.default is MISSING and each.default_factory is MISSING}
    keywords = {name: each.name for name, each in own.items() if name != each.name}
    return {name: _reader(hints[each.name]) for name, each in own.items()}, needed, keywords


@cache
def _reader(hint: Any) -> Reader:
    origin, args = get_origin(hint), get_args(hint)
    if hint in _READERS:
        return _READERS[hint]
    if origin is Literal:
        return partial(_one_of, args)
    if origin in (Union, UnionType):
        (inner,) = (each for each in args if each is not NoneType)
        return partial(_or_none, _reader(inner))
    if origin is tuple and args[-1] is not ...:
        return partial(_row, tuple(map(_reader, args)))
    if origin in (tuple, list):
        return partial(_several, _reader(args[0]), origin)
    if origin in (dict, Mapping):
        return partial(_by_name, _reader(args[1]))
    assert isinstance(hint, type) and is_dataclass(hint), f"{hint} has no place in JSON"
    return partial(_record, hint, {})


def _misfit(value: Any, wanted: str) -> _Misfit:
    is_a = "an object" if type(value) is dict else "a list" if type(value) is list else shown_value(value, 40)
    return _Misfit(f"is {is_a}", f"it must be {wanted}")


def _whole(value: Any) -> int:
    if type(value) is int and -LARGEST < value < LARGEST:
        return value
    raise _misfit(value, "a whole number" + " below 2**63" * (type(value) is int))


def _number(value: Any) -> float:
    if type(value) is float and math.isfinite(value) or type(value) is int and -LARGEST < value < LARGEST:
        return float(value)
    if value is None:
        return math.nan
    raise _misfit(value, "a number")


def _flag(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise _misfit(value, "true or false")


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    raise _misfit(value, "a text")


_READERS: dict[Any, Reader] = {Any: lambda value: value, int: _whole, float: _number, bool: _flag, str: _text}


def _one_of(choices: tuple[Any, ...], value: Any) -> Any:
    for choice in choices:
        if type(value) is type(choice) and value == choice:
            return choice
    raise _misfit(value, f"one of {', '.join(map(str, choices))}")


def _or_none(reader: Reader, value: Any) -> Any:
    return None if value is None else reader(value)


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise _misfit(value, "an object")


def _by_name(reader: Reader, value: Any) -> dict[str, Any]:
    return _named(_object(value), repeat(reader))


def _several(reader: Reader, make: Callable[[Iterable[Any]], Any], value: Any) -> Any:
    if type(value) is not list:
        raise _misfit(value, "a list")
    return make(_all(range(len(value)), repeat(reader), value))


def _row(readers: Sequence[Reader], value: Any) -> tuple[Any, ...]:
    if type(value) is not list or len(value) != len(readers):
        raise _misfit(value, f"a list of {len(readers)}")
    return tuple(_all(range(len(value)), readers, value))
