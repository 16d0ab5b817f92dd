"""Bars: every model's probability of what came, and how far from the truth it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models.lenses.versus import candidates
from playground.compare.panes.bars import Bars
from playground.kit.bar import EIGHTHS
from tests.playground.compare.compare_scenes import gpt_of, letters, of_letters, of_the_world, scene
from tests.playground.compare.panes.drawn_panes import drawn, line_with


def test_bars_have_every_models_probability_of_what_came() -> None:
    of = of_the_world(place=4)
    assert of.results is not None
    line = line_with(drawn(Bars(), of, 110, 30), "▸ river")
    assert line.split()[0] == "▸"
    for side in of.results.versus.sides:
        assert f"{side.p[4]:.3f}" in line
    assert [word for word in line.split() if word[0] in "01"][0] == f"{of.results.versus['truth'].p[4]:.3f}"


def test_bars_list_the_likeliest_first() -> None:
    of = of_letters(place=5)
    assert of.results is not None
    canvas = drawn(Bars(), of, 80, 40)
    found = candidates(of.results.versus, 5, 24)
    labels = [line[2:].split()[0] for line in canvas.plain().split("\n")[2 : 2 + len(found.tokens)]]
    assert labels == [of.label(int(token)) for token in found.tokens]


def test_what_came_has_a_row_however_unlikely() -> None:
    words = "bWqu'fT:W,br"
    for place, cursor in product(range(1, len(words)), (0, 20)):
        of = of_letters(words, place=place, candidate=cursor)
        lines = drawn(Bars(), of, 60, 9).plain().split("\n")[2:]
        assert [line[2:].split()[0] for line in lines if line.startswith("▸")] == [words[place]]


def test_bars_are_as_long_as_they_are_likely_and_a_mark_says_where_they_should_end() -> None:
    of = of_the_world(place=4)
    assert of.results is not None
    canvas = drawn(Bars(), of, 140, 30)
    line = line_with(canvas, "▸ river")
    starts = [line_with(canvas, "│ truth").index(side.name, 10) for side in of.results.versus.sides]
    wide = starts[1] - starts[0] - 8
    assert of.results.versus["truth"].p[4] == pytest.approx(1) and wide > 10
    for side, start in zip(of.results.versus.sides, starts, strict=True):
        bar = line[start : start + wide]
        assert bar.count("█") == pytest.approx(float(side.p[4]) * wide, abs=1)
        assert bar.endswith("│") is not side.exact  # nobody else is that sure


@pytest.mark.parametrize("place", [2, 4, 13])
def test_sums_below_the_bars(place: int) -> None:
    of = of_the_world(place=place)
    assert of.results is not None
    canvas = drawn(Bars(), of, 110, 30)
    sides = of.results.versus.sides
    for words, numbers in (
        ("surprise", [f"{side.bits[place]:.2f}" for side in sides]),
        ("from truth", ["–", *(f"{side.kl[place]:.2f}" for side in sides[1:])]),
        ("rank", [f"{side.rank[place]}" for side in sides]),
        ("expected", [f"{side.entropy[place]:.2f}" for side in sides]),
    ):
        assert line_with(canvas, words).split(words)[1].split() == numbers


def test_rows_and_others_are_all_there_is() -> None:
    of = of_letters(place=5)
    canvas = drawn(Bars(), of, 90, 20)
    lines = canvas.plain().split("\n")[2:]
    rows = lines[: lines.index("")]
    listed = np.array([[float(word) for word in line[16:].split() if word[0] in "01"] for line in rows]).sum(0)
    others = np.array([float(word) for word in line_with(canvas, "all others").split()[2:]])
    assert listed + others == pytest.approx(1, abs=0.01)


def test_bars_give_way_to_shaded_numbers_and_models() -> None:
    of = of_the_world(place=4)
    for width in (46, 52):
        shown = drawn(Bars(), of, width, 20).plain()
        assert "5-gram" in shown and not any(eighth in shown for eighth in EIGHTHS[1:])
    narrow = drawn(Bars(), of, 24, 20).plain()
    assert "truth" in narrow and "5-gram" not in narrow


def test_nothing_predicts_the_first_token() -> None:
    assert "nobody predicts" in drawn(Bars(), of_letters(place=0)).plain()


def test_candidates_are_moved_along_and_stay_within() -> None:
    of = of_letters(place=5)
    assert Bars().move(of, 0, 1).candidate == 1
    assert Bars().move(of, 0, -1).candidate == 0
    last = Bars().move(of, 0, 999).candidate
    assert of.results is not None and last == len(candidates(of.results.versus, 5, 24).tokens) - 1
    assert Bars().move(of, 1, 0).place == 6
    assert Bars().move(of, 99, 0).place is None


def test_who_says_nothing_here_has_a_line_that_says_why() -> None:
    of = of_the_world("anna was anna by the river", place=4)
    says = {"truth": "no text of the world goes on like this"}
    assert of.results is not None
    assert {side.name for side in of.results.versus.sides if np.isnan(side.bits[4])} == set(says)
    assert f"truth: {says['truth']}" in drawn(Bars(), of, 110, 30).plain()
    gpt = gpt_of(letters()[0])
    long = of_letters("to be or not " * 10, place=3)
    assert f"GPT: it sees the last {gpt.config.block_size} tokens" in drawn(Bars(), long, 80, 30).plain()
    assert "GPT: " not in drawn(Bars(), of_letters(place=3), 80, 30).plain()
    weights = {name: np.full_like(each, 3e38) if "mlp" in name else each for name, each in gpt.weights.items()}
    assert gpt.tokenizer is not None
    with np.errstate(all="ignore"):
        broken = scene(
            "to be", {"GPT": replace(gpt, weights=weights), "other": replace(gpt, name="other")}, gpt.tokenizer
        )
    assert "GPT: its scores are not numbers here" in drawn(Bars(), broken, 40, 30).plain()
