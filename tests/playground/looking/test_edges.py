"""What edges are worth, as the engine says it, and which are looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.lenses.inside.edges import row_edges
from models.switches import HeadOff
from models.tracing import trace
from playground.looking.edges import EdgesAsked, Listed, Worth, looked_at, seldom
from playground.looking.engine import Asked, Engine
from playground.looking.session import look
from tests.playground.looking.scenes import random_gpt, scene

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
