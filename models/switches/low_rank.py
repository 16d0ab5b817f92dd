"""Scores of low rank: q . k reckoned through fewer numbers than a head has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from weakref import WeakKeyDictionary

import numpy as np

from models.errors import UserError
from models.gpt import GPT, GPTConfig, in_heads
from models.ops import Array
from models.switches.edits import Edit, Here
from models.switches.switch import Switch, index

_kept: WeakKeyDictionary[GPT, tuple[Array, Array]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Cut(Edit):
    """Queries that keep of themselves what counts most for q . k."""

    by: Array  # L H D D
    sites = frozenset({"q"})

    def edit(self, value: Array, here: Here) -> Array:
        """Each head's (.. H T D) times its matrix."""
        assert here.layer is not None
        return value @ self.by[here.layer]

    def back(self, gradient: Array, here: Here) -> Array:
        """From the gradient of what came of the edit to that of what it was given, both (.. H T D)."""
        assert here.layer is not None
        return gradient @ self.by[here.layer].swapaxes(-1, -2)


@dataclass(frozen=True, order=True)
class LowRank(Switch):
    """Each head's W_Q W_K^T, biases with it, is the nearest matrix of a lower rank (Eckart & Young 1936).

    That matrix (C C) is what a head compares words with. It has rank D at most, since q and k are D wide, which is
    what Bhojanapalli et al. 2020 call the low-rank bottleneck: the switch narrows it further. Rotary positions turn q
    before it is cut: the scores are of that rank then, but not the nearest.
    """

    slug = "low-rank"
    title = "narrow q · k"
    says = (
        "q and k are compared through fewer numbers than a head has. How many does it need to find what it looks for?"
    )
    sites = frozenset({"q"})
    parts = frozenset({"attention"})
    aimed = True
    rank: int

    def ready(self, model: GPT) -> Cut:
        """The matrices that cut the queries of this model."""
        there, back = _directions(model)
        return Cut(there[..., : self.rank] @ back[..., : self.rank, :])

    @property
    def told(self) -> str:
        """How narrow it is."""
        return f"q · k through {self.rank}"

    @property
    def label(self) -> str:
        """The same, shorter."""
        return f"q · k in {self.rank}"

    @property
    def where(self) -> str:
        """Its rank."""
        return str(self.rank)

    @classmethod
    def at(cls, where: str) -> Self:
        """From "8"."""
        return cls(index(where, "rank"))

    def check(self, config: GPTConfig) -> None:
        """UserError for a rank that a head of this model cannot have."""
        if not 1 <= self.rank <= config.head_width:
            has = f"a head of this model has 1 to {config.head_width}"
            raise UserError(f"there is no rank {self.rank}", has, where=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """Half of what a head has."""
        yield cls(max(config.head_width // 2, 1))


def _directions(model: GPT) -> tuple[Array, Array]:
    """From q to the directions that count most for q . k, the first most, and back: two (L H D D), made once."""
    if model not in _kept:
        layers = [_of_layer(model, layer) for layer in range(model.config.n_layer)]
        kind = model.weights["wte.weight"].dtype
        there, back = (np.stack(each).astype(kind) for each in zip(*layers, strict=True))
        _kept[model] = there, back
    return _kept[model]


def _of_layer(model: GPT, layer: int) -> tuple[Array, Array]:
    """The same for the heads of one layer: two (H D D).

    With W_Q = Q R, the left singular vectors of W_Q W_K^T are Q U, those of R_Q R_K^T being U: q is cut by R^+ U U^T R.
    """
    name, heads, groups = f"h.{layer}.attn.c_attn", model.config.n_head, model.config.kv_heads
    weight, bias = model.weights[f"{name}.weight"], model.weights.get(f"{name}.bias")
    rows = np.asarray(weight if bias is None else np.vstack([weight, bias]), np.float64)  # C + 1 3C
    q, k, _ = np.split(in_heads(rows, heads + 2 * groups), (heads, heads + groups))  # H C+1 D, and twice G C+1 D
    r_q, r_k = triangle(q), np.repeat(triangle(k), heads // groups, 0)
    u = np.linalg.svd(r_q @ r_k.swapaxes(-1, -2))[0]
    return np.linalg.pinv(r_q) @ u, u.swapaxes(-1, -2) @ r_q


def triangle(matrices: Array) -> Array:
    """R of the QR decomposition of each: (H .. D) to (H D D)."""
    found: Array = np.linalg.qr(matrices, "r")
    return found
