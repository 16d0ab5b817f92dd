"""Use of context: every number, and the shortest context that is nearly best."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from models.lenses.context_use import ContextUse
from playground.compare.panes.context import Context, uses
from tests.playground.compare.compare_scenes import of_letters, of_the_world
from tests.playground.compare.panes.drawn_panes import drawn
from tests.playground.compare.panes.scored_scenes import full


def test_the_table_of_context_has_every_number() -> None:
    of = full(of_the_world())
    use = of.scored.context_use
    assert use is not None
    canvas = drawn(Context(), of, 90, 24)
    rows = canvas.plain().split("\n")
    at = next(y for y, line in enumerate(rows) if line.startswith("bits"))
    assert rows[at].split()[1:-2] == [str(length) for length in use.lengths]
    for model, line in enumerate(rows[at + 1 : at + 1 + len(use.names)]):
        assert line.startswith(use.names[model])
        *bits, error, used = line.split()[-len(use.lengths) - 2 :]
        assert bits == [f"{value:.2f}" for value in use.bits[model]]
        assert error == f"{use.error[model, -1]:.2f}" and used == str(uses(use, model))
    assert f"floor {use.floor:.2f}" in canvas.plain()


def test_what_a_model_uses_is_the_shortest_context_that_is_nearly_best() -> None:
    bits = np.array([[4.0, 4.0, 4.0, 4.0], [4.0, 3.0, 2.04, 2.0], [4.0, 2.0, 2.1, 2.3]])
    use = ContextUse(("a", "b", "c"), np.array([1, 2, 4, 8]), bits, bits, 9, math.nan)
    assert [uses(use, model) for model in range(3)] == [1, 4, 2]


def test_curves_fall_where_bits_do() -> None:
    of = full(of_letters())
    bits = np.array([[4.0, 3.0, 2.0, 1.0], [4.0, 4.0, 4.0, 4.0]])
    use = ContextUse(("GPT", "bigram"), np.array([1, 2, 4, 8]), bits, bits * 0, 9, math.nan)
    lines = drawn(Context(), replace(of, scored=replace(of.scored, context_use=use)), 80, 24).plain().split("\n")
    assert any("GPT 1.00" in line for line in lines[12:18]) and any("bigram 4.00" in line for line in lines[1:4])
    cells = [(x, y) for y, line in enumerate(lines) for x, cell in enumerate(line) if 0x2800 < ord(cell) < 0x2900]
    low = {x: max(y for at, y in cells if at == x) for x, _ in cells}
    assert low[max(low)] > low[min(low)] + 8
    assert [*low.values()] and sorted(low.items()) == sorted(low.items(), key=lambda each: (each[1], each[0]))
