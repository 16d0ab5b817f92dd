"""Words below a chart: in the middle of their columns, the first ones first, never touching."""

from __future__ import annotations

from playground.kit.canvas import Canvas
from playground.kit.chart import put_labels
from tests.playground.play.play_scenes import PALETTE


def test_a_label_that_would_touch_an_earlier_one_is_left_out() -> None:
    canvas = Canvas(20, 1, PALETTE)
    columns = ((19, "last"), (0, "first"), (None, "outside"), (6, "near"), (9, "mid"))
    put_labels(canvas, 0, ((x, word, PALETTE.text) for x, word in columns), range(20))
    assert canvas.plain() == "first   mid     last"


def test_labels_stay_within_their_span() -> None:
    canvas = Canvas(20, 1, PALETTE)
    put_labels(canvas, 0, [(3, "left", PALETTE.text), (17, "right", PALETTE.text)], range(3, 15), gap=1)
    assert canvas.plain() == "   left   right"
