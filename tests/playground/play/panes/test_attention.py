"""The attention panes: their numbers are the trace's, their pictures fit every size, their clicks and keys act."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from rich.style import Style

from models.gpt import GPT, GPTConfig, weight_shapes
from models.ops import Array
from models.parts import PARTS, Part
from models.switches import (
    ALL,
    AttentionOff,
    HeadMean,
    HeadOff,
    HeadSwitch,
    HeadUniform,
    MaskOff,
    MLPLinear,
    MLPOff,
    NormOff,
    Padding,
    ScaleOff,
    Switch,
)
from models.switches.edits import Here
from models.tokenizers import Tokenizer
from playground.kit.canvas import Canvas, Hit
from playground.kit.palette import LEVELS, Palette
from playground.kit.pane import Pane
from playground.play.engine import Asked, Traces, results
from playground.play.panes import attending
from playground.play.panes.attention import Attention
from playground.play.panes.cell import Cell, four, steps, work
from playground.play.panes.heads import Heads, measured
from playground.play.panes.row import Row
from playground.play.scene import Scene
from playground.play.session import Session, look, write
from tests.playground.play.play_scenes import CORPUS, GLYPHS, PALETTE, random_gpt

PANES: tuple[type[Pane[Any, Any]], ...] = (Heads, Attention, Row, Cell)
SIZES = ((1, 1), (1, 40), (3, 2), (11, 5), (23, 9), (46, 13), (60, 29), (200, 4), (200, 80))
HOSTILE = "\x1b[31m[/]‮⁦字\U0001f469‍\U0001f467é́\x00\n\t [@click=app.quit]"
TEXT = "To be, or not to be"
LONG = CORPUS[:160]


@cache
def computed(text: str, switches: tuple[Switch, ...], model: GPT | None) -> Scene:
    """The results of a text, once; without continuations, which a broken model has not."""
    model = model or random_gpt()
    assert model.tokenizer is not None
    tokens = tuple(model.tokenizer.encode(text)) if text else ()
    session = replace(write(Session(model.name), tokens, text), switches=switches)
    return Scene(session, model, {}, results(Asked(tokens, switches), Traces(model), {}))


def scene(text: str = TEXT, switches: Sequence[Switch] = (), model: GPT | None = None, **view: object) -> Scene:
    """This text under these switches, looked at as said."""
    found = computed(text, tuple(switches), model)
    return replace(found, session=look(found.session, **view))


@cache
def model(kind: str) -> GPT:
    """A random GPT: over long texts, large, over words, over what nobody should print, or broken."""
    if kind == "long":
        return random_gpt(context=160)
    if kind == "short":
        return random_gpt(context=10)
    if kind == "large":
        return random_gpt(layers=12, heads=12, width=48)
    if kind == "broken":
        sound = random_gpt()
        return replace(
            sound, weights={**sound.weights, "h.1.attn.c_attn.weight": np.full((32, 96), np.nan, np.float32)}
        )
    tokenizer = Tokenizer.train_word(CORPUS) if kind == "word" else Tokenizer.train_char(HOSTILE + CORPUS)
    config = GPTConfig(tokenizer.vocab_size, 64, 2, 4, 16)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0.5, 0.5, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, tokenizer, name=kind)


def drawn(
    kind: type[Pane[Any, Any]], seen: Scene, width: int = 60, height: int = 29, palette: Palette = PALETTE
) -> Canvas:
    """The pane's picture."""
    canvas = Canvas(width, height, palette, focused=True)
    kind().draw(seen, canvas)
    return canvas


BOTH = (HeadOff(0, 1), HeadMean(1, 0), HeadUniform(1, 2), MLPOff(0), MLPLinear(1), AttentionOff(1))
SITUATIONS: dict[str, Callable[[], Scene]] = {
    "nothing": lambda: scene(""),
    "one token": lambda: scene("T"),
    "text": lambda: scene(),
    "switched": lambda: scene(TEXT, BOTH),
    "difference": lambda: scene(TEXT, (HeadOff(0, 1), MaskOff()), shows="difference", layer=1, row=4, column=17),
    "before": lambda: scene(TEXT, (MaskOff(),), shows="before", hover=(3, 4)),
    "padding": lambda: scene(TEXT, (Padding(tuple(range(6))),), row=2, column=3),
    "long, cells": lambda: scene(LONG, model=model("long"), row=70, column=3, hover=(500, 1)),
    "long, whole": lambda: scene(LONG, model=model("long"), zoom="whole"),
    "dropped": lambda: scene(TEXT, model=model("short"), row=12),
    "large": lambda: scene(TEXT, (HeadOff(5, 7),), model("large"), layer=11, head=11),
    "words": lambda: scene("To be , or not to be", model=model("word")),
    "hostile": lambda: scene(HOSTILE, model=model("hostile"), row=9),
    "broken": lambda: scene(TEXT, (NormOff(),), model("broken"), layer=1, head=3, shows="difference"),
}


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("kind", PANES)
def test_every_size_is_drawn(kind: type[Pane[Any, Any]], name: str) -> None:
    seen = SITUATIONS[name]()
    for width, height in SIZES:
        for palette in (PALETTE, GLYPHS):
            canvas = drawn(kind, seen, width, height, palette)
            assert [len(line) for line in canvas.chars] == [width] * height
            assert all(strip.cell_length == width for strip in canvas.strips())
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f‮⁦]", canvas.plain())


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("kind", PANES)
def test_everything_that_can_be_clicked_or_pressed_acts(kind: type[Pane[Any, Any]], name: str) -> None:
    seen = SITUATIONS[name]()
    canvas = drawn(kind, seen)
    for y in range(canvas.height):
        for x in range(canvas.width):
            for on_hover in (False, True):
                act = canvas.at(x, y, on_hover=on_hover)
                if act is not None:
                    act(seen.session)
    for dx, dy in ((0, -1), (0, 10), (-99, 0), (1, 0)):
        kind().move(seen, dx, dy)
    kind().enter(seen)


