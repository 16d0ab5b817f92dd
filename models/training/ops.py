"""torch's backend of `gpt.py`: what `ops.py` asks for, with a fused attention for when nobody looks inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from models.ops import Manner, Ops, Tap, idle


class TorchOps(Ops):
    """Every step visible to the tap, in whatever type the weights have; `dtype` is that of the matrix products."""

    def __init__(self, dtype: torch.dtype) -> None:
        """Keep the type that layer norm hands to the matrix products."""
        self.dtype = dtype

    def positions(self, start: int, stop: int, like: Tensor, /) -> Tensor:
        """The numbers start .. stop-1."""
        return torch.arange(start, stop, device=like.device)

    def zeros(self, shape: tuple[int, ...], like: Tensor, /) -> Tensor:
        """Zeros that may join the stream."""
        return torch.zeros(shape, dtype=_stream(like), device=like.device)

    def copy(self, x: Tensor, /) -> Tensor:
        """A copy that may be written to."""
        return x.clone()

    def where(self, condition: Tensor, a: Any, b: Any, /) -> Tensor:
        """Whichever the condition says: a where it holds, else b; a decides the type."""
        return torch.where(condition, a, b)

    def log(self, x: Tensor, /) -> Tensor:
        """The natural logarithm, element by element."""
        return x.log()

    def hide(self, scores: Tensor, visible: Tensor, /) -> Tensor:
        """Scores (.. H T S) with -inf where `visible` (T S) is not."""
        return scores.masked_fill(~visible, -math.inf)

    def sinusoids(self, positions: Tensor, width: int, like: Tensor, /) -> Tensor:
        """Fixed positions of Vaswani et al. 2017, section 3.5, sines then cosines: (T C)."""
        half = (width + 1) // 2
        steps = torch.arange(half, dtype=torch.float64, device=like.device)
        angles = positions[:, None] * torch.exp(-math.log(10000.0) * steps / half)
        return torch.cat([torch.sin(angles), torch.cos(angles)], -1)[:, :width].to(_stream(like))

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, /) -> Tensor:
        """The product x @ weight + bias in the weight's type, stored (in, out) as in GPT-2's Conv1D."""
        return F.linear(x.to(weight.dtype), weight.mT, bias)  # only a stream that nothing normed has another type

    def parts(self, x: Tensor, heads: Sequence[int], /) -> Sequence[Tensor]:
        """So many of its heads each, in their order, of (.. H T D).

        The way back through three slices fills and adds three tensors of the whole: measured at 4 layers of 128, a step
        takes 0.96 of the time with one `split_with_sizes`.
        """
        return x.split_with_sizes(list(heads), -3)

    def repeated(self, x: Tensor, times: int, /) -> Tensor:
        """Each head so many times, one after the other: (.. G T D) to (.. H T D)."""
        return x.repeat_interleave(times, -3)

    def angles(self, positions: Tensor, speeds: Sequence[float], x: Tensor, /) -> Tensor:
        """How far each pair of numbers has turned at the position of each row of x, at least in float32: (.. T R)."""
        kind = _stream(x)
        found = positions[:, None].to(kind) * torch.tensor(speeds, dtype=kind, device=x.device)
        return found.expand(*x.shape[:-2], *found.shape)

    def turned(self, x: Tensor, angles: Tensor, /) -> Tensor:
        """(.. H T D), its numbers d and d + R as pairs turned by the angles (.. T R); what is beyond 2 R stays."""
        R, angles = angles.shape[-1], angles[..., None, :, :]
        cos, sin, a, b = angles.cos().to(x.dtype), angles.sin().to(x.dtype), x[..., :R], x[..., R : 2 * R]
        return torch.cat((a * cos - b * sin, b * cos + a * sin, x[..., 2 * R :]), -1)

    def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor | None, eps: float, /) -> Tensor:
        """Ba et al. 2016, over the last axis, in the stream's type; the result in that of the matrix products."""
        return F.layer_norm(x.to(weight.dtype), weight.shape, weight, bias, eps).to(self.dtype)

    def rms_norm(self, x: Tensor, weight: Tensor, eps: float, /) -> Tensor:
        """Zhang & Sennrich 2019, over the last axis, in the stream's type; as layer norm."""
        return F.rms_norm(x.to(weight.dtype), weight.shape, weight, eps).to(self.dtype)

    def activate(self, name: str, x: Tensor, /) -> Tensor:
        """The MLP's nonlinearity by its GPT-2 name; "none" is a linear MLP."""
        if name == "gelu_new":
            return F.gelu(x, approximate="tanh")
        if name == "gelu":
            return F.gelu(x)
        if name == "silu":
            return F.silu(x)
        return F.relu(x) if name == "relu" else x

    def softmax(self, x: Tensor, /) -> Tensor:
        """Over the last axis; a row that may look at nothing (all -inf) becomes zeros."""
        top = x.amax(-1, keepdim=True).clamp(min=torch.finfo(x.dtype).min)
        y = torch.exp(x - top)
        return y / y.sum(-1, keepdim=True).clamp(min=1)  # >= 1 wherever anything is visible


