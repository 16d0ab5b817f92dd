"""What the world knows, in plain words."""

from __future__ import annotations

from playground.compare.panes.knows import Knows
from tests.playground.compare.compare_scenes import STORY, of_letters, of_the_world
from tests.playground.compare.panes.drawn_panes import drawn, line_with


def test_every_reading_in_plain_words() -> None:
    of = of_the_world(STORY, place=1)
    assert of.results is not None
    belief = of.results.beliefs[1]
    assert belief is not None and len(belief.readings) > 2
    shown = drawn(Knows(), of, 90, 30).plain()
    for reading in belief.readings:
        assert f"{reading.p:.3f}" in shown
        for fact in reading.says.split("; "):
            assert fact in shown
    assert f"{len(belief.readings)} ways" in shown


def test_what_the_last_word_settled_is_marked() -> None:
    words = "emma lived by the river with her sister clara ."
    line = line_with(drawn(Knows(), of_the_world(words, place=9)), "clara is her sister")
    assert "+ clara" in line
    later = drawn(Knows(), of_the_world(words))
    assert "• clara is her sister" in later.plain() and "• emma lives by the river" in later.plain()


def test_what_may_come_next() -> None:
    of = of_the_world("emma lived by the river with her sister clara .", place=2)
    assert of.results is not None
    belief = of.results.beliefs[2]
    assert belief is not None
    shown = drawn(Knows(), of).plain()
    for word, p in belief.p.items():
        assert f"{word} {p:.3f}" in shown


def test_readings_that_have_no_room_are_counted() -> None:
    of = of_the_world("the cat", place=1)
    shown = drawn(Knows(), of, 60, 5).plain().split("\n")
    assert shown[4].endswith("more") and shown[4].split()[1].isdigit()


def test_a_text_that_left_the_world_and_one_that_never_was_in_it() -> None:
    of = of_the_world("emma lived lived by")
    canvas = drawn(Knows(), of)
    assert "goes on with 'lived' here, after 'lived'" in " ".join(canvas.plain().split())
    act = canvas.at(1, 1)
    assert act is not None and act(of.view).place == 2
    assert "not trained on the little world" in " ".join(drawn(Knows(), of_letters()).plain().split())