@pytest.mark.parametrize("kind", PANES)
def test_without_text_a_line_says_what_to_do(kind: type[Pane[Any, Any]]) -> None:
    assert "press e" in drawn(kind, scene("")).plain()


@pytest.mark.parametrize("kind", (Attention, Row, Cell))
def test_what_is_not_a_number_is_said(kind: type[Pane[Any, Any]]) -> None:
    text = drawn(kind, scene(TEXT, model=model("broken"), layer=1, head=3, column=2)).plain()
    assert "not a number" in text


# the large pattern ---------------------------------------------------------------------------------------------


def weight(seen: Scene, row: int, column: int, *, intact: bool = False) -> float:
    """A weight of the chosen head, from the trace."""
    assert seen.results is not None
    trace = seen.results.intact if intact else seen.results.now
    return float(trace.blocks[seen.session.view.layer].pattern[seen.session.view.head, row, column])


@pytest.mark.parametrize(("row", "column"), [(14, 9), (14, 14), (1, 0)])
def test_the_cell_under_the_cursor_is_said_in_words(row: int, column: int) -> None:
    seen = scene(layer=1, head=2, row=row, column=column)
    assert seen.results is not None
    labels = seen.results.labels
    text = drawn(Attention, seen).plain()
    assert f"{row} '{labels[row]}' looks at {column} '{labels[column]}': {weight(seen, row, column):.3f}" in text
    assert "layer 1 head 2 · rows look at columns" in text


def test_with_a_switch_before_after_and_difference_are_said() -> None:
    seen = scene(TEXT, (HeadOff(0, 0), HeadOff(0, 1)), layer=1, row=14, column=9)
    before, after = weight(seen, 14, 9, intact=True), weight(seen, 14, 9)
    assert abs(before - after) > 0.001
    text = drawn(Attention, seen, 80).plain()
    assert f"before {before:.3f}, after {after:.3f}, difference {after - before:+.3f}" in text
    assert f"{before:.3f} → {after:.3f} ({after - before:+.3f})" in drawn(Attention, seen, 50).plain()
    assert f"{before:.3f} before, {after:.3f} after" in drawn(Attention, seen, 42).plain()
    assert "· after ·" in text.splitlines()[0]


def test_what_may_not_be_looked_at_says_why() -> None:
    assert "4 'e' may not look at 12 't': it comes later" in drawn(Attention, scene(row=4, column=12)).plain()
    padded = scene(TEXT, (Padding((3,)),), row=8, column=3)
    assert "before" in drawn(Attention, padded, 80).plain()  # it was visible before
    assert padded.results is not None
    always = replace(padded, results=replace(padded.results, intact=padded.results.now))
    assert "it is padding" in drawn(Attention, always).plain()


def test_the_mouse_reads_another_cell() -> None:
    seen = scene(row=14, column=9, hover=(7, 3))
    assert f"under the mouse: 7 'o' looks at 3 'b': {weight(seen, 7, 3):.3f}" in drawn(Attention, seen).plain()


def test_the_ranking_is_in_order_and_exact() -> None:
    seen = scene(row=14)
    assert seen.results is not None
    text = " ".join(line.strip() for line in drawn(Attention, seen).plain().splitlines()[-8:])
    found = [(int(p), float(w)) for p, w in re.findall(r"(\d+) '[^']+' (\d\.\d{3})", text)]
    values = seen.results.now.blocks[0].pattern[0, 14]
    assert len(found) >= 8
    assert [position for position, _ in found] == np.argsort(-values, kind="stable")[: len(found)].tolist()
    assert [f"{value:.3f}" for _, value in found] == [f"{values[position]:.3f}" for position, _ in found]


