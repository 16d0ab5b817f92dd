"""One pass backward over a Trace: how much more likely the answer would be with a little more of each value.

Backpropagation (Rumelhart et al. 1986) by hand, in NumPy, through the values that the trace holds. It costs twice a
forward pass for all edges of all heads together, where cutting them one by one costs a pass each; but where softmax is
saturated its sizes are far off, so what it ranks high is cut to be believed.

A switch that sets or scales single numbers is passed backward exactly, and so are those that leave out an edge, norm,
residual path or bend, or narrow q; through one that mixes positions, or bends the scores, the gradient goes as if it
added something.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from functools import partial

import numpy as np

from models import gpt
from models.gpt import BLOCK_NAMES, GPTConfig
from models.lenses.inside.norms import centred, spread
from models.measures import softmax
from models.ops import Array, quiet
from models.switches import EdgeOff, MLPLinear, NormOff, ResidualOff, Rewritten
from models.switches.edits import Here, acting
from models.switches.low_rank import Cut
from models.tracing import BlockTrace, Seen, Trace

_LEFT_OUT = (EdgeOff, MLPLinear, NormOff, ResidualOff)  # what they leave out is left out backward as well


def gradients(of: Trace, answer: int | None = None, sites: Collection[str] = ("pattern",)) -> Mapping[str, Array]:
    """The gradient of the log-probability, in nats, of `answer` after the last token, the likeliest one if None.

    By site, with respect to the value the pass went on with there, layer by layer: "pattern" (L H T T), "z" (L H T D),
    "mlp_act" (L T F), and any other of `BLOCK_NAMES`; zeros where the model lacks the part.
    """
    found: dict[str, list[Array]] = {site: [] for site in sites}
    for layer, values in backward(of, toward(of, answer)):
        for site in sites:
            assert site in BLOCK_NAMES, site
            found[site].append(values[site] if site in values else np.zeros_like(of.value(site, layer)))
    return {site: np.stack(list(reversed(each))) for site, each in found.items()}


def toward(of: Trace, answer: int | None = None) -> Array:
    """The gradient of a token's log-probability after the last position, with respect to the scores there: (V,)."""
    scores = of.logits[-1]
    told = -softmax(scores)
    told[int(np.argmax(scores)) if answer is None else answer] += 1
    return told.astype(scores.dtype)


def backward(of: Trace, scores: Array) -> Iterator[tuple[int, Mapping[str, Array]]]:
    """Layer by layer, the last one first: every gradient in it by its site, each of its value's shape.

    `scores` is that of the scores after the last position (V,); nothing else of the text counts.
    """
    model = of.tape.model
    lacks = _Lacks(of)
    with quiet():
        to_scores = _passed(of, "logits", None, scores[None])
        weight = model.weights["wte.weight" if model.config.tied else "lm_head.weight"]  # V C
        g = np.zeros_like(of.ln_final)
        g[-1:] = to_scores @ weight
        g = _passed(of, "ln_final", None, g)
        g = _norm_back(of, "ln_f", of.blocks[-1].resid_post, g, lacks.norm)
    for block in reversed(of.blocks):
        with quiet():
            values = _layer_back(of, block, g, lacks)
            g = _passed(of, "resid_pre", block.layer, values["resid_pre"])
        yield block.layer, values


class _Lacks:
    """What a pass was without: as the model was built, or switched off."""

    def __init__(self, of: Trace) -> None:
        config: GPTConfig = of.tape.model.config
        self.norm = not config.has("norm") or any(isinstance(each, NormOff) for each in of.switches)
        self.residual = not config.has("residual") or any(isinstance(each, ResidualOff) for each in of.switches)
        self.straight = {each.layer for each in of.switches if isinstance(each, MLPLinear)}


def _layer_back(of: Trace, block: BlockTrace, g: Array, lacks: _Lacks) -> dict[str, Array]:
    """From the gradient of what a layer hands on to that of what it reads (T C), and all in between."""
    found = {"resid_post": g}
    through = partial(_through, of, block, found)
    config, g, read_too = of.tape.model.config, through("resid_post", g), 0
    if config.has("mlp"):
        read = _mlp_back(of, block, g, lacks, found)
        on = np.zeros_like(g) if lacks.residual else g
        g, read_too = (on, read) if config.parallel else (on + read, 0)
    g = through("resid_mid", g)
    if config.has("attention"):
        g = (0 if lacks.residual else g) + _attention_back(of, block, g, lacks, found)
    found["resid_pre"] = g + read_too
    return found


def _mlp_back(of: Trace, block: BlockTrace, g: Array, lacks: _Lacks, found: dict[str, Array]) -> Array:
    """From what the MLP wrote to what it read."""
    model, at = of.tape.model, f"h.{block.layer}."
    through = partial(_through, of, block, found)
    g = through("mlp_out", g)
    inside = g @ model.weights[at + "mlp.c_proj.weight"].T
    for each in of.switches:
        if isinstance(each, Rewritten) and each.layer == block.layer:  # a matrix of rank one more
            more = each.ready(model)
            inside = inside + (g @ more.change)[:, None] * more.key
    g, straight, read = through("mlp_act", inside), block.layer in lacks.straight, 0
    if model.config.gated:
        bent = 1 if straight else model.ops.activate(model.config.activation, block.mlp_pre)
        read = through("mlp_pre_linear", g * bent) @ model.weights[at + "mlp.c_up.weight"].T
        g = g * (0 if straight else block.mlp_pre_linear)
    g = g if straight else g * slope(model.config.activation, block.mlp_pre)
    g = through("mlp_pre", g) @ model.weights[at + "mlp.c_fc.weight"].T + read
    return _norm_back(of, at + "ln_2", block.value(model.config.mlp_reads), through("ln_2", g), lacks.norm)


