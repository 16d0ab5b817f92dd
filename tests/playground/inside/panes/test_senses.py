"""The pane of a word in two sentences: what it says of the bank, and where keys and clicks lead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.errors import UserError
from models.switches import HeadOff
from playground.inside.panes.senses import PAIRS, OfSenses, Senses, SensesLook
from playground.inside.scene import InsideScene, InsideView
from playground.kit.canvas import Canvas
from tests.playground.inside.inside_scenes import drawn, found, scene, seen
from tests.playground.looking.scenes import PALETTE, random_gpt

PANE = Senses()


@pytest.fixture(scope="module")
def here() -> InsideScene:
    return found(PANE, scene("michael jordan plays"))


def at(of: InsideScene, **look: Any) -> InsideScene:
    return then(of, of.view.looking(replace(of.view.look(SensesLook), **look)))


def then(of: InsideScene, view: InsideView) -> InsideScene:
    return found(PANE, seen(of, view))


def look(view: InsideView) -> SensesLook:
    return view.look(SensesLook)


def lines(of: InsideScene, width: int = 116, height: int = 26) -> list[str]:
    return drawn(PANE, of, width, height).plain().splitlines()


def content(of: InsideScene) -> OfSenses:
    known = of.found[PANE.name]
    assert isinstance(known, OfSenses)
    return known


def test_the_suggested_bank_is_told_by_depth_and_by_part(here: InsideScene) -> None:
    said = lines(here)
    assert "'bank', cosine +1.000 to +0.758 · without a line end before them (v)" in said[0]
    assert said[1] == "1 " + PAIRS[0][0] and said[2] == "2 " + PAIRS[0][1]
    assert said[7].split()[-6:] == ["flooded", "opened", "river", "bank", "city", "bank"]
    head = next(line for line in said if line.startswith("L2H3"))
    assert head.split()[-4:] == ["37", "%", "+0.940", "+0.181"]
    assert said[9].startswith("L2 MLP"), "what wrote most comes first"


def test_the_cosines_without_a_part_come_after_the_passes() -> None:
    of = scene("michael jordan plays")
    asked, subject = PANE.asks(of), of.subject
    assert subject is not None
    pieces = [piece for piece in PANE.find(subject, asked) if isinstance(piece, OfSenses)]
    known = [(piece.off is not None, bool(piece.nearest)) for piece in pieces]
    assert known == [(False, False), (True, False), (True, True)]
    canvas = Canvas(116, 26, PALETTE)
    PANE.draw(replace(of, found={PANE.name: pieces[0]}), canvas)
    assert "..." in canvas.plain() and "flooded" in canvas.plain() and "nearest" not in canvas.plain()


def test_left_and_right_choose_the_depth_whose_parts_are_told(here: InsideScene) -> None:
    shallow = then(here, PANE.move(then(here, PANE.move(here, -1, 0)), -1, 0))
    said = lines(shallow)
    assert said[5].startswith("▸after 0")
    assert sum(line.startswith("L") for line in said) == 5 and not any(line.startswith("L1") for line in said)
    before = then(shallow, PANE.move(shallow, -1, 0))
    assert "no part has written anything" in lines(before)[8]
    assert PANE.put_in(before) == before.view, "nothing is under the cursor"
    assert look(PANE.move(before, -1, 0)).depth == 0


def test_v_sorts_by_effect_and_then_begins_with_a_line_end(here: InsideScene) -> None:
    by_effect = then(here, PANE.otherwise(here))
    assert lines(by_effect)[9].startswith("L0 MLP") and lines(by_effect)[10].startswith("L0H0"), "they fetch"
    opened = then(here, PANE.otherwise(by_effect))
    assert lines(opened)[1].startswith("1 ⏎ mary was") and "with a line end" in lines(opened)[0]
    assert content(opened).two.places == (12, 12)
    assert look(PANE.otherwise(then(opened, PANE.otherwise(opened)))).opened is False


def test_x_switches_off_the_part_under_the_cursor(here: InsideScene) -> None:
    down = then(here, PANE.move(here, 0, 1))
    session = PANE.put_in(down).session
    assert session.switches == (HeadOff(2, 3),)
    cosine = content(here).off
    assert cosine is not None
    without = found(PANE, scene("michael jordan plays", (HeadOff(2, 3),)))
    now = content(without).two
    assert now.cosine[3] == pytest.approx(cosine[now.parts.index(HeadOff(2, 3)), 3], abs=1e-5)
    assert any(line.startswith("L2H3 ✕") for line in lines(without))


def test_two_texts_are_typed_with_a_word_or_without(here: InsideScene) -> None:
    typed = look(PANE.told(here, "tom left early | tom turned left at the"))
    assert (typed.first, typed.second, typed.word) == ("tom left early", "tom turned left at the", "left")
    named = then(here, PANE.told(here, "tom left early | tom turned left at the | tom"))
    assert "'tom', cosine" in lines(named)[0] and lines(named)[1] == "1 tom"
    assert PANE.suggestion(named) == "tom left early | tom turned left at the | tom"
    assert look(PANE.back(named)).first == "" and PANE.enter(named) == named.view
    left = then(here, PANE.enter(here))
    assert "'left', cosine +0.889 to +0.469" in lines(left)[0]
    assert "nearest" not in "".join(lines(left)), "the world knows no senses of it"


@pytest.mark.parametrize("typed", ["tom left", "tom left |", "a | b | c | d", "tom left | anna was"])
def test_what_are_not_two_texts_is_refused(here: InsideScene, typed: str) -> None:
    with pytest.raises(UserError):
        PANE.told(here, typed)


def test_a_click_chooses_a_depth_or_a_part(here: InsideScene) -> None:
    canvas = drawn(PANE, here, 116, 26)
    depth, part = canvas.at(3, 5), canvas.at(3, 11)
    assert depth is not None and look(depth(here.view)).depth == 1
    assert part is not None and look(part(here.view)).line == 2


def test_what_one_text_is_told_of_the_other_is_told_of(here: InsideScene) -> None:
    for width in (20, 36, 46, 60, 78, 98, 116):
        head = lines(here, width)[3]
        assert ("1 says" in head) == ("2 says" in head) and ("1 is nearest" in head) == ("2 is nearest" in head), width


def test_a_long_text_shows_its_end_and_the_word(here: InsideScene) -> None:
    narrow = lines(here, 30, 14)
    assert narrow[1].startswith("1 …") and narrow[1].endswith("the bank") and len(narrow[1]) <= 30


def test_another_model_asks_for_texts_and_says_what_it_cannot_read() -> None:
    other = found(PANE, scene("To be", of=random_gpt()))
    assert "f types two texts" in " ".join(lines(other))
    typed = at(other, first="to be", second="not to be", word="be")
    assert "'be', cosine" in lines(typed)[0]
    assert "line end" not in lines(typed)[0], "nothing is known of how its texts began"
    assert not look(PANE.otherwise(at(typed, by_effect=True))).opened
    assert "has never seen" in " ".join(lines(at(other, first="xyz be", second="be", word="be")))
