"""Weight and effect in one cell: brightness is weight, a bar is effect, and both stand in numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from models.lenses.inside.edges import Edges
from models.ops import Array
from models.units import BITS, NATS
from playground.kit.canvas import Canvas
from playground.looking.edges import Worth, looked_at
from playground.looking.panes import attending, worth
from playground.looking.scene import Scene
from playground.looking.session import look
from playground.play.panes.attention import Attention
from playground.play.panes.cell import Cell
from playground.play.panes.row import Row
from tests.playground.looking.panes.attention_scenes import drawn, scene
from tests.playground.looking.scenes import GLYPHS, PALETTE

EFFECTS = np.array([0.0, 0.02, 4.0, 0.004, 0.0])


def known(of: Scene, effects: Array = EFFECTS, *, plain: bool = False) -> Scene:
    """With effects of the row looked at, or of all rows, as if they had been measured."""
    of = replace(of, session=look(of.session, whole_head=effects.ndim == 2, plain=plain))
    view = of.session.view
    weights = of.shown.blocks[view.layer].pattern[view.head]
    row = None if effects.ndim == 2 else of.row
    edges = Edges(view.layer, view.head, row, weights if row is None else weights[row, : row + 1], effects, plain)
    now = of.known.now
    return replace(of, worth=Worth(looked_at(of.session), edges, now.tokens, now.switches))


def row_of(seen: Scene) -> Scene:
    return known(replace(seen, session=look(seen.session, row=4, column=2)))


@pytest.mark.parametrize(
    ("bits", "shown"),
    [(0.0, ""), (0.0099, ""), (0.01, "▁"), (0.03, "▂"), (0.5, "▄"), (1, "▅"), (14.02, "▇"), (99, "█"), (math.nan, "")],
)
def test_the_size_of_an_effect_is_a_bar(bits: float, shown: str) -> None:
    assert worth.mark(bits) == shown


def test_what_is_known_is_known_of_what_is_looked_at_alone() -> None:
    of = row_of(scene("To be", layer=1, head=3))
    assert worth.effect(of, 4, 2) == 4.0 and worth.effect(of, 3, 2) is None
    found = worth.effects(of)
    assert found is not None and found[4, 1] == 0.02 and np.isnan(found[:4]).all()
    for elsewhere in ({"layer": 0}, {"row": 3}, {"plain": True}, {"whole_head": True}):
        there = replace(of, session=look(of.session, **elsewhere))
        assert there.edges is None and worth.effects(there) is None and worth.together(there) == []


def test_of_a_text_that_was_left_nothing_is_shown() -> None:
    """Stepping back and forth, what was found for the longer text may meet the pass over the shorter one."""
    of = row_of(scene("To be", layer=1, head=3))
    shorter = scene("To b", layer=1, head=3)
    late = replace(of, results=shorter.results)
    assert late.edges is None and worth.effects(late) is None
    assert worth.effects(replace(of, results=scene("To bo", layer=1, head=3).results)) is None


def test_the_cell_under_the_cursor_says_both_in_numbers_and_in_the_persons_unit() -> None:
    of = row_of(scene("To be", layer=1, head=3))
    weight = float(of.shown.blocks[1].pattern[3, 4, 2])
    assert attending.glance(of, 4, 2)[0] == f"4 'e' looks at 2 '·': {weight:.3f} · 4.00 bits lost without it"
    assert "2.77 nats lost" in attending.glance(of, 4, 2, NATS)[0]
    assert "lost" not in attending.glance(of, 3, 2)[0]
    assert "without it  4.00 bits lost" in drawn(Cell, of, 60, 20).plain().replace("it 4", "it  4")
    assert "without it" not in drawn(Cell, scene("To be", layer=1, head=3), 60, 20).plain()


def test_the_pattern_has_bars_in_its_cells_and_the_numbers_below() -> None:
    of = row_of(scene("To be", layer=1, head=3))
    lines = drawn(Attention, of, 60, 20).plain().splitlines()
    last = next(at for at, line in enumerate(lines) if line.startswith(" 4 e") or line.startswith("4 e"))
    assert lines[last].count("▁") == lines[last].count("▆") == 1 and not set("▁▆") & set("".join(lines[:last]))
    (below,) = (line.split() for line in lines[last:] if ".02" in line and "4.0" in line and "▆" not in line)
    assert below[-4:] == [".02", "4.0", "·", "·"] and worth.short(14.02, BITS) == "14"
    assert any("rank correlation" in line for line in lines)


def test_all_rows_of_a_head_have_theirs() -> None:
    effects = np.tril(np.full((5, 5), 0.001))
    effects[2, 1], effects[4, 0] = 2.0, 0.2
    of = known(replace(scene("To be", layer=1, head=3), session=scene("To be", layer=1, head=3).session), effects)
    plain = drawn(Attention, of, 60, 20).plain()
    assert "▅" in plain and "▃" in plain and "all rows" in plain
    effects[3, 3] = np.nan
    assert "93 % known" in " ".join(worth.together(known(of, effects)))


def test_a_row_as_text_has_bars_behind_its_weights() -> None:
    of = row_of(scene("To be", layer=1, head=3))
    numbers = drawn(Row, of, 60, 8).plain().splitlines()[2]
    assert "▆" in numbers
    assert "▆4.00" in drawn(Row, of, 70, 8).plain()


def test_how_the_two_go_together_is_said_as_it_fits() -> None:
    of = row_of(scene("To be", layer=1, head=3))
    long, middle, short = worth.together(of)
    assert long.startswith("weight and effect, this row: rank correlation ") and long.endswith("the others make up")
    assert len(long) > len(middle) > len(short) and short.startswith("rank correlation")
    assert worth.together(known(of, plain=True))[0].endswith("cut plainly")


@pytest.mark.parametrize("size", [(1, 1), (12, 3), (24, 9), (41, 17), (60, 27), (120, 40), (200, 80)], ids=str)
@pytest.mark.parametrize("kind", [Attention, Row, Cell])
def test_every_size_is_drawn(kind: type[Attention] | type[Row] | type[Cell], size: tuple[int, int]) -> None:
    for palette in (PALETTE, GLYPHS):
        for zoom in ("cells", "whole"):
            of = row_of(scene("To be", layer=1, head=3, zoom=zoom))
            canvas = Canvas(*size, palette, unit=BITS)
            kind().draw(of, canvas)
            assert all(len(line) <= size[0] for line in canvas.plain().splitlines())
