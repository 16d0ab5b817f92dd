"""GPT-2 and its kin, once: every tensor named, every shape on its line. NumPy runs it in the app, torch in training.

Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"; the shape of the pass (tokens and past in,
logits and present out) follows OpenAI's own model.py. Weights carry GPT-2's names, activations TransformerLens's. What
a model is made of, and how Llama and others differ from GPT-2, is in `gpt_config.py`.

Shape letters
    ..  leading axes (a batch in training, nothing in the app)
    T   new positions in this pass          S   all positions so far: past + T
    C   width of the residual stream        H   heads      D   width of a head, C / H
    F   width inside the MLP, 4 C           V   vocabulary
    G   heads with keys, where fewer than H R   pairs of a head's numbers that turn with the position
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from models.gpt_config import NAMES_OF as NAMES_OF
from models.gpt_config import GPTConfig as GPTConfig
from models.gpt_config import Rope as Rope
from models.gpt_config import speeds
from models.gpt_config import weight_shapes as weight_shapes
from models.ops import NUMPY, Array, Manner, Ops, Tap, idle, quiet

if TYPE_CHECKING:
    from models.tokenizers import Tokenizer

# every value a pass offers to its tap, in order, with its shape; none of a part the model was built without
BLOCK_NAMES = {
    "resid_pre": "T C", "ln_1": "T C", "q": "H T D", "k": "H T D", "v": "H T D", "scores": "H T S",
    "pattern": "H T S", "z": "H T D", "attn_out": "T C", "resid_mid": "T C", "ln_2": "T C",
    "mlp_pre": "T F", "mlp_act": "T F", "mlp_out": "T C", "resid_post": "T C",
}  # fmt: skip
MODEL_NAMES = {"visible": "T S", "embed": "T C", "pos_embed": "T C", "ln_final": "T C", "logits": "T V"}
KIN_NAMES = {"angles": "T R", "mlp_pre_linear": "T F"}  # of rotary positions, and of a gated MLP
LETTERS = MODEL_NAMES | BLOCK_NAMES | KIN_NAMES


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class GPT:
    """A GPT as a value: sizes, weights by GPT-2's names, and the tokenizer it was trained with.

    `training` is what the folder's training.json says of how it came to be; empty for a model made in memory. `notes`
    are sentences on what was passed over when it was read. `origin` is the model as it was trained where switches have
    changed its weights: see `switches/of_weights.py`.
    """

    config: GPTConfig
    weights: Mapping[str, Array]
    tokenizer: Tokenizer | None = None
    name: str = "gpt"
    training: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    ops: Ops = NUMPY
    origin: GPT | None = None

    @property
    def as_trained(self) -> GPT:
        """With the weights that it learned: itself, unless switches have changed them."""
        return self.origin or self

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


def forward(model: GPT, tokens: Array, past: Past | None = None, tap: Tap = idle, asked: int | None = None) -> Array:
    """One pass: tokens (.. T) and past in, logits (.. T V) out; the past is updated with what is now present.

    Where only what follows the last `asked` positions matters, the last layer computes no more than they need, and only
    their scores come out: (.. asked V).
    """
    past = past or NoPast()
    with quiet():
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
    before = after = x if asked is None else x[..., -asked:, :]
    if config.has("attention"):
        after = written(config, before, attention(model, layer, x, visible, past, tap, asked))
    return second_half(model, layer, before, after, tap)


def second_half(model: GPT, layer: int, before: Array, x: Array, tap: Tap) -> Array:
    """A layer from after its attention on, from the stream before and after that, to what it hands on: (.. T C)."""
    x = tap("resid_mid", x, layer)
    if model.config.has("mlp"):
        x = written(model.config, x, mlp(model, layer, before if model.config.parallel else x, tap))
    return tap("resid_post", x, layer)


def written(config: GPTConfig, x: Array, out: Array) -> Array:
    """The stream once a part has added what it found, or replaced the stream in a model without a residual path."""
    return x + out if config.has("residual") else out


def attention(
    model: GPT, layer: int, x: Array, visible: Array | None, past: Past, tap: Tap, asked: int | None = None
) -> Array:
    """Every head looks back, and what they found is mixed: (.. T C) to (.. T C), or to (.. asked C)."""
    x = tap("ln_1", norm(model, f"h.{layer}.ln_1", x), layer)
    q, k, v = queries_keys_values(model, layer, x, past.length, tap, asked)
    q, k, v = tap("q", q, layer), tap("k", k, layer), tap("v", v, layer)
    if visible is not None or model.config.windows:
        visible = in_reach(model, layer, visible, q.shape[-2], past.length + k.shape[-2])
    keys, values = past.update(layer, k, v)  # .. H S D
    z = model.ops.attend(q, keys, values, visible, manner(model.config, layer), tap, layer)
    return mixed(model, layer, tap("z", z, layer), tap)


def manner(config: GPTConfig, layer: int) -> Manner:
    """How the heads of that layer weigh what they see."""
    return Manner(config.scale, config.linear, config.window(layer))


def queries_keys_values(
    model: GPT, layer: int, x: Array, start: int = 0, tap: Tap = idle, asked: int | None = None
) -> tuple[Array, Array, Array]:
    """What each head asks with, is found by, and passes on: (.. T C) to three (.. H T D), q of the `asked` rows.

    The first row is at position `start`. Heads that share a key and a value have the same.
    """
    config = model.config
    q, k, v = projected(model, layer, x, asked)
    if config.qk_norm:
        q, k = norm(model, f"h.{layer}.attn.ln_q", q), norm(model, f"h.{layer}.attn.ln_k", k)
    if config.rope:
        angles = tap("angles", angles_of(model, x, start), layer)
        q, k = model.ops.turned(q, angles[..., -q.shape[-2] :, :]), model.ops.turned(k, angles)
    if config.n_kv_head:
        k, v = (model.ops.repeated(each, config.n_head // config.n_kv_head) for each in (k, v))
    return q, k, v


def projected(model: GPT, layer: int, x: Array, asked: int | None = None) -> tuple[Array, Array, Array]:
    """Queries (.. H T D), keys and values (.. G T D) as the matrix gives them, q of the `asked` rows."""
    name, heads, groups = f"h.{layer}.attn.c_attn", model.config.n_head, model.config.kv_heads
    if asked is None:
        q, k, v = model.ops.parts(in_heads(linear(model, name, x), heads + 2 * groups), (heads, groups, groups))
        return q, k, v
    width = heads * model.config.head_width
    q = in_heads(linear(model, name, x[..., -asked:, :], slice(None, width)), heads)
    k, v = model.ops.parts(in_heads(linear(model, name, x, slice(width, None)), 2 * groups), (groups, groups))
    return q, k, v


def angles_of(model: GPT, x: Array, start: int) -> Array:
    """How far rotary positions turn each pair of a head's numbers in these rows, the first at `start`: (.. T R)."""
    assert model.config.rope
    positions = model.ops.positions(start, start + x.shape[-2], x)
    return model.ops.angles(positions, speeds(model.config.rope), x)


