"""Play's panes draw any scene at any size, and a model that was built without a part."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from models.gpt import GPT, GPTConfig, weight_shapes
from models.parts import PARTS, Part
from models.switches import ALL as SWITCHES
from models.switches import Switch
from models.tokenizers import Tokenizer
from playground.kit.pane import Pane
from playground.play.panes import ALL
from playground.play.panes.model_line import ModelLine
from playground.play.scene import Scene
from playground.play.session import Session
from tests.playground.play.drawn_panes import TEXT, drawn, scenes_to_survive
from tests.playground.play.play_scenes import CORPUS, GLYPHS, PALETTE, scene

SIZES = [(1, 1), (2, 3), (5, 2), (12, 12), (30, 8), (42, 16), (60, 27), (200, 80)]


@pytest.mark.parametrize("pane", [kind() for kind in ALL], ids=lambda pane: pane.name)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_pane_draws_anything_at_any_size(pane: Pane[Any, Any], size: tuple[int, int]) -> None:
    for each, palette in product(scenes_to_survive(), (PALETTE, GLYPHS)):
        canvas = drawn(pane, each, *size, palette=palette)
        assert all(cell_len("".join(row)) == size[0] for row in canvas.chars)
        assert all(unicodedata.category(c)[0] != "C" for row in canvas.chars for cell in row for c in cell)
        for dx, dy in ((0, 10), (-1, 0)) if palette is PALETTE else ():
            drawn(pane, replace(each, session=pane.move(each, dx, dy)), *size)
        for hit in canvas.hits:
            assert isinstance(hit.act(each.session), Session)
        assert isinstance(pane.enter(each), Session)


def gpt(*without: Part, **choices: Any) -> GPT:
    tokenizer = Tokenizer.train_char(CORPUS)
    config = replace(GPTConfig(tokenizer.vocab_size, 64, 2, 2, 8, without=without), **choices)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, tokenizer, name="bare")


@cache
def scenes(without: tuple[Part, ...]) -> list[Scene]:
    """Intact, and with a switch of every kind on, after and as a difference."""
    model = gpt(*without)
    every = [next(iter(kind.everywhere(model.config))) for kind in SWITCHES]
    ways: tuple[tuple[list[Switch], str], ...] = (([], "after"), (every, "after"), (every, "difference"))
    return [scene("To be, or not", switches, model, row=3, shows=shows) for switches, shows in ways]


@pytest.mark.parametrize("pane", ALL, ids=lambda pane: pane.name)
@pytest.mark.parametrize("without", [*((part,) for part in PARTS), PARTS], ids="+".join)
def test_every_pane_draws_a_model_without_a_part(without: tuple[Part, ...], pane: type[Pane[Any, Any]]) -> None:
    for seen in scenes(without):
        for size in ((1, 1), (60, 27), (200, 80)):
            drawn(pane(), seen, *size)
        pane().move(seen, 1, 1)


def test_the_header_says_what_the_model_was_trained_without() -> None:
    bare = gpt("mask", "residual", positions="none", activation="none")
    line = drawn(ModelLine(), scene(TEXT, (), bare), 160, 1).plain()
    assert line.startswith("bare · trained without mask, residual, positions, nonlinearity · ")
    assert "trained without" not in drawn(ModelLine(), scene(TEXT, (), gpt()), 160, 1).plain()
    narrow = drawn(ModelLine(), scene(TEXT, (), gpt("norm")), 28, 1).plain()
    assert narrow.strip() == "bare · trained without norm"
