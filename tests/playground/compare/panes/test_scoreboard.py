"""The scoreboard: every number, the best first, the floor, and who gets no score."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from playground.compare.panes.context import Context
from playground.compare.panes.scoreboard import Scoreboard
from playground.compare.scene import (
    CompareScene,
    CompareView,
    Scored,
    measure,
)
from playground.kit.pane import Pane
from tests.playground.compare.compare_scenes import of_letters, of_the_world
from tests.playground.compare.panes.drawn_panes import drawn, line_with
from tests.playground.compare.panes.scored_scenes import full, looked


def test_the_scoreboard_has_every_number_best_first() -> None:
    of = full(of_the_world())
    board = of.scored.scoreboard
    assert board is not None
    lines = drawn(Scoreboard(), of, 90, 12).plain().split("\n")
    assert "over two texts" in lines[0]
    ranked = sorted(board.scores, key=lambda score: score.bits)
    for score, line in zip(ranked, lines[2:], strict=False):
        above = "floor" if score.name == "truth" else f"{score.above:+.3f} ±{score.above_error:.3f}"
        assert line.startswith(score.name)
        numbers = f"{score.bits:.3f} {above} {score.perplexity:,.2f} {score.error:.3f}"
        assert " ".join(line.split()).endswith(numbers)
    assert f"floor {board.floor:.3f}" in lines[7] and f"{board.tokens} tokens" in lines[7]


def test_nothing_is_below_the_floor_before_it_can_be_said_how_sure_that_is() -> None:
    of = full(of_the_world())
    assert of.scored.scoreboard is not None
    for error, shown in ((math.nan, "–"), (0.04, "-0.300 ±0.040")):
        scores = tuple(
            replace(each, above=-0.3, above_error=error) if each.name == "GPT" else each
            for each in of.scored.scoreboard.scores
        )
        board = replace(of.scored.scoreboard, scores=scores)
        canvas = drawn(Scoreboard(), replace(of, scored=replace(of.scored, scoreboard=board)), 90, 16)
        line = line_with(canvas, "GPT")
        assert shown in line and ("-0.300" in line) == (error == error)


def test_a_model_that_saw_what_came_gets_no_score_and_is_said_so() -> None:
    of = full(of_the_world())
    assert of.scored.scoreboard is not None
    seen = tuple(replace(s, bits=0.01, above=-3.0, looks_ahead=s.name == "GPT") for s in of.scored.scoreboard.scores)
    for width in (90, 60, 40):
        board = replace(of.scored.scoreboard, scores=seen)
        canvas = drawn(Scoreboard(), replace(of, scored=replace(of.scored, scoreboard=board)), width, 16)
        lines = canvas.plain().split("\n")
        row = line_with(canvas, "GPT*")
        assert "no fair score" in row and "0.010" not in row
        assert lines.index(row) == 1 + len(seen)  # the last one
        assert "built without the causal mask" in " ".join(canvas.plain().split())


def test_without_a_truth_there_is_no_floor() -> None:
    shown = drawn(Scoreboard(), full(of_letters()), 90, 12).plain()
    assert "floor" not in shown and "perplexity" in shown


def test_bars_are_as_long_as_the_bits_and_the_floor_stands_in_them() -> None:
    of = full(of_the_world())
    assert of.scored.scoreboard is not None
    canvas = drawn(Scoreboard(), of, 120, 12)
    most = max(score.bits for score in of.scored.scoreboard.scores)
    lines = {line.split()[0]: line for line in canvas.plain().split("\n")[2:6]}
    longest = max(line.count("█") for line in lines.values()) + 1
    for line in lines.values():
        assert line.index("│") - line.index("█") == pytest.approx(of.scored.scoreboard.floor / most * longest, abs=1)
    for score in of.scored.scoreboard.scores:
        assert lines[score.name].count("█") == pytest.approx(score.bits / most * longest, abs=2)


@pytest.mark.parametrize("pane", [Scoreboard, Context])
def test_scores_are_asked_for_stopped_and_done(pane: type[Pane[CompareScene, CompareView]]) -> None:
    of = of_letters(scoring=False)
    assert "Enter starts" in " ".join(drawn(pane(), of).plain().split())
    asked = looked(of, pane().enter(of))
    assert asked.view.scoring and "reading the first text" in drawn(pane(), asked).plain()
    going = full(asked)
    assert "Enter stops" in drawn(pane(), going).plain()
    stopped = looked(going, pane().enter(going))
    assert not stopped.view.scoring and "Enter goes on" in drawn(pane(), stopped).plain()
    done = replace(stopped, scored=replace(stopped.scored, is_done=True))
    assert "done" in drawn(pane(), done).plain() and pane().enter(done) is done.view
    nowhere = replace(of, scored=Scored(is_done=True))
    assert "nothing to score it on" in " ".join(drawn(pane(), nowhere).plain().split())
    act = drawn(pane(), of).at(2, 1)
    assert act is not None and act(of.view) == measure(of.view)


@pytest.mark.parametrize("pane", [Scoreboard(), Context()], ids=lambda pane: pane.name)
def test_over_which_text_it_is_is_said_in_as_many_words_as_fit(pane: Pane[CompareScene, CompareView]) -> None:
    of = full(of_letters())
    own = replace(of, scored=replace(of.scored, held_out="the text above, known to them or not"))
    head = {width: drawn(pane, own, width, 12).plain().split("\n")[0] for width in (40, 48, 80)}
    assert all("over the text above ━" in head[width] for width in (40, 48))
    assert "over the text above, known to them or not ━" in head[80]
