"""The panes that read a text draw every size and every text."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from typing import get_args

import numpy as np
import pytest

from models.gpt import GPT
from playground.compare.panes.bars import Bars
from playground.compare.panes.knows import Knows
from playground.compare.panes.strips import Strips
from playground.compare.panes.wins import Wins
from playground.compare.panes.wrong import Wrong
from playground.compare.scene import CompareScene, CompareView, Shows
from playground.kit.pane import Pane
from tests.playground.compare.compare_scenes import letters, of_letters, of_the_world, scene
from tests.playground.compare.panes.drawn_panes import acts_on_the_view, drawn, fits
from tests.playground.looking.drawn_panes import HOSTILE, gpt_over
from tests.playground.looking.scenes import CORPUS, GLYPHS, PALETTE

PANES: tuple[type[Pane[CompareScene, CompareView]], ...] = (Strips, Bars, Wins, Wrong, Knows)
SIZES = [(1, 1), (2, 3), (5, 2), (12, 12), (30, 8), (44, 6), (46, 16), (62, 27), (200, 80)]


def broken(model: GPT) -> GPT:
    """The same with scores that are not numbers."""
    weights = {name: np.full_like(weight, np.nan) for name, weight in model.weights.items()}
    return replace(model, weights=weights)


@cache
def scenes_to_survive() -> dict[str, CompareScene]:
    """Nothing, little, everything, hostile, wide, beyond the context, not numbers, and a text the world cannot make."""
    models, tokenizer = letters()
    gpt = models["GPT"]
    assert isinstance(gpt, GPT)
    hostile, wide = gpt_over(HOSTILE), gpt_over("中")
    assert hostile.tokenizer is not None and wide.tokenizer is not None
    return {
        "nothing": CompareScene(),
        "computing": CompareScene(CompareView(tokens=(1, 2)), gpt, models),
        "refused": CompareScene(CompareView("é", problem=f"no token for {HOSTILE}")),
        "one token": of_letters("T"),
        "one token, first": of_letters("T", place=0),
        "letters": of_letters(place=7, wrong=3),
        "alone": scene("To be", {"GPT": gpt}, tokenizer),
        "long": of_letters(CORPUS[:150] * 2, place=200, candidate=999),
        "hostile": scene(HOSTILE * 2, {HOSTILE: hostile, "b" * 50: replace(hostile, name="other")}, hostile.tokenizer),
        "wide": scene("中" * 30, {"GPT": wide, "中" * 20: replace(wide, name="wide")}, wide.tokenizer, place=9),
        "not numbers": scene("To be", {**models, "GPT": broken(gpt)}, tokenizer, place=2),
        "all not numbers": scene("To be", {"GPT": broken(gpt), "b": replace(broken(gpt), name="b")}, tokenizer),
        "world": of_the_world(place=4),
        "world, end": of_the_world(),
        "world, start": of_the_world(place=0),
        "two texts": of_the_world("emma lived by the river .\nanna", place=7),
        "left": of_the_world("emma emma emma", place=3),
        "left at once": of_the_world(". . .", place=1),
    }


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("name", scenes_to_survive())
def test_every_size_can_be_drawn(pane: type[Pane[CompareScene, CompareView]], name: str) -> None:
    for (width, height), palette, shows in product(SIZES, (PALETTE, GLYPHS), get_args(Shows)):
        if shows != "bits" and pane is not Strips:
            continue
        of = scenes_to_survive()[name]
        fits(drawn(pane(), replace(of, view=replace(of.view, shows=shows)), width, height, palette))


@pytest.mark.parametrize("pane", PANES)
def test_every_act_and_key_is_one_on_the_view(pane: type[Pane[CompareScene, CompareView]]) -> None:
    acts_on_the_view(pane, scenes_to_survive())


def test_without_a_text_it_says_what_to_do() -> None:
    for pane in PANES:
        assert "press e" in drawn(pane(), CompareScene()).plain()
        assert "comparing" in drawn(pane(), scenes_to_survive()["computing"]).plain()
        assert "no token for" in drawn(pane(), scenes_to_survive()["refused"]).plain()


def test_help_and_titles() -> None:
    for pane in PANES:
        assert pane.help and pane.title and pane.name.isalpha()
