"""Where heads look from the last word of many texts: what makes a head an induction head, or finds a word's cue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from models.gpt import GPT
from models.lenses.batches import batches, last_scores
from models.lenses.probes import Case
from models.lenses.probes.induction import MadeUpNames
from models.lenses.probes.probe import tokens_of
from models.ops import Array
from models.switches import Switch
from models.switches.edits import Watch


def attention_to(
    model: GPT, texts: Sequence[Sequence[int]], places: Sequence[Collection[int]], switches: Iterable[Switch] = ()
) -> Array:
    """How much of its attention each head gives, from each text's last token, to these places of it: (L H), a mean.

    Places are positions from 0; what the context cuts off gets nothing.
    """
    config, switches = model.config, tuple(switches)
    found = np.zeros((config.n_layer, config.n_head))
    for numbers, tokens in batches(model, texts):
        watch = Watch("pattern", position=-1)
        last_scores(model, tokens, switches, watch=watch)
        for (_, layer), pattern in watch.kept.items():  # B H S
            for number, rows in zip(numbers, pattern, strict=True):
                gone = len(texts[number]) - tokens.shape[1]
                seen = [place - gone for place in places[number] if place >= gone]
                found[layer or 0] += rows[:, seen].sum(-1)
    return found / max(len(texts), 1)


def induction(model: GPT, cases: Sequence[Case] | None = None, switches: Iterable[Switch] = ()) -> Array:
    """From a made-up name said again, how much each head looks at what followed it the first time: (L H).

    Olsson et al. 2022, "In-context Learning and Induction Heads". UserError if the model does not know the little
    world's words.
    """
    cases = MadeUpNames().cases() if cases is None else cases
    places = [(case.words.index(case.words[-1]) + 1,) for case in cases]
    return attention_to(model, tokens_of(model, cases), places, switches)
