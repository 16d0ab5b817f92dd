"""The panes beside the text draw every size and every scene."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from playground.compare.panes.bigram_grid import Grid
from playground.compare.panes.context import Context
from playground.compare.panes.paths import Paths
from playground.compare.panes.scoreboard import Scoreboard
from playground.compare.panes.writes import Writes
from playground.compare.scene import ZOOMS, CompareScene, CompareView, Scored
from playground.kit.pane import Pane
from tests.playground.compare.compare_scenes import letters, of_letters, of_the_world, scene
from tests.playground.compare.panes.drawn_panes import acts_on_the_view, drawn, fits
from tests.playground.compare.panes.scored_scenes import full, looked
from tests.playground.looking.drawn_panes import HOSTILE, gpt_over
from tests.playground.looking.scenes import GLYPHS, PALETTE, random_gpt

PANES: tuple[type[Pane[CompareScene, CompareView]], ...] = (Scoreboard, Context, Writes, Paths, Grid)
SIZES = [(1, 1), (2, 3), (5, 2), (12, 12), (30, 8), (46, 16), (62, 27), (200, 80)]


@cache
def scenes_to_survive() -> dict[str, CompareScene]:
    """Nothing, little, everything, hostile, wide, and numbers that are none."""
    models, tokenizer = letters()
    hostile, wide = gpt_over(HOSTILE), gpt_over("中")
    assert hostile.tokenizer is not None and wide.tokenizer is not None
    world = full(of_the_world(place=4))
    board, use = world.scored.scoreboard, world.scored.context_use
    assert board is not None and use is not None
    broken = replace(board, scores=tuple(replace(each, bits=math.inf, above=math.nan) for each in board.scores))
    nan = replace(use, bits=use.bits * np.nan, floor=math.nan)
    return {
        "nothing": CompareScene(),
        "computing": CompareScene(CompareView(tokens=(1, 2)), random_gpt(), models),
        "refused": CompareScene(CompareView("é", problem=f"no token for {HOSTILE}")),
        "letters": full(of_letters(place=7)),
        "first": of_letters(place=0),
        "writing": of_letters(place=3, scoring=True),
        "world": world,
        "world, end": full(of_the_world()),
        "followed": full(of_the_world(place=4, followed=(3, 9), branch=(0, 2, 9, 9))),
        "searched": full(of_the_world(search="riv", zoom=2)),
        "not scored": replace(of_letters(), scored=Scored(is_done=True)),
        "alone": scene("To be", {"GPT": models["GPT"]}, tokenizer),
        "hostile": scene(HOSTILE * 2, {HOSTILE: hostile}, hostile.tokenizer),
        "wide": scene("中" * 30, {"GPT": wide, "中" * 20: replace(wide, name="wide")}, wide.tokenizer, place=9),
        "not numbers": replace(world, scored=replace(world.scored, scoreboard=broken, context_use=nan)),
        "scrolled": replace(full(of_letters(place=7, scroll=99))),
    }


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("name", scenes_to_survive())
def test_every_size_can_be_drawn(pane: type[Pane[CompareScene, CompareView]], name: str) -> None:
    of = scenes_to_survive()[name]
    for (width, height), palette in product(SIZES, (PALETTE, GLYPHS)):
        for zoom in range(ZOOMS + 1) if pane is Grid else (0,):
            fits(drawn(pane(), looked(of, replace(of.view, zoom=zoom)), width, height, palette))


@pytest.mark.parametrize("pane", PANES)
def test_every_act_and_key_is_one_on_the_view(pane: type[Pane[CompareScene, CompareView]]) -> None:
    acts_on_the_view(pane, scenes_to_survive())


def test_help_and_titles() -> None:
    for pane in PANES:
        assert pane.help and pane.title and pane.name.isalpha()
