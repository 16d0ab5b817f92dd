"""The acts on Compare's view: places, lists, pairs of models."""

from __future__ import annotations

from playground.compare.scene import (
    CompareView,
    go_to,
    next_shown,
)
from tests.playground.compare.compare_scenes import letters, of_letters, scene


def test_a_place_and_what_hangs_on_it() -> None:
    view = CompareView(candidate=3, branch=(1,), grid=(2, 2), scroll=4, win=2)
    assert go_to(view, 5) == CompareView(place=5, win=2)
    assert go_to(view, None) is view
    assert go_to(view, -3).place == 0


def test_what_the_strips_show_goes_round() -> None:
    views = [CompareView()]
    for _ in range(4):
        views.append(next_shown(views[-1]))
    assert [view.shows for view in views] == ["bits", "sum", "kl", "chance", "bits"]


def test_models_that_are_chosen_are_kept_only_while_they_are_there() -> None:
    of = of_letters(leads="bigram", against="GPT")
    assert (of.leads, of.against) == ("bigram", "GPT")
    assert of_letters(leads="bigram").against == "GPT"
    assert (of_letters(leads="gone", against="GPT").leads, of_letters(against="GPT").against) == ("GPT", "bigram")
    models, tokenizer = letters()
    other = {name: models[name] for name in ("5-gram", "GPT", "bigram")}
    assert (scene("To be", other, tokenizer).leads, scene("To be", other, tokenizer).against) == ("5-gram", "bigram")
