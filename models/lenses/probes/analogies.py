"""Analogies: paris - france + italy = rome, in the embedding itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations
from typing import ClassVar

import numpy as np

from models.contract import LanguageModel
from models.corpora.little_world.words import ANIMALS, KIN_PAIRS, LANDS, ROLE_PAIRS
from models.errors import UserError
from models.gpt import GPT
from models.lenses.probes.probe import Finding, Probe, words_of
from models.lenses.vectors import embedding, nearness, units
from models.ops import Array
from models.switches import Switch

Pairs = list[tuple[str, str]]
SETS: dict[str, Pairs] = {
    "king queen": ROLE_PAIRS,
    "uncle aunt": KIN_PAIRS,
    "capital": [(land, str(city)) for land, city in LANDS["capital"].items()],
    "language": [(land, str(tongue)) for land, tongue in LANDS["language"].items()],
    "food": [(land, str(dish)) for land, dish in LANDS["dish"].items()],
    "plural": [(one, str(many)) for one, many in ANIMALS["plural"].items()],
    "verb": [(str(ANIMALS["they"][one]), str(it)) for one, it in ANIMALS["it"].items()],
}


class Analogies(Probe):
    """A is to b as c is to d, for every two pairs of a set, both ways round (Mikolov et al. 2013)."""

    slug = "analogies"
    title = "analogies"
    asks = (
        "paris - france + italy = rome: the nearest vector, the three given words left out; a guess: nearest to italy"
    )
    of_weights: ClassVar[bool] = True
    gpt_only: ClassVar[bool] = True

    def measure(self, model: LanguageModel, switches: Iterable[Switch] = ()) -> Finding:
        """The mean over the sets of the share right; chance is what the same search finds without b - a."""
        if not isinstance(model, GPT):
            raise UserError(f"{model.name} has no embedding", "analogies need a GPT")
        ids, vectors = words_of(model).ids, units(embedding(model))
        shares, guesses, sizes = {}, [], {}
        for name, pairs in SETS.items():
            quads = np.array([[ids[word] for word in quad] for quad in questions(pairs)])  # Q 4
            a, b, c = (vectors[quads[:, at]] for at in range(3))
            shares[name] = _found(b - a + c, vectors, quads)
            guesses.append(_found(c, vectors, quads))
            sizes[name] = len(quads)
        score, chance = float(np.mean([*shares.values()])), float(np.mean(guesses))
        return Finding(score, chance, sum(sizes.values()), shares, sizes)


def questions(pairs: Pairs) -> Iterator[tuple[str, str, str, str]]:
    """Every a, b, c, d with a to b as c to d."""
    for (a, b), (c, d) in permutations(pairs, 2):
        yield a, b, c, d
        yield b, a, d, c


def _found(wanted: Array, vectors: Array, quads: Array) -> float:
    """The share of questions whose fourth word is nearest to what is wanted (Q C)."""
    return float((nearness(wanted, vectors, quads[:, :3]).argmax(-1) == quads[:, 3]).mean())
