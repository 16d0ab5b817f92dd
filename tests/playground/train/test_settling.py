"""Since when a run says of its prompt what it says now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from models.corpora.spec import TokenizerSpec
from models.runs.config import TrainConfig
from playground.kit.kept import Kept
from playground.train import ten_seconds
from playground.train.panes.loss import Loss
from playground.train.panes.timeline import Timeline
from playground.train.scene import TrainScene, TrainView
from playground.train.settling import Settled, Settling, settled
from playground.train.watcher import Watcher
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.runs_on_screen import at, make, model_at
from tests.playground.train.train_records import course, live


def moment(*choices: str) -> tuple[Settled | None, list[str]]:
    """Of a run whose snapshots say so, 10 steps apart; and the snapshots that were asked."""
    asked = list[str]()

    def first_choice(folder: Path, prompt: str | None) -> str:
        asked.append(folder.name)
        return choices[int(folder.name)]

    folders = tuple((10 * n, Path(str(n))) for n in range(len(choices)))
    *before, last = settled(Settling("x", "a", folders), first_choice)
    assert set(before) <= {None}
    return last, asked


def test_the_moment_is_the_first_snapshot_from_which_on_the_choice_stays() -> None:
    assert moment("a", "c", "b", "c", "c", "c") == (Settled(30, "c"), ["5", "4", "3", "2"]), "no more are looked at"
    assert moment("c", "b", "c", "c")[0] == Settled(0, ""), "two snapshots may be chance"
    assert moment("c", "c", "c", "c")[0] == Settled(0, ""), "it never was another"
    assert moment("", "", "")[0] == Settled(0, ""), "nothing that it can read"


def test_the_choice_of_a_snapshot_is_that_of_its_model(tmp_path: Path) -> None:
    run = make(tmp_path / "runs", "one", (0, 10, 20))
    folders = tuple((step, run / f"snapshots/step-{step:09d}") for step in (0, 10, 20))
    watcher = Watcher(Kept(1 << 28))
    for step, folder in folders:
        model = model_at(step)
        assert model.tokenizer is not None
        best = int(np.argmax(model.logits(model.tokenizer.encode("to be"))[-1]))
        assert watcher._first_choice(folder, "to be").strip("'") in (model.tokenizer.token(best), "·", "⏎")
    assert watcher._first_choice(folders[0][1], "ÄÖ") == "" == watcher._first_choice(tmp_path, "to be")
    (last,) = (each for each in watcher.work([Settling("one", "to be", folders)]) if each is not None)
    assert isinstance(last, Settled)


def test_curve_and_timeline_mark_it() -> None:
    of = TrainScene(TrainView("x"), {"x": live(course())}, settled=Settled(40, "basketball"))
    track = drawn(Timeline(), of, 90, 3).plain()
    assert "◇ 'basketball' first since 40" in track
    line = track.splitlines()[1]
    assert line.index("◇") == round(0.4 * (line.index("newest") - 3))
    assert drawn(Loss(), of, 60, 16).plain().count("◇") == 1
    assert "◇" not in drawn(Loss(), replace(of, settled=None), 60, 16).plain()


def test_the_run_of_ten_seconds_is_a_small_one_on_its_own_text() -> None:
    plan = ten_seconds.plan({"ten-seconds"})
    assert plan.name == "ten-seconds-2" and plan.tokens == TokenizerSpec("word")
    text = ten_seconds.TEXT.read_text()
    assert f"{ten_seconds.PROMPT} {ten_seconds.ANSWER} ." in text and isinstance(plan.config, TrainConfig)
    after_plays = [line.split()[3] for line in text.splitlines()]
    assert max(map(after_plays.count, set(after_plays))) == len(after_plays) / 8, "no bigram can know which"


async def test_the_moment_is_found_while_one_looks(runs: Path) -> None:
    async with at(runs) as person:
        asked = person.train.asked[-1]
        assert isinstance(asked, Settling) and [step for step, _ in asked.snapshots] == [
            each.step for each in person.train.runs[person.train.view.run].record.snapshots
        ]
        await person.until(lambda: person.train.settled[0] == asked)  # no other comes after ours
        person.train.said(person.train.worker, person.train.asked, Settled(10, "e"))  # type: ignore[arg-type]  # there is one
        await person.until(lambda: "◇ 'e' first since 10" in person.sees("timeline"))
        person.train.prompt.typed = "not to"
        person.train.follow()
        assert person.train.scene.settled is None, "of another prompt nothing is known yet"
