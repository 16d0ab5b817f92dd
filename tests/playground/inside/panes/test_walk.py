"""The walk on screen: where one is, what happens there, and the ways on."""

from __future__ import annotations

import numpy as np
import pytest

from models import load
from models.errors import UserError
from models.gpt import GPTConfig
from models.lenses.inside.at_stop import Key
from models.lenses.inside.walk import route
from models.switches import ALL, HeadOff, Input, MLPOff
from playground.inside.panes.walk import Walk, WalkLook, go, here, switch_at
from playground.inside.scene import InsideScene, InsideView
from playground.kit.numbers import magnitude, precise
from playground.looking.session import look
from tests.playground.inside.inside_scenes import drawn, scene, seen
from tests.playground.looking.scenes import GLYPHS

PANE = Walk()
TEXT = "\ngreece is far away . the capital is"


def at(name: str, layer: int | None = None, of: InsideScene | None = None, **where: int) -> InsideScene:
    of = of or scene(TEXT)
    view = go(Key(name, layer), of.view)
    return seen(of, view.with_session(look(view.session, **where)))


def test_up_and_down_go_through_every_stop_and_no_further() -> None:
    of, passed = scene(TEXT), []
    for _ in range(60):
        passed.append(here(of))
        of = seen(of, PANE.move(of, 0, 1))
    assert tuple(dict.fromkeys(passed)) == route(of.play.model.config) and passed[-1] == Key("draw")
    assert here(seen(of, PANE.move(of, 0, -1))) == Key("probabilities")
    assert here(seen(of, PANE.move(of, 0, -100))) == Key("token")
    assert PANE.move(of, -1, 0).session.row == len(of.view.session.tokens) - 2


def test_enter_and_backspace_keep_the_stop_and_change_the_layer() -> None:
    of = at("mlp_act", 1)
    assert here(seen(of, PANE.enter(of))) == Key("mlp_act", 2) and PANE.enter(of).session.view.layer == 2
    assert here(seen(of, PANE.back(of))) == Key("mlp_act", 0)
    last = at("mlp_act", 2)
    assert PANE.enter(last) == last.view and PANE.enter(at("logits")) == at("logits").view


def test_it_stands_at_the_layer_that_play_looks_at() -> None:
    of = at("scores", 0)
    assert here(seen(of, of.view.with_session(look(of.view.session, layer=2)))) == Key("scores", 2)


@pytest.mark.parametrize("size", [(146, 38), (76, 17)], ids=str)
def test_a_stop_shows_its_sentence_shapes_numbers_and_arithmetic(size: tuple[int, int]) -> None:
    of = at("pattern", 0, head=3)
    plain = drawn(PANE, of, *size).plain()
    trace = of.play.results.now if of.play.results else None
    assert trace is not None
    block = trace.blocks[0]
    scores, weight = block.scores[3, -1].astype(float), float(block.pattern[3, -1, 1])
    total = np.exp(scores - scores.max()).sum()
    assert "stop 8 of 46" in plain and "layer 0 · head 3" in plain and "'is'" in plain
    assert "divided by their sum" in plain and "H T S = 4 × 9 × 9" in plain
    assert f"weight of column 1: e^(-7.0116 + 7.0116) / {precise(total)} = {precise(weight)}" in plain
    (line,) = (line for line in plain.splitlines() if "1 greece" in line)
    assert precise(weight) in line and line.endswith("█")
    assert "▸│ L0 softmax" in plain and "⊕ L0 residual" in plain


def test_the_column_and_the_row_are_those_of_play() -> None:
    of = at("scores", 0, head=3, column=4)
    assert "score of column 4:" in drawn(PANE, of).plain()
    back = seen(of, of.view.with_session(look(of.view.session, row=2, column=1)))
    plain = drawn(PANE, back).plain()
    assert "'is' · scores" in plain.replace("Walk ", "") and "score of column 1:" in plain
    canvas = drawn(PANE, of)
    y = next(y for y, line in enumerate(canvas.plain().splitlines()) if "1 greece" in line)
    act = canvas.at(30, y)
    assert act is not None and act(of.view).session.view.column == 1


def test_every_line_of_the_list_can_be_clicked() -> None:
    of = at("scores", 1)
    canvas = drawn(PANE, of, 100, 30)
    found = [here(seen(of, act(of.view))) for y in range(1, 25) if (act := canvas.at(4, y)) is not None]
    assert [str(key) for key in found[:4]] == ["token", "embed", "pos_embed", "0.ln_1"]
    assert Key("ln_1", 2) in found and found[-1] == Key("draw") and len(found) == 3 + 13 + 2 + 4


