"""Patching: put what another text made the model think into a pass, at one place, and see what it says then.

Vig et al. 2020, "Investigating Gender Bias in Language Models Using Causal Mediation Analysis"; Meng et al. 2022,
"Locating and Editing Factual Associations in GPT".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from random import Random

import numpy as np

from models.corpora.little_world import LINE_END
from models.corpora.little_world.parts.facts import SPORT
from models.gpt import GPT
from models.lenses.batches import last_scores
from models.lenses.probes.probe import words_of
from models.ops import Array
from models.switches import Switch
from models.switches.edits import Patch, Watch

SITES = ("resid_pre", "attn_out", "mlp_out")


@dataclass(frozen=True, eq=False, slots=True)
class Transfer:
    """How often a patch made the model say what the other text would say."""

    sites: tuple[str, ...]  # Z
    shares: Array  # Z L T, by site, layer and position, of the pairs
    without: float  # the share that says so unpatched
    pairs: int


def transfer(
    model: GPT,
    texts: Array,
    others: Array,
    wanted: Array,
    sites: Sequence[str] = SITES,
    switches: Iterable[Switch] = (),
) -> Transfer:
    """Patch each place of `texts` (N T) in turn with what `others` (N T) have there.

    `wanted` (N,) are the tokens the others would be followed by. Costs a pass for each site, layer and position. A site
    the model does not have transfers nothing.
    """
    texts, others, wanted, switches = np.asarray(texts), np.asarray(others), np.asarray(wanted), tuple(switches)
    assert texts.shape == others.shape and len(wanted) == len(texts), "texts of one length, each with its other"
    there = Watch(*sites)
    last_scores(model, others, switches, watch=there)
    without = float((last_scores(model, texts, switches).argmax(-1) == wanted).mean())
    shares = np.full((len(sites), model.config.n_layer, texts.shape[1]), without)
    for (site, layer), value in there.kept.items():
        for position in range(texts.shape[1]):
            patch = Patch(site, layer, position, value[..., position, :])
            said = last_scores(model, texts, switches, [patch]).argmax(-1)
            shares[sites.index(site), layer, position] = (said == wanted).mean()
    return Transfer(tuple(sites), shares, without, len(texts))


def facts_transfer(model: GPT, pairs: int = 192, seed: int = 1, switches: Iterable[Switch] = ()) -> Transfer:
    """Put another person's values into "michael jordan plays": where is the sport looked up?

    Positions are those of the line end, the first name, the last name, and "plays". UserError if the model does not
    know the little world's words.
    """
    ids = words_of(model).ids
    two = [(a, b) for a, b in permutations(SPORT, 2) if SPORT[a] != SPORT[b]]
    chosen = Random(seed).sample(two, min(pairs, len(two)))
    texts, others = (
        np.array([[ids[word] for word in (LINE_END, *pair[which], "plays")] for pair in chosen]) for which in (0, 1)
    )
    return transfer(model, texts, others, np.array([ids[SPORT[other]] for _, other in chosen]), switches=switches)
