"""Wins: where one model saves bits, ranked."""

from __future__ import annotations

from dataclasses import replace

from models.lenses.versus import won
from playground.compare.panes.wins import Wins
from playground.compare.panes.wrong import Wrong
from playground.compare.scene import Finds, hold, next_pair
from tests.playground.compare.compare_scenes import of_letters, of_the_world
from tests.playground.compare.panes.drawn_panes import drawn


def test_wins_are_ranked_with_what_was_saved() -> None:
    of = of_the_world()
    assert of.results is not None
    found = won(of.results.versus, "GPT", "bigram")
    lines = drawn(Wins(), of, 100, 30).plain().split("\n")[3:]
    for number, (place, line) in enumerate(zip(found.places.tolist(), lines, strict=False), 1):
        words = line.split()
        assert words[0] == str(number)
        assert f"+{found.bits[place]:.2f}" in words
        assert words[-2:] == [f"{of.results.versus[name].bits[place]:.2f}" for name in ("GPT", "bigram")]
        assert f"{of.results.labels[place]} " in line


def test_wins_of_a_model_that_saw_what_came_are_said_not_to_be_fair() -> None:
    of = of_the_world()
    assert of.results is not None and "not fair" not in drawn(Wins(), of, 100, 30).plain()
    sides = tuple(replace(side, looks_ahead=side.name == "GPT") for side in of.results.versus.sides)
    seen = replace(of, results=replace(of.results, versus=replace(of.results.versus, sides=sides)))
    assert "not fair: GPT saw what came" in drawn(Wins(), seen, 100, 30).plain()


def test_the_sums_of_the_wins() -> None:
    of = of_letters()
    assert of.results is not None
    found = won(of.results.versus, "GPT", "bigram")
    said = drawn(Wins(), of, 100, 30).plain().split("\n")[1]
    assert f"{abs(found.total / 18):.2f} bits a token" in said and f"wins at {len(found.places)} of 18" in said
    assert ("loses" if found.total < 0 else "saves") in said


def test_keys_and_clicks_in_the_lists() -> None:
    of = of_letters(place=0)
    lists: tuple[tuple[Wins | Wrong, Finds], ...] = ((Wins(), "wins"), (Wrong(), "wrong"))
    for pane, which in lists:
        places = of.found(which)
        assert pane.move(of, 0, 1).place == places[0]
        assert pane.enter(of).place == places[0]
        act = drawn(pane, of, 80, 12).at(4, 4)
        assert act is not None and act(of.view).place == places[1]


def test_other_models_can_be_held_against_each_other() -> None:
    of = of_the_world()
    assert (of.leads, of.against) == ("GPT", "bigram")
    seen = set()
    for _ in range(30):
        of = replace(of, view=next_pair(of))
        seen.add((of.leads, of.against))
        drawn(Wins(), of)
    assert len(seen) == 3 * 3  # each that learned, against every other one and the truth
    of = replace(of, view=hold(replace(of.view, win=3, wrong=3), "5-gram", "truth"))
    assert (of.view.win, of.view.wrong) == (0, 0)
    assert "5-gram over truth" in drawn(Wins(), of).plain()
    assert "Where 5-gram is wrong" in drawn(Wrong(), of).plain()
