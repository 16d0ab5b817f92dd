"""Many texts at once, with switches, where only what comes after each matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from models.baselines import Baseline
from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT, forward
from models.ops import Array, idle
from models.switches import Switch, check, under
from models.switches.edits import Patch, Watch, edited

LARGEST = 64  # texts in a pass


def batches(model: GPT, texts: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], Array]]:
    """Texts of one length together, cut to the context: which they are, and their tokens (B T)."""
    by_length: Mapping[int, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        by_length[min(len(text), model.config.block_size)].append(number)
    for length, numbers in by_length.items():  # one length a pass: no padding to be looked at
        for at in range(0, len(numbers), LARGEST):
            some = numbers[at : at + LARGEST]
            yield some, np.array([texts[number][-length:] for number in some])


def last_scores(
    model: GPT,
    tokens: Array,
    switches: Iterable[Switch] = (),
    patches: Iterable[Patch] = (),
    watch: Watch | None = None,
) -> Array:
    """One pass over texts (.. T): the scores of what follows each, (.. V). Switches act after a patch, where both do.

    UserError if the model has no place for a switch.
    """
    edits = (*patches, *check(switches, model.config))
    model = under(model, edits)
    tap = edited(model, edits, tokens.shape[-1], watch or idle)
    last = all(edit.by_row for edit in edits) and (watch is None or watch.position == -1)
    return forward(model, tokens, tap=tap, asked=1 if last else None)[..., -1, :]


def next_logits(model: LanguageModel, texts: Sequence[Sequence[int]], switches: Iterable[Switch] = ()) -> Array:
    """Scores of what follows each of the texts: (N V); a GPT is cut to its context, and only a GPT has switches."""
    switches = tuple(switches)
    if isinstance(model, GPT):
        found = np.empty((len(texts), model.vocab_size), model.weights["wte.weight"].dtype)
        for numbers, tokens in batches(model, texts):
            found[numbers] = last_scores(model, tokens, switches)
        return found
    if switches:
        raise UserError(f"{model.name} has nothing to switch off", "give a GPT")
    if isinstance(model, Baseline):
        return np.stack([model.next_logits(text) for text in texts])
    return np.stack([model.logits(text)[-1] for text in texts])


def last_streams(model: GPT, texts: Sequence[Sequence[int]], switches: Iterable[Switch] = ()) -> Array:
    """The residual stream at each text's last position, before the first layer and after each: (N L+1 C)."""
    depths = [("resid_pre", 0), *(("resid_post", layer) for layer in range(model.config.n_layer))]
    shape = len(texts), len(depths), model.config.n_embd
    found, switches = np.empty(shape, model.weights["wte.weight"].dtype), tuple(switches)
    for numbers, tokens in batches(model, texts):
        watch = Watch("resid_pre", "resid_post", position=-1)
        last_scores(model, tokens, switches, watch=watch)
        found[numbers] = np.stack([watch.kept[depth] for depth in depths], 1)
    return found