def test_more_numbers_are_all_of_them() -> None:
    of = at("z", 1, head=2)
    few, many = drawn(PANE, of, 100, 30).plain(), drawn(PANE, seen(of, PANE.otherwise(of)), 100, 30).plain()
    assert of.play.results is not None
    z = of.play.results.now.blocks[1].z[2, -1]
    largest = int(np.abs(z).argmax())
    assert f"number {largest} " in few and "number" not in many.split("column")[-1]
    assert all(magnitude(float(value)) in many for value in z)
    assert PANE.otherwise(of).look(WalkLook).all_numbers


def test_a_switch_is_put_in_where_one_stands_and_said_there() -> None:
    of = at("z", 0, head=3)
    view = PANE.put_in(of)
    assert view.session.switches == (HeadOff(0, 3),)
    plain = drawn(PANE, at("z", 0, scene(TEXT, (HeadOff(0, 3),)), head=3)).plain()
    assert "switched: the head is silenced" in plain and "0.0000, the head is silenced; not" in plain
    assert PANE.put_in(at("mlp_out", 1)).session.switches == (MLPOff(1),)
    assert PANE.put_in(at("logits")) == at("logits").view


def test_the_vector_of_a_token_is_another_once_its_numbers_are_typed_and_its_own_again() -> None:
    sentence = "your journey starts with one step"
    of = at("embed", of=scene(sentence, of=load("worked-example")), row=1)
    assert PANE.suggestion(of) == "0.55, 0.87, 0.66" and "numbers" in PANE.question(of)
    assert PANE.told(of, "0.55 .87, 0.66") == of.view, "they are its own"
    typed = PANE.told(of, "0=0.05").session
    assert typed.switches == (Input(1, (0.05, 0.87, 0.66)),)
    other = at("embed", of=scene(sentence, typed.switches, of=load("worked-example")), row=1)
    plain = drawn(PANE, other, 76, 17).plain()
    assert "switched: its vector is one that was typed" in plain and "0.05000 0.8700 0.6600" in plain
    assert "switched" not in drawn(PANE, at("embed", of=other, row=2)).plain(), "that is another token's"
    assert PANE.told(other, "1 2 3").session.switches == (Input(1, (1.0, 2.0, 3.0)),)
    assert not PANE.put_in(other).session.switches
    assert PANE.put_in(of).session.switches == (Input(1, (0.0, 0.0, 0.0)),)
    assert here(seen(of, PANE.told(of, "scores"))) == Key("scores", 0)
    for words, says in (("1 2", "has 3 numbers, not 2"), ("3=1", "no number 3")):
        with pytest.raises(UserError, match=says):
            PANE.told(of, words)
    many = at("embed")
    assert many.play.results is not None
    first = str(many.play.results.now.embed[-1, 0])
    assert PANE.suggestion(many) == f"0={first}" and "numbers" not in PANE.question(at("scores", 0))


def test_few_numbers_are_told_to_four_decimals_where_there_is_room() -> None:
    of = at("z", 0, scene("your journey starts with one step", of=load("worked-example")), row=1)
    for size in ((76, 17), (118, 28)):
        plain = drawn(PANE, of, *size).plain()
        assert "0.4419 0.6515 0.5683" in plain and "weight × v[1] by column: 0.2070 + 0.1983 +" in plain
    assert "0.2070 + 0.1983 + 0.1265 + 0.07192 + 0.02705 + 0.02078 = 0.6515" in plain, "six words, six terms"
    assert "rest" not in plain and "+ rest " in drawn(PANE, at("z", 0, row=9), 118, 28).plain()
    for size in ((118, 28), (78, 14)):
        scores = drawn(PANE, at("scores", 0, of, row=1), *size).plain()
        assert "0.9544 1.4950 1.4754 0.8434 0.7070 1.0865" in scores
        assert ("H T S = 1 × 6 × 6" in scores) == (size == (118, 28)), "where there is little room the shape goes"


def test_what_x_puts_in_acts_at_the_stop() -> None:
    config = GPTConfig(11, 16, 2, 2, 8)
    for key in route(config):
        switch = switch_at(key, 1)
        assert switch is None or (type(switch) in ALL and switch.acts_in(key.layer))


def test_words_lead_to_a_stop_a_head_or_a_column() -> None:
    of = at("token", of=scene(TEXT))
    of = seen(of, of.view.with_session(look(of.view.session, layer=2)))

    def to(words: str) -> InsideView:
        return PANE.told(of, words)

    assert here(seen(of, to("scores"))) == Key("scores", 2) and here(seen(of, to("0.mix "))) == Key("z", 0)
    assert to("head 3").session.view.head == 3 and to("column 4").session.view.column == 4
    for words, says in (("head 4", "no head 4"), ("column 9", "no column 9"), ("nope", "no stop 'nope'")):
        with pytest.raises(UserError, match=says):
            to(words)


def test_shades_are_glyphs_where_there_are_no_colours() -> None:
    plain = drawn(PANE, at("ln_1", 0), 120, 30, GLYPHS).plain()
    (line,) = (line for line in plain.splitlines() if "out ln_1" in line)
    assert any(glyph in line for glyph in "▒▓░≡#")
