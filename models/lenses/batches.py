"""Many texts at once, with switches, where only what comes after each matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from models.baselines import Baseline
from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT, forward
from models.ops import Array
from models.switches import Switch, check

LARGEST = 64  # texts in a pass


class Edits:
    """A tap that applies switches, keeps nothing else, and has only the last position scored."""

    def __init__(self, model: GPT, switches: Iterable[Switch]) -> None:
        """Take the switches; UserError if the model has no such place."""
        checked = check(switches, model.config)
        self.switches = tuple(switch for switch in checked if not switch.idle_in(model.config))
        self.ops = model.ops
        self.seen: dict[str, Array] = {}

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Edit and hand back."""
        for switch in self.switches:
            if name in switch.sites and switch.acts_in(layer):
                value = switch.edit(name, value, self.seen, self.ops)
        self.seen[name] = value
        return value[..., -1:, :] if name == "ln_final" else value


class Watching(Edits):
    """Edits that also keep the last position of some values: `kept[name, layer]` is (B .. x)."""

    def __init__(self, model: GPT, places: Iterable[tuple[str, int]], switches: Iterable[Switch] = ()) -> None:
        """Take the places, (site, layer)."""
        super().__init__(model, switches)
        self.places = frozenset(places)
        self.kept: dict[tuple[str, int | None], Array] = {}

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Edit, keep and hand back."""
        value = super().__call__(name, value, layer)
        if (name, layer) in self.places:
            self.kept[name, layer] = value[..., -1, :].copy()
        return value


def batches(model: GPT, texts: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], Array]]:
    """Texts of one length together, cut to the context: which they are, and their tokens (B T)."""
    by_length: Mapping[int, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        by_length[min(len(text), model.config.block_size)].append(number)
    for length, numbers in by_length.items():  # one length a pass: no padding to be looked at
        for at in range(0, len(numbers), LARGEST):
            some = numbers[at : at + LARGEST]
            yield some, np.array([texts[number][-length:] for number in some])


def last_scores(model: GPT, tokens: Array, tap: Edits) -> Array:
    """One pass over texts (.. T): the scores of what follows each, (.. V). A switch may send values to infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        return forward(model, tokens, tap=tap)[..., -1, :]


def next_logits(model: LanguageModel, texts: Sequence[Sequence[int]], switches: Iterable[Switch] = ()) -> Array:
    """Scores of what follows each of the texts: (N V); a GPT is cut to its context, and only a GPT has switches."""
    if isinstance(model, GPT):
        return _gpt_logits(model, texts, switches)
    if tuple(switches):
        raise UserError(f"{model.name} has nothing to switch off", "give a GPT")
    if isinstance(model, Baseline):
        return np.stack([model.next_logits(text) for text in texts])
    return np.stack([model.logits(text)[-1] for text in texts])


def _gpt_logits(model: GPT, texts: Sequence[Sequence[int]], switches: Iterable[Switch]) -> Array:
    found, switches = np.empty((len(texts), model.vocab_size), model.weights["wte.weight"].dtype), tuple(switches)
    for numbers, tokens in batches(model, texts):
        found[numbers] = last_scores(model, tokens, Edits(model, switches))
    return found


def last_streams(model: GPT, texts: Sequence[Sequence[int]], switches: Iterable[Switch] = ()) -> Array:
    """The residual stream at each text's last position, before the first layer and after each: (N L+1 C)."""
    depths = [("resid_pre", 0), *(("resid_post", layer) for layer in range(model.config.n_layer))]
    shape = len(texts), len(depths), model.config.n_embd
    found, switches = np.empty(shape, model.weights["wte.weight"].dtype), tuple(switches)
    for numbers, tokens in batches(model, texts):
        tap = Watching(model, depths, switches)
        last_scores(model, tokens, tap)
        found[numbers] = np.stack([tap.kept[depth] for depth in depths], 1)
    return found
