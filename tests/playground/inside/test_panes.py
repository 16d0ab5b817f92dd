"""Every pane of Inside draws any scene at any size, and keeps what it is asked for apart from how it is looked at."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from models.gpt import GPT, GPTConfig
from models.parts import Part
from models.switches import HeadOff, MLPOff
from models.tokenizers import Tokenizer
from playground.inside.keys import KEYS
from playground.inside.layout import PANES
from playground.inside.panes import ALL
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.scene import InsideScene, InsideView
from playground.kit.canvas import GoTo, Press
from playground.kit.pane import Pane
from playground.looking.panes.absent import NO_TEXT
from tests.conftest import random_gpt
from tests.models.kin import KIN
from tests.playground.inside.inside_scenes import drawn, found, scene, seen
from tests.playground.looking.scenes import CORPUS, GLYPHS, PALETTE

SIZES = [(1, 1), (2, 3), (5, 2), (12, 12), (30, 8), (58, 20), (76, 12), (200, 60)]
PLAIN = GPTConfig(11, 64, 2, 2, 8)
FAMILIES = ("qwen3", "gpt_neo", "gpt_neox")  # what Llama has, and more; each of the others
OWN = [kind() for kind in ALL if issubclass(kind, InsidePane)]


def small(*without: Part, like: GPTConfig = PLAIN) -> GPT:
    tokenizer = Tokenizer.train_char(CORPUS)
    config = replace(like, vocab_size=tokenizer.vocab_size, block_size=64, without=without or like.without)
    return random_gpt(config, dtype=np.float32, tokenizer=tokenizer, name="bare")


@cache
def scenes() -> list[InsideScene]:
    some = [scene(""), scene("michael jordan plays"), scene("michael jordan plays", (HeadOff(1, 2), MLPOff(0)))]
    bare = [small(*without) for without in ((), ("attention",), ("mlp",), ("norm",))]
    return some + [scene(CORPUS[:9], of=each) for each in (*bare, *(small(like=KIN[name]) for name in FAMILIES))]


@pytest.mark.parametrize("pane", [kind() for kind in ALL], ids=lambda pane: pane.name)
def test_a_pane_draws_anything_at_any_size(pane: Pane[Any, Any]) -> None:
    for of in scenes():
        known = found(pane, of) if isinstance(pane, InsidePane) else of
        for (width, height), palette in product(SIZES, (PALETTE, GLYPHS)):
            canvas = drawn(pane, known, width, height, palette)
            assert all(cell_len("".join(row)) == width for row in canvas.chars)
            assert all(unicodedata.category(c)[0] != "C" for row in canvas.chars for cell in row for c in cell)
            for hit in canvas.hits:
                assert isinstance(hit.act(of.view), InsideView)


@pytest.mark.parametrize("pane", [kind() for kind in ALL], ids=lambda pane: pane.name)
def test_a_click_presses_no_key_and_leads_to_no_pane_that_is_not_there(pane: Pane[Any, Any]) -> None:
    keys = {key.action for key in KEYS}
    acts = [act for of in scenes() for hit in drawn(pane, of, 160, 24).hits for act in (hit.act, hit.up, hit.down)]
    assert all(act.action in keys for act in acts if isinstance(act, Press))
    assert all(act.pane in PANES for act in acts if isinstance(act, GoTo))


@pytest.mark.parametrize("pane", OWN, ids=lambda pane: pane.name)
def test_every_key_gives_a_view_and_what_is_seen_then_can_be_drawn(pane: InsidePane[Any]) -> None:
    for of in scenes():
        known = found(pane, of)
        views = [pane.move(known, dx, dy) for dx, dy in ((0, 1), (0, -10), (1, 0), (-1, 0))]
        views += [pane.enter(known), pane.back(known), pane.otherwise(known), pane.put_in(known)]
        for view in views:
            assert isinstance(view, InsideView)
            if view.session.tokens == of.view.session.tokens and view.session.switches == of.view.session.switches:
                drawn(pane, found(pane, seen(of, view)), 76, 20)


@pytest.mark.parametrize("pane", OWN, ids=lambda pane: pane.name)
def test_without_a_text_it_says_what_to_do(pane: InsidePane[Any]) -> None:
    said = " ".join(drawn(pane, scene("")).plain().split())
    assert NO_TEXT in said
