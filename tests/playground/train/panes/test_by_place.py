"""Places tell what the context is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from playground.kit.numbers import loss
from playground.train.panes.by_place import ByPlace
from playground.train.scene import TrainScene, TrainView, go_to
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import book, live, measured, started


def test_places_tell_what_the_context_is_worth() -> None:
    of = TrainScene(TrainView("book"), {"book": book()})
    losses = measured(100).by_position
    plain = drawn(ByPlace(), of, 80, 20).plain()
    later = float(np.mean(losses[8:]))
    assert f"context saves {loss(losses[0] - later)} bits · first {loss(losses[0])} · last half {loss(later)}" in plain
    assert "step 10" in plain and "step 100" in plain and "bigram" in plain
    early = drawn(ByPlace(), replace(of, view=go_to(of.view, 0)), 80, 20).plain()
    assert "step 10 ·" in early  # the first measurement there is
    flat = live([started(), measured(10, by_position=(2.0,) * 16)])
    assert "context saves nothing" in drawn(ByPlace(), TrainScene(TrainView("x"), {"x": flat}), 80, 20).plain()
