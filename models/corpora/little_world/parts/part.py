"""A part of the world. How to add one: a file beside this with a `Part`, and a line in `__init__.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.corpora.little_world.symbols import Table


@dataclass(frozen=True)
class Part:
    """One kind of text, as data.

    `rules` are written as `notation.py` says and begin with the rule `text`; they may use the shared lists and
    relations of `words.py` and their own. `meanings` say in plain words what is known at a place, in the same
    notation; one that speaks of something unknown is left out.
    """

    name: str
    share: float  # how often a text is of this kind, against the others
    shows: str  # the idea it makes testable
    meanings: tuple[str, ...]
    rules: str
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    relations: Mapping[str, Table] = field(default_factory=dict)
