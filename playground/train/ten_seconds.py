"""A run that is over in some ten seconds, and learns what it is asked within them.

Its text says of sixteen people what they play, again and again in another order. First it learns that a sport comes
after "plays", which a bigram knows as well; then whose: the name stands two words back, and only attention reaches it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from models.corpora.spec import TokenizerSpec
from models.runs import preset
from playground.train.form import Plan, new_name

TEXT = Path(__file__).with_name("plays.txt")
PROMPT = "michael jordan plays"
ANSWER = "basketball"


def plan(taken: Collection[str]) -> Plan:
    """The run, by a name that no other has."""
    config = replace(preset("overfit"), lr=3e-3, steps=200, eval_every=10)
    return Plan(new_name("ten-seconds", taken), config, (str(TEXT),), TokenizerSpec("word"))
