"""Verse to count, as the baselines' tests do."""

from __future__ import annotations

import random

VERSE = (
    "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"
    "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date;\n"
)


# enough of everything for all four counts of counts to be there
LONG = "".join(random.Random(3).choices(VERSE.split(" "), k=600)) + VERSE * 2


def chars(text: str) -> tuple[list[int], int]:
    letters = sorted(set(text))
    return [letters.index(c) for c in text], len(letters)
