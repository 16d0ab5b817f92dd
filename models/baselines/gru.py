"""The recurrent baseline: a language model of gated recurrent units, which hands a state on and never looks back.

Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder"; the variant and the names of the weights
are those of torch's nn.GRU (the reset gate acts after the product, as in cuDNN). NumPy runs it in the app,
training/learners.py trains it.

Shape letters: T tokens, C width of the state, L layers, V vocabulary; 3C are the gates reset, update, new, in this
order.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models import model_files
from models.errors import UserError
from models.formats.files import shown, shown_value
from models.formats.gpt2_config import SIZES, size
from models.model_files import Beside, Contents
from models.ops import Array, quiet
from models.tokenizers import Tokenizer

TYPE = "transformer_playground_gru"  # model_type in config.json


@dataclass(frozen=True, slots=True)
class GRUConfig:
    """Sizes of a GRU; raises UserError for one below 1."""

    vocab_size: int
    n_layer: int
    n_embd: int  # C: of the embedding and of every layer's state

    def __post_init__(self) -> None:
        """Refuse what cannot be built, by name."""
        for name, value in asdict(self).items():
            if value < 1:
                raise UserError(f"must be at least 1, not {value}", "give 1 or more", setting=name)


def weight_shapes(config: GRUConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight: the embedding, which is also the unembedding, and the layers'."""
    C = config.n_embd
    shapes: dict[str, tuple[int, ...]] = {"wte.weight": (config.vocab_size, C)}
    for layer in range(config.n_layer):
        shapes |= {f"gru.weight_{which}_l{layer}": (3 * C, C) for which in ("ih", "hh")}
        shapes |= {f"gru.bias_{which}_l{layer}": (3 * C,) for which in ("ih", "hh")}
    return shapes


def width_for(n_parameters: int, vocab_size: int, n_layer: int) -> int:
    """The width at which a GRU of so many layers has nearest to so many parameters: V C + L (6 C^2 + 6 C)."""
    a, b = 6 * n_layer, vocab_size + 6 * n_layer
    below = max(1, math.floor((math.sqrt(b * b + 4 * a * n_parameters) - b) / (2 * a)))
    return min((below, below + 1), key=lambda C: abs(a * C * C + b * C - n_parameters))


@dataclass(frozen=True, eq=False)
class GRU:
    """A GRU as a value: sizes, weights by name, and the tokenizer it was trained with. It has no context to fill.

    `training` is what the folder's training.json says of how it came to be; empty for a model made in memory.
    """

    config: GRUConfig
    weights: Mapping[str, Array]
    tokenizer: Tokenizer | None = None
    name: str = "gru"
    training: Mapping[str, Any] = field(default_factory=dict)
    _last: dict[str, tuple[list[int], Array]] = field(default_factory=dict, init=False, repr=False)  # see next_logits

    @property
    def vocab_size(self) -> int:
        """V."""
        return self.config.vocab_size

    @property
    def nbytes(self) -> int:
        """Bytes of memory its weights take."""
        return sum(int(weight.nbytes) for weight in self.weights.values())

    @property
    def n_parameters(self) -> int:
        """How many numbers were learned."""
        return sum(math.prod(shape) for shape in weight_shapes(self.config).values())

    def begin(self) -> Array:
        """What it knows before the first token, nothing: the state of every layer (L C), which is all it ever knows."""
        return np.zeros((self.config.n_layer, self.config.n_embd), self.weights["wte.weight"].dtype)

    def read(self, tokens: Sequence[int], state: Array) -> tuple[Array, Array]:
        """Go on from a state: row t scores what follows tokens[:t + 1], (T V); and the state after the last."""
        wte, state = self.weights["wte.weight"], state.copy()
        x = wte[np.asarray(tokens, np.int64)]  # T C
        with quiet():
            for layer in range(self.config.n_layer):
                x = self._layer(layer, x, state[layer])
                if len(x):
                    state[layer] = x[-1]
            return x @ wte.T, state

    def logits(self, tokens: Sequence[int]) -> Array:
        """Row t scores what follows tokens[:t + 1]: (T V)."""
        return self.read(tokens, self.begin())[0]

    def next_logits(self, tokens: Sequence[int]) -> Array:
        """Scores of what follows all of `tokens`, at least one: (V,); one step where the last call was one shorter."""
        text = list(tokens)
        known, state = self._last.get("text", ([], self.begin()))
        if not 0 < len(known) < len(text) or text[: len(known)] != known:
            known, state = [], self.begin()
        scores, state = self.read(text[len(known) :], state)
        self._last["text"] = text, state
        return scores[-1]

    def _layer(self, layer: int, x: Array, h: Array) -> Array:
        """What one layer says after each token: (T C) and its state (C) to (T C)."""
        w_ih, w_hh, b_ih, b_hh = (
            self.weights[f"gru.{what}_l{layer}"] for what in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        C = h.size
        out = np.empty_like(x)
        for t, read in enumerate(x @ w_ih.T + b_ih):  # 3C
            kept = w_hh @ h + b_hh  # 3C
            gates = 0.5 + 0.5 * np.tanh(0.5 * (read[: 2 * C] + kept[: 2 * C]))  # the logistic function, never overflows
            reset, update = gates[:C], gates[C:]
            new = np.tanh(read[2 * C :] + reset * kept[2 * C :])
            out[t] = h = new + update * (h - new)
        return out

    def save(
        self,
        folder: str | os.PathLike[str],
        dtype: str = "float32",
        card: str = "",
        beside: Iterable[Beside] = (),
        new: bool = False,
    ) -> None:
        """Write its model folder as a whole, as `model_folders.save` does."""
        assert {name: np.shape(weight) for name, weight in self.weights.items()} == weight_shapes(self.config)
        assert self.tokenizer is None or model_files.fit(self.tokenizer, self.vocab_size)
        contents = Contents(dict(self.weights), self.tokenizer, dict(self.training))
        config = {"model_type": TYPE, **asdict(self.config)}
        model_files.write(folder, config, contents, dtype, card or _card(self), beside, new)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], dtype: str = "float32") -> GRU:
        """The model in a folder, its numbers as "float32" or "float64"; UserError as `model_folders.load` raises it."""
        where = Path(folder)
        config = config_of(model_files.read_config(where), shown(where / model_files.CONFIG))
        contents = model_files.read(where, weight_shapes(config), {}, dtype, own_name=lambda name: name)
        return cls(config, contents.weights, contents.tokenizer, model_files.name_of(where), contents.training)


def is_gru(found: Mapping[str, Any]) -> bool:
    """Whether a parsed config.json says so."""
    return found.get("model_type") == TYPE


def config_of(found: dict[str, Any], what: str) -> GRUConfig:
    """What a parsed config.json says of a GRU; UserError for one that is none, `what` being its name."""
    if not is_gru(found):
        kind = shown_value(found.get("model_type"), 40)
        raise UserError(f"{what}: model_type is {kind}", f"it must be {TYPE!r} for a GRU")
    sizes = {name: size(found, name, SIZES[name][1], what) for name in ("vocab_size", "n_layer", "n_embd")}
    for name in sorted(found.keys() - sizes.keys() - {"model_type"}):
        raise UserError(f"{what}: {shown(name)} = {shown_value(found[name], 40)} is not handled", "take it out")
    return GRUConfig(**sizes)


def _card(model: GRU) -> str:
    kind = "A recurrent language model (GRU): torch's nn.GRU with a tied embedding."
    return model_files.card(model.name, kind, asdict(model.config), model.n_parameters, model.training)
