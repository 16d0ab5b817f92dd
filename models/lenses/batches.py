"""Many texts at once, with switches, where only what comes after each matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT, forward
from models.ops import Array
from models.switches import Switch, check

LARGEST = 64  # texts in a pass


class Edits:
    """A tap that applies switches and keeps nothing else."""

    def __init__(self, model: GPT, switches: Iterable[Switch]) -> None:
        """Take the switches; UserError if the model has no such place."""
        self.switches, self.ops = check(switches, model.config), model.ops
        self.seen: dict[str, Array] = {}

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Edit and hand back."""
        for switch in self.switches:
            if name in switch.sites and switch.acts_in(layer):
                value = switch.edit(name, value, self.seen, self.ops)
        self.seen[name] = value
        return value


def next_logits(model: LanguageModel, texts: Sequence[Sequence[int]], switches: Iterable[Switch] = ()) -> Array:
    """Scores of what follows each of the texts: (N V); a GPT is cut to its context, and only a GPT has switches."""
    if not isinstance(model, GPT):
        if tuple(switches):
            raise UserError(f"{model.name} has nothing to switch off - give a GPT")
        return np.stack([model.logits(text)[-1] for text in texts])
    by_length: Mapping[int, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        by_length[min(len(text), model.config.block_size)].append(number)
    found = np.empty((len(texts), model.vocab_size), model.weights["wte.weight"].dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # a switch may send values to infinity
        for length, numbers in by_length.items():  # one length a pass: no padding to be looked at
            for at in range(0, len(numbers), LARGEST):
                batch = numbers[at : at + LARGEST]
                tokens = np.array([texts[number][-length:] for number in batch])  # B T
                found[batch] = forward(model, tokens, tap=Edits(model, switches))[:, -1]
    return found
