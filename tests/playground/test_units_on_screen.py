"""Bits, or nats with a key: on every screen, in every pane, and from one start to the next."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from models.runs.events import Scored
from models.runs.measurement import Measurement
from models.switches import HeadOff, MaskOff
from models.units import BITS, NATS, Unit
from playground import settings
from playground.app import Playground
from playground.compare.panes import ALL as COMPARE
from playground.kit.canvas import Canvas
from playground.kit.pane import Pane
from playground.play.panes import ALL as PLAY
from playground.train.panes import ALL as TRAIN
from playground.train.scene import TrainScene, TrainView
from tests.playground.compare.compare_scenes import of_letters, of_the_world
from tests.playground.compare.panes.scored_scenes import full
from tests.playground.looking.scenes import PALETTE, scene
from tests.playground.train.panes.drawn_panes import watched
from tests.playground.train.train_records import book
from tests.playground.waiting import until

SIZES = [(150, 44), (100, 26), (62, 27), (40, 12)]
SCORED = Scored(100, Measurement(1.5, 1000, 2000, 0.01, 10, 1000, "character"), {"bigram": 2.4})


@cache
def scenes() -> dict[str, tuple[Any, ...]]:
    """By screen: what its panes can say of surprise, losses and divergence."""
    text = "To be, or not to be"
    train = TrainScene(TrainView("book"), {"book": book().after(SCORED)}, {"book": watched()})
    compare = [full(of(**({} if shows is None else {"shows": shows}))) for of in (of_letters, of_the_world)
               for shows in (None, "sum", "kl", "chance")]  # fmt: skip
    return {
        "play": (scene(text, row=3), scene(text, [MaskOff(), HeadOff(0, 1)], row=5)),
        "compare": (*compare, full(of_the_world(place=5))),
        "train": (train, replace(train, view=replace(train.view, place=40))),
    }


def told(pane: Pane[Any, Any], of: Any, size: tuple[int, int], unit: Unit) -> str:
    canvas = Canvas(*size, PALETTE, unit=unit)
    pane.draw(of, canvas)
    return canvas.plain()


def every() -> Iterator[Any]:
    for screen, panes in (("play", PLAY), ("compare", COMPARE), ("train", TRAIN)):
        for kind in panes:
            yield pytest.param(screen, kind, id=f"{screen}-{kind.name}")


@pytest.mark.parametrize(("screen", "kind"), [*every()])
def test_a_pane_that_speaks_of_bits_speaks_of_nats_on_request(screen: str, kind: type[Pane[Any, Any]]) -> None:
    for of in scenes()[screen]:
        for size in SIZES:
            bits, nats = (told(kind(), of, size, unit) for unit in (BITS, NATS))
            assert not re.search(r"\bbits\b", nats) and not re.search(r"\bnats\b", bits)
            assert bool(re.search(r"\bbits\b", bits)) == bool(re.search(r"\bnats\b", nats))
            assert bits == nats or re.search(r"\d", bits), "what differs is numbers"


def test_the_numbers_are_the_same_amounts() -> None:
    (board,) = (kind for kind in COMPARE if kind.name == "scoreboard")
    of = full(of_letters())
    assert of.scored.scoreboard is not None
    best = min(score.bits for score in of.scored.scoreboard.scores)
    assert f"{best:.3f}" in told(board(), of, (100, 20), BITS)
    assert f"{best * math.log(2):.3f}" in told(board(), of, (100, 20), NATS)
    (loss,) = (kind for kind in TRAIN if kind.name == "loss")
    run = scenes()["train"][0]
    assert "◆ held-out 2.164 ± 0.014 ·" in told(loss(), run, (150, 44), BITS)
    assert "◆ held-out 1.500 ± 0.010 ·" in told(loss(), run, (150, 44), NATS)
    assert "on 1,000 of 2,000 held-out characters" in told(loss(), run, (150, 44), BITS)


async def test_a_key_changes_it_on_every_screen_and_it_is_remembered(tmp_path: Path) -> None:
    app = Playground("shakespeare-char", "To be", runs=tmp_path)

    def shown(screen: str, pane: str) -> str:
        of = app.made.get(screen)
        canvas = of.board.picture(pane).canvas if of in app.up and of is app.screen else None
        return canvas.plain() if canvas else ""

    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "entropy" in shown("play", "next"))
        assert re.search(r"entropy [\d.]+ bits", shown("play", "next"))
        await pilot.press("I")
        assert re.search(r"entropy [\d.]+ nats", shown("play", "next"))
        await pilot.press("f4")
        await until(pilot, lambda: "nats" in shown("compare", "strips"))
        await pilot.press("I")
        await until(pilot, lambda: "bits" in shown("compare", "strips"))
        await pilot.press("I", "f3")
        await until(pilot, lambda: "train" in app.made and app.screen is app.made["train"])
        assert app.unit is NATS
    assert json.loads(settings.path().read_text())["unit"] == "nats"
    again = Playground("shakespeare-char", runs=tmp_path, first="train")
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "train" in again.made)
        assert again.unit is NATS
