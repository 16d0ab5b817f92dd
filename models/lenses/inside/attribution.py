"""Direct attribution: what each part of a pass wrote of a token's score.

The stream that the last layer leaves is a sum of what every part wrote to it, and with the scale of its one pass the
final norm is linear, so a score is a sum over parts as well (Elhage et al. 2021, "A Mathematical Framework for
Transformer Circuits"). Where a switch puts something else into the stream, that is one part, and what it replaced is
none: the sum stays the score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from models.errors import UserError, check_index
from models.gpt import GPT
from models.lenses.inside import patching
from models.lenses.inside.norms import centred, spread
from models.measures import ranked
from models.ops import Array, quiet
from models.switches import AttentionOff, HeadOff, MLPOff, PositionsOff, Switch
from models.switches.edits import acting
from models.switches.patched import HEADS
from models.tracing import BlockTrace, Trace

Kind = Literal["embedding", "position", "head", "attention", "mlp", "stream", "bias"]
SAME = {2: 1e-2, 4: 1e-4, 8: 1e-9}  # of the largest number in a sum: what rounding can make of it, by bytes a number


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that writes to the stream."""

    kind: Kind
    layer: int | None = None
    head: int | None = None
    of: Literal["", "attention", "mlp", "norm"] = ""  # whose bias it is
    is_set: bool = False  # a switch sets what it writes, so that nothing inside it does

    def __str__(self) -> str:
        """Its name: "L0H3", "L1 MLP"."""
        where = "" if self.layer is None else f"L{self.layer}"
        if self.kind == "head":
            return f"{where}H{self.head}"
        if self.kind == "bias":
            return {"attention": f"{where} attention bias", "mlp": f"{where} MLP bias"}.get(self.of, "final norm bias")
        return f"{where} {'MLP' if self.kind == 'mlp' else self.kind}".strip()

    @property
    def off(self) -> Switch | None:
        """The switch under which it writes nothing; None where there is none."""
        if self.kind == "position":
            return PositionsOff()
        if self.layer is None or self.kind not in ("head", "attention", "mlp"):
            return None
        if self.head is not None:
            return HeadOff(self.layer, self.head)
        return AttentionOff(self.layer) if self.kind == "attention" else MLPOff(self.layer)

    @property
    def patched(self) -> patching.Part | None:
        """The part as it can be taken from another text; None where it cannot."""
        site = {"head": HEADS, "attention": "attn_out", "mlp": "mlp_out"}.get(self.kind)
        return None if site is None or self.layer is None else patching.Part(self.layer, site, self.head)


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """How a score reads the stream of one row: a vector (C,) in it adds its product with `direction`."""

    direction: Array  # C, float64: the token's row of the unembedding, through the final norm's gain, mean and scale
    bias: float  # what the final norm's bias adds
    normed: bool  # False: the model has no final norm, or a switch took it away


@dataclass(frozen=True, eq=False, slots=True)
class Attribution:
    """A score as a sum over parts, in the order in which they write; P of them."""

    row: int
    token: int
    against: int | None  # the score is how far the token is above this one
    logit: float  # as the pass has it
    parts: tuple[Part, ...]
    values: Array  # P, float64: what each part adds to the score
    normed: bool

    @property
    def total(self) -> float:
        """The sum over all parts."""
        return float(self.values.sum())

    @property
    def error(self) -> float:
        """How far the sum is from the score: rounding, where nothing is wrong."""
        return abs(self.total - self.logit)

    @property
    def unsplit(self) -> tuple[str, ...]:
        """What cannot be told apart in this pass, and why, each in a sentence."""
        kinds, said = {part.kind for part in self.parts}, list[str]()
        if not math.isfinite(self.logit):
            return ("the scores of this pass are not numbers, so no part can be said to have written them",)
        if "stream" in kinds:
            said.append("a switch sets the stream itself: what was written to it before does not reach the end")
        elif "embedding" not in kinds:
            said.append("the residual path is off: only what was written last reaches the end")
        for kind, name, inside in (("attention", "attention", "heads"), ("mlp", "MLP", "neurons")):
            layers = [part.layer for part in self.parts if part.kind == kind and part.is_set]
            if layers:
                where = ", ".join(f"L{layer}" for layer in layers)
                said.append(f"a switch sets what the {name} of {where} writes: its {inside} are told as one")
        if not self.normed:
            said.append("no final norm: every part reaches the score as large as it was written")
        return tuple(said)


