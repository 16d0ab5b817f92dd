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
from models.switches import HeadOff, MaskOff, Switch
from models.tokenizers import Tokenizer
from playground.kit.canvas import Canvas
from playground.kit.pane import Pane
from playground.looking.panes.model_line import ModelLine
from playground.looking.panes.switches import Switches
from playground.looking.scene import Scene
from playground.looking.session import Session, look
from playground.play.panes import ALL
from playground.play.panes.attention import Attention
from playground.play.panes.cell import Cell
from playground.play.panes.grid import Grid
from playground.play.panes.row import Row
from tests.conftest import random_gpt
from tests.models.kin import OTHERS
from tests.playground.looking.drawn_panes import TEXT, drawn, scenes_to_survive
from tests.playground.looking.scenes import CORPUS, GLYPHS, PALETTE, scene

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


@cache
def of_family(name: str) -> list[Scene]:
    """Intact, and with a switch of every kind on, as a difference; a cursor on what a window hides, where one does."""
    tokenizer = Tokenizer.train_char(CORPUS)
    config = replace(OTHERS[name], vocab_size=tokenizer.vocab_size, block_size=64)
    model = random_gpt(config, dtype=np.float32, tokenizer=tokenizer, name=name)
    every = [next(iter(kind.everywhere(config))) for kind in SWITCHES]
    seen = scene("To be, or not", (), model, row=8)
    hidden = replace(seen, session=look(seen.session, layer=1, column=1))
    return [seen, hidden, scene("To be, or not", every, model, row=3, shows="difference")]


@pytest.mark.parametrize("pane", ALL, ids=lambda pane: pane.name)
@pytest.mark.parametrize("name", OTHERS)
def test_every_pane_draws_a_model_of_every_family(name: str, pane: type[Pane[Any, Any]]) -> None:
    for seen in of_family(name):
        for size in ((1, 1), (60, 27), (200, 80)):
            drawn(pane(), seen, *size)
        assert isinstance(pane().enter(replace(seen, session=pane().move(seen, 1, 1))), Session)


def test_a_cell_that_a_window_hides_says_so() -> None:
    hidden = of_family("gpt_neo")[1]
    for pane in (Cell(), Attention()):
        assert "layer 1 looks at the last 3 tokens alone" in " ".join(drawn(pane, hidden, 90, 30).plain().split())
    intact = replace(hidden, session=look(hidden.session, layer=0, column=1))
    assert "looks at the last" not in drawn(Cell(), intact, 90, 30).plain()


def test_the_header_says_what_the_model_was_trained_without() -> None:
    bare = gpt("mask", "residual", positions="none", activation="none")
    line = drawn(ModelLine(), scene(TEXT, (), bare), 160, 1).plain()
    assert line.startswith("bare · built without mask, residual, positions, nonlinearity · ")
    assert "built without" not in drawn(ModelLine(), scene(TEXT, (), gpt()), 160, 1).plain()
    narrow = drawn(ModelLine(), scene(TEXT, (), gpt("norm")), 28, 1).plain()
    assert narrow.strip() == "bare · built without norm"
    seen = [drawn(ModelLine(), of_family(name)[0], 160, 1).plain() for name in ("window", "linear")]
    assert "built without far places" in seen[0] and "built without softmax" in seen[1]


@cache
def switched() -> list[Scene]:
    """Without a text, intact, and with a head and the mask switched off; the cursor on what is seen and what is not."""
    ways: list[tuple[Switch, ...]] = [(), (HeadOff(0, 0),), (HeadOff(0, 0), MaskOff())]
    some = [scene(TEXT, switches, row=7) for switches in ways]
    on = [replace(each, session=look(each.session, column=column)) for each in some for column in (7, 12)]
    return [Scene(Session(""), gpt(), {}, None, {}), *on]


@pytest.mark.parametrize("pane", [Switches, Cell, Attention, Grid, Row], ids=lambda pane: pane.name)
def test_no_sentence_ends_at_the_edge(pane: type[Pane[Any, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    put, over = Canvas.put, list[str]()

    def watched(canvas: Canvas, x: int, y: int, words: str, *style: Any) -> int:
        if 0 <= y < canvas.height and x + cell_len(words) > canvas.width and words.strip(" ─━"):
            over.append(words)
        return put(canvas, x, y, words, *style)

    monkeypatch.setattr(Canvas, "put", watched)
    for size in ((42, 15), (48, 20), (50, 10), (50, 15)):  # of these panes, on screens of 80 to 160 columns
        for seen in switched():
            drawn(pane(), seen, *size)
    assert not over


def test_where_there_is_no_room_for_every_sentence_those_that_stand_are_whole() -> None:
    seen = scene(TEXT)  # the cursor on the causal mask, of which there are two sentences
    for height in range(8, 20):
        words = " ".join(drawn(Switches(), seen, 50, height).plain().split())
        if "Every place may look ahead." in words:
            assert "Surprise rises" not in words or MaskOff.says in words
    assert MaskOff.says in " ".join(drawn(Switches(), seen, 50, 20).plain().split())


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_who_has_typed_a_text_is_not_asked_for_one_while_it_is_computed(kind: type[Pane[Scene, Session]]) -> None:
    computing = replace(scene("To be", [MaskOff()]), results=None, costs=None, swept=None, moved_most=None)
    assert "press e" not in drawn(kind(), computing).plain()
    empty = replace(computing, session=Session("random"))
    assert kind.name in ("status", "grid") or "press e" in drawn(kind(), empty).plain()
