"""Edges in Play: what the engine says of them, what keys do to them, and the lists one jumps from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.lenses.inside.edge_lists import Known, Lists
from models.lenses.inside.edges import Edge, row_edges
from models.switches import EdgeOff, EdgeZero, HeadOff
from models.tracing import trace
from models.units import BITS, NATS
from playground.kit.choosing import Choose
from playground.looking.edges import EdgesAsked, Listed, Worth, looked_at, seldom
from playground.looking.engine import Asked, Engine
from playground.looking.session import look
from playground.play.acts import ACTS
from playground.play.edge_words import edge_options, no_edges, share_said
from playground.play.why import why
from tests.playground.looking.scenes import random_gpt, scene
from tests.playground.play.play_on_screen import at

MODEL = random_gpt()
TOKENS = (1, 2, 3, 4, 5, 6)
ROW = EdgesAsked(1, 2, 4, plain=False, before=False)


def worths(asked: Asked, engine: Engine | None = None) -> list[Worth]:
    return [piece for piece in (engine or Engine(MODEL, {})).work(asked) if isinstance(piece, Worth)]


def test_the_engine_says_what_the_edges_of_a_row_or_a_head_are_worth() -> None:
    of = trace(MODEL, TOKENS)
    row = worths(Asked(TOKENS, row=4, edges=ROW))[-1]
    assert row.asked == ROW and row.found.row == 4
    np.testing.assert_allclose(row.found.effects, row_edges(of, 1, 2, 4).effects, rtol=1e-4, atol=1e-7)
    whole = worths(Asked(TOKENS, row=5, edges=replace(ROW, row=None)))[-1].found
    assert whole.row is None and whole.effects.shape == (6, 6) and whole.progress == 1
    np.testing.assert_allclose(whole.effects[5], row_edges(of, 1, 2, 5).effects, rtol=1e-4, atol=1e-7)
    assert not worths(Asked(TOKENS, row=4)) and not worths(Asked(TOKENS, edges=ROW)), "nobody has time for it"


def test_under_switches_and_before_them_and_cut_plainly() -> None:
    off, changed = (HeadOff(1, 2),), (HeadOff(0, 1),)
    silent = worths(Asked(TOKENS, off, row=4, edges=ROW))[-1].found
    assert silent.effects.max() < 1e-9 and silent.weights.max() > 0.2, "nothing is lost of a head that is silenced"
    before = worths(Asked(TOKENS, changed, row=4, edges=replace(ROW, before=True)))[-1].found
    np.testing.assert_allclose(before.effects, row_edges(trace(MODEL, TOKENS), 1, 2, 4).effects, rtol=1e-4, atol=1e-7)
    plain = worths(Asked(TOKENS, row=4, edges=replace(ROW, plain=True)))[-1].found
    expected = row_edges(trace(MODEL, TOKENS), 1, 2, 4, plain=True).effects
    np.testing.assert_allclose(plain.effects, expected, rtol=1e-4, atol=1e-7)


def test_a_newer_wish_finds_what_is_known_and_does_not_begin_anew() -> None:
    engine = Engine(MODEL, {})
    asked = Asked(TOKENS, row=4, edges=ROW)
    (first,) = {id(each) for each in worths(asked, engine)}
    assert {id(each) for each in worths(replace(asked, onward=None), engine)} == {first}


def test_the_lists_are_for_what_follows_the_row() -> None:
    engine = Engine(MODEL, {})
    found = [each for each in engine.work(Asked(TOKENS, row=3, edges=ROW, lists=True)) if isinstance(each, Listed)]
    assert found[-1].done and all(each.edge.row <= 3 for each in (*found[-1].found.cut, *found[-1].found.nil))
    assert not any(isinstance(each, Listed) for each in engine.work(Asked(TOKENS, row=3, edges=ROW)))


def test_pieces_come_no_faster_than_one_can_follow_and_the_last_always() -> None:
    assert [each for each in seldom(iter([1, 2, None, 3])) if each is not None] == [1, 3]
    assert list(seldom(iter([None, None]))) == [None, None]


def test_a_session_looks_at_its_row_or_all_of_its_head() -> None:
    session = scene("To be", layer=1, head=3).session
    assert looked_at(session) == EdgesAsked(1, 3, 4, plain=False, before=False)
    assert looked_at(look(session, whole_head=True, plain=True, row=2)) == EdgesAsked(1, 3, None, True, before=False)
    assert not looked_at(look(session, shows="before")).before, "there is nothing before, as no switch is on"
    assert looked_at(replace(look(session, shows="before"), switches=(HeadOff(0, 0),))).before


def test_a_look_is_cut_and_let_again() -> None:
    of = scene("To be", layer=1, head=3, row=3, column=2)
    cut = ACTS["cut"](of)
    assert cut.switches == (EdgeOff(1, 3, 3, 2),)
    plain = ACTS["cut"](replace(of, session=look(of.session, plain=True)))
    assert plain.switches == (EdgeZero(1, 3, 3, 2),)
    assert ACTS["cut"](replace(of, session=replace(plain, switches=plain.switches))).switches == ()
    hidden = replace(of, session=look(of.session, column=4))
    assert ACTS["cut"](hidden) == hidden.session and "hidden" in why(hidden, "cut", "attention")
    strongest = replace(of, session=look(of.session, column=None))
    after = ACTS["cut"](strongest)
    assert after.view.column == strongest.column, "the cursor stays where it was cut"
    assert ACTS["whole_head"](of).view.whole_head and ACTS["plain"](of).view.plain


def test_the_lists_in_words() -> None:
    of = scene("To be")
    known = Known(Edge(0, 3, 4, 2), 0.96, 14.02), Known(Edge(1, 0, 2, 1), 0.7, 0.001)
    lists = Lists(known[:1], known[1:], heavy=12, looked=12, without=9, to_look=12)
    (first, second) = edge_options(of, lists, BITS)
    assert first == ("0.3.4.2", "cut this one    14.02 bits, weight 0.960  L0 H3", "4 'e' → 2 '·'")
    assert second[1].startswith("heavy but nil    0.00 bits, weight 0.700  L1 H0")
    assert "9.72 nats" in edge_options(of, lists, NATS)[0][1]
    assert share_said(lists) == "Of 12 looks above 0.5, 75 % cost less than 0.01 bits"
    some = replace(lists, heavy=99)
    assert share_said(some) == "Of 12 looked at of 99 looks above 0.5, 75 % cost less than 0.01 bits"
    assert "prompt" in no_edges(replace(of, results=None)) and "r pauses" in no_edges(replace(of, running=True))


@pytest.mark.parametrize("model", ["little-world"])
async def test_on_screen_an_edge_is_measured_cut_put_back_and_jumped_to(model: str) -> None:
    japan = "france : paris ; italy : rome ; spain : madrid ; japan :"
    async with at(Path(model), japan, (120, 40)) as person:
        play = person.play
        play.see(look(person.session, layer=0, head=3, chosen=True))
        await person.press("4")
        await person.until(lambda: play.scene is not None and play.scene.edges is not None)
        assert "14.02 bits lost without it" in person.sees("attention")
        assert "rank correlation 0.98" in person.sees("attention")
        await person.press("C")
        await person.settle()
        assert person.switched == {"edge-off:0.3.13.12"}
        await person.press("u")
        await person.settle()
        assert person.switched == set()
        play.see(look(person.session, layer=2, head=1))
        await person.press("V")
        await person.until(lambda: isinstance(person.app.screen, Choose))
        await person.press("enter")
        view = person.session.view
        assert (view.layer, view.head, person.session.row, view.column) == (0, 3, 13, 12)
        await person.press("H")
        await person.until(lambda: play.mattering.worth is not None and play.mattering.worth.found.row is None)
        await person.until(lambda: play.mattering.worth is not None and play.mattering.worth.found.progress == 1)
        assert "all rows: rank correlation 0.65" in person.sees("attention")
