"""The runs on this machine: a damaged one is one entry that says so, and hides no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from models.runs import history
from models.runs.events import Event
from playground.train import library
from playground.train.record import Record
from tests.models.runs.damaged_runs import DAMAGED, in_place_of
from tests.playground.train.runs_on_screen import make

HUGE = "1" + "0" * 400


def with_line(name: str) -> Callable[[Path], None]:
    """A step of the log with a number that is none of ours, in the middle of the log."""

    def spoil(run: Path) -> None:
        lines = (run / "log.jsonl").read_text().splitlines(keepends=True)
        at = next(number for number, line in enumerate(lines) if '"stepped"' in line)
        start, _, rest = lines[at].partition(f'"{name}": ')
        lines[at] = f'{start}"{name}": {HUGE}{rest[rest.index(",") :]}'
        (run / "log.jsonl").write_text("".join(lines))

    return spoil


DAMAGE = DAMAGED | {
    "run.json is cut": (in_place_of("run.json", lambda file: file.write_text('{"version": 1')), "is not valid JSON"),
}


@pytest.mark.parametrize("name", ["seconds", "step", "tokens", "loss", "memory"])
def test_an_endless_number_in_the_log_costs_its_line_and_no_more(name: str, tmp_path: Path) -> None:
    whole, spoiled = make(tmp_path, "whole"), make(tmp_path, "spoiled")
    with_line(name)(spoiled)
    assert len(history.read(spoiled)) == len(history.read(whole)) - 1
    found = library.read(tmp_path)
    assert found.keys() == {"whole", "spoiled"}
    assert [list(found[run].record.curve["step"]) for run in ("whole", "spoiled")] == [[10, 20], [20]]
    assert not found["spoiled"].fault and found["spoiled"].record.state == "stopped"


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_run_is_one_entry_that_says_what_is_wrong(case: str, tmp_path: Path) -> None:
    spoil, says = DAMAGE[case]
    make(tmp_path, "whole"), spoil(make(tmp_path, "damaged"))
    found = library.read(tmp_path)
    assert found.keys() == {"whole", "damaged"}
    assert not found["whole"].fault and found["whole"].record.saved is None
    known = found["damaged"]
    assert says in known.fault and " - " in known.fault and known.fault.isprintable()
    assert known.record.state == "died" and known.record.problem == known.fault


def test_what_can_be_read_of_a_damaged_run_is_still_there(tmp_path: Path) -> None:
    (make(tmp_path, "damaged") / "checkpoints").touch()
    known = library.read(tmp_path)["damaged"]
    assert list(known.record.curve["step"]) == [10, 20] and known.record.config is not None and known.size > 0


def test_a_fault_of_ours_in_one_run_is_logged_and_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make(tmp_path, "whole"), make(tmp_path, "odd", steps=(0, 10))

    def of(kind: type[Record], told: list[Event]) -> Record:
        if len(told) < len(history.read(tmp_path / "whole")):
            raise ZeroDivisionError("a fault of ours")
        return whole(told)

    whole = Record.of
    with caplog.at_level(logging.ERROR), monkeypatch.context() as patch:
        patch.setattr(Record, "of", classmethod(of))
        found = library.read(tmp_path)
    assert "a fault of ours" in found["odd"].fault and found["odd"].record.state == "died"
    assert not found["whole"].fault and list(found["whole"].record.curve["step"]) == [10, 20]
    assert "ZeroDivisionError" in caplog.text


def test_runs_come_latest_first(tmp_path: Path) -> None:
    for name, year in (("old", 2024), ("new", 2026), ("middle", 2025)):
        about = make(tmp_path, name) / "run.json"
        text = about.read_text()
        at = text.index('"started": "') + len('"started": "')
        about.write_text(f"{text[:at]}{year}{text[at + 4 :]}")
    assert list(library.read(tmp_path)) == ["new", "middle", "old"]
