"""JSON to a dataclass and back: whatever it is made of comes back, and whatever does not fit is named."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.corpora import token_files
from models.corpora.spec import TokenizerSpec
from models.corpora.text_files import TextFile
from models.errors import UserError
from models.formats import records
from models.runs import events


@dataclass(frozen=True)
class Inner:
    """A record in another."""

    name: str
    row: tuple[int, str]
    share: float | None = None


@dataclass(frozen=True)
class Everything:
    """A field of each type there may be."""

    count: int
    share: float
    on: bool
    word: str
    kind: Literal["a", "b"]
    inner: Inner
    optional: int | None
    shares: tuple[float, ...]
    many: list[Inner]
    rows: tuple[tuple[str, ...], ...]
    by_name: Mapping[str, tuple[Inner, ...]]
    anything: Any = None
    more: Mapping[str, float] = field(default_factory=dict)


KINDS = [Everything, TextFile, TokenizerSpec, token_files._About, *events.EVENTS.values()]
WHOLE, NUMBERS = st.integers(-(1 << 62), 1 << 62), st.floats(allow_nan=False, allow_infinity=False)
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    int: WHOLE,
    float: NUMBERS,
    bool: st.booleans(),
    str: st.text(max_size=5),
    Any: st.none() | WHOLE | st.text(max_size=5) | st.lists(st.booleans(), max_size=2),
}
FITS: dict[Any, tuple[type, ...]] = {int: (int,), float: (int, float, NoneType), bool: (bool,), str: (str,)}
ODD: list[Any] = [None, True, 3, 2.5, "no such word", [], {}, [[[3]]], 10**400, -(1 << 63), math.inf, math.nan]


def value_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a field of that type."""
    origin, args = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return st.builds(hint, **{name: value_of(each) for name, each in get_type_hints(hint).items()})
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, UnionType):
        return st.none() | value_of(args[0])
    if origin is Mapping:
        return st.dictionaries(st.text(max_size=3), value_of(args[1]), max_size=2)
    if origin is list or args[-1:] == (...,):
        return st.lists(value_of(args[0]), max_size=2).map(list if origin is list else tuple)
    return st.tuples(*map(value_of, args)) if origin is tuple else SIMPLE[hint]


def fits(value: Any, hint: Any) -> bool:
    """Whether an odd value is right for a field of that type after all."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return value is None or fits(value, args[0])
    if origin in (Mapping, list) or args[-1:] == (...,):
        return value == ({} if origin is Mapping else []) and type(value) in (dict, list)
    beyond = type(value) in (int, float) and not abs(value) < 1 << 63
    return type(value) in FITS.get(hint, ()) and not beyond


def record_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    return value_of(kind)


@given(st.sampled_from(KINDS).flatmap(record_of))
def test_any_record_comes_back(record: Any) -> None:
    line = json.dumps(records.plain(record), allow_nan=False)
    assert records.read(type(record), json.loads(line)) == record


@given(st.sampled_from(KINDS).flatmap(record_of), st.data())
def test_a_single_field_of_another_type_is_named(record: Any, data: st.DataObject) -> None:
    values = records.plain(record)
    own = data.draw(st.sampled_from(fields(record)))
    odd = data.draw(st.sampled_from(ODD))
    assume(not fits(odd, get_type_hints(type(record))[own.name]))
    with pytest.raises(UserError) as caught:
        records.read(type(record), values | {own.name: odd}, "a file")
    error = caught.value
    assert error.setting.split(".")[0] == own.name and error.where == "a file" and error.do
    assert str(error).startswith(f"a file: {error.setting} is ") and len(str(error)) < 200


@given(st.sampled_from(KINDS).flatmap(record_of), st.data())
def test_a_field_too_many_and_one_too_few_are_named(record: Any, data: st.DataObject) -> None:
    values = records.plain(record)
    with pytest.raises(UserError, match="^colour is not known here - it may be of a newer version$"):
        records.read(type(record), values | {"colour": 1})
    first = fields(record)[0].name
    rest = {name: value for name, value in values.items() if name != first}
    if type(record) is TokenizerSpec:  # all have a default
        assert records.read(TokenizerSpec, rest)
    else:
        with pytest.raises(UserError, match=f"^{first} is missing"):
            records.read(type(record), rest)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "x", "row": [1]}, "row is a list - it must be a list of 2"),
        ({"name": "x", "row": [1, 2]}, "row.1 is 2 - it must be a text"),
        ({"name": "x", "row": [True, "a"]}, "row.0 is True - it must be a whole number"),
        ({"name": "x", "row": [1, "a"], "share": 10**400}, "share is 1000.* - it must be a number"),
        ({"name": "\x1b[2J" * 99, "row": {}}, "row is an object - it must be a list of 2"),
        ({"name": ["\x1b"]}, "row is missing"),
    ],
)
def test_what_does_not_fit_is_named_where_it_stands(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{sentence}"):
        records.read(Inner, values)


@pytest.mark.parametrize("values", [None, 3, [], "text"])
def test_what_is_no_object_is_said(values: object) -> None:
    with pytest.raises(UserError, match="^state.json: it is .* - it must be an object$"):
        records.read(Inner, values, "state.json")


def test_no_number_is_null_both_ways() -> None:
    record = Inner("x", (1, "a"), math.inf)
    assert records.plain(record) == {"name": "x", "row": [1, "a"], "share": None}
    stepped = records.read(events.Measured, {"step": 1, "seconds": None, "loss": 1, "held_out": 2.0})
    assert math.isnan(stepped.seconds) and type(stepped.loss) is float


def test_what_is_given_is_not_read() -> None:
    assert records.read(Inner, {"row": [1, "a"]}, name="given") == Inner("given", (1, "a"))
    with pytest.raises(UserError, match="name is not known here"):
        records.read(Inner, {"name": "x", "row": [1, "a"]}, name="given")
