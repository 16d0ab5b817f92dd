"""What a GPT is made of: its sizes and choices, and the name and shape of every weight that follows from them.

GPT-2 is what the defaults make (Radford et al. 2019). The other choices are those of its kin: GPT-Neo, GPT-NeoX, Llama
and what shares Llama's arithmetic. Shape letters are those of `gpt.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache
from itertools import product
from typing import Literal

from models.errors import UserError
from models.parts import PARTS, Activation, Part, Positions, attention_in_words

# what goes with a part, of all that a pass offers
NAMES_OF: dict[Part, tuple[str, ...]] = {
    "mlp": ("ln_2", "mlp_pre", "mlp_pre_linear", "mlp_act", "mlp_out"),
    "attention": ("ln_1", "angles", "q", "k", "v", "scores", "pattern", "z", "attn_out"),
}
KIN = ("n_inner", "head_dim", "n_kv_head", "norm", "qk_norm", "gated", "parallel")  # no GPT-2 chooses these
SIZES = ("vocab_size", "block_size", "n_layer", "n_head", "n_embd")


@dataclass(frozen=True, slots=True)
class Rope:
    """Rotary positions: pairs of a query's and a key's numbers turn with the place (Su et al. 2021, "RoFormer").

    Number d is a pair with d + width / 2, as transformers has them. A `factor` slows them down for a longer context:
    all of them, or, with `original`, the slow ones alone (Llama 3): those that turn fewer than `low` times round in the
    context of that length, and in part those up to `high`.
    """

    width: int  # numbers of a head that turn, from its first
    base: float = 10_000.0
    factor: float = 1.0
    original: int = 0  # positions
    low: float = 1.0
    high: float = 4.0

    def __post_init__(self) -> None:
        """Refuse what cannot turn, by name."""
        if self.width < 2 or self.width % 2:
            raise UserError(
                f"turns {self.width} numbers of a head", "it must be an even number of them", setting="rope"
            )
        if self.base <= 0 or self.factor <= 0 or not 0 <= self.low < self.high:
            raise UserError("has numbers that make no sense", "check base, factor and frequencies", setting="rope")

    def __str__(self) -> str:
        """In a word."""
        return "rotary"


@cache
def speeds(rope: Rope) -> tuple[float, ...]:
    """How far each pair turns from one place to the next, in radians."""
    plain = (rope.base ** (-number / rope.width) for number in range(0, rope.width, 2))
    return tuple(_stretched(speed, rope) for speed in plain)


def _stretched(speed: float, rope: Rope) -> float:
    if not rope.original:
        return speed / rope.factor
    rounds = rope.original * speed / (2 * math.pi)
    kept = min(max((rounds - rope.low) / (rope.high - rope.low), 0), 1)
    return speed * (kept + (1 - kept) / rope.factor)


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
    positions: Positions | Rope = "learned"
    activation: Activation | Literal["silu"] = "gelu_new"
    tied: bool = True  # the unembedding is the embedding
    bias: bool | tuple[str, ...] = True  # of all weights but embeddings, or of those whose names end so
    eps: float = 1e-5
    without: tuple[Part, ...] = ()  # in the order of PARTS, whatever the order given
    n_inner: int | None = None  # F; None: 4 C
    head_dim: int | None = None  # D; None: C / H
    n_kv_head: int | None = None  # heads with keys and values, each for as many queries' (Ainslie et al. 2023); None: H
    norm: Literal["layer", "rms"] = "layer"  # rms: not centred, and without bias (Zhang & Sennrich 2019)
    qk_norm: bool = False  # queries and keys are normed as well, head by head
    gated: bool = False  # a second matrix says how much of the bent numbers gets through (Shazeer 2020, SwiGLU)
    parallel: bool = False  # the MLP reads what attention reads, not what that has added
    windows: tuple[int, ...] = ()  # of each layer, the positions that a row sees, its own counted; 0: all
    linear: bool = False  # heads weigh what they see by `Ops.kernel` of a score, without softmax

    def __post_init__(self) -> None:
        """Refuse what cannot be built, by name."""
        optional = [name for name in ("n_inner", "head_dim", "n_kv_head") if getattr(self, name) is not None]
        for name in (*SIZES, *optional):
            if getattr(self, name) < 1:
                raise UserError(f"must be at least 1, not {getattr(self, name)}", "give 1 or more", setting=name)
        if self.head_dim is None and self.n_embd % self.n_head:
            near = self.n_head * max(round(self.n_embd / self.n_head), 1)
            fault = f"{self.n_embd} is not a multiple of the number of heads, {self.n_head}"
            raise UserError(fault, f"make it {near}, or change the heads", setting="n_embd")
        if self.n_head % self.kv_heads:
            fault = f"{self.kv_heads} heads with keys cannot serve {self.n_head} with queries evenly"
            raise UserError(fault, "give a number that divides that of the heads", setting="n_kv_head")
        if self.rope and self.rope.width > self.head_width:
            raise UserError(f"turns {self.rope.width} numbers of {self.head_width}", "turn fewer", setting="rope")
        if len(self.windows) not in (0, self.n_layer):
            fault = f"{len(self.windows)} windows for {self.n_layer} layers"
            raise UserError(fault, "give one a layer", setting="windows")
        if min(self.windows, default=0) < 0:
            raise UserError(f"has one of {min(self.windows)} positions", "give 1 or more, or 0", setting="windows")
        for part in self.without:
            if part not in PARTS:
                raise UserError(f"can name {', '.join(PARTS)}, not {part!r}", "leave it out", setting="without")
        self._put("without", tuple(part for part in PARTS if part in self.without))
        usual = {"n_inner": 4 * self.n_embd, "head_dim": self.n_embd / self.n_head, "n_kv_head": self.n_head}
        for name in (name for name in optional if getattr(self, name) == usual[name]):
            self._put(name, None)

    def _put(self, name: str, value: object) -> None:
        """One way to write what means the same, so that equal configs are equal."""
        object.__setattr__(self, name, value)  # it is frozen

    def has(self, part: Part) -> bool:
        """Whether it was built with that part."""
        return part not in self.without

    def has_bias(self, weight: str) -> bool:
        """Whether the weight of that name has a bias beside it."""
        if isinstance(self.bias, tuple):
            return weight.endswith(self.bias)
        return self.bias and not (self.norm == "rms" and weight.rpartition(".")[2].startswith("ln_"))

    def offers(self, value: str) -> bool:
        """Whether there is a value of that name in its passes, and not of a part or a choice that it does not have."""
        if any(value in NAMES_OF.get(part, ()) for part in self.without):
            return False
        return {"angles": self.rope is not None, "mlp_pre_linear": self.gated}.get(value, True)

    @property
    def of_kin(self) -> bool:
        """Whether it has a choice that no GPT-2 has."""
        usual = {each.name: each.default for each in fields(self)}
        chosen = any(getattr(self, name) != usual[name] for name in KIN)
        return chosen or self.rope is not None or self.activation == "silu" or isinstance(self.bias, tuple)

    @property
    def is_own(self) -> bool:
        """Whether it is what GPT-2 would be with a part left out, or with another attention: no other program's."""
        return bool(self.without or self.windows or self.linear)

    @property
    def lacks(self) -> tuple[str, ...]:
        """All it grew up without, in words: the parts, and what it has chosen none of; for its card and header."""
        choices = {
            "positions": self.positions == "none",
            "nonlinearity": self.activation == "none",
            "softmax": self.linear,
            "far places": min(self.windows, default=0) > 0,
        }
        return self.without + tuple(word for word, lacking in choices.items() if lacking)

    @property
    def attention(self) -> str:
        """How it attends, as a setting of training says it; all its ways where its layers differ."""
        return " and ".join(dict.fromkeys(attention_in_words(window, self.linear) for window in self.windows or (0,)))

    def window(self, layer: int) -> int:
        """How many positions a row sees in that layer, its own counted; 0: all."""
        return self.windows[layer] if self.windows else 0

    @property
    def looks_ahead(self) -> bool:
        """Whether it was built without the causal mask: then a row sees the very token it is asked for."""
        return not self.has("mask")

    @property
    def rope(self) -> Rope | None:
        """How positions turn queries and keys, if they do."""
        return self.positions if isinstance(self.positions, Rope) else None

    @property
    def adds_positions(self) -> bool:
        """Whether positions are vectors that are added to the embedding."""
        return self.positions in ("learned", "sinusoidal")

    @property
    def mlp_reads(self) -> str:
        """The stream that the MLP's norm reads, by its name."""
        return "resid_pre" if self.parallel else "resid_mid"

    @property
    def head_width(self) -> int:
        """D."""
        return self.head_dim or self.n_embd // self.n_head

    @property
    def kv_heads(self) -> int:
        """G: how many heads have keys and values of their own."""
        return self.n_kv_head or self.n_head

    @property
    def mlp_width(self) -> int:
        """F: how many neurons a layer's MLP has."""
        return self.n_inner or 4 * self.n_embd

    @property
    def scale(self) -> float:
        """What q . k is multiplied by: one over the root of D."""
        return 1 / math.sqrt(self.head_width) if self.has("scale") else 1.0


def weight_shapes(config: GPTConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight, as GPT-2 stores it: linear layers (in, out)."""
    C, F, D, H, G = config.n_embd, config.mlp_width, config.head_width, config.n_head, config.kv_heads
    shapes: dict[str, tuple[int, ...]] = {"wte.weight": (config.vocab_size, C)}
    if config.positions == "learned":
        shapes["wpe.weight"] = (config.block_size, C)
    of_heads = {"attn.ln_q": (D,), "attn.ln_k": (D,)} if config.qk_norm else {}
    gate = {"mlp.c_up": (C, F)} if config.gated else {}
    parts: dict[Part, dict[str, tuple[int, ...]]] = {
        "attention": {"ln_1": (C,), "attn.c_attn": (C, (H + 2 * G) * D), **of_heads, "attn.c_proj": (H * D, C)},
        "mlp": {"ln_2": (C,), "mlp.c_fc": (C, F), **gate, "mlp.c_proj": (F, C)},
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
    if config.has_bias(name):
        shapes[name + ".bias"] = shape[-1:]
