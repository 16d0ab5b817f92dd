"""Lines that are pictures: their greys, and what a model's folder may say of them."""

from __future__ import annotations

import math

import pytest

from models.corpora.pictures import Pictures
from models.errors import UserError

SMALL = Pictures(width=3, height=2, shades=" o#", labels="ab")


def test_pixels_are_greys_row_by_row_and_what_is_not_there_yet_is_no_number() -> None:
    image = SMALL.image(" o##")
    assert image.shape == (2, 3)
    assert image.ravel()[:4].tolist() == [0, 0.5, 1, 1] and all(map(math.isnan, image.ravel()[4:]))
    assert SMALL.image(" o##   #").tolist() == [[0, 0.5, 1], [1, 0, 0]], "what is too much is left out"


def test_a_whole_line_is_a_label_and_all_pixels() -> None:
    assert SMALL.is_whole("a o#o# ")
    for line in ("", "a", "a o#o#", "a o#o#  ", "c o#o# ", "a o#ob ", "  o#o# "):
        assert not SMALL.is_whole(line), line


def test_they_are_what_the_folder_says_and_nothing_where_that_makes_no_sense() -> None:
    said = {"width": 3, "height": 2, "shades": " o#", "labels": "ab"}
    assert Pictures.of({"corpus": {"kind": "digits", "pictures": said}}) == SMALL
    for wrong in (
        said | {"width": 0},
        said | {"height": 1 << 40},
        said | {"shades": "o"},
        said | {"shades": "oo#"},
        said | {"labels": "a#"},
        said | {"more": 1},
        {"width": 3},
        None,
        [1],
    ):
        assert Pictures.of({"corpus": {"pictures": wrong}}) is None, wrong
    assert Pictures.of({}) is None and Pictures.of({"corpus": 3}) is None and Pictures.of({"corpus": {}}) is None
    with pytest.raises(UserError, match="width is 0"):
        Pictures(0, 2, " o#", "ab")
