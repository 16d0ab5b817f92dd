"""No duration depends on the wall clock, which may jump either way, and none counts from a clock's zero."""

from __future__ import annotations

import re

from tests.conftest import ROOT

WALL = re.compile(r"time\.time\(|time_ns\(|datetime\.(now|utcnow|today)\(|st_mtime(?!_ns)")
ZERO = re.compile(r"(told|said)\b[^=\n]*= 0\.0\b.*$", re.MULTILINE)
STARTED = 'started = datetime.now(UTC).isoformat(timespec="seconds")'  # said to people, never counted with


def test_durations_are_measured_by_a_clock_that_does_not_jump() -> None:
    files = [file for part in ("models", "playground") for file in sorted((ROOT / part).rglob("*.py"))]
    lines = [(file.name, line.strip()) for file in files for line in file.read_text().splitlines()]
    assert [line for _, line in lines if WALL.search(line)] == [STARTED]


def test_a_moment_that_has_not_come_is_not_the_clocks_zero() -> None:
    files = [file for part in ("models", "playground") for file in sorted((ROOT / part).rglob("*.py"))]
    timed = [file for file in files if "monotonic()" in file.read_text() or "perf_counter()" in file.read_text()]
    found = [(file.name, match[0]) for file in timed for match in ZERO.finditer(file.read_text())]
    assert found == []
