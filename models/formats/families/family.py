"""A family of models: what its config.json says, as a GPTConfig, and which of its tensors each weight is made of.

All families store what transformers' classes of their names store: linear layers (out, in), where ours are (in, out).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from models.errors import UserError
from models.formats import tensor_names
from models.formats.families.settings import ACTIVATIONS, Settings
from models.formats.gpt2_config import SIZES
from models.gpt_config import GPTConfig, weight_shapes
from models.ops import Array

PLACE = re.compile(r"(?:h\.(\d+)\.)?(.+)\.(weight|bias)")  # of our names: layer, what it is, which of the two
WIDEST = 1 << 20  # MLP
OF_TOKENS = ("wte", "lm_head")
TABLES = (*OF_TOKENS, "wpe")  # whose rows are a token's or a position's, everywhere


@dataclass(frozen=True, slots=True)
class Stored:
    """One of our weights as a family stores it: the shapes of tensors that stand one below the other."""

    tensors: Mapping[str, tuple[int, ...]]
    turned: bool  # (out, in), where ours is (in, out)
    woven: int = 0  # heads whose query, key and value stand together, head after head; 0: all queries come first

    def gathered(self, found: MutableMapping[str, Array]) -> Array:
        """Our weight, from their tensors, which are taken out."""
        parts = [found.pop(name) for name in self.tensors]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if self.woven:
            rows = whole.reshape(self.woven, 3, -1, *whole.shape[1:])
            whole = rows.swapaxes(0, 1).reshape(whole.shape)
        return whole.T if self.turned else whole

    def scattered(self, weight: Array) -> dict[str, Array]:
        """Their tensors, from our weight: the reverse."""
        whole = weight.T if self.turned else weight
        if self.woven:
            rows = whole.reshape(3, self.woven, -1, *whole.shape[1:])
            whole = rows.swapaxes(0, 1).reshape(whole.shape)
        ends = np.cumsum([shape[0] for shape in self.tensors.values()])
        return dict(zip(self.tensors, np.split(whole, ends[:-1]), strict=True))


class Family(ABC):
    """Models that one config.json and one set of tensor names describe."""

    title: ClassVar[str]  # what people call it
    architectures: ClassVar[Mapping[str, str]]  # transformers' class for each model_type of its config.json
    prefix: ClassVar[str]  # what stands before all names but the unembedding's
    layers: ClassVar[str]  # what its blocks are called
    names: ClassVar[Mapping[str, tuple[str, ...]]]  # of our weights: theirs, without their layer
    unread: ClassVar[re.Pattern[str]]  # tensors that are computed here
    words: ClassVar[dict[str, str]] = {  # of a GPTConfig: theirs
        "vocab_size": "vocab_size", "block_size": "max_position_embeddings", "n_layer": "num_hidden_layers",
        "n_head": "num_attention_heads", "n_embd": "hidden_size", "activation": "hidden_act", "eps": "layer_norm_eps",
        "n_inner": "intermediate_size", "tied": "tie_word_embeddings",
    }  # fmt: skip
    woven = False  # whether query, key and value of a head stand together

    @abstractmethod
    def read(self, settings: Settings) -> GPTConfig:
        """What a config.json says; UserError for a setting that is not handled."""

    @abstractmethod
    def write(self, config: GPTConfig) -> dict[str, Any]:
        """The reverse, as far as there is one."""

    def config(self, found: Mapping[str, Any], what: str) -> GPTConfig:
        """The model that a parsed config.json, the file `what`, describes; UserError for what is not handled in it."""
        return self.config_and_notes(found, what)[0]

    def config_and_notes(self, found: Mapping[str, Any], what: str) -> tuple[GPTConfig, dict[str, Any]]:
        """The same, and the settings that change nothing, and that nobody here knows."""
        settings = Settings(found, what, self.title)
        try:
            config = self.read(settings)
        except UserError as error:
            raise error.at(what) if error.setting else error from None
        return config, settings.notes()

    def usual(self, given: Settings, activation: str, tied: bool, eps: float) -> dict[str, Any]:
        """What every family says in its own words, as a GPTConfig has it; these are the defaults it has."""
        theirs = self.words
        sizes = {ours: given.size(theirs[ours], most) for ours, (_, most) in SIZES.items()}
        return {
            **sizes,
            "activation": given.one_of(theirs["activation"], ACTIVATIONS, activation),
            "eps": given.number(theirs["eps"], eps),
            "n_inner": given.size(theirs["n_inner"], WIDEST, 4 * sizes["n_embd"]),
            "tied": given.flag(theirs["tied"], tied),
        }

    def usual_written(self, config: GPTConfig, kind: str) -> dict[str, Any]:
        """The reverse, for a model_type, with what transformers wants to know."""
        activations = {ours: theirs for theirs, ours in reversed(ACTIVATIONS.items())}
        values = {ours: getattr(config, ours) for ours in self.words}
        values |= {"activation": activations[config.activation], "n_inner": config.mlp_width}
        return {
            "model_type": kind,
            "architectures": [self.architectures[kind]],
            "dtype": "float32",  # what to compute in, whatever the weights are stored as
            **{self.words[ours]: value for ours, value in values.items()},
            **dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id")),
        }

    def holds(self, config: GPTConfig) -> bool:
        """Whether a config.json of this family brings it back."""
        try:
            return self.config(self.write(config), "") == config
        except UserError:
            return False

    def own_name(self, tensor: str) -> str | None:
        """What a tensor of a file is called here, the token tables as ours; None for one that is passed over."""
        plain = tensor_names.own(tensor, self.unread)
        return next((f"{ours}.weight" for ours in OF_TOKENS if plain == f"{self.names[ours][0]}.weight"), plain)

    def stored(self, config: GPTConfig) -> dict[str, Stored]:
        """How each of our weights is stored, the tensors by what `own_name` calls them."""
        heads = (config.n_head, config.kv_heads, config.kv_heads)
        found = dict[str, Stored]()
        for name, shape in weight_shapes(config).items():
            layer, what, kind = _place(name)
            turned = len(shape) == 2 and what not in TABLES
            rows = shape[::-1] if turned else shape
            theirs = (what,) if what in OF_TOKENS else self.names[what]
            sizes = [each * config.head_width for each in heads] if len(theirs) == 3 else [rows[0]]
            at = f"{self.layers}.{layer}." if layer else ""
            tensors = {f"{at}{each}.{kind}": (size, *rows[1:]) for each, size in zip(theirs, sizes, strict=True)}
            woven = config.n_head if self.woven and what == "attn.c_attn" else 0
            found[name] = Stored(tensors, turned, woven)
        return found

    def full_name(self, tensor: str) -> str:
        """The name in a file of what `own_name` calls so."""
        ours = next((each for each in OF_TOKENS if tensor == f"{each}.weight"), None)
        plain = tensor if ours is None else f"{self.names[ours][0]}.weight"
        return plain if ours == "lm_head" else self.prefix + plain


def _place(name: str) -> tuple[str | None, str, str]:
    found = PLACE.fullmatch(name)
    assert found, name
    layer, what, kind = found.groups()
    return layer, what, kind