def attribute(trace: Trace, row: int, token: int, against: int | None = None) -> Attribution:
    """What every part of a pass adds to the score of a token after a row, or to its lead over another.

    Embedding, position, every head and MLP, and every bias; they sum to the score, in float32 to 1e-4 or to that part
    of the largest number in the sum. UserError for a row or a token that there is not.
    """
    reads = reading(trace, row, token, against)
    parts, vectors = decompose(trace, row)
    with quiet():
        values = vectors @ reads.direction
    if reads.normed and "ln_f.bias" in trace.tape.model.weights:
        parts, values = (*parts, Part("bias", of="norm")), np.append(values, reads.bias)
    scores = trace.logits[row].astype(np.float64)
    logit = float(scores[token] - (0.0 if against is None else scores[against]))
    return Attribution(row, token, against, logit, parts, values, reads.normed)


def reading(trace: Trace, row: int, token: int, against: int | None = None) -> Reading:
    """How the score of a token after a row, or its lead over another, reads the stream; UserError as `attribute`."""
    model = trace.tape.model
    if not 0 <= row < len(trace):
        raise UserError(f"there is no row {row}", f"the text has 0 to {len(trace) - 1}")
    rows = unembedding(model)
    for each in (token, against):
        check_index("token", each or 0, model.config.vocab_size)
    wanted = _of(rows[token]) - (0.0 if against is None else _of(rows[against]))
    stream, normed = trace.blocks[-1].resid_post[row], trace.ln_final[row]
    if np.array_equal(stream, normed, equal_nan=True):
        return Reading(wanted, 0.0, False)
    stream, gained = _of(stream), wanted * _of(model.weights["ln_f.weight"])
    bias = model.weights.get("ln_f.bias")
    with quiet():
        direction = centred(model.config, gained) / spread(model.config, stream)
    return Reading(direction, 0.0 if bias is None else float(wanted @ _of(bias)), True)


def unembedding(model: GPT) -> Array:
    """What reads a token's score from the stream: a row a token, (V C)."""
    return model.weights["wte.weight" if model.config.tied else "lm_head.weight"]


def decompose(trace: Trace, row: int) -> tuple[tuple[Part, ...], Array]:
    """The stream that the final norm reads at a row, as the sum of what parts wrote to it: (P C) float64."""
    written = _before_the_layers(trace, row)
    for block in trace.blocks:
        put = Part("stream", block.layer, is_set=True)
        written = _joined(written, [], block.resid_pre[row], put)
        written = _joined(written, _of_attention(block, row), block.resid_mid[row], put)
        written = _joined(written, _of_mlp(block, row), block.resid_post[row], put)
    parts = tuple(part for part, _ in written)
    return parts, np.stack([vector for _, vector in written]) if written else np.zeros((0, _width(trace)))


@dataclass(frozen=True, eq=False, slots=True)
class Sources:
    """What a head adds to a score, by the positions that it looked at: `values` sum to the head's part."""

    weights: Array  # T, of the row's attention
    values: Array  # T, float64


def sources(trace: Trace, row: int, layer: int, head: int, reads: Reading) -> Sources | None:
    """A head's part by source positions: its weight there, times what the value there writes through its output matrix.

    None where a switch sets what the head found, and it is from no position.
    """
    block = trace.blocks[layer]
    weights, values = _of(block.pattern[head, row]), _of(block.v[head])  # T, T D
    found = block.z[head, row]
    if _acts(trace, "z", layer, head) and not same([weights @ values], found):
        return None
    if Part("head", layer, head) not in dict(_of_attention(block, row)):
        return None
    return Sources(weights, weights * (values @ (_out_of_heads(block)[head] @ reads.direction)))


@dataclass(frozen=True, eq=False, slots=True)
class Neurons:
    """What an MLP adds to a score, by its neurons: `values` sum to its part."""

    acts: Array  # F, what each neuron fires
    values: Array  # F, float64


def neurons(trace: Trace, row: int, layer: int, reads: Reading) -> Neurons | None:
    """An MLP's part by neurons: what each fires, times its row of the output matrix (Geva et al. 2021).

    None where a switch sets what the MLP writes.
    """
    block = trace.blocks[layer]
    if Part("mlp", layer) not in dict(_of_mlp(block, row)):
        return None
    acts = _of(block.mlp_act[row])
    return Neurons(acts, acts * per_activation(block, reads))