def _attention_back(of: Trace, block: BlockTrace, g: Array, lacks: _Lacks, found: dict[str, Array]) -> Array:
    """From what the heads wrote to what they read."""
    model, at = of.tape.model, f"h.{block.layer}."
    through, pattern, scale = partial(_through, of, block, found), block.pattern, model.config.scale
    g = through("attn_out", g) @ model.weights[at + "attn.c_proj.weight"].T
    z = through("z", gpt.in_heads(g, model.config.n_head))  # H T D
    v = through("v", pattern.swapaxes(-1, -2) @ z)
    weights = through("pattern", z @ block.v.swapaxes(-1, -2))  # H T T
    if any(not isinstance(each, EdgeOff) for each in acting(of.switches, model.config, "pattern", block.layer)):
        pattern = model.ops.weights(
            block.scores.copy(), model.config.linear
        )  # as it was before them; an edge off is a softmax with one score less
    scores = through("scores", _steepness(block, pattern) * (weights - np.vecdot(weights, pattern)[..., None]))
    q = through("q", scores @ block.k * scale)
    k = through("k", scores.swapaxes(-1, -2) @ block.q * scale)
    parts = np.concatenate([_side_by_side(each) for each in _raw_back(of, block, q, k, v)], -1)  # T (H+2G)D
    g = parts @ model.weights[at + "attn.c_attn.weight"].T
    return _norm_back(of, at + "ln_1", block.resid_pre, through("ln_1", g), lacks.norm)


def _steepness(block: BlockTrace, pattern: Array) -> Array:
    """How fast each score's part of its row's sum grows with the score, of that sum: for softmax the pattern itself."""
    model = block.trace.tape.model
    if not model.config.linear:
        return pattern
    seen = pattern != 0  # an edge that is off is not in the sum
    total = np.where(seen, model.ops.kernel(block.scores), 0).sum(-1, keepdims=True)
    return np.where(seen, 1 + block.scores, 0) / (total + (total == 0))


def _raw_back(of: Trace, block: BlockTrace, q: Array, k: Array, v: Array) -> tuple[Array, Array, Array]:
    """From the gradients of what heads ask with, are found by and pass on to those of what the matrix gave them."""
    model, at = of.tape.model, f"h.{block.layer}.attn."
    k, v = (each.reshape(model.config.kv_heads, -1, *each.shape[1:]).sum(1) for each in (k, v))  # G T D
    if model.config.rope:
        q, k = (model.ops.turned(each, -block.angles) for each in (q, k))
    if model.config.qk_norm:
        raw_q, raw_k, _ = gpt.projected(model, block.layer, block.ln_1)
        absent = not model.config.has("norm")
        q, k = _norm_back(of, at + "ln_q", raw_q, q, absent), _norm_back(of, at + "ln_k", raw_k, k, absent)
    return q, k, v


def _side_by_side(x: Array) -> Array:
    """(H T D) to (T HD)."""
    return x.swapaxes(0, 1).reshape(x.shape[1], -1)


def _norm_back(of: Trace, name: str, x: Array, g: Array, absent: bool) -> Array:
    """From what a layer norm gave to what it read (T C)."""
    if absent:
        return g
    config, size = of.tape.model.config, spread(of.tape.model.config, x)
    unit, g = centred(config, x) / size, g * of.tape.model.weights[name + ".weight"]
    return (centred(config, g) - unit * (g * unit).mean(-1, keepdims=True)) / size


def slope(activation: str, x: Array) -> Array:
    """The derivative of the MLP's nonlinearity, by its GPT-2 name, at each number."""
    if activation == "gelu_new":
        root = math.sqrt(2 / math.pi)
        bent = np.tanh(root * (x + 0.044715 * x * x * x))
        return 0.5 * (1 + bent) + 0.5 * x * (1 - bent * bent) * root * (1 + 3 * 0.044715 * x * x)
    if activation == "gelu":
        below = 0.5 * (1 + np.vectorize(math.erf, otypes=[np.float64])(x / math.sqrt(2)))
        return (below + x * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)).astype(x.dtype)
    if activation == "silu":
        share = 0.5 * np.tanh(0.5 * x) + 0.5
        return share * (1 + x * (1 - share))
    return (x > 0).astype(x.dtype) if activation == "relu" else np.ones_like(x)


def _through(of: Trace, block: BlockTrace, found: dict[str, Array], site: str, g: Array) -> Array:
    """Note the gradient at a site, and go on to what stood there before the edits."""
    found[site] = g
    return _passed(of, site, block.layer, g)


def _passed(of: Trace, site: str, layer: int | None, g: Array) -> Array:
    """The gradient behind the edits of a site: a number that is set hands none back, one that is scaled so much."""
    model = of.tape.model
    for switch in reversed(acting(of.switches, model.config, site, layer)):
        if isinstance(switch, _LEFT_OUT):
            continue
        here = Here(site, layer, Seen(of, layer or 0), model.ops, len(of))
        edit = switch.ready(model)
        if isinstance(edit, Cut):
            g = edit.back(g, here)
            continue
        at = [edit.edit(np.full_like(g, number), here) for number in (0, 1, 2)]
        g = np.where(at[2] - at[0] == 2 * (at[1] - at[0]), g * (at[1] - at[0]), g)
    return g
