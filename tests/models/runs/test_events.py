"""Events and commands: one line each, the same on both sides, and anything else refused in a sentence."""

from __future__ import annotations

import json
import math
import random
from dataclasses import is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from models.runs import events
from models.runs.events import Command, Ended, Event, Measured, Stepped, decode, decode_command, encode
from tests.models.runs.made_events import measured, stepped

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
BY_NAME = st.dictionaries(st.text(max_size=5), NUMBERS, max_size=3)


def any_event() -> st.SearchStrategy[Event]:
    """Of every kind, each with all its fields."""
    return st.one_of(*map(_built, events.EVENTS.values()))


def _built(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: _values(name, hint) for name, hint in get_type_hints(kind).items()})


def _values(name: str, hint: Any) -> st.SearchStrategy[Any]:
    if name == "config":
        return st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=3)
    kinds: dict[Any, st.SearchStrategy[Any]] = {
        int: st.integers(-(1 << 60), 1 << 60),
        float: NUMBERS,
        bool: st.booleans(),
        str: st.text(max_size=20),
        float | None: st.none() | NUMBERS,
        tuple[float, ...]: st.lists(NUMBERS, max_size=4).map(tuple),
    }
    if isinstance(hint, type) and is_dataclass(hint):
        return _built(hint)
    return st.sampled_from(get_args(hint)) if get_origin(hint) is Literal else kinds.get(hint, BY_NAME)


@given(any_event())
def test_an_event_is_one_line_and_comes_back(event: Event) -> None:
    line = encode(event)
    assert len(line.splitlines()) == 1 and line.isascii()
    assert decode(line) == event
    shuffled = list(json.loads(line).items())
    random.Random(1).shuffle(shuffled)
    assert decode(json.dumps(dict(shuffled))) == event  # names in another order, the long way


@given(any_event(), st.data())
def test_a_field_of_another_type_or_a_strange_one_is_refused(event: Event, data: st.DataObject) -> None:
    values = json.loads(encode(event))
    name = data.draw(st.sampled_from(sorted(values.keys() - {"event"})))
    wrong: Any = [] if not isinstance(values[name], list) else {}
    for changed in (values | {name: wrong}, values | {"more": 1}, values | {"event": "more"}):
        with pytest.raises(UserError):
            decode(json.dumps(changed))


def test_numbers_that_are_none_travel_as_null() -> None:
    line = encode(stepped(3, math.nan))
    assert '"loss": null' in line and json.loads(line)
    back = decode(line)
    assert isinstance(back, Stepped) and math.isnan(back.loss) and back.step == 3
    infinite = decode(encode(Measured(1, 0.5, math.inf, 2.0, by_position=(math.inf, 1.0), gradients={"0": math.nan})))
    assert isinstance(infinite, Measured) and math.isnan(infinite.loss) and math.isnan(infinite.by_position[0])
    ended = decode(encode(Ended(1, "it was asked to", 0, True, 0)))
    assert isinstance(ended, Ended) and ended.best_loss is None


def test_a_whole_number_may_stand_for_a_float_but_not_the_reverse() -> None:
    values = json.loads(encode(stepped(3)))
    back = decode(json.dumps(values | {"loss": 2}))
    assert isinstance(back, Stepped) and type(back.loss) is float and back.loss == 2
    for wrong in (3.0, True, "3", None):
        with pytest.raises(UserError, match="^stepped: step is .* - it must be a whole number$"):
            decode(json.dumps(values | {"step": wrong}))


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 400, "1e999", "NaN", "Infinity", "1" + "0" * 5000])
@pytest.mark.parametrize("name", ["seconds", "step", "memory", "loss"])
def test_a_number_beyond_all_bounds_is_refused(name: str, number: str) -> None:
    line = json.dumps(json.loads(encode(stepped(3))) | {name: "here"}).replace('"here"', number)
    with pytest.raises(UserError) as caught:
        decode(line)
    assert caught.value.setting == name or len(number) > 5000


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        '{"event": "stepped"}',
        '{"event": []}',
        '{"event": "Stepped", "step": 1}',
        "[" * 99999,
    ]
    + [json.dumps({"event": "warned", "says": "x" * (1 << 20)})],
)
def test_what_is_no_event_is_said(line: str) -> None:
    with pytest.raises(UserError) as caught:
        decode(line)
    assert len(str(caught.value)) < 200


@given(st.text() | st.binary().map(lambda each: each.decode("utf-8", "surrogateescape")))
def test_no_line_does_more_than_a_user_error(line: str) -> None:
    for read in (decode, decode_command):
        try:
            read(line)
        except UserError as error:
            assert str(error).isprintable()


def test_any_change_to_a_line_is_an_event_or_a_user_error() -> None:
    chance, line = random.Random(2), encode(measured(7, 2.5, True))
    for _ in range(500):
        at = chance.randrange(len(line))
        changed = line[:at] + chance.choice('0123456789eE.-+"{}[],: \\ntrufalse') + line[at + 1 :]
        try:
            assert isinstance(decode(changed), Measured)
        except UserError as error:
            assert " line is no" in str(error) or "event" in str(error) or error.where == "measured"


@pytest.mark.parametrize("do", get_args(Command))
def test_commands_come_back_and_others_are_refused(do: Command) -> None:
    assert decode_command(encode(do)) == do
    with pytest.raises(UserError, match="they are pause, continue, step, save, stop"):
        decode_command(json.dumps({"do": do.upper()}))


@pytest.mark.parametrize("line", ["", "{}", '{"do": []}', '{"do": {}}', '["do"]', '{"do": null}'])
def test_what_is_no_command_is_said(line: str) -> None:
    with pytest.raises(UserError, match="a line is no"):
        decode_command(line)
