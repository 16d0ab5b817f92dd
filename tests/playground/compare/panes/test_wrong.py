"""Wrong places: ranked by the truth where it is known and by surprise elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.lenses.versus import wrongs
from playground.compare.panes.wrong import Wrong
from playground.compare.scene import (
    find,
    find_next,
    go_to,
)
from tests.playground.compare import compare_scenes
from tests.playground.compare.compare_scenes import of_letters, of_the_world
from tests.playground.compare.panes.drawn_panes import drawn, line_with
from tests.playground.looking.scenes import random_gpt


def test_wrong_places_by_truth_and_by_surprise() -> None:
    for of, by in ((of_the_world(), "from the truth"), (of_letters(), "by surprise")):
        assert of.results is not None
        found = wrongs(of.results.versus, "GPT")
        canvas = drawn(Wrong(), of, 100, 12)
        assert by in canvas.plain()
        side = of.results.versus["GPT"]
        for place, bits, line in zip(found.places, found.bits, canvas.plain().split("\n")[3:], strict=False):
            assert f"{bits:.2f}" in line and f"{side.best_p[place]:.3f}" in line
            assert of.label(int(side.best[place])) in line


def test_a_model_without_numbers_is_not_said_to_be_wrong_nowhere() -> None:
    whole = random_gpt()
    broken = replace(whole, weights={name: weight * np.float32(1e38) for name, weight in whole.weights.items()})
    assert whole.tokenizer is not None
    of = compare_scenes.scene("To be", {"GPT": broken}, whole.tokenizer)
    assert "it predicted nothing of this text" in drawn(Wrong(), of, 60, 8).plain()


def test_going_from_wrong_place_to_wrong_place() -> None:
    of = of_letters(place=0)
    places = of.found("wrong")
    assert len(places) > 3
    view = find_next(of, "wrong")
    assert view.place == places[0]
    view = find_next(replace(of, view=view), "wrong")
    assert (view.place, view.wrong) == (places[1], 1)
    assert find_next(replace(of, view=view), "wrong", -1).place == places[0]
    away = replace(of, view=go_to(view, 0))
    assert find_next(away, "wrong").place == places[1]  # back to where one was in the list
    assert find(of, "wrong", 999).place == places[-1]


def test_the_list_marks_the_place_looked_at_and_keeps_the_cursor_on_screen() -> None:
    of = of_letters(place=0)
    last = replace(of, view=find(of, "wrong", 999))
    canvas = drawn(Wrong(), last, 80, 7)
    assert line_with(canvas, "▸").split()[1] == str(len(of.found("wrong")))
