"""Progress tells what the run costs."""

from __future__ import annotations

from dataclasses import replace

from models.runs.events import Saved, Started, Warned
from playground.kit.numbers import loss
from playground.train.panes.progress import Progress
from playground.train.panes.run_line import RunLine
from playground.train.scene import TrainScene, TrainView
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import CONFIG, book, live, measured, started, stepped


def test_progress_tells_what_the_run_costs() -> None:
    record = book().after(Saved(90)).after(Warned("the disk is nearly full"))
    plain = drawn(Progress(), TrainScene(TrainView("book"), {"book": record}), 80, 16).plain()
    for told in (
        "▶ running", "100 %", "100 of 100", loss(measured(100).held_out),
        "12.3 K tokens/s", "42.0 GFLOP/s", "21 %",
        "651 MB", "0:50", "12:34", "3.00e-03", "0.734", "6.40 K tokens", "0.01", "25.4 K", "1.00 M tokens", "65",
        "2×4×32", "step 90", "the disk is nearly full",
    ):  # fmt: skip
        assert told in plain, told
    config = replace(CONFIG, without=("mask", "mlp"), activation="none")
    lacking = live([started(config=config), stepped(1)])
    assert "mask, mlp, nonlinearity" in drawn(Progress(), TrainScene(TrainView("x"), {"x": lacking}), 80, 16).plain()
    assert (
        "without mask, mlp, nonlinearity"
        in drawn(RunLine(), TrainScene(TrainView("x"), {"x": lacking}), 150, 1).plain()
    )


def test_the_share_of_unknown_words_stands_by_the_loss_that_it_makes_low() -> None:
    def plain(*told: Started) -> str:
        record = live([*told, measured(1), stepped(1)])
        return drawn(Progress(), TrainScene(TrainView("x"), {"x": record}), 80, 16).plain()

    lines = plain(started(unknown=0.4, unknown_held_out=0.45)).splitlines()
    label = next(line for line in lines if "<unk>" in line)
    assert "45 % of held-out" in label
    assert "<unk>" not in plain(started())
