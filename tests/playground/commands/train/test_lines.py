"""Events as lines: a slow reader holds nobody up, and nothing else gets between."""

from __future__ import annotations

import os

import pytest

from models.runs.events import Started, Stepped
from playground.commands.train import driver
from playground.commands.train.lines import Lines
from tests.models.runs.made_events import measured, stepped
from tests.playground.commands.train.small_texts import lines_of
from tests.playground.waiting import in_time

# a reader that is slow


def test_a_slow_reader_holds_nobody_up_and_gets_steps_as_one() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    lines = Lines(writing, lambda: None)
    long = Started("r", 0, {"words": "x" * 70_000}, 1, 1, 1, 1, 1, 1, "float32")  # more than a pipe takes

    def show() -> None:
        lines.show(long)
        for step in range(1, 4):
            lines.show(stepped(step, loss=float(step)))
        lines.show(measured(3, 2.0))
        for step in (5, 9):
            lines.show(stepped(step, loss=float(step)))

    in_time(show)  # nobody has read anything
    os.set_blocking(reading, True)
    told = b""
    while told.count(b"\n") < 4:
        told += os.read(reading, 1 << 16)
    lines.close()
    found = lines_of(told.decode())
    assert [type(event).__name__ for event in found] == ["Started", "Stepped", "Measured", "Stepped"]
    means = [(event.step, event.loss) for event in found if isinstance(event, Stepped)]
    assert [step for step, _ in means] == [3, 9]
    assert [loss for _, loss in means] == pytest.approx([2.0, (2 * 5 + 4 * 9) / 6])
    os.close(reading)
    os.close(writing)


def test_what_else_is_printed_stays_out_of_the_events(capfd: pytest.CaptureFixture[str]) -> None:
    with driver._own_output() as own:
        os.write(1, b"a warning of some library")
        os.write(own, b"an event")
    os.write(1, b", and what comes after")
    assert capfd.readouterr() == ("an event, and what comes after", "a warning of some library")
