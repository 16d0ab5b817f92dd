"""Drawing many pictures at once is drawing each of them; what is told of a picture is what a pass over it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import models
from models.corpora import digits
from models.gpt import GPT
from models.lenses import drawing
from models.measures import softmax
from models.switches import HeadOff, MLPOff
from models.tracing import trace

PICTURES = digits.PICTURES
ONE, OTHER = digits.held_out()[:2]


@pytest.fixture(scope="module")
def artist() -> GPT:
    return models.load("digits", dtype="float64")


def test_each_pixel_is_drawn_from_what_a_pass_over_the_line_says(artist: GPT) -> None:
    """By the same numbers of chance, under switches as well."""
    assert artist.tokenizer is not None
    for switches in ((), (HeadOff(0, 0), MLPOff(1))):
        begun = [ONE[:33], OTHER[:33], "7" + OTHER[1:33]]
        drawn = drawing.draw(artist, PICTURES, begun, 3, switches)
        assert drawn == drawing.draw(artist, PICTURES, begun, 3, switches)
        random = np.random.Generator(np.random.Philox(3))
        chance = np.stack([random.random((3, 1))[:, 0] for _ in range(33)], 1)  # of 32 pixels and the line end
        for line, start, numbers in zip(drawn, begun, chance, strict=True):
            assert line.startswith(start)
            logits = trace(artist, line, switches).logits
            for at in range(33, len(line)):
                p = softmax(logits[at - 1]).cumsum()
                token = artist.tokenizer.ids[line[at]]
                assert p[token - 1] <= numbers[at - 33] <= p[token], (line, at)
    assert drawing.draw(artist, PICTURES, [ONE[:33]], 4) != drawing.draw(artist, PICTURES, [ONE[:33]], 5)


def test_a_picture_costs_what_the_pass_says_and_is_told_by_the_least(artist: GPT) -> None:
    assert artist.tokenizer is not None
    cost = drawing.bits(artist, PICTURES, [ONE, OTHER])
    assert cost.shape == (2, 10)
    tokens = artist.tokenizer.encode("7" + OTHER[1:])
    p = softmax(trace(artist, tokens).logits[:-1])[range(64), tokens[1:]]
    assert cost[1, 7] == pytest.approx(-np.log2(p).sum())
    assert drawing.tell(artist, PICTURES, [ONE, OTHER]) == [str(at) for at in cost.argmin(1)] == [ONE[0], OTHER[0]]


def test_who_does_not_see_a_whole_picture_cannot_draw(artist: GPT) -> None:
    config = artist.config
    asked = (config, replace(config, block_size=65), replace(config, block_size=64), replace(config, without=("mask",)))
    assert [drawing.can(replace(artist, config=each), PICTURES) for each in asked] == [True, True, False, False]


def test_the_judge_takes_the_nearest_and_nothing_for_what_is_no_picture() -> None:
    learned = digits.learned()
    assert drawing.judge(PICTURES, learned[:20], learned) == [line[0] for line in learned[:20]]
    nearly = "9" + learned[3][1:-2] + ".#"
    assert drawing.judge(PICTURES, [nearly, nearly[:-1], "3\n", ""], learned) == [learned[3][0], "", "", ""]


def test_looking_back_is_the_mean_along_a_diagonal_of_the_pattern(artist: GPT) -> None:
    found = drawing.looking_back(artist, [ONE, OTHER], 7)
    assert found.shape == (3, 4)
    patterns = [trace(artist, line).blocks[1].pattern[2] for line in (ONE, OTHER)]
    weights = [pattern[row, row - 7] for pattern in patterns for row in range(7, 65)]
    assert found[1, 2] == pytest.approx(np.mean(weights))
    assert found.argmax() == 2 and found[0, 2] > 0.35, "the pixel above the one to come"


def test_the_skill_is_what_the_card_says(artist: GPT, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of it, that no other draw could be far from."""
    said = artist.training["drawing"]
    monkeypatch.setattr(drawing, "EACH", 5)
    some = digits.held_out()[::9]
    found = drawing.skill(artist, PICTURES, digits.learned(), some, seed=2)
    assert (said["drawn"], said["pictures"], found.drawn, found.pictures) == (200, 179, 50, 20)
    assert [found.right, found.whole] == pytest.approx([said["right"], said["whole"]], abs=0.12)
    assert found.copied == said["copied"] == 0 and min(found.told, found.judged, found.completed) >= 0.75
    assert min(said["right"], said["told"], said["judged"], said["completed"]) > 0.9
    assert [line[0] for line in found.shown] == [*PICTURES.labels]