def test_the_ranking_of_a_difference_is_by_size() -> None:
    seen = scene(TEXT, (HeadOff(0, 0),), layer=1, row=14, shows="difference")
    ranked = attending.ranking(seen, 14, 5)
    changes = [weight(seen, 14, c) - weight(seen, 14, c, intact=True) for c in range(19)]
    assert [column for column, _ in ranked] == np.argsort(-np.abs(changes), kind="stable")[:5].tolist()
    for column, value in ranked:
        assert value == pytest.approx(changes[column], abs=1e-6)
        assert f"{column} '" in drawn(Attention, seen).plain()


def test_a_short_text_has_its_numbers_in_the_cells() -> None:
    seen = scene("To be, or")
    lines = drawn(Attention, seen).plain().splitlines()
    for row in range(9):
        line = next(line for line in lines[2:] if line.startswith(f"{row} "))
        numbers = [f"{value:.2f}".replace("0.", ".") for value in (weight(seen, row, c) for c in range(row + 1))]
        assert [number for number in re.findall(r"\.\d\d|1\.0", line)] == [
            "1.0" if number == "1.00" else number for number in numbers if number != ".00"
        ]


CLICKS = [
    ("short, numbers", "To be", {}, (60, 29)),
    ("two cells", TEXT, {}, (60, 29)),
    ("half blocks", TEXT, {}, (46, 14)),
    ("window", LONG, {"row": 100, "column": 90}, (60, 29)),
    ("pooled", LONG, {"zoom": "whole"}, (60, 29)),
    ("difference", TEXT, {"shows": "difference", "layer": 1}, (60, 29)),
]


def windowed(canvas: Canvas) -> bool:
    """Whether it shows a part, which moves with the cursor."""
    return re.search(r"rows \d+-\d+", canvas.plain()) is not None


def marks(canvas: Canvas, box: Hit) -> set[tuple[int, int]]:
    """The cells of the picture that the cursor's entry takes: those on its column's and its row's accented lines."""
    accents = [(x, y) for y in range(canvas.height) for x in range(canvas.width) if accented(canvas, x, y)]
    columns = {x for x, y in accents if x >= box.x and y < box.y}
    lines = {y for x, y in accents if x < box.x and box.y <= y < box.y + box.height}
    return {(x + right, y + down) for x in columns for y in lines for right in range(-2, 3) for down in range(2)}


def accented(canvas: Canvas, x: int, y: int) -> bool:
    """Whether something stands there in the accent."""
    return canvas.styles[y][x] is canvas.palette.accent and canvas.chars[y][x] != " " and y > 0


