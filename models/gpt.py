"""GPT-2, once: every tensor named, every shape on its line. NumPy runs it in the app, torch in training.

Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"; the shape of the pass (tokens and past in,
logits and present out) follows OpenAI's own model.py. Weights carry GPT-2's names, activations TransformerLens's.

Shape letters
    ..  leading axes (a batch in training, nothing in the app)
    T   new positions in this pass          S   all positions so far: past + T
    C   width of the residual stream        H   heads      D   width of a head, C / H
    F   width inside the MLP, 4 C           V   vocabulary
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import numpy as np

from models.errors import UserError
from models.ops import NUMPY, Array, Ops, Tap, idle

if TYPE_CHECKING:
    from models.tokenizers import Tokenizer

Positions = Literal["learned", "sinusoidal", "none"]
Activation = Literal["gelu_new", "gelu", "relu", "none"]
Part = Literal["mask", "scale", "norm", "residual", "mlp", "attention"]
PARTS: tuple[Part, ...] = get_args(Part)

# every value a pass offers to its tap, in order, with its shape; none of a part the model was built without
BLOCK_NAMES = {
    "resid_pre": "T C", "ln_1": "T C", "q": "H T D", "k": "H T D", "v": "H T D", "scores": "H T S",
    "pattern": "H T S", "z": "H T D", "attn_out": "T C", "resid_mid": "T C", "ln_2": "T C",
    "mlp_pre": "T F", "mlp_act": "T F", "mlp_out": "T C", "resid_post": "T C",
}  # fmt: skip
MODEL_NAMES = {"visible": "T S", "embed": "T C", "pos_embed": "T C", "ln_final": "T C", "logits": "T V"}
NAMES_OF: dict[Part, tuple[str, ...]] = {  # what goes with a part
    "mlp": ("ln_2", "mlp_pre", "mlp_act", "mlp_out"),
    "attention": ("ln_1", "q", "k", "v", "scores", "pattern", "z", "attn_out"),
}


@dataclass(frozen=True, slots=True)
class GPTConfig:
    """Sizes and choices of a GPT; raises UserError for a combination that cannot be built.

    `without` names the parts it was built, and so trained, without; what has no weights then is not computed either.
    mask: every position looks at every position. scale: scores are not divided by the root of D. norm: layer norm
    hands on what it reads. residual: attention and MLP replace the stream instead of adding to it. mlp, attention: the
    layers have none, nor its norm; with attention left out the last token alone decides what comes next.
    """

    vocab_size: int
    block_size: int
    n_layer: int
    n_head: int
    n_embd: int
    positions: Positions = "learned"
    activation: Activation = "gelu_new"
    tied: bool = True  # the unembedding is the embedding
    bias: bool = True
    eps: float = 1e-5
    without: tuple[Part, ...] = ()  # in the order of PARTS, whatever the order given

    def __post_init__(self) -> None:
        """Refuse what cannot be built, by name."""
        for name in ("vocab_size", "block_size", "n_layer", "n_head", "n_embd"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.n_embd % self.n_head:
            raise UserError(f"n_embd {self.n_embd} is not a multiple of n_head {self.n_head}")
        for part in self.without:
            if part not in PARTS:
                raise UserError(f"without can name {', '.join(PARTS)}, not {part!r}")
        object.__setattr__(self, "without", tuple(part for part in PARTS if part in self.without))  # it is frozen

    @property
    def lacks(self) -> tuple[str, ...]:
        """All it grew up without, in words: the parts, "positions", "nonlinearity"; for its card and header."""
        choices = {"positions": self.positions, "nonlinearity": self.activation}
        return self.without + tuple(word for word, choice in choices.items() if choice == "none")

    @property
    def looks_ahead(self) -> bool:
        """Whether it was built without the causal mask: then a row sees the very token it is asked for."""
        return "mask" in self.without

    @property
    def head_width(self) -> int:
        """D."""
        return self.n_embd // self.n_head


@dataclass(frozen=True, slots=True, eq=False)
class GPT:
    """A GPT as a value: sizes, weights by GPT-2's names, and the tokenizer it was trained with.

    `training` is what the folder's training.json says of how it came to be; empty for a model made in memory.
    """

    config: GPTConfig
    weights: Mapping[str, Array]
    tokenizer: Tokenizer | None = None
    name: str = "gpt"
    training: Mapping[str, Any] = field(default_factory=dict)
    ops: Ops = NUMPY

    @property
    def vocab_size(self) -> int:
        """V."""
        return self.config.vocab_size

    @property
    def n_parameters(self) -> int:
        """How many numbers were learned, counting tied ones once."""
        return sum(int(np.prod(shape)) for shape in weight_shapes(self.config).values())

    def logits(self, tokens: Sequence[int]) -> Array:
        """Row t scores what follows tokens[:t + 1]: (T V)."""
        return forward(self, np.asarray(tokens))


class Past(Protocol):
    """Keys and values of earlier positions; `update` adds the new ones and returns all."""

    @property
    def length(self) -> int:
        """S - T: how many positions came before."""

    def update(self, layer: int, k: Array, v: Array, /) -> tuple[Array, Array]:
        """New k and v (.. H T D) in, all of them (.. H S D) out."""


class NoPast:
    """A pass from the first position."""

    length = 0

    def update(self, layer: int, k: Array, v: Array, /) -> tuple[Array, Array]:
        """The new keys and values are all there are."""
        return k, v


def weight_shapes(config: GPTConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight, as GPT-2 stores it: linear layers (in, out)."""
    C, F = config.n_embd, 4 * config.n_embd
    shapes: dict[str, tuple[int, ...]] = {"wte.weight": (config.vocab_size, C)}
    if config.positions == "learned":
        shapes["wpe.weight"] = (config.block_size, C)
    for layer in range(config.n_layer):
        parts: dict[str, tuple[int, ...]] = {}
        if "attention" not in config.without:
            parts |= {"ln_1": (C,), "attn.c_attn": (C, 3 * C), "attn.c_proj": (C, C)}
        if "mlp" not in config.without:
            parts |= {"ln_2": (C,), "mlp.c_fc": (C, F), "mlp.c_proj": (F, C)}
        for name, shape in parts.items():
            _add(shapes, f"h.{layer}.{name}", shape, config)
    _add(shapes, "ln_f", (C,), config)
    if not config.tied:
        shapes["lm_head.weight"] = (config.vocab_size, C)
    return shapes


