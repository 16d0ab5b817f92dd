"""The pane of words: what each way of looking says, and where keys and clicks lead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.errors import UserError
from models.switches import HeadOff
from playground.inside.layout import PANES
from playground.inside.panes.word_found import OnMap, WordsLook
from playground.inside.panes.words import Words
from playground.inside.scene import InsideScene, InsideView
from playground.kit.keys import digit
from tests.playground.inside.inside_on_screen import at as at_screen
from tests.playground.inside.inside_scenes import drawn, found, little_world, scene, seen
from tests.playground.looking.scenes import random_gpt

PANE = Words()


def at(of: InsideScene, **look: Any) -> InsideScene:
    """The scene looked at so, and all that is asked then."""
    return found(PANE, seen(of, of.view.looking(replace(of.view.look(WordsLook), **look))))


def then(of: InsideScene, view: InsideView) -> InsideScene:
    return found(PANE, seen(of, view))


def token(word: str) -> int:
    tokenizer = little_world().tokenizer
    assert tokenizer is not None
    return tokenizer.ids[word]


def look(of: InsideScene) -> WordsLook:
    return of.view.look(WordsLook)


def plain(of: InsideScene, width: int = 116, height: int = 26) -> str:
    return drawn(PANE, of, width, height).plain()


@pytest.fixture
def here() -> InsideScene:
    return at(scene("michael jordan plays"))


def test_the_first_map_is_of_lands_and_capitals_whose_arrows_are_parallel(here: InsideScene) -> None:
    said = plain(here)
    assert "48 % of the variance is kept" in said and "capital, 20 words" in said
    assert "cosine with their mean 0.996 to 1.000" in said
    assert any(0x2800 < ord(c) < 0x2900 for c in said), "the arrows"
    marked = {word for word in ("○france", "○spain", "●madrid", "●tokyo") if word in said}
    assert len(marked) == 4


def test_all_words_are_a_map_that_says_how_little_it_keeps(here: InsideScene) -> None:
    said = plain(then(here, PANE.told(here, "all words")))
    assert "11 % of the variance is kept" in said and "all 466 words" in said and "need not be near" in said


def test_a_word_never_stands_on_another(here: InsideScene) -> None:
    everything = then(here, PANE.told(here, "all words"))
    for size in ((116, 26), (76, 12), (40, 10)):
        lines = plain(everything, *size).splitlines()[2:-1]
        labels = [piece.strip("·○●⠀") for line in lines for piece in line.replace("·", " ").split()]
        content = everything.found[PANE.name]
        assert set(filter(None, labels)) <= {*content.labels}, size


def test_arrows_go_to_the_next_word_and_enlarging_is_about_it(here: InsideScene) -> None:
    onto = at(here, word=token("france"))
    content = onto.found[PANE.name]
    assert isinstance(content, OnMap)
    moved = look(then(onto, PANE.move(onto, 1, 0))).word
    assert moved is not None
    before, after = (content.flat.places[content.row(key)] for key in (token("france"), moved))
    assert after[0] > before[0]
    for dy, sign in ((-1, 1), (1, -1)):
        key = look(then(onto, PANE.move(onto, 0, dy))).word
        assert (content.flat.places[content.row(key), 1] - before[1]) * sign > 0, "up is up"
    far = onto
    for _ in range(30):
        far = then(far, PANE.move(far, -1, 0))
    places = content.flat.places
    assert places[content.row(look(far).word), 0] < places[:, 0].mean(), "it ends at the edge"
    large = then(onto, PANE.larger(onto))
    lines = plain(large).splitlines()
    column = next(line for line in lines[2:-1] if "○france" in line).index("○")
    assert "2 times as large" in lines[0] and abs(column - 58) <= 1, "in the middle"
    assert look(then(large, PANE.smaller(large))).zoom == 0
    assert PANE.wheel(large, 1).look(WordsLook).zoom == 0 and PANE.wheel(large, -1).look(WordsLook).zoom == 2


def test_the_word_typed_is_found_on_the_map_or_looked_up(here: InsideScene) -> None:
    on = PANE.told(here, "tokyo").look(WordsLook)
    assert (on.shows, on.word) == ("map", token("tokyo"))
    off = PANE.told(here, "king").look(WordsLook)
    assert (off.shows, off.word) == ("neighbours", token("king"))


def test_a_click_on_the_map_chooses_the_nearest_word(here: InsideScene) -> None:
    canvas = drawn(PANE, here, 116, 26)
    lines = canvas.plain().splitlines()
    y = next(number for number, line in enumerate(lines) if "○india" in line)
    act = canvas.at(lines[y].index("○india"), y)
    assert act is not None and act(here.view).look(WordsLook).word == token("india")


def test_enter_looks_at_the_neighbours_and_backspace_at_the_map(here: InsideScene) -> None:
    near = then(here, PANE.enter(at(here, word=token("japan"))))
    said = plain(near)
    assert "nearest to japan" in said and "+0.624" in said.splitlines()[1] and "greece" in said.splitlines()[1]
    second = PANE.enter(at(near, line=1)).look(WordsLook)
    assert (second.word, second.line) == (token("spain"), 0), "of that one then"
    assert PANE.back(near).look(WordsLook).shows == "map"


def test_without_a_chosen_word_its_neighbours_follow_the_text(here: InsideScene) -> None:
    near = at(here, shows="neighbours")
    assert "nearest to plays" in plain(near)
    assert "nearest to jordan" in plain(then(near, PANE.move(near, -1, 0)))
    chosen = at(near, word=token("king"))
    assert "nearest to jordan" in plain(then(chosen, PANE.move(chosen, -1, 0)))


def test_a_sum_tells_both_ways_and_the_rank(here: InsideScene) -> None:
    said = plain(at(here, shows="sum"))
    assert "queen: rank 1 · rank 1 with the words given · cosine +0.781" in said
    assert "king*" in said
    typed = then(here, PANE.told(here, "paris - france + italy = rome"))
    assert "rome: rank 1" in plain(typed)
    assert "left out itself · rank 2" in plain(then(here, PANE.told(here, "king - man + woman = king")))


def test_a_direction_has_its_controls_beside_it(here: InsideScene) -> None:
    of = at(here, shows="direction")
    said = plain(of, 130)
    assert "20 of 20 pairs right" in said and "spread of all words 0.30, between random words 0.31" in said
    assert "girls 8 of 8" in said and "boys 0 of 8" in said
    assert "strange" in said and "monk*" in said
    low = plain(of, 76, 10).splitlines()  # as in a lesson in the smallest terminal usual
    assert "girls 8 of 8" in low[-1] and "husband*" in low[-2] and all(line.strip() for line in low)
    content = of.found[PANE.name]
    sides = sorted(abs(content.found.sides.ravel()))
    farther = [fall for fall in abs(content.found.falls) if fall >= (sides[19] + sides[20]) / 2]
    assert content.far == len(farther) - 20 and f"{content.far} words of no pair" in said
    right = PANE.move(of, 1, 0).look(WordsLook).line
    assert right == len(content.low), "to the other list"
    assert PANE.enter(at(of, line=right)).look(WordsLook).word == content.high[0].key
    typed = then(of, PANE.told(of, "she - he"))
    assert "she - he · 1 pair" in plain(typed)
    assert "words that do not differ" in plain(then(of, PANE.told(of, "she - she")))


def test_angles_stand_beside_chance(here: InsideScene) -> None:
    said = plain(at(here, shows="angles"), 130)
    assert "mean 0.08 · spread 0.159; by chance, 1/√96: 0.102" in said
    assert "within 0.2 of 0: 78 % · by chance 95 % · in three dimensions 20 %" in said


def test_the_stream_at_a_depth_has_a_map_and_neighbours_of_its_own(here: InsideScene) -> None:
    deep = then(here, PANE.told(here, "depth 2"))
    assert "the text, after layer 1, 3 words" in plain(deep)
    assert "cosine, the text, after layer 1" in plain(then(deep, PANE.enter(deep)))
    assert look(then(deep, PANE.told(deep, "wte"))).depth is None
    assert look(then(here, PANE.told(here, "depth 99"))).depth == 3


def test_v_goes_round(here: InsideScene) -> None:
    shows, of = [], here
    for _ in range(6):
        shows.append(look(of).shows)
        of = then(of, PANE.otherwise(of))
    assert shows == ["map", "neighbours", "sum", "direction", "angles", "map"]


async def test_keys_on_screen() -> None:
    async with at_screen() as person:
        await person.press(digit(PANES, "words"))
        await person.press("f", "ctrl+u", *"he", "enter")
        await person.press("plus")
        assert "nearest to he" in person.sees("words")
        assert person.notices[-1] == PANE.idle, "a list is not enlarged"
        await person.press("backspace")
        await person.press("plus")
        assert "2 times as large" in person.sees("words")
        await person.press(digit(PANES, "senses"))
        await person.press("down", "x")
        assert person.app.session.switches == (HeadOff(2, 3),)


@pytest.mark.parametrize("typed", ["kingly", "king - man +", "she - he, her", " "])
def test_words_that_cannot_be_meant_are_refused(here: InsideScene, typed: str) -> None:
    with pytest.raises(UserError):
        PANE.told(here, typed)


def test_what_was_typed_for_another_model_is_said_not_lost() -> None:
    other = at(scene("To be", of=random_gpt()), some="king, queen")
    assert "has never seen 'k'" in plain(other)
    assert "f types a sum" in plain(at(other, shows="sum"))
    assert "of the variance is kept · all 23 tokens" in plain(at(other, some=""))
