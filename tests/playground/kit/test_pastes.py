"""What is pasted comes as one paste however it is cut into pieces, never as keys, and never waits for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from playground.kit import pastes
from playground.kit.pastes import BEGINS, ENDS, KEY, SILENCE, WAIT, PasteParser

HOSTILE = "a\x1b[31mq\x1b]52;c;eA==\x07\x1b\x1b[200~\n中\u202e"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def told(messages: Iterable[object]) -> list[str]:
    """Pastes in brackets, keys by their names."""
    return [f"<{each.text}>" if isinstance(each, events.Paste) else cast(events.Key, each).key for each in messages]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def parser(clock: Clock) -> PasteParser:
    return PasteParser(clock=clock)


def test_a_paste_is_one_and_whatever_is_in_it_is_no_key(parser: PasteParser) -> None:
    assert told(parser.feed(f"x{BEGINS}{HOSTILE}{ENDS}y{BEGINS}{ENDS}")) == ["x", f"<{HOSTILE}>", "y", "<>"]


@given(st.lists(st.integers(1, 40), max_size=12))
def test_however_it_is_cut_into_pieces(cuts: list[int]) -> None:
    parser, text = PasteParser(), f"x{BEGINS}{HOSTILE}{ENDS}y"
    found, start = [], 0
    for cut in (*cuts, len(text)):
        found += told(parser.feed(text[start : start + cut])) if text[start : start + cut] else []
        start += cut
    assert found == ["x", f"<{HOSTILE}>", "y"]


def test_one_that_is_never_closed_ends_when_no_more_of_it_comes(parser: PasteParser, clock: Clock) -> None:
    assert told(parser.feed(f"{BEGINS}to be{ENDS[:3]}")) == []
    clock.now += SILENCE / 2
    assert told(parser.tick()) == []
    assert told(parser.feed(long := " or" * KEY)) == []
    for _ in range(3):
        clock.now += SILENCE / 4
        assert told(parser.feed("q")) == told(parser.tick()) == []
    clock.now += SILENCE / 4
    assert told(parser.tick()) == [f"<to be{ENDS[:3]}{long}qqq>"]
    assert told(parser.feed("q")) == ["q"]


def test_one_that_never_ends_is_kept_to_a_size(parser: PasteParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pastes, "MOST", 10)
    assert told(parser.feed(BEGINS + 8 * "a")) == []
    assert told(parser.feed(8 * "b" + ENDS[:2])) == []
    assert told(parser.feed(f"{ENDS[2:]}q")) == ["<aaaaaaaabb>", "q"]


def test_an_escape_alone_is_a_key_after_a_moment(parser: PasteParser, clock: Clock) -> None:
    assert told(parser.feed("\x1b")) == []
    clock.now += WAIT
    waiting = told(parser.tick())  # Textual waits on its own for the rest of a sequence
    assert told(parser.feed("[A")) == ["up"] and waiting == []


def test_the_end_of_all_input_ends_a_paste(parser: PasteParser) -> None:
    assert told(parser.feed(f"{BEGINS}to be")) == [] and told(parser.feed("")) == ["<to be>"]
