"""The little world: a language of short texts, so small that the true probability of every next word is known.

>>> from models.corpora import little_world
>>> world = little_world.world()
>>> belief = world.truth("michael jordan plays")
>>> belief.p
{'basketball': 1.0}
>>> belief.readings[0].says
'about people and sports; michael jordan plays basketball'

Its parts are data, one file each in `parts/`; `notation.py` says how their rules are written.
"""

from functools import lru_cache

from models.corpora.little_world.belief import LINE_END, Belief, Reading
from models.corpora.little_world.parts import ALL, Part
from models.corpora.little_world.symbols import Edition
from models.corpora.little_world.world import Floor, Text, World, split
from models.tokenizers import Tokenizer

__all__ = [
    "ALL", "LINE_END", "Belief", "Edition", "Floor", "Part", "Reading", "Text", "World", "split", "tokenizer", "world",
]  # fmt: skip


@lru_cache
def world(edition: Edition = "whole") -> World:
    """The world with all its parts, read once; see `World` for what the editions are."""
    return World(edition)


@lru_cache
def tokenizer() -> Tokenizer:
    """The world's words as tokens: what a run that learns from it has."""
    return Tokenizer.of_words(*world().vocabulary)
