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
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from models.errors import UserError
from models.ops import NUMPY, Array, Ops, Tap, idle
from models.parts import PARTS, Activation, Part, Positions

if TYPE_CHECKING:
    from models.tokenizers import Tokenizer

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
                raise UserError(f"must be at least 1, not {getattr(self, name)}", "give 1 or more", setting=name)
        if self.n_embd % self.n_head:
            near = self.n_head * max(round(self.n_embd / self.n_head), 1)
            fault = f"{self.n_embd} is not a multiple of the number of heads, {self.n_head}"
            raise UserError(fault, f"make it {near}, or change the heads", setting="n_embd")
        for part in self.without:
            if part not in PARTS:
                raise UserError(f"can name {', '.join(PARTS)}, not {part!r}", "leave it out", setting="without")
        object.__setattr__(self, "without", tuple(part for part in PARTS if part in self.without))  # it is frozen

    def has(self, part: Part) -> bool:
        """Whether it was built with that part."""
        return part not in self.without

    @property
    def lacks(self) -> tuple[str, ...]:
        """All it grew up without, in words: the parts, "positions", "nonlinearity"; for its card and header."""
        choices = {"positions": self.positions, "nonlinearity": self.activation}
        return self.without + tuple(word for word, choice in choices.items() if choice == "none")

    @property
    def looks_ahead(self) -> bool:
        """Whether it was built without the causal mask: then a row sees the very token it is asked for."""
        return not self.has("mask")

    @property
    def head_width(self) -> int:
        """D."""
        return self.n_embd // self.n_head

    @property
    def mlp_width(self) -> int:
        """F: how many neurons a layer's MLP has."""
        return 4 * self.n_embd

    @property
    def scale(self) -> float:
        """What q . k is multiplied by: one over the root of D."""
        return 1 / math.sqrt(self.head_width) if self.has("scale") else 1.0


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class GPT:
    """A GPT as a value: sizes, weights by GPT-2's names, and the tokenizer it was trained with.

    `training` is what the folder's training.json says of how it came to be; empty for a model made in memory. `notes`
    are sentences on what was passed over when it was read.
    """

    config: GPTConfig
    weights: Mapping[str, Array]
    tokenizer: Tokenizer | None = None
    name: str = "gpt"
    training: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    ops: Ops = NUMPY

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
    C, F = config.n_embd, config.mlp_width
    shapes: dict[str, tuple[int, ...]] = {"wte.weight": (config.vocab_size, C)}
    if config.positions == "learned":
        shapes["wpe.weight"] = (config.block_size, C)
    parts: dict[Part, dict[str, tuple[int, ...]]] = {
        "attention": {"ln_1": (C,), "attn.c_attn": (C, 3 * C), "attn.c_proj": (C, C)},
        "mlp": {"ln_2": (C,), "mlp.c_fc": (C, F), "mlp.c_proj": (F, C)},
    }
    for layer, part in product(range(config.n_layer), filter(config.has, parts)):
        for name, shape in parts[part].items():
            _add(shapes, f"h.{layer}.{name}", shape, config)
    _add(shapes, "ln_f", (C,), config)
    if not config.tied:
        shapes["lm_head.weight"] = (config.vocab_size, C)
    return shapes


def _add(shapes: dict[str, tuple[int, ...]], name: str, shape: tuple[int, ...], config: GPTConfig) -> None:
    """The weight of that name and its bias, where the model has them."""
    if len(shape) == 1 and not config.has("norm"):
        return
    shapes[name + ".weight"] = shape
    if config.bias:
        shapes[name + ".bias"] = shape[-1:]


def forward(model: GPT, tokens: Array, past: Past | None = None, tap: Tap = idle, asked: int | None = None) -> Array:
    """One pass: tokens (.. T) and past in, logits (.. T V) out; the past is updated with what is now present.

    Where only what follows the last `asked` positions matters, the last layer computes no more than they need, and only
    their scores come out: (.. asked V).
    """
    past = past or NoPast()
    x, visible = embedded(model, tokens, past.length, tap)
    return read_out(model, layers(model, x, visible, past, tap, asked=asked), tap)


def embedded(model: GPT, tokens: Array, start: int, tap: Tap = idle) -> tuple[Array, Array | None]:
    """The stream before the first layer (.. T C), the first token at position `start`, and who sees whom (T S).

    None where every row sees everything, and no mask is needed.
    """
    everywhere = model.ops.positions(0, start + tokens.shape[-1], model.weights["wte.weight"])  # S
    positions = everywhere[start:]  # T
    visible = tap("visible", sight(model, positions, everywhere), None)
    if (tokens.shape[-1] == 1 or model.config.looks_ahead) and visible.all():
        visible = None  # a model without a mask, and the newest row alone, as in every step, usually need none
    x = tap("embed", embedding(model, tokens), None)
    return x + tap("pos_embed", position_embedding(model, positions), None), visible


def layers(
    model: GPT, x: Array, visible: Array | None, past: Past, tap: Tap, first: int = 0, asked: int | None = None
) -> Array:
    """Through the layers from `first` on: (.. T C) to (.. T C), or to (.. asked C) if only the last are asked for."""
    last = model.config.n_layer - 1
    for layer in range(first, last + 1):
        x = block(model, layer, x, visible, past, tap, asked if layer == last else None)
    return x


def embedding(model: GPT, tokens: Array) -> Array:
    """The vector of each token: (.. T) to (.. T C)."""
    return model.weights["wte.weight"][tokens]