@pytest.mark.parametrize("palette", [PALETTE, GLYPHS])
@pytest.mark.parametrize(("name", "text", "view", "size"), CLICKS, ids=[case[0] for case in CLICKS])
def test_a_click_goes_to_the_cell_it_is_on(
    name: str, text: str, view: dict[str, object], size: tuple[int, int], palette: Palette
) -> None:
    seen = scene(text, (HeadOff(0, 0),) if name == "difference" else (), model("long"), **view)
    canvas = drawn(Attention, seen, *size, palette)
    chosen = [(x, y, canvas.at(x, y)) for y in range(canvas.height) for x in range(canvas.width)]
    picture = [hit for hit in canvas.hits if hit.act_at is not None and not hit.on_hover]
    assert len(picture) == 1
    box = picture[0]
    cells = {}
    for x, y, act in chosen:
        if act is not None and box.x <= x < box.x + box.width and box.y <= y < box.y + box.height:
            after = act(seen.session).view
            cells[x, y] = (after.row, after.column)
            hover = canvas.at(x, y, on_hover=True)
            assert hover is not None
            assert hover(seen.session).view.hover == (after.row, after.column)
    assert len(cells) == box.width * box.height
    if "each shade is" not in canvas.plain() and not windowed(canvas):
        assert {column for _, column in cells.values()} == set(range(len(seen.session.tokens)))
        assert len({row for row, _ in cells.values()}) >= len(seen.session.tokens) // 2
    for (x, y), (row, column) in list(cells.items())[:: max(len(cells) // 30, 1)]:
        again = replace(seen, session=look(seen.session, row=row, column=column))
        moved = drawn(Attention, again, *size, palette)
        assert windowed(moved) or (x, y) in marks(moved, box)


def test_a_click_on_what_stands_for_many_goes_to_the_largest() -> None:
    pairs = {
        id(PALETTE.pair(top, bottom)): max(top, bottom) for top in range(-1, LEVELS) for bottom in range(-1, LEVELS)
    }
    seen = scene(LONG, model=model("long"), zoom="whole", row=159, column=159)
    canvas = drawn(Attention, seen)
    box = next(hit for hit in canvas.hits if hit.act_at is not None)
    for y in range(box.y, box.y + box.height - 1):  # not the line of the cursor
        for x in range(box.x, box.x + box.width):
            act = canvas.at(x, y)
            assert act is not None
            view = act(seen.session).view
            assert view.row is not None
            assert view.column is not None
            level = PALETTE.level(math.sqrt(weight(seen, view.row, view.column)))
            assert pairs[id(canvas.styles[y][x])] == (level if view.column <= view.row else -1)


def test_the_window_holds_the_cursor_and_says_where_it_is() -> None:
    for row in (0, 80, 159):
        for column in (0, 40, 159):
            seen = scene(LONG, model=model("long"), row=row, column=column)
            text = drawn(Attention, seen).plain()
            found = re.search(r"rows (\d+)-(\d+), columns (\d+)-(\d+) of 160", text)
            assert found is not None
            low, high, left, right = map(int, found.groups())
            assert low <= row <= high
            assert left <= column <= right
            assert high - low >= 15


def test_the_whole_says_what_a_shade_stands_for() -> None:
    canvas = drawn(Attention, scene(LONG, model=model("long"), zoom="whole"))
    found = re.search(r"each shade is the largest of (\d+) x (\d+)", canvas.plain())
    assert found is not None
    rows, columns = map(int, found.groups())
    box = next(hit for hit in canvas.hits if hit.act_at is not None)
    assert box.width * columns >= 160 > box.width * (columns - 1)
    assert box.height * 2 * rows >= 160


def test_positions_are_those_of_the_text_where_the_context_has_dropped_its_beginning() -> None:
    seen = scene(TEXT, model=model("short"), row=14, column=12)
    assert seen.results is not None
    assert seen.results.now.dropped == 9
    text = drawn(Attention, seen).plain()
    assert f"14 't' looks at 12 't': {weight(seen, 5, 3):.3f}" in text
    moved = Attention().move(seen, 1, -1)
    assert (moved.view.row, moved.view.column) == (13, 13)
    assert (Attention().move(seen, -99, -99).view.row, Attention().move(seen, -99, -99).view.column) == (9, 9)
    act = next(hit for hit in drawn(Attention, seen).hits if hit.act_at is not None).act
    assert (act(seen.session).view.row, act(seen.session).view.column) == (9, 9)


def test_arrows_set_row_and_column_even_where_both_followed() -> None:
    seen = scene()
    moved = Attention().move(seen, 0, -1)
    assert (moved.view.row, moved.view.column) == (17, seen.column)
    assert Attention().move(seen, 99, 99).view.row == 18


# all heads -----------------------------------------------------------------------------------------------------


def at_text(canvas: Canvas, text: str, line: int | None = None) -> tuple[int, int]:
    """Where a text stands on the canvas."""
    for y, row in enumerate(canvas.chars):
        x = "".join(row).find(text)
        if x >= 0 and line in (None, y):
            return x, y
    raise AssertionError(f"{text!r} is not there:\n{canvas.plain()}")


def test_switches_show_on_the_board() -> None:
    on = (HeadOff(0, 1), HeadMean(0, 2), HeadUniform(0, 3), MLPOff(0), MLPLinear(1))
    canvas = drawn(Heads, scene(TEXT, on), 69, 18)
    text = canvas.plain()
    assert "H1 ✕ off" in text
    assert "H2 μ mean" in text
    assert "H3 = uniform" in text
    assert "✕ off" in text.splitlines()[2]  # the MLP's, below its name
    assert "linear" in text
    off = drawn(Heads, scene(TEXT, (AttentionOff(1),)), 69, 18)
    assert off.plain().count("✕ off") == 4
    assert "✕ off" not in drawn(Heads, scene(TEXT), 69, 18).plain()


def light(style: Style) -> int:
    """How light a style's background is."""
    assert style.bgcolor is not None
    assert style.bgcolor.triplet is not None
    return sum(style.bgcolor.triplet)


def test_a_silenced_head_is_dim() -> None:
    loud, dim = drawn(Heads, scene(TEXT), 69, 18), drawn(Heads, scene(TEXT, (HeadOff(0, 1),)), 69, 18)
    x, y = at_text(loud, "H1")
    lights = [sum(light(canvas.styles[y + 1][x + across]) for across in range(6)) for canvas in (loud, dim)]
    assert lights[0] > lights[1] * 1.2


def test_a_click_on_a_thumbnail_chooses_and_on_its_name_silences() -> None:
    seen = scene(TEXT)
    canvas = drawn(Heads, seen, 69, 18)
    x, y = at_text(canvas, "H2", at_text(canvas, "L1")[1])
    choose, silence = canvas.at(x, y + 1), canvas.at(x, y)
    assert choose is not None
    assert silence is not None
    view = choose(seen.session).view
    assert (view.layer, view.head) == (1, 2)
    silenced = silence(seen.session)
    assert silenced.switches == (HeadOff(1, 2),)
    assert silence(silenced).switches == ()


def test_layers_and_mlps_are_switched_by_their_names() -> None:
    seen = scene(TEXT)
    canvas = drawn(Heads, seen, 69, 18)
    for text, switch in (("L1", AttentionOff(1)), ("mlp", MLPOff(1))):
        x = at_text(canvas, text)[0]
        act = canvas.at(x, at_text(canvas, "L1")[1])
        assert act is not None
        assert act(seen.session).switches == (switch,)


def test_arrows_walk_the_board_and_enter_silences() -> None:
    seen = scene(TEXT, layer=1, head=0)
    assert (Heads().move(seen, 1, 0).view.head, Heads().move(seen, 0, 1).view.layer) == (1, 1)
    assert (Heads().move(seen, -1, 0).view.head, Heads().move(seen, 0, -9).view.layer) == (0, 0)
    assert Heads().enter(seen).switches == (HeadOff(1, 0),)
    uniform = scene(TEXT, (HeadUniform(1, 0),), layer=1, head=0)
    assert Heads().enter(uniform).switches == (HeadOff(1, 0),)


@pytest.mark.parametrize(("size", "cut"), [((46, 13), True), ((30, 9), False), ((60, 27), False)])
def test_many_heads_in_little_space(size: tuple[int, int], cut: bool) -> None:
    for layer, head in ((0, 0), (11, 11), (5, 7)):
        seen = scene(TEXT, (HeadOff(layer, head),), model("large"), layer=layer, head=head)
        canvas = drawn(Heads, seen, *size)
        assert "✕" in canvas.plain(), "the chosen head is on the board"
        assert f"L{layer}" in canvas.plain()
        assert ("of 12" in canvas.plain()) == cut
        x, y = at_text(canvas, "✕")
        act = canvas.at(x, y)
        assert act is not None
        assert (act(seen.session).view.layer, act(seen.session).view.head) == (layer, head)


def test_thumbnails_follow_what_is_shown() -> None:
    on = (HeadOff(0, 0), MaskOff())
    pictures = {
        shows: drawn(Heads, scene(TEXT, on, shows=shows), 69, 18) for shows in ("after", "before", "difference")
    }
    assert len({str(canvas.strips()) for canvas in pictures.values()}) == 3


def test_the_same_pane_draws_another_trace() -> None:
    changed = scene("To be", (MaskOff(),))
    difference = replace(changed, session=look(changed.session, shows="difference"))
    pane, others = Heads(), (scene("To be"), scene("not to be"), changed, difference)
    for seen in (*others, *others):
        kept, fresh = Canvas(46, 13, PALETTE), Canvas(46, 13, PALETTE)
        pane.draw(seen, kept)
        Heads().draw(seen, fresh)
        assert kept.strips() == fresh.strips()


def test_kinds_are_measured_on_the_pattern() -> None:
    size = 24
    visible = np.tril(np.ones((size, size), bool))
    back = np.eye(size, k=-1)
    two = np.eye(size, k=-2)
    first = np.zeros((size, size))
    first[:, 0] = 1
    spread = visible / visible.sum(1, keepdims=True)
    local = np.exp(-0.5 * (np.arange(size)[:, None] - np.arange(size))) * visible
    local /= local.sum(1, keepdims=True)
    kinds = measured(np.stack([back, two, first, np.eye(size), spread, local, 0.7 * back + 0.3 * first]), visible)
    assert [kind.name for kind in kinds] == ["prev", "2 back", "first", "self", "spread", "", "prev"]
    assert kinds[6].value == pytest.approx(0.7)
    assert kinds[4].value == pytest.approx(1.0)
    assert kinds[5].value < 0.5


def test_the_number_of_the_kind_is_in_the_note() -> None:
    seen = scene(TEXT, (HeadUniform(0, 0),))
    assert "spread 1.000 of what it may see is looked at" in drawn(Heads, seen, 80, 18).plain().splitlines()[0]
    assert "spread 1.00" in drawn(Heads, seen, 46, 13).plain().splitlines()[0]


# one row as text -----------------------------------------------------------------------------------------------


def test_the_text_stands_there_with_its_largest_weights() -> None:
    seen = scene(row=14, layer=1)
    assert seen.results is not None
    lines = drawn(Row, seen, 58, 12).plain().splitlines()
    assert lines[1].startswith("To·be,·or·not·to·be")
    assert lines[2][14] == "▲"
    column = seen.column
    number = f"{weight(seen, 14, column):.2f}"[1:]
    assert number in (lines[2][column : column + 3], lines[2][max(column - 2, 0) : column + 1])


def test_a_click_on_a_token_makes_it_the_column() -> None:
    seen = scene(row=14)
    act = drawn(Row, seen, 10, 12).at(2, 3)  # the third token of the second line: 12
    assert act is not None
    assert (act(seen.session).view.row, act(seen.session).view.column) == (14, 12)


def test_the_column_is_always_in_view() -> None:
    for column in (0, 60, 159):
        seen = scene(LONG, model=model("long"), row=159, column=column)
        canvas = drawn(Row, seen, 30, 6)
        acts = [hit.act for hit in canvas.hits if hit.height == 1 and hit.y < 5]
        assert column in {act(seen.session).view.column for act in acts}


def test_words_keep_apart() -> None:
    text = drawn(Row, scene("To be , or not to be", model=model("word")), 58, 12).plain()
    assert "To be , or not to be" in text


# one cell's arithmetic -----------------------------------------------------------------------------------------

NUMBER = r"-?\d+\.\d+(?:e[+-]\d+)?"
CASES: dict[str, tuple[tuple[Switch, ...], dict[str, Any]]] = {
    "plain": ((), {"row": 14, "column": 9}),
    "itself": ((), {"row": 0, "column": 0}),
    "hidden": ((), {"row": 4, "column": 9}),
    "mask off": ((MaskOff(),), {"row": 4, "column": 9}),
    "before": ((MaskOff(),), {"row": 4, "column": 9, "shows": "before"}),
    "scale off": ((ScaleOff(),), {"row": 14, "column": 9}),
    "uniform": ((HeadUniform(1, 2),), {"row": 14, "column": 9}),
    "off": ((HeadOff(1, 2),), {"row": 14, "column": 9}),
    "padding": ((Padding((9,)),), {"row": 14, "column": 9}),
}


def arithmetic(name: str, width: int = 66, height: int = 30) -> tuple[Scene, dict[str, str], str]:
    """A case, its lines by their names, and the whole picture."""
    switches, view = CASES[name]
    seen = scene(TEXT, switches, layer=1, head=2, **view)
    text = drawn(Cell, seen, width, height).plain()
    lines = {line[:11].strip(): line[11:] for line in text.splitlines()[1:11]}
    return seen, lines, text


def numbers(text: str) -> list[float]:
    """Every number in a text."""
    return [float(number) for number in re.findall(NUMBER, text)]


@pytest.mark.parametrize("name", CASES)
def test_the_steps_follow_from_each_other_and_end_in_the_trace(name: str) -> None:
    seen, lines, _ = arithmetic(name)
    trace = seen.shown
    assert trace is not None
    block, row, column = trace.blocks[1], seen.row, seen.column
    q, k = block.q[2, row].astype(np.float64), block.k[2, column].astype(np.float64)
    *terms, dot = numbers(lines["q · k"])
    signs = [-1 if "- " + f"{four(abs(term))}" in lines["q · k"] else 1 for term in terms]
    assert sum(
        sign * abs(term) if sign < 0 else term for sign, term in zip(signs, terms, strict=True)
    ) == pytest.approx(dot, abs=5e-4)
    assert dot == pytest.approx(q @ k, abs=5e-4)
    scaled = numbers(lines["/ √8"])
    if name in ("scale off", "uniform"):
        assert scaled[0] == pytest.approx(block.scores[2, row, column], abs=1e-4)
    else:
        assert scaled[0] == dot
        assert scaled[1] == pytest.approx(math.sqrt(8), abs=5e-5)
        assert scaled[2] == pytest.approx(scaled[0] / scaled[1], abs=2e-4)
    if trace.visible[row, column]:
        score = block.scores[2, row, column]
        power_line, share = numbers(lines["e^"].replace(" - ", " ").replace("(-", "( -")), numbers(lines["softmax"])
        assert power_line[0] == pytest.approx(score, abs=1e-4)
        assert power_line[2] == pytest.approx(math.exp(score - block.scores[2, row].max()), rel=5e-4)
        assert share[0] == power_line[2]
        assert share[2] == pytest.approx(share[0] / share[1], rel=1e-3)
        assert share[2] == pytest.approx(block.pattern[2, row, column], rel=1e-3)
    else:
        assert "-∞" in lines["mask"]
        assert numbers(lines["softmax"])[-1] == block.pattern[2, row, column] == 0


def test_the_cells_parts_of_z_add_up_to_all_of_it() -> None:
    seen = scene(layer=1, head=2, row=14)
    total = 0.0
    for column in range(15):
        at = replace(seen, session=look(seen.session, column=column))
        trace = at.shown
        assert trace is not None
        line = steps(at, trace, work(trace, 1, 2, 14, column), 60)[-1]
        total += numbers(line.text)[0]
    assert total == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("scale off", ": score scaling off"),
        ("mask off", "visible: causal mask off"),
        ("hidden", "it comes later"),
        ("before", "it comes later"),
        ("padding", "it is padding"),
        ("uniform", "0.0000: the head is made uniform"),
        ("off", "set to zero: the head is silenced"),
    ],
)
def test_switches_are_named_where_they_act(name: str, words: str) -> None:
    for case in CASES:
        said = words in arithmetic(case)[2]
        assert said == (case == name or (words == "it comes later" and case in ("hidden", "before")))


