"""The handful of functions a backend supplies to `gpt.py`; these are NumPy's, `training/ops.py` has torch's.

A backend's arrays must understand `+ - * @`, indexing, `reshape` and `swapaxes`; everything else is here.
Shape letters are those of `gpt.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

Array = Any  # np.ndarray or torch.Tensor: the transformer is written once for both


class Tap(Protocol):
    """Receives each named value of a pass once and returns the value the pass goes on with."""

    def __call__(self, name: str, value: Array, layer: int | None, /) -> Array:
        """Take one value in, hand one back."""


def idle(name: str, value: Array, layer: int | None, /) -> Array:
    """The tap that looks at nothing and changes nothing."""
    return value


def quiet() -> np.errstate:
    """NumPy's settings for a pass: weights or an edit may send values to infinity, and whoever shows them says so."""
    return np.errstate(over="ignore", invalid="ignore")


_SQRT_2_OVER_PI = math.sqrt(2 / math.pi)


class Manner(NamedTuple):
    """How the heads of a layer weigh what they see."""

    scale: float  # of q . k
    linear: bool = False  # by `kernel` of a score, not by its exponential
    window: int = 0  # of what they see, the mask hides all so many places back and further; 0: nothing


class Ops:
    """What `gpt.py` asks of a backend, answered by NumPy without allocating beyond the results.

    Another backend answers all of it anew but `attend`, `scores`, `weights` and `kernel`, which are made of the rest.
    """

    def positions(self, start: int, stop: int, like: Array, /) -> Array:
        """From start to stop - 1, on the device of `like`: (T)."""
        return np.arange(start, stop)

    def zeros(self, shape: tuple[int, ...], like: Array, /) -> Array:
        """Zeros of `like`'s type."""
        return np.zeros(shape, like.dtype)

    def copy(self, x: Array, /) -> Array:
        """A copy that may be written to."""
        return x.copy()

    def where(self, condition: Array, a: Array | float, b: Array | float, /) -> Array:
        """Element by element: a where the condition holds, else b; a decides the type."""
        return np.where(condition, a, b)

    def log(self, x: Array, /) -> Array:
        """The natural logarithm, element by element."""
        return np.log(x)

    def sinusoids(self, positions: Array, width: int, like: Array, /) -> Array:
        """Fixed positions of Vaswani et al. 2017, section 3.5, sines then cosines: (T C)."""
        half = (width + 1) // 2
        angles = positions[:, None] * np.exp(-math.log(10000.0) * np.arange(half) / half)
        return np.concatenate([np.sin(angles), np.cos(angles)], -1)[:, :width].astype(like.dtype)

    def linear(self, x: Array, weight: Array, bias: Array | None, /) -> Array:
        """The affine map x @ weight + bias, the weight stored (in, out) as in GPT-2's Conv1D.

        A batch goes through as one text: NumPy would multiply text after text, and have the weight laid out anew for
        each (8 texts of 64 rows through 768 x 3072: 28 ms, so 18).
        """
        rows = x if x.ndim <= 2 else x.reshape(-1, x.shape[-1])
        y = rows @ weight
        if bias is not None:
            y += bias[None]
        return y if rows is x else y.reshape(*x.shape[:-1], weight.shape[-1])

    def parts(self, x: Array, heads: Sequence[int], /) -> Sequence[Array]:
        """So many of its heads each, in their order, of (.. H T D)."""
        found, at = [], 0
        for some in heads:
            found.append(x[..., at : at + some, :, :])
            at += some
        return found

    def repeated(self, x: Array, times: int, /) -> Array:
        """Each head so many times, one after the other: (.. G T D) to (.. H T D)."""
        return np.repeat(x, times, -3)

    def angles(self, positions: Array, speeds: Sequence[float], x: Array, /) -> Array:
        """How far each pair of numbers has turned at the position of each row of x (.. T C), in its type: (.. T R)."""
        found = positions[:, None].astype(x.dtype) * np.asarray(speeds, x.dtype)
        return np.broadcast_to(found, (*x.shape[:-2], *found.shape))

    def turned(self, x: Array, angles: Array, /) -> Array:
        """(.. H T D), its numbers d and d + R as pairs turned by the angles (.. T R); what is beyond 2 R stays."""
        R, angles = angles.shape[-1], angles[..., None, :, :]
        cos, sin, a, b = np.cos(angles), np.sin(angles), x[..., :R], x[..., R : 2 * R]
        return np.concatenate((a * cos - b * sin, b * cos + a * sin, x[..., 2 * R :]), -1)

    def layer_norm(self, x: Array, weight: Array, bias: Array | None, eps: float, /) -> Array:
        """Ba et al. 2016, over the last axis."""
        width = x.shape[-1]
        y = x - _each_row(np.add.reduce(x, -1)) / width
        y /= (_each_row(np.vecdot(y, y)) / width + eps) ** 0.5
        y *= weight[None]  # [None]: operands of the same rank take NumPy's short way, half the cost of a small step
        if bias is not None:
            y += bias[None]
        return y

    def rms_norm(self, x: Array, weight: Array, eps: float, /) -> Array:
        """Zhang & Sennrich 2019, over the last axis: layer norm that takes no mean off."""
        y = x / (_each_row(np.vecdot(x, x)) / x.shape[-1] + eps) ** 0.5
        y *= weight[None]
        return y

    def activate(self, name: str, x: Array, /) -> Array:
        """The MLP's nonlinearity by its GPT-2 name; "none" is a linear MLP."""
        if name == "gelu_new":  # the tanh form of Hendrycks & Gimpel 2016, as in GPT-2
            y = x * x
            y *= 0.044715 * _SQRT_2_OVER_PI
            y += _SQRT_2_OVER_PI
            y *= x
            np.tanh(y, y)
            half = x * 0.5
            y *= half
            y += half
            return y
        if name == "gelu":
            return x * 0.5 * (1 + _erf(x / math.sqrt(2)))
        if name == "silu":  # x times the logistic function (Elfwing et al. 2017), which a tanh gives without overflow
            return x * (0.5 * np.tanh(0.5 * x) + 0.5)
        if name == "relu":
            return np.maximum(x, 0)
        return x

    def softmax(self, x: Array, /) -> Array:
        """Over the last axis; a row that may look at nothing (all -inf) becomes zeros. `x` may be used up.

        It is, here: as large as all patterns, another array costs more than the arithmetic (512 positions of 12 heads
        25 ms, so 15).
        """
        limits = np.finfo(x.dtype)  # what the two reductions start from counts only in a row of -inf
        x -= np.maximum.reduce(x, -1, keepdims=True, initial=limits.min)
        np.exp(x, x)
        x /= np.add.reduce(x, -1, keepdims=True, initial=limits.tiny)
        return x

    def kernel(self, scores: Array, /) -> Array:
        """1 + s + s²/2 of each score s, 0 where it is hidden: attention without softmax (Arora et al. 2024, "Based").

        It is a product of features of q and of k, whose sums over a text could be kept in the place of all keys and
        values (Katharopoulos et al. 2020). Here all scores are taken: they are what is looked at, and a head has more
        features than a short text has tokens.
        """
        hidden = scores == -math.inf
        seen = self.where(hidden, 0.0, scores)
        return self.where(hidden, 0.0, 1 + seen + 0.5 * seen * seen)

    def weights(self, scores: Array, linear: bool, /) -> Array:
        """Shares of each row that sum to 1, from its scores, which may be used up; zeros where it sees nothing."""
        if not linear:
            return self.softmax(scores)
        found = self.kernel(scores)
        total = found.sum(-1)[..., None]
        return found / (total + (total == 0))

    def attend(
        self, q: Array, k: Array, v: Array, visible: Array | None, manner: Manner, tap: Tap, layer: int, /
    ) -> Array:
        """Scaled dot-product attention with every step offered to the tap (Vaswani et al. 2017, section 3.2.1).

        q (.. H T D), k and v (.. H S D), visible (T S) true where row may look at column (None: everywhere);
        returns z (.. H T D), what each row finds. The scores that were offered may be used up: who keeps them copies.
        """
        scores = tap("scores", self.scores(q, k, visible, manner.scale), layer)
        pattern = tap("pattern", self.weights(scores, manner.linear), layer)  # .. H T S
        return pattern @ v

    def scores(self, q: Array, k: Array, visible: Array | None, scale: float, /) -> Array:
        """How well each key answers each query, -inf where a row may not look: (.. H T S), of what `attend` takes."""
        scores = q * scale @ k.swapaxes(-1, -2)
        return scores if visible is None else self.hide(scores, visible)

    def hide(self, scores: Array, visible: Array, /) -> Array:
        """Scores (.. H T S) with -inf where `visible` (T S) is not; the given ones may be used up."""
        np.copyto(scores, -math.inf, where=~visible)
        return scores


def _each_row(x: Array) -> Array | float:
    """One number a row, shaped to meet the row: (.. T 1); a single one as a plain number, NumPy's short way again."""
    return x.item() if x.size == 1 else x[..., None]


def _erf(x: Array) -> Array:
    """The error function, exact to the last bits of float64, without SciPy."""
    return np.vectorize(math.erf, otypes=[np.float64])(x).astype(x.dtype)


NUMPY = Ops()
