"""The page on formats is what the code's own lists make of it, and what it says was measured is small."""

from __future__ import annotations

import re

from models.formats import families
from tests.models.formats.families.theirs import TOLERANCE
from tests.models.formats.table import PAGE, options, page

NUMBER = re.compile(r"\d\.\de[+-]\d\d")


def test_the_page_is_what_the_lists_of_the_code_make_of_it() -> None:
    there = PAGE.read_text("utf-8")
    assert NUMBER.sub("?", there) == page(lambda *_: "?"), "write it anew: python -m tests.models.formats.table"


def test_every_family_is_on_it_with_differences_that_are_small() -> None:
    kinds = {f"{kind}ForCausalLM" for kind, *_ in options()}
    assert kinds >= {each for family in families.ALL for each in family.architectures.values()}
    rows = [line for line in PAGE.read_text("utf-8").split("\n") if NUMBER.search(line)]
    assert len(rows) == len(list(options()))
    for row in rows:
        found = [float(number) for number in NUMBER.findall(row)]
        assert len(found) == 2 and all(0 < each < most for each, most in zip(found, TOLERANCE.values(), strict=True)), (
            row
        )