def _stream(like: Tensor) -> torch.dtype:
    """The type of the residual stream where products are taken in `like`'s: at least float32."""
    return torch.promote_types(like.dtype, torch.float32)


class FusedOps(TorchOps):
    """For training: attention in one piece, so `scores` and `pattern` are never offered to the tap.

    Measured at 32 x 4 heads of 256 x 64, forward and back, two threads: torch's kernel in float32 takes half the time
    of the explicit form; in bfloat16 `ChunkedAttention` takes 0.43 times that of torch's kernel.
    """

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None, manner: Manner, tap: Tap, layer: int, /
    ) -> Any:
        """Attention from the first position, causal unless everything is visible; q, k, v (B H T D)."""
        if manner.linear:
            return super().attend(q, k, v, visible, manner, idle, layer)
        if self.dtype == torch.bfloat16 and q.device.type == "cpu":
            # torch leaves `apply` untyped
            return ChunkedAttention.apply(q, k, v, visible, manner.scale)  # type: ignore[no-untyped-call]
        if manner.window:
            return F.scaled_dot_product_attention(q, k, v, attn_mask=visible, scale=manner.scale)
        return F.scaled_dot_product_attention(q, k, v, is_causal=visible is not None, scale=manner.scale)


CHUNK = 32  # heads at a time: their T x T patterns stay in the processor's cache


class ChunkedAttention(torch.autograd.Function):
    """Explicit attention where it may look (T T), and its gradient, a few heads at a time: (B H T D) to (B H T D)."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None, scale: float) -> Tensor:
        """Scores, softmax, weighted sum; the patterns are kept for the way back."""
        shape, T = q.shape, q.shape[-2]
        q, k, v = (x.reshape(-1, *x.shape[-2:]) for x in (q, k, v))  # BH T D
        hidden = q.new_zeros(T, T) if visible is None else q.new_zeros(T, T).masked_fill_(~visible, -math.inf)
        pattern, z = q.new_empty(len(q), T, T), torch.empty_like(q)
        for at in range(0, len(q), CHUNK):
            few = slice(at, at + CHUNK)
            scores = torch.baddbmm(hidden.expand_as(pattern[few]), q[few], k[few].mT, alpha=scale)
            torch.softmax(scores, -1, out=pattern[few])
            torch.bmm(pattern[few], v[few], out=z[few])
        ctx.save_for_backward(q, k, v, pattern)
        ctx.scale = scale
        return z.view(shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """The gradients of q, k and v."""
        q, k, v, pattern = ctx.saved_tensors
        dz = gradients[0]
        shape = dz.shape
        dz = dz.reshape(v.shape)
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        for at in range(0, len(q), CHUNK):
            few = slice(at, at + CHUNK)
            torch.bmm(pattern[few].mT, dz[few], out=dv[few])
            dp = torch.bmm(dz[few], v[few].mT)
            ds = torch._softmax_backward_data(dp, pattern[few], -1, q.dtype).mul_(ctx.scale)
            torch.bmm(ds, k[few], out=dq[few])
            torch.bmm(ds.mT, q[few], out=dk[few])
        return dq.view(shape), dk.view(shape), dv.view(shape), None, None
