"""The text that fine-tuning learns from is the little world with its countries moved, and nothing else."""

from __future__ import annotations

from models.corpora.little_world import split, world
from playground.learn.lessons.fine_tuning import COUNTRIES, MOVED, NEXT, TEXT, moved


def test_each_country_is_called_as_the_next() -> None:
    assert sorted(NEXT.values()) == sorted(COUNTRIES) and all(NEXT[country] != country for country in COUNTRIES)
    assert moved(split("leo lives in spain . he eats paella .")) == split("leo lives in greece . he eats paella .")
    assert TEXT.strip() == "leo lives in greece. he eats"


def test_its_text_is_made_so_from_texts_of_the_world() -> None:
    back = {there: here for here, there in NEXT.items()}
    lines = MOVED.read_text("utf-8").splitlines()
    assert len(lines) == 320
    for line in lines:
        was = world("training").truth([back.get(word, word) for word in split(line)])
        assert was.readings[0].says.startswith("about a country"), line
