"""What every model writes, where two part, and who cannot write."""

from __future__ import annotations

from dataclasses import replace

from playground.compare.panes.writes import Writes, parts_at
from playground.compare.scene import (
    reseed,
)
from tests.playground.compare.compare_scenes import of_letters, of_the_world
from tests.playground.compare.panes.drawn_panes import drawn, line_with
from tests.playground.compare.panes.scored_scenes import full, looked


def test_every_model_s_text_stands_there_and_what_came() -> None:
    of = full(of_letters(place=7))
    shown = drawn(Writes(), of, 100, 24)
    assert of.tokenizer is not None
    for name in of.names:
        wanted = of.tokenizer.decode(of.continuations[name]).replace("\n", "⏎")
        line = line_with(shown, name.ljust(9))
        assert line.replace("┊", "").split(name, 1)[1].strip() == wanted.strip()
    assert of.view.text[7:] in line_with(shown, "the text").replace("┊", "")
    assert "the text" not in drawn(Writes(), full(of_letters()), 100, 24).plain()


def test_where_two_part() -> None:
    assert parts_at((1, 2, 3), (1, 2, 4)) == 2
    assert parts_at((1, 2), (1, 2, 4)) is None
    assert parts_at((), (1,)) is None
    of = full(of_the_world("emma lived by the river with her sister clara .", place=4))
    gpt, bigram = of.continuations["GPT"], of.continuations["bigram"]
    made = replace(of, continuations={**of.continuations, "bigram": (*gpt[:2], bigram[2] + (bigram[2] == gpt[2]))})
    line = line_with(drawn(Writes(), made, 100, 24), "bigram")
    before, after = line.split("┊")
    assert before.split()[1:] == [of.label(token) for token in gpt[:2]] and len(after.split()) == 1
    assert "┊" not in line_with(drawn(Writes(), made, 100, 24), "GPT")


def test_words_of_who_cannot_write() -> None:
    of = full(of_the_world("emma lived lived"))
    assert of.continuations["truth"] == ()
    assert "no text of its world" in line_with(drawn(Writes(), of, 80, 20), "truth")
    assert "writing ..." in drawn(Writes(), of_letters(place=3)).plain()
    assert "nobody has anything to go on from" in drawn(Writes(), of_letters(place=0)).plain()


def test_long_texts_are_scrolled_together_and_enter_takes_the_next_seed() -> None:
    of, pane = full(of_letters("To be, or not to be, that is the question", place=2)), Writes()
    drawn(pane, of, 30, 5)
    assert pane.most > 0
    down = pane.move(of, 0, 99)
    assert down.scroll == pane.most and pane.move(looked(of, down), 0, -1).scroll == pane.most - 1
    assert of.view.text[-4:] in drawn(pane, looked(of, down), 30, 5).plain()
    assert pane.enter(looked(of, down)) == reseed(down) and reseed(down).seed == 2 and reseed(down).scroll == 0
