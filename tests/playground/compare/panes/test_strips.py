"""Strips: every number of a text, its sums, and going along it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from models.baselines import Bigram, Unigram
from models.gpt import GPT
from playground.compare.panes.bars import Bars
from playground.compare.panes.strips import Strips, filled
from playground.compare.scene import (
    go_to,
)
from playground.kit.bar import EIGHTHS
from tests.playground.compare.compare_scenes import of_letters, of_the_world, scene, worldly
from tests.playground.compare.panes.drawn_panes import drawn, line_with
from tests.playground.looking.scenes import CORPUS, PALETTE


def test_of_six_models_the_last_gives_way_to_bars_and_all_have_strips() -> None:
    models, tokenizer = worldly()
    gpt, unigram = models["GPT"], Unigram.derived([each for each in models.values() if isinstance(each, Bigram)])
    assert isinstance(gpt, GPT) and unigram is not None
    of = scene("emma lived by the", models | {"twin": replace(gpt, name="twin"), "unigram": unigram}, tokenizer)
    barred, bare = (drawn(Bars(), of, width, 20).plain() for width in (80, 60))
    assert "twin" in barred and "unigram" not in barred and any(eighth in barred for eighth in EIGHTHS[1:])
    assert "5-gram" in bare and "unigr" in bare and not any(eighth in bare for eighth in EIGHTHS[1:])
    strips = drawn(Strips(), of, 80, 9).plain().split("\n")
    assert [line.split()[0] for line in strips[2:8]] == ["truth", "GPT", "bigram", "5-gram", "twin", "unigram"]


@pytest.mark.parametrize(("shows", "field"), [("bits", "bits"), ("kl", "kl"), ("chance", "p")])
def test_strips_have_every_number_of_a_text_of_words(shows: str, field: str) -> None:
    of = of_the_world("emma lived by the river with her", shows=shows)
    assert of.results is not None
    canvas = drawn(Strips(), of, 100, 9)
    for side in of.results.versus.sides:
        if shows == "kl" and side.name == "truth":
            continue
        numbers = line_with(canvas, side.name).split(side.name)[1].split()
        wanted = getattr(side, field)[1 : 8 if shows == "kl" else 7]
        assert [float(number) for number in numbers] == pytest.approx(wanted.tolist(), abs=0.051)


def test_the_more_surprise_the_brighter() -> None:
    of = of_letters("To be, or not to be", place=0)
    assert of.results is not None
    canvas = drawn(Strips(), of, 80, 8)
    y = next(y for y, line in enumerate(canvas.plain().split("\n")) if line.startswith("GPT"))
    colours = [style.bgcolor.triplet for style in canvas.styles[y][9 : 9 + 18] if style.bgcolor]
    levels = [PALETTE.ramp.index(colour) for colour in colours if colour]
    bits = of.results.versus["GPT"].bits[1:19]
    order = np.argsort(bits)
    assert all(levels[a] <= levels[b] for a, b in pairwise(order.tolist()))
    assert len(set(levels)) > 3
    assert [
        x for x, style in enumerate(drawn(Strips(), replace(of, view=go_to(of.view, 4)), 80, 8).styles[y]) if style.bold
    ] == [12]


def test_the_numbers_at_the_place_looked_at_are_told() -> None:
    of = of_letters(place=4)
    assert of.results is not None
    told = drawn(Strips(), of, 80, 8).plain().split("\n")[-1]
    assert told.startswith("'e'")
    for side in of.results.versus.sides:
        assert f"{side.name} {side.bits[4]:.2f}" in told


def test_the_table_sums_the_text() -> None:
    of = of_the_world(place=4)
    assert of.results is not None
    table = "\n".join(drawn(Strips(), of, 120, 40).plain().split("\n")[-4:])
    for side, line in zip(of.results.versus.sides, table.split("\n"), strict=True):
        bits, chance, here, total, mean, apart = line.split()[-6:]
        assert float(bits) == pytest.approx(side.bits[4], abs=0.006)
        assert float(chance) == pytest.approx(side.p[4], abs=0.0006)
        assert float(total) == pytest.approx(np.nansum(side.bits), abs=0.006)
        assert float(mean) == pytest.approx(np.nanmean(side.bits), abs=0.006)
        if side.name == "truth":
            assert (here, apart) == ("–", "–")
        else:
            assert float(apart) == pytest.approx(np.nanmean(side.kl[:-1]), abs=0.006)


def test_the_running_sum_ends_at_the_total() -> None:
    of = of_the_world(shows="sum", place=3)
    assert of.results is not None
    shown = drawn(Strips(), of, 100, 16).plain()
    for side in of.results.versus.sides:
        assert f"{side.name} {np.nansum(side.bits):.2f}" in shown


def test_only_tokens_that_all_models_predict_are_summed() -> None:
    """A text longer than the GPT's context of 64."""
    of = of_letters(CORPUS[:150], place=100)
    assert of.results is not None
    canvas = drawn(Strips(), of, 120, 40)
    assert "63 tokens that all predict" in canvas.plain()
    for side, line in zip(of.results.versus.sides, canvas.plain().split("\n")[-3:], strict=True):
        assert float(line.split()[-3]) == pytest.approx(side.bits[87:150].sum(), abs=0.006)
    summed = drawn(Strips(), replace(of, view=replace(of.view, shows="sum")), 120, 12).plain().split("\n")[-1]
    for side in of.results.versus.sides:
        assert f"{side.name} {side.bits[87:101].sum():.2f}" in summed


