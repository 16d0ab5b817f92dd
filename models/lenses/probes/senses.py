"""Polysemy: the sense of a word decides what comes after it, and inside, where its vector lies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import ClassVar

import numpy as np

from models.contract import LanguageModel
from models.corpora.little_world.parts.senses import SENSES
from models.errors import UserError
from models.gpt import GPT
from models.lenses.batches import last_streams
from models.lenses.probes.probe import SEED, CaseProbe, Finding, Probe, knows_words, tokens_of
from models.ops import Array, quiet
from models.switches import Switch

CASES = 400  # a sense is met some 30 times
MET = 150  # cases that the mean of a sense is taken from: ten of it and more


class Senses(CaseProbe):
    """The bank by the river floods, the one in the city lends."""

    slug = "senses"
    title = "words with several senses"
    asks = "what it does in the sense that its place gave to it, and in none of its others"
    part = "senses"

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After the word, if a place was named: what it does in any of its senses."""
        word = said[at - 1]
        if word not in SENSES["senses"] or said[1] != "was":
            return ()
        return {verb for sense in SENSES["senses"][word] for verb in SENSES["verb"][sense]}

    def kind(self, said: Sequence[str], at: int) -> str:
        """The word."""
        return said[at - 1]


class SenseVectors(Probe):
    """Is a word's vector nearest to the mean of its own sense's? Half of the texts make the means, half ask."""

    slug = "sense-vectors"
    title = "senses as vectors"
    asks = (
        "the vector of `bank` after the last layer lies with others of its sense; a guess: the vector before any layer"
    )
    gpt_only: ClassVar[bool] = True

    def measure(self, model: LanguageModel, switches: Iterable[Switch] = ()) -> Finding:
        """The share after the last layer, a mean over the words; `parts` has the share after each layer."""
        if not isinstance(model, GPT):
            raise UserError(f"{model.name} has no layers to look into", "give a GPT")
        cases = Senses().cases(CASES, SEED)
        vectors = last_streams(model, tokens_of(model, cases), switches)  # N L+1 C
        senses, kinds = (np.array(each) for each in zip(*((min(case.right), case.kind) for case in cases), strict=True))
        shares = np.mean([_share(vectors[kinds == kind], senses[kinds == kind]) for kind in np.unique(kinds)], 0)
        names = ["before any layer", *(f"after layer {layer}" for layer in range(model.config.n_layer))]
        by_layer = dict(zip(names, map(float, shares), strict=True))
        asked = sum((list(kinds).count(kind) + 1) // 2 for kind in np.unique(kinds))
        return Finding(float(shares[-1]), float(shares[0]), asked, by_layer)


def sense_means(model: GPT, word: str, switches: Iterable[Switch] = ()) -> Mapping[str, Array]:
    """The mean stream of a word in each of its senses, before the first layer and after each: (L+1 C), by the sense.

    Of the probe's cases, which begin with a line end; nothing where the world or the model knows of no senses.
    """
    if word not in SENSES["senses"] or not knows_words(model):
        return {}
    cases = [case for case in Senses().cases(MET, SEED) if case.kind == word]
    verbs = {sense: SENSES["verb"][sense] for sense in SENSES["senses"][word]}
    senses = [next(sense for sense in verbs if case.right <= {*verbs[sense]}) for case in cases]
    kinds, means = _means(last_streams(model, tokens_of(model, cases), switches), np.array(senses))
    return dict(zip(kinds.tolist(), means, strict=True))


def _means(vectors: Array, senses: Array) -> tuple[Array, Array]:
    """The kinds of senses (K) and the mean of the vectors (N L C) of each: (K L C)."""
    kinds = np.unique(senses)
    with quiet():
        return kinds, np.stack([vectors[senses == kind].mean(0) for kind in kinds])


def _share(vectors: Array, senses: Array) -> Array:
    """Of vectors (N L C), for each layer the share of the second half nearest to its own sense's mean: (L)."""
    half = len(vectors) // 2
    kinds, means = _means(vectors[:half], senses[:half])
    with quiet():
        distances = np.linalg.norm(vectors[half:, None] - means, axis=-1)  # N/2 K L
    return np.mean(kinds[distances.argmin(1)] == senses[half:, None], 0)