def sight(model: GPT, rows: Array, columns: Array) -> Array:
    """Which of these positions may look at which: (T) and (S) to (T S)."""
    visible = rows[:, None] >= columns
    return visible | True if model.config.looks_ahead else visible


def position_embedding(model: GPT, positions: Array) -> Array:
    """What is added to say where a token stands: (T) to (T C)."""
    wte, width = model.weights["wte.weight"], model.config.n_embd
    if model.config.positions == "learned":
        return model.weights["wpe.weight"][positions]
    if model.config.positions == "sinusoidal":
        return model.ops.sinusoids(positions, width, wte)
    return model.ops.zeros((positions.shape[0], width), wte)


def block(
    model: GPT, layer: int, x: Array, visible: Array | None, past: Past, tap: Tap, asked: int | None = None
) -> Array:
    """Attention, then the MLP, as far as the model has them, each read from the stream and written to it: (.. T C).

    If only the last `asked` rows matter, the others are only looked at, and these come out: (.. asked C).
    """
    config = model.config
    x = tap("resid_pre", x, layer)
    rows = x if asked is None else x[..., -asked:, :]
    if config.has("attention"):
        rows = written(config, rows, attention(model, layer, x, visible, past, tap, asked))
    return second_half(model, layer, rows, tap)


def second_half(model: GPT, layer: int, x: Array, tap: Tap) -> Array:
    """A layer from after its attention on: (.. T C) to what it hands on, (.. T C)."""
    x = tap("resid_mid", x, layer)
    if model.config.has("mlp"):
        x = written(model.config, x, mlp(model, layer, x, tap))
    return tap("resid_post", x, layer)


def written(config: GPTConfig, x: Array, out: Array) -> Array:
    """The stream once a part has added what it found, or replaced the stream in a model without a residual path."""
    return x + out if config.has("residual") else out


def attention(
    model: GPT, layer: int, x: Array, visible: Array | None, past: Past, tap: Tap, asked: int | None = None
) -> Array:
    """Every head looks back, and what they found is mixed: (.. T C) to (.. T C), or to (.. asked C)."""
    x = tap("ln_1", norm(model, f"h.{layer}.ln_1", x), layer)
    q, k, v = queries_keys_values(model, layer, x, asked)
    q, k, v = tap("q", q, layer), tap("k", k, layer), tap("v", v, layer)
    keys, values = past.update(layer, k, v)  # .. H S D
    seen = visible if visible is None or asked is None else visible[-asked:]
    z = model.ops.attend(q, keys, values, seen, model.config.scale, tap, layer)
    return mixed(model, layer, tap("z", z, layer), tap)


def queries_keys_values(model: GPT, layer: int, x: Array, asked: int | None = None) -> tuple[Array, Array, Array]:
    """What each head asks with, is found by, and passes on: (.. T C) to three (.. H T D), q of the `asked` rows."""
    name, heads, width = f"h.{layer}.attn.c_attn", model.config.n_head, model.config.n_embd
    if asked is None:
        q, k, v = model.ops.parts(in_heads(linear(model, name, x), 3 * heads), 3)
        return q, k, v
    q = in_heads(linear(model, name, x[..., -asked:, :], slice(None, width)), heads)
    k, v = model.ops.parts(in_heads(linear(model, name, x, slice(width, None)), 2 * heads), 2)
    return q, k, v


def in_heads(x: Array, heads: int) -> Array:
    """Rows cut into heads: (.. T HD) to (.. H T D)."""
    return x.reshape(*x.shape[:-1], heads, -1).swapaxes(-2, -3)


def mixed(model: GPT, layer: int, z: Array, tap: Tap) -> Array:
    """What the heads found (.. H T D), side by side, through the output matrix: (.. T C)."""
    z = z.swapaxes(-2, -3)
    out = linear(model, f"h.{layer}.attn.c_proj", z.reshape(*z.shape[:-2], -1))
    return tap("attn_out", out, layer)


def mlp(model: GPT, layer: int, x: Array, tap: Tap) -> Array:
    """Widen, bend, narrow; each position by itself: (.. T C) to (.. T C)."""
    at = f"h.{layer}."
    x = tap("ln_2", norm(model, at + "ln_2", x), layer)
    x = tap("mlp_pre", linear(model, at + "mlp.c_fc", x), layer)  # .. T F
    x = tap("mlp_act", model.ops.activate(model.config.activation, x), layer)
    return tap("mlp_out", linear(model, at + "mlp.c_proj", x), layer)


def read_out(model: GPT, x: Array, tap: Tap = idle) -> Array:
    """The scores of every token, from the stream as the last layer leaves it: (.. T C) to (.. T V)."""
    x = tap("ln_final", norm(model, "ln_f", x), None)
    weight = model.weights["wte.weight" if model.config.tied else "lm_head.weight"]  # V C
    return tap("logits", model.ops.linear(x, weight.swapaxes(0, 1), None), None)


def norm(model: GPT, name: str, x: Array) -> Array:
    """Layer norm with the weights of that name."""
    if not model.config.has("norm"):
        return x
    weights = model.weights
    return model.ops.layer_norm(x, weights[name + ".weight"], weights.get(name + ".bias"), model.config.eps)


def linear(model: GPT, name: str, x: Array, columns: slice | None = None) -> Array:
    """The affine map with the weight and bias of that name, or with these columns of them."""
    weight, bias = model.weights[name + ".weight"], model.weights.get(name + ".bias")
    if columns is not None:
        weight, bias = weight[:, columns], None if bias is None else bias[columns]
    return model.ops.linear(x, weight, bias)