def test_a_click_on_a_token_or_below_it_goes_there() -> None:
    of = of_the_world()
    canvas = drawn(Strips(), of, 100, 12)
    x = canvas.plain().split("\n")[1].index("river")
    for y in (1, 2, 4):
        act = canvas.at(x, y)
        assert act is not None and act(of.view).place == 4
    end = canvas.plain().split("\n")
    y = next(y for y, line in enumerate(end) if line.rstrip().endswith("?"))
    act = canvas.at(len(end[y].rstrip()) - 1, y)
    assert act is not None and act(go_to(of.view, 3)).place is None


def test_up_and_down_go_by_lines_and_enter_shows_something_else() -> None:
    of, strips = of_letters("To be, or not to be, that is the question", place=3), Strips()
    drawn(strips, of, 28, 12)  # 21 letters a line
    assert strips.move(of, 0, 1).place == 24
    assert strips.move(of, 0, -1).place == 0
    assert strips.move(of, 0, 9).place is None
    assert strips.enter(of).shows == "sum"


def test_the_place_looked_at_is_always_on_screen() -> None:
    for place in (0, 40, 80, 149, None):
        of = of_letters(CORPUS[:150], place=place)
        for size in ((30, 8), (60, 20), (20, 4)):
            canvas = drawn(Strips(), of, *size)
            assert any(style is PALETTE.cursor for row in canvas.styles for style in row), (place, size)


@pytest.mark.parametrize("width", [40, 78, 118])
def test_it_fills_what_it_says_and_no_more(width: int) -> None:
    for of in (of_letters("To be"), of_letters("To be, or not to be " * 12), of_the_world("emma lived by the river")):
        for most in (10, 14, 24, 40):
            high = filled(of, width, most)
            assert high <= most
            lines = drawn(Strips(), of, width, high).plain().split("\n")
            blank = (
                max(len(run) for run in "".join("." if line.strip() else " " for line in lines).split("."))
                if high < most
                else 0
            )
            assert blank <= 2, "nothing is left blank where it does not fill all that it could have"
    summed = of_letters("To be", shows="sum")
    assert filled(summed, width, 24) == 24, "a curve takes all"


def test_a_short_text_leaves_room_for_the_table() -> None:
    of = of_letters("To be, or not")
    assert "the whole text" in drawn(Strips(), of, 118, 14).plain()
    long = of_letters("To be, or not to be " * 12)
    assert "the whole text" not in drawn(Strips(), long, 118, 14).plain()