def per_activation(block: BlockTrace, reads: Reading) -> Array:
    """What an activation of one of each neuron of a layer adds to a score: (F,) float64."""
    with quiet():
        return _of(_weight(block, "mlp.c_proj.weight")) @ reads.direction


def strongest(values: Array, n: int) -> Sequence[int]:
    """Which n of the values (N,) are largest, whatever their sign, the largest first."""
    return [int(place) for place in ranked(np.nan_to_num(np.abs(values)), n)]


# what is written -----------------------------------------------------------------------------------------------

Written = list[tuple[Part, Array]]


def _before_the_layers(trace: Trace, row: int) -> Written:
    written: Written = [(Part("embedding"), _of(trace.embed[row]))]
    if trace.tape.model.config.adds_positions:
        written.append((Part("position"), _of(trace.pos_embed[row])))
    return written


def _of_attention(block: BlockTrace, row: int) -> Written:
    """Each head and the bias; attention as one where a switch sets what it writes; nothing where there is none."""
    if not block.trace.tape.model.config.has("attention"):
        return []
    heads = np.einsum("hd,hdc->hc", _of(block.z[:, row]), _out_of_heads(block))
    written: Written = [(Part("head", block.layer, head), vector) for head, vector in enumerate(heads)]
    written += _bias(block, "attn.c_proj.bias", Part("bias", block.layer, of="attention"))
    out = block.attn_out[row]
    if _acts(block.trace, "attn_out", block.layer) and not same([vector for _, vector in written], out):
        return [(Part("attention", block.layer, is_set=True), _of(out))]
    return written


def _of_mlp(block: BlockTrace, row: int) -> Written:
    """The MLP and its bias; the two as one where a switch sets what it writes; nothing where there is none."""
    if not block.trace.tape.model.config.has("mlp"):
        return []
    part, out = Part("mlp", block.layer), _of(block.mlp_out[row])
    bias = _bias(block, "mlp.c_proj.bias", Part("bias", block.layer, of="mlp"))
    if _acts(block.trace, "mlp_out", block.layer):
        by_itself = _of(block.mlp_act[row]) @ _of(_weight(block, "mlp.c_proj.weight"))
        if not same([by_itself, *(vector for _, vector in bias)], out):
            return [(replace(part, is_set=True), out)]
    with quiet():
        return [(part, out - sum(vector for _, vector in bias)), *bias]


def _bias(block: BlockTrace, name: str, part: Part) -> Written:
    weights = block.trace.tape.model.weights
    at = f"h.{block.layer}.{name}"
    return [(part, _of(weights[at]))] if at in weights else []


def _joined(before: Written, new: Written, stream: Array, put: Part) -> Written:
    """What the stream is made of after a part: of both; of the new alone, without a residual path; or as it was put."""
    both = [*before, *new]
    if same([vector for _, vector in both], stream):
        return both
    return new if same([vector for _, vector in new], stream) else [(put, _of(stream))]


def same(vectors: Sequence[Array], whole: Array) -> bool:
    """Whether they (each of the shape of `whole`) sum to that, to rounding."""
    with quiet():
        total = np.sum(vectors, 0) if vectors else np.zeros(whole.shape)
        size = max((float(np.nanmax(np.abs(each), initial=0.0)) for each in (*vectors, whole)), default=0.0)
        return np.allclose(total, whole, rtol=0, atol=SAME[whole.dtype.itemsize] * size, equal_nan=True)


def _acts(trace: Trace, site: str, layer: int, head: int | None = None) -> bool:
    return bool(acting(trace.switches, trace.tape.model.config, site, layer, head))


def _out_of_heads(block: BlockTrace) -> Array:
    """The output matrix of each head: (H D C)."""
    config = block.trace.tape.model.config
    return _of(_weight(block, "attn.c_proj.weight")).reshape(config.n_head, config.head_width, config.n_embd)


def _weight(block: BlockTrace, name: str) -> Array:
    return block.trace.tape.model.weights[f"h.{block.layer}.{name}"]


def _width(trace: Trace) -> int:
    return trace.tape.model.config.n_embd


def _of(value: Array) -> Array:
    return np.asarray(value, np.float64)