def test_other_switches_of_z_are_named() -> None:
    assert "replaced: the head is averaged" in drawn(Cell, scene(TEXT, (HeadMean(0, 0),))).plain()
    assert "not written as it is: attention off in this layer" in drawn(Cell, scene(TEXT, (AttentionOff(0),))).plain()


EQUATION = re.compile(rf"(e\^)?\(?({NUMBER}(?: [-+/] (?:rest )?{NUMBER})*)\)? = ({NUMBER})")


def equations(text: str) -> list[tuple[float, float]]:
    """Of each equation in a text what its left side comes to, and what it says that is."""
    found = []
    for power, left, right in EQUATION.findall(text):
        first, *rest = left.replace("rest ", "").split(" ")
        value = float(first)
        for sign, term in zip(rest[::2], map(float, rest[1::2]), strict=True):
            value = value / term if sign == "/" else value - term if sign == "-" else value + term
        found.append((math.exp(value) if power else value, float(right)))
    return found


def assert_true(seen: Scene, lines: dict[str, str]) -> None:
    """Every equation holds to the digits shown, and what was recorded is told."""
    told = [equation for line in lines.values() for equation in equations(line)]
    assert told
    for left, right in told:
        assert left == pytest.approx(right, rel=2e-3, abs=2e-4), lines
    trace = seen.shown
    assert trace is not None
    block, at = trace.blocks[1], (2, seen.row, seen.column)
    score, weight = float(block.scores[at]), float(block.pattern[at])
    words = lines["/ √8"] if trace.visible[at[1:]] else lines["mask"]
    scores = [right for _, right in equations(words)]
    assert words.startswith(four(score)) or scores == [pytest.approx(score, rel=1e-3, abs=1e-4)]
    ends = [right for _, right in equations(lines["softmax"])]
    assert lines["softmax"].startswith((f"{four(weight)}: ", "0: ")) or ends == [pytest.approx(weight, rel=1e-3)]


