"""The bigram's grid: it follows the text, is searched and enlarged."""

from __future__ import annotations

import numpy as np

from playground.compare.panes.bigram_grid import Grid
from playground.compare.scene import (
    ZOOMS,
    enlarge,
    go_to,
    let_go,
    look_for,
)
from playground.looking.panes.pairs import table_of
from tests.playground.compare.compare_scenes import of_letters, of_the_world
from tests.playground.compare.panes.drawn_panes import drawn, line_with
from tests.playground.compare.panes.scored_scenes import looked


def test_the_grid_follows_the_text() -> None:
    of = of_letters(place=1)
    assert of.bigram is not None
    table = table_of(of.bigram)
    T, o = of.view.tokens[0], of.view.tokens[1]
    said = drawn(Grid(), of, 80, 30).plain()
    assert f"after 'T' comes 'o': {table.p[T, o]:.3f}" in said
    moved = Grid().move(of, 1, 0)
    assert moved.grid == (T, o + 1)
    assert Grid().move(of, 0, -99).grid == (0, o)
    assert let_go(moved).grid is None and go_to(moved, 5).grid is None


def test_a_search_moves_the_cursor_and_enter_goes_on() -> None:
    of = of_the_world(zoom=1)
    assert of.tokenizer is not None
    labels = [of.label(token) for token in range(of.tokenizer.vocab_size)]
    hits = [label for label in labels if label.startswith("an")] + [
        label for label in labels if "an" in label[1:] and not label.startswith("an")
    ]
    of = looked(of, look_for(of.view, "an"))
    seen = []
    for _ in hits:
        canvas = drawn(Grid(), of, 100, 30)
        seen.append(line_with(canvas, "after '").split("'")[1])
        assert f"/an · {len(seen)} of {len(hits)}" in canvas.plain()
        of = looked(of, Grid().enter(of))
    assert seen == hits
    exact = looked(of, look_for(of.view, "river by"))
    assert "after 'river' comes 'by'" in drawn(Grid(), exact, 100, 30).plain()
    assert "not found" in drawn(Grid(), looked(of, look_for(of.view, "xyz")), 100, 30).plain()
    assert Grid().enter(of_letters()) == of_letters().view


def test_zoom_goes_from_the_whole_table_to_numbers() -> None:
    of = of_the_world("emma lived by the river", place=4)
    assert of.bigram is not None and of.before is not None
    table = table_of(of.bigram)
    whole = drawn(Grid(), of, 60, 20)
    assert "the likeliest of up to" in whole.plain() and "rows " not in whole.plain().split("\n")[-2]
    act = whole.at(30, 8)
    assert act is not None
    row, column = act(of.view).grid
    assert f"comes '{of.label(column)}'" in drawn(Grid(), looked(of, act(of.view)), 60, 20).plain() and row >= 0
    near = drawn(Grid(), looked(of, enlarge(of.view, ZOOMS)), 100, 20)
    came = of.view.tokens[4]
    line = next(line for line in near.plain().split("\n") if line.startswith("▸"))
    assert f"{table.p[of.before, came]:.3f}" in line
    x, y = near.plain().split("\n")[1].index(of.label(came)), near.plain().split("\n").index(line)
    act = near.at(x, y)
    assert act is not None and act(of.view).grid == (of.before, came)
    seen = np.flatnonzero(table.counts[of.before]).tolist()
    shown = [f"{table.p[of.before, column]:.3f}" for column in seen if of.label(column) in near.plain().split("\n")[1]]
    assert line.split()[1:] == shown and len(shown) > 1
