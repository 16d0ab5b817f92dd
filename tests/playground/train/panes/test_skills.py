"""Skills: a row an ability, those first that heads look back for, and what stands there while nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.lenses.growth import FOLLOWED, PROBES, Found, growing
from models.lenses.probes import CaseProbe
from models.runs.events import Event, Snapshot
from playground.train.panes.skills import Skills
from playground.train.scene import TrainScene, TrainView
from playground.train.skills import Able, Asking, able
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import live, started

ORDER = [probe.slug for probe in PROBES]
STEPS = tuple(range(0, 1100, 100))
ASKED = Asking("x", tuple((step, Path(str(step))) for step in STEPS))


def told(folder: Path, probe: CaseProbe) -> Found:
    """The n-th ability comes between step 100 n and the next; head 0.3 looks from 100 on."""
    step = int(folder.name)
    ahead = np.full((1, 4), 0.01)
    ahead[0, 3] = 0.6 if step >= 100 else 0.02
    is_there = step > 100 * (ORDER.index(probe.slug) + 1)
    return Found(float(is_there), ahead if isinstance(probe, FOLLOWED) else None)


def scene(answers: Able | None, place: int | None = None, steps: Sequence[int] = STEPS) -> TrainScene:
    events: list[Event] = [started(), *(Snapshot(step, str(step)) for step in steps)]
    return TrainScene(TrainView("x", place=place), {"x": live(events)}, able=answers)


def known() -> Able:
    return next(each for each in able(ASKED, told, PROBES) if each is not None)


def test_each_ability_has_its_course_its_score_now_and_its_first_step() -> None:
    """Heads and what they look for first, then the earliest; what has not come yet last."""
    lines = drawn(Skills(), scene(known(), 500), 80, 20).plain().splitlines()
    assert lines[0].startswith("Skills step 500 ")
    rows = [(line[:14].strip(), *line[14:].split()) for line in lines[1:16]]
    assert [row[0] for row in rows] == [
        *("L0 H3 looks", "made-up-names", "L0 H3 looks", "induction", "right-name", "owner", "agreement", "brackets"),
        *("echo", "few-shot", "senses", "order", "facts", "countries", "roles"),
    ]
    assert rows[0][2:] == ("0.60", "100") and rows[1][2:] == ("1.00", "200"), "the head is there before"
    assert rows[6][2:] == ("0.00", "600") and rows[-1][2:] == ("0.00", "–")
    bars = rows[1][1]
    assert set(bars) == {"▁", "▇"} and bars == "".join(sorted(bars)) and len(bars) == 52
    assert bars.index("▇") == round(0.2 * 51) + 1, "at its step"
    assert lines[16].split() == ["0", "500", "1,000", "now", "since"]


def test_where_there_is_less_room_it_scrolls_and_leaves_out() -> None:
    pane, of = Skills(), scene(known())
    assert "1-4 of 15" in drawn(pane, of, 60, 6).plain().splitlines()[0]
    down = pane.wheel(of, 1)
    assert down.skill == 1 and "made-up-names" in drawn(pane, replace(of, view=down), 60, 6).plain().splitlines()[1]
    last = pane.move(of, 0, 50)
    assert last.skill == 11 and "roles" in drawn(pane, replace(of, view=last), 60, 6).plain()
    assert pane.move(replace(of, view=last), 0, -50).skill == 0 and pane.move(of, -1, 0).place == 900
    assert "since" in drawn(pane, of, 38, 6).plain() and "since" not in drawn(pane, of, 30, 6).plain()


def test_a_click_goes_to_the_nearest_snapshot() -> None:
    act = drawn(Skills(), scene(known()), 80, 20).at(15 + round(0.3 * 51), 4)
    assert act is not None and act(TrainView("x")).place == 300


def test_it_says_how_far_it_is_and_why_there_is_nothing() -> None:
    def says(of: TrainScene) -> str:
        return " ".join(drawn(Skills(), of, 90, 8).plain().split())

    whole = known()
    assert "answers" not in says(scene(whole)) and whole.is_whole
    part = replace(whole, courses=(whole.courses[0], *list(growing(dict(ASKED.snapshots[:2]), told, PROBES[1:2]))[-1]))
    assert "13 of 143 answers" in says(scene(part))
    line = drawn(Skills(), scene(part), 80, 8).plain().splitlines()[4]
    assert line.split()[0] == "induction" and line.split()[-2:] == ["–", "–"], "the newest has not answered yet"
    assert len(line[15:67].rstrip()) == round(0.1 * 51) + 1
    assert "asking its snapshots" in says(scene(None))
    assert "with the first snapshot" in says(scene(None, steps=()))
    assert "other words - start one" in says(scene(Able(ASKED, problem="other words - start one")))
    assert "n starts one" in says(TrainScene())