CELLS = ((14, 9), (4, 9), (0, 0))


@pytest.mark.parametrize("cell", CELLS, ids=str)
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.slug)
def test_no_equation_is_false_under_any_switch(kind: type[Switch], cell: tuple[int, int]) -> None:
    for switch in kind.everywhere(random_gpt().config):
        if isinstance(switch, Padding) and switch.positions[0] > 15:
            continue
        assert_true(*told((switch,), cell))


@dataclass(frozen=True, order=True)
class Bent(HeadSwitch):
    """A switch that the pane has never heard of."""

    slug, title, mark, done, says = "bent", "head bent", "b", "bent out of shape", "Nobody has heard of it."
    parts = frozenset({"attention"})
    sites = frozenset()

    def edit(self, value: Array, here: Here) -> Array:
        """Something else, of the same shape."""
        return ~value if here.site == "visible" else value * 2 + 1


@dataclass(frozen=True, order=True)
class Previous(HeadSwitch):
    """A head that looks at the token before, whatever it thinks."""

    slug, title, mark, done, says = "previous", "head previous", "p", "made to look back", "It looks one back."
    parts = frozenset({"attention"})
    sites = frozenset({"pattern"})

    def edit(self, value: Array, here: Here) -> Array:
        """One beside the diagonal."""
        return self.replace(value, np.eye(value.shape[-2], k=-1), here.ops)