def _add(shapes: dict[str, tuple[int, ...]], name: str, shape: tuple[int, ...], config: GPTConfig) -> None:
    """The weight of that name and its bias, where the model has them."""
    if len(shape) == 1 and "norm" in config.without:
        return
    shapes[name + ".weight"] = shape
    if config.bias:
        shapes[name + ".bias"] = shape[-1:]


def forward(model: GPT, tokens: Array, past: Past | None = None, tap: Tap = idle) -> Array:
    """One pass: tokens (.. T) and past in, logits (.. T V) out; the past is updated with what is now present."""
    config, ops, wte = model.config, model.ops, model.weights["wte.weight"]
    past = past or NoPast()
    start, stop = past.length, past.length + tokens.shape[-1]
    positions = ops.positions(start, stop, wte)  # T
    visible = positions[:, None] >= ops.positions(0, stop, wte)  # T S
    if config.looks_ahead:
        visible = visible | True
    visible = tap("visible", visible, None)
    if (tokens.shape[-1] == 1 or config.looks_ahead) and visible.all():
        visible = None  # a model without a mask, and the newest row alone, as in every step, usually need none
    x = tap("embed", wte[tokens], None)  # .. T C
    x = x + tap("pos_embed", position_embedding(model, positions), None)
    for layer in range(config.n_layer):
        x = block(model, layer, x, visible, past, tap)
    x = tap("ln_final", norm(model, "ln_f", x), None)
    return tap("logits", unembed(model, x), None)  # .. T V


def position_embedding(model: GPT, positions: Array) -> Array:
    """What is added to say where a token stands: (T C)."""
    wte, width = model.weights["wte.weight"], model.config.n_embd
    if model.config.positions == "learned":
        return model.weights["wpe.weight"][positions]
    if model.config.positions == "sinusoidal":
        return model.ops.sinusoids(positions, width, wte)
    return model.ops.zeros((positions.shape[0], width), wte)


def unembed(model: GPT, x: Array) -> Array:
    """The scores of every token: (.. T C) to (.. T V)."""
    weight = model.weights["wte.weight" if model.config.tied else "lm_head.weight"]  # V C
    return model.ops.linear(x, weight.swapaxes(0, 1), None)


def block(model: GPT, layer: int, x: Array, visible: Array | None, past: Past, tap: Tap) -> Array:
    """Attention, then the MLP, each read from the normed stream and added back to it: (.. T C) to (.. T C)."""
    at, without = f"h.{layer}.", model.config.without
    x = tap("resid_pre", x, layer)
    if "attention" not in without:
        normed = tap("ln_1", norm(model, at + "ln_1", x), layer)
        out = tap("attn_out", attention(model, layer, normed, visible, past, tap), layer)
        x = out if "residual" in without else x + out
    x = tap("resid_mid", x, layer)
    if "mlp" not in without:
        normed = tap("ln_2", norm(model, at + "ln_2", x), layer)
        out = tap("mlp_out", mlp(model, layer, normed, tap), layer)
        x = out if "residual" in without else x + out
    return tap("resid_post", x, layer)


def attention(model: GPT, layer: int, x: Array, visible: Array | None, past: Past, tap: Tap) -> Array:
    """Every head looks back, and what they found is mixed: (.. T C) to (.. T C)."""
    at, heads = f"h.{layer}.attn.", model.config.n_head
    qkv = linear(model, at + "c_attn", x)  # .. T 3C
    qkv = qkv.reshape(*qkv.shape[:-1], 3 * heads, -1).swapaxes(-2, -3)  # .. 3H T D
    q, k, v = model.ops.thirds(qkv)
    q, k, v = tap("q", q, layer), tap("k", k, layer), tap("v", v, layer)
    keys, values = past.update(layer, k, v)  # .. H S D
    if "scale" in model.config.without:
        q = q * math.sqrt(q.shape[-1])  # by which `attend` divides
    z = tap("z", model.ops.attend(q, keys, values, visible, tap, layer), layer)  # .. H T D
    z = z.swapaxes(-2, -3)
    return linear(model, at + "c_proj", z.reshape(*z.shape[:-2], -1))


def mlp(model: GPT, layer: int, x: Array, tap: Tap) -> Array:
    """Widen, bend, narrow; each position by itself: (.. T C) to (.. T C)."""
    at = f"h.{layer}.mlp."
    hidden = tap("mlp_pre", linear(model, at + "c_fc", x), layer)  # .. T F
    hidden = tap("mlp_act", model.ops.activate(model.config.activation, hidden), layer)
    return linear(model, at + "c_proj", hidden)


def norm(model: GPT, name: str, x: Array) -> Array:
    """Layer norm with the weights of that name."""
    if "norm" in model.config.without:
        return x
    weights = model.weights
    return model.ops.layer_norm(x, weights[name + ".weight"], weights.get(name + ".bias"), model.config.eps)


def linear(model: GPT, name: str, x: Array) -> Array:
    """The affine map with the weight and bias of that name."""
    weights = model.weights
    return model.ops.linear(x, weights[name + ".weight"], weights.get(name + ".bias"))