def in_reach(model: GPT, layer: int, visible: Array | None, rows: int, columns: int) -> Array | None:
    """Who sees whom in this layer (rows S), of the last rows, where elsewhere it is `visible` (T S); None: everyone."""
    seen = visible if visible is None else visible[-rows:]
    window = model.config.window(layer)
    if not 0 < window < columns:
        return seen
    everywhere = model.ops.positions(0, columns, model.weights["wte.weight"])
    near = everywhere[-rows:, None] - everywhere < window
    return near if seen is None else seen & near


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
    pre = tap("mlp_pre", linear(model, at + "mlp.c_fc", x), layer)  # .. T F
    acts = model.ops.activate(model.config.activation, pre)
    if model.config.gated:
        acts = acts * tap("mlp_pre_linear", linear(model, at + "mlp.c_up", x), layer)
    return tap("mlp_out", linear(model, at + "mlp.c_proj", tap("mlp_act", acts, layer)), layer)


def read_out(model: GPT, x: Array, tap: Tap = idle) -> Array:
    """The scores of every token, from the stream as the last layer leaves it: (.. T C) to (.. T V)."""
    x = tap("ln_final", norm(model, "ln_f", x), None)
    weight = model.weights["wte.weight" if model.config.tied else "lm_head.weight"]  # V C
    return tap("logits", model.ops.linear(x, weight.swapaxes(0, 1), None), None)


def norm(model: GPT, name: str, x: Array) -> Array:
    """Layer norm with the weights of that name, centred first or not."""
    config, weights = model.config, model.weights
    if not config.has("norm"):
        return x
    if config.norm == "rms":
        return model.ops.rms_norm(x, weights[name + ".weight"], config.eps)
    return model.ops.layer_norm(x, weights[name + ".weight"], weights.get(name + ".bias"), config.eps)


def linear(model: GPT, name: str, x: Array, columns: slice | None = None) -> Array:
    """The affine map with the weight and bias of that name, or with these columns of them."""
    weight, bias = model.weights[name + ".weight"], model.weights.get(name + ".bias")
    if columns is not None:
        weight, bias = weight[:, columns], None if bias is None else bias[columns]
    return model.ops.linear(x, weight, bias)