SITES = {"q": "q of", "k": "k of", "v": "v of", "scores": "/ √8", "pattern": "softmax", "z": "z of", "attn_out": "z of"}


@pytest.mark.parametrize("cell", CELLS, ids=str)
@pytest.mark.parametrize("site", [*SITES, "visible"])
def test_a_switch_that_the_pane_does_not_know_is_told_and_makes_no_equation_false(
    site: str, cell: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(f"Bent{site}", (Bent,), {"sites": frozenset({site}), "acts_in": lambda self, layer, head=None: True})
    monkeypatch.setattr("models.switches.ALL", (*ALL, kind))
    seen, lines = told((kind(1, 2),), cell)
    assert_true(seen, lines)
    where = SITES.get(site, "mask")
    assert "the head is bent out of shape" in next(line for name, line in lines.items() if name.startswith(where))


def test_a_head_that_was_made_to_look_elsewhere_says_who_did_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.switches.ALL", (*ALL, Previous))
    for cell, weight in (((14, 9), "0.0000"), ((14, 13), "1.0000")):
        seen, lines = told((Previous(1, 2),), cell)
        assert_true(seen, lines)
        assert lines["softmax"].startswith(f"{weight}: the head is made to look back, not ")
        assert "not " not in told((Previous(1, 3),), cell)[1]["softmax"], "another head's switch is not this one's"


@pytest.mark.parametrize("without", [*((part,) for part in PARTS), PARTS[:-1]], ids="+".join)
def test_no_equation_is_false_in_a_model_without_a_part(without: tuple[Part, ...]) -> None:
    whole = random_gpt()
    config = replace(whole.config, without=without)
    bare = replace(whole, config=config, weights={name: whole.weights[name] for name in weight_shapes(config)})
    for cell in CELLS:
        if "attention" in without:
            text = drawn(Cell, scene(TEXT, (), bare, layer=1, head=2, row=cell[0], column=cell[1])).plain()
            assert "trained without attention" in text and "=" not in text
            continue
        seen, lines = told((), cell, bare)
        assert_true(seen, lines)
        assert ("not divided: the model was trained without scaling" in lines["/ √8"]) == ("scale" in without)
        assert ("trained without the causal mask" in lines["mask"]) == ("mask" in without and cell[1] > cell[0])


@dataclass(frozen=True, order=True)
class Lifted(Bent):
    """Scores so large that two decimals of them say little about their difference."""

    sites = frozenset({"scores"})

    def edit(self, value: Array, here: Here) -> Array:
        """Far up, all of them."""
        return value + np.float32(12345.678)


@dataclass(frozen=True, order=True)
class Opposed(Bent):
    """Products so large that four digits of them say little about their sum."""

    sites = frozenset({"q", "k"})

    def edit(self, value: Array, here: Here) -> Array:
        """Large numbers that nearly take each other away."""
        if here.site == "k":
            return 1 + value * np.float32(1e-5)
        return 0 * value + np.float32(345678) * (-1) ** np.arange(8, dtype=np.float32)


@pytest.mark.parametrize("kind", [Lifted, Opposed])
def test_no_equation_is_false_among_large_numbers(kind: type[Bent], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.switches.ALL", (*ALL, kind))
    for column in range(15):
        assert_true(*told((kind(1, 2),), (14, column)))


def told(switches: tuple[Switch, ...], cell: tuple[int, int], of: GPT | None = None) -> tuple[Scene, dict[str, str]]:
    """A cell of layer 1, head 2 under these switches, and the pane's lines by their names."""
    seen = scene(TEXT, switches, of, layer=1, head=2, row=cell[0], column=cell[1])
    text = drawn(Cell, seen, 100, 12).plain()
    return seen, {line[:11].strip(): line[11:].strip() for line in text.splitlines()[1:11]}


def test_the_table_adds_up() -> None:
    seen, _, text = arithmetic("plain", 80, 40)
    trace = seen.shown
    assert trace is not None
    table = [numbers(line) for line in text.splitlines() if re.match(r" *\d+ +-?\d", line)]
    assert len(table) == 8
    q, k, products, v, parts, z = np.array(table).T
    block = trace.blocks[1]
    for shown, real in ((q, block.q[2, 14]), (k, block.k[2, 9]), (v, block.v[2, 9]), (z, block.z[2, 14])):
        assert np.allclose(shown, real, atol=6e-5)
    assert np.allclose(products, q * k, atol=3e-4)
    assert np.allclose(parts, v * block.pattern[2, 14, 9], rtol=1e-3, atol=1e-6)
    total = next(line for line in text.splitlines() if line.strip().startswith("sum"))
    assert numbers(total) == [pytest.approx(products.sum(), abs=5e-4)]


def test_a_table_that_is_cut_says_the_rest_of_the_sum() -> None:
    _, _, text = arithmetic("plain", 60, 18)
    lines = text.splitlines()
    shown = [numbers(line)[2] for line in lines if re.match(r" *\d+ +-?\d", line)]
    rest = next(numbers(line)[0] for line in lines if line.startswith("rest"))
    total = next(numbers(line)[0] for line in lines if line.strip().startswith("sum"))
    assert 0 < len(shown) < 8
    assert sum(shown) + rest == pytest.approx(total, abs=5e-4)


def test_what_matters_most_stays_in_little_room() -> None:
    for height in range(3, 12):
        names = {
            line[:10].strip() for line in drawn(Cell, scene(row=14, column=9), 48, height).plain().splitlines()[1:]
        }
        assert {"e^", "softmax"} <= names
        assert ("q of 14" in names) == (height >= 6)
    _, lines, _ = arithmetic("plain", 48, 10)
    assert "k of 9" in lines
    assert "z of 14" in lines


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (1.0, "1.0000"),
        (-0.01234567, "-0.01235"),
        (0.00012346, "0.0001235"),
        (1234.567, "1234.57"),
        (1e-9, "1.000e-09"),
        (-2.5e8, "-2.500e+08"),
        (math.nan, "not a number"),
        (-math.inf, "-∞"),
    ],
)
def test_four_digits_that_count(value: float, text: str) -> None:
    assert four(value) == text
