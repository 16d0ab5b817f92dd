"""Edges in Play: what keys do to them, in which words, and the lists one jumps from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.lenses.inside.edge_lists import Known, Lists
from models.lenses.inside.edges import Edge
from models.switches import EdgeOff, EdgeZero
from models.units import BITS, NATS
from playground.kit.choosing import Choose
from playground.looking.session import look
from playground.play.acts import ACTS
from playground.play.edge_words import edge_options, no_edges, share_said
from playground.play.why import why
from tests.playground.looking.scenes import scene
from tests.playground.play.play_on_screen import at


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
    assert "prompt" in no_edges(scene("")) and "computed" in no_edges(replace(of, results=None))
    assert "r pauses" in no_edges(replace(of, running=True))


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
