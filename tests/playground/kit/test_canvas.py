"""A canvas in another is cut at every edge."""

from __future__ import annotations

from playground.kit.canvas import Canvas
from tests.playground.play.play_scenes import PALETTE


def test_a_part_of_a_canvas_is_cut_at_every_edge() -> None:
    part = Canvas(4, 3, PALETTE)
    for y, line in enumerate(("abcd", "efgh", "ijkl")):
        part.put(0, y, line)
    part.hit(0, 0, 4, 3, lambda value: value + 1)
    whole = Canvas(5, 3, PALETTE)
    whole.paste(part, 2, 1, lambda act: lambda value: 10 * act(value))
    assert whole.plain() == "\n  abc\n  efg" and [len(row) for row in whole.chars] == [5, 5, 5]
    act = whole.at(3, 2)
    assert act is not None and act(1) == 20 and whole.at(1, 1) is None
