"""The text as a picture beside it: of the line looked at, with what the chosen head looks at from there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from models.corpora import digits
from models.formats import records
from models.gpt import GPT, GPTConfig
from models.tokenizers import Tokenizer
from playground.looking.panes.pictured import TALL, Pixels
from playground.looking.panes.prompt import Prompt, filled
from playground.looking.scene import Scene
from playground.looking.session import look_at
from tests.conftest import random_gpt
from tests.playground.looking.panes.text_scenes import lines, picture, seen
from tests.playground.looking.scenes import GLYPHS, PALETTE, scene

ONE, OTHER = digits.held_out()[:2]


@cache
def artist() -> GPT:
    """Who has learned nothing, of pictures."""
    facts = {"corpus": {"kind": "digits", "pictures": records.plain(digits.PICTURES)}}
    tokenizer = Tokenizer.train_char("\n" + digits.PICTURES.shades + digits.PICTURES.labels)
    config = GPTConfig(tokenizer.vocab_size, block_size=140, n_layer=2, n_head=2, n_embd=8)
    return random_gpt(config, tokenizer=tokenizer, training=facts, name="artist")


def shown(text: str, **changes: Any) -> Scene:
    return scene(text, model=artist(), counted=f"{ONE}\n", **changes)


def test_the_line_looked_at_is_a_picture_as_far_as_it_has_come() -> None:
    half = shown(f"\n{ONE}\n{OTHER[:33]}")
    found = Pixels.of(half)
    assert found is not None and found.places == tuple(range(68, 100))
    np.testing.assert_array_equal(found.greys, digits.PICTURES.image(OTHER[1:33]))
    for row in (0, 1, 5, 65, 66, 67, 99):  # from the line's label to the end behind it
        earlier = Pixels.of(seen(half, row=row))
        expected = ONE if row <= 66 else OTHER[:33]
        assert earlier is not None and earlier.places[0] == (2 if row <= 66 else 68)
        np.testing.assert_array_equal(earlier.greys, digits.PICTURES.image(expected[1:]))
    assert Pixels.of(scene("To be")) is None, "of whom nothing says that its texts are pictures"


def test_it_stands_beside_the_text_and_beside_it_where_the_head_looks() -> None:
    half = shown(ONE[:41], layer=1, head=1)
    assert filled(half, 118) == TALL == 9
    canvas = picture(Prompt(), half, 118, TALL, GLYPHS)
    told = lines(canvas)
    assert told[0].endswith("picture           L1 H1 looks") and told[1].startswith(ONE[:41])
    left = told[0].index("picture")
    rows = [line[left : left + 16 : 2] for line in told[1:]]
    glyphs = dict(zip(digits.PICTURES.shades, "·░▓█", strict=True))
    whole = "".join(glyphs[pixel] for pixel in ONE[1:41]).ljust(64)
    assert "".join(row.ljust(8) for row in rows) == whole
    assert half.results is not None
    weights = half.results.now.blocks[1].pattern[1, -1, 1:]
    darkest = int(np.argmax(weights))
    looks = [line[left + 18 : left + 34 : 2].ljust(8) for line in told[1:]]
    marks = "".join(looks)[:40]
    assert marks[darkest] == max(marks, key=" ·░▒▓█".index) and "".join(looks)[40:].isspace()


def test_a_click_looks_at_the_pixel_and_it_is_marked() -> None:
    half = shown(ONE[:41])
    canvas = picture(Prompt(), half, 118, TALL)
    left = lines(canvas)[0].index("picture")
    act = canvas.at(left + 2 * 3, 1 + 2)
    assert act is not None and act(half.session) == look_at(half.session, 1 + 2 * 8 + 3)
    marked = picture(Prompt(), replace(half, session=act(half.session)), 118, TALL)
    assert lines(marked)[3][left:].count("[]") == 2 and "[]" not in canvas.plain(), "in both pictures"
    beyond = canvas.at(left, TALL - 1)
    assert beyond is not None and beyond(half.session).view.row is None, "where no pixel is yet, the newest"


@pytest.mark.parametrize("text", ["", "\n", "3", "..##", f"\n{ONE}\n{OTHER}\n"])
def test_it_draws_at_any_size(text: str) -> None:
    empty = Scene(replace(shown("3").session, tokens=(), text=""), artist())
    for wide, high in ((1, 1), (3, 2), (20, 3), (78, 5), (40, 9), (300, 60)):
        for palette in (PALETTE, GLYPHS):
            canvas = picture(Prompt(), shown(text) if text else empty, wide, high, palette)
            assert [len(line) for line in canvas.chars] == [wide] * high
