"""What happens at each stop of the walk, for any model: a function and a line in STOPS a stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.errors import UserError
from models.lenses.inside import heads_at_stop
from models.lenses.inside.at_stop import Here, Made, Sum, Value
from models.lenses.inside.norms import spread
from models.measures import log_softmax
from models.ops import Array
from models.sampling import draw


def _largest(x: Array) -> int:
    return int(np.argmax(np.abs(np.nan_to_num(x))))


def _token(here: Here) -> Made:
    token = here.of.tokens[here.row]
    given = Value("token", "T", (len(here.of),), np.array([token]))
    says = f"The text is cut into tokens; the one at place {here.position} is number {token} of the vocabulary."
    return Made(says, (), (given,), facts={"vocabulary": float(here.config.vocab_size)})


def _embed(here: Here) -> Made:
    token = here.of.tokens[here.row]
    says = f"Row {token} of the matrix wte is the token's vector: what the model knows of it anywhere."
    return Made(says, (here.weight("wte.weight", "V C"),), (here.value("embed"),))


def _position(here: Here) -> Made:
    embed, added, stream = here.value("embed"), here.value("pos_embed"), here.value("resid_pre", 0)
    learned = here.config.positions == "learned"
    where = f"row {here.row} of wpe" if learned else f"sines and cosines of {here.row}"
    d = _largest(stream.here)
    terms = np.array([embed.here[d], added.here[d]])
    return Made(
        says=f"The vector of place {here.row}, {where}, is added: the same token elsewhere starts otherwise.",
        reads=(embed, *((here.weight("wpe.weight", "S C"),) if learned else ())),
        gives=(added, stream),
        sums=(here.added(f"number {d} of the stream", terms, (), float(stream.here[d])),),
    )


def _norm(reads: str, name: str, weights: str) -> Callable[[Here], Made]:
    def make(here: Here) -> Made:
        last = here.config.n_layer - 1 if name == "ln_final" else None
        read = here.config.mlp_reads if name == "ln_2" else reads
        before, after, at = here.value(read, last), here.value(name), weights.format(here.layer)
        x, y = np.asarray(before.here, np.float64), np.asarray(after.here, np.float64)
        means, size = [float(x.mean())] * (here.config.norm == "layer"), float(spread(here.config, x)[0])
        d = _largest(y)
        weight, bias = float(here.model.weights[f"{at}.weight"][d]), here.bias(at, d)
        form = ("({} - {})" if means else "{}") + " / {} × {}" + " + {}" * len(bias) + " = {}"
        given = (x[d] - sum(means)) / size * weight + sum(bias)
        rough = (abs(x[d]) + sum(map(abs, means))) / size * abs(weight) + sum(map(abs, bias))
        return Made(
            says=("Its mean is taken off and it is divided by its spread" if means else "It is divided by its size")
            + ", so that only its direction counts; then each number has a learned weight"
            + (" and bias." if bias else "."),
            reads=(before, here.weight(f"{at}.weight", "C")),
            gives=(after,),
            sums=(here.sum(f"number {d}", form, [x[d], *means, size, weight, *bias], given, y[d], rough),),
            facts=_facts(here, x, y),
        )

    return make


def _facts(here: Here, x: Array, y: Array) -> dict[str, float]:
    """Of a vector before and after a norm, what that evens out."""
    sizes = {"": float(spread(here.config, x)[0]), " after": float(spread(here.config, y)[0])}
    if here.config.norm == "rms":
        return {f"size{when}": size for when, size in sizes.items()}
    return {"mean": float(x.mean()), "spread": sizes[""], "mean after": float(y.mean()), "spread after": float(y.std())}


def _qkv(here: Here) -> Made:
    config, x, given = here.config, here.value("ln_1"), [here.value(each) for each in "qkv"]
    sums = [sum_ for value in given for sum_ in heads_at_stop.sums(here, value.name, _largest(value.here))]
    says = "Each head makes three short vectors of it: the query asks, the key is found by, the value is handed on."
    if config.kv_heads < config.n_head:
        says += f" {config.n_head // config.kv_heads} heads share a key and a value."
    if config.rope:
        says += " Query and key are turned, the further the later their place: so they tell how far apart they stand."
    wide = "(H+2G)D" if config.n_kv_head or config.head_dim else "3C"
    matrix = here.weight(heads_at_stop.MATRIX.format(here.layer) + ".weight", f"C {wide}")
    return Made(says, (x, matrix), given, sums)


def _scores(here: Here) -> Made:
    cell, config = here.cell, here.config
    raw, scaled = cell.dot * config.scale, config.has("scale")
    divided = f"divided by the root of {config.head_width}" if scaled else "not divided: it was built without scaling"
    recorded, held = (
        (cell.score, cell.is_scaled(config.scale)) if cell.visible else (raw, True)
    )  # the mask's, if hidden
    form, numbers = ("{} / {} = {}", (cell.dot, 1 / config.scale)) if scaled else ("{} = {}", (cell.dot,))
    score = Sum(f"score of column {here.column + here.of.dropped}", form, (*numbers, recorded), raw, held)
    return Made(
        says=f"The query is held against every key: q · k, {divided}. The larger, the more it looks there.",
        reads=(here.value("q"), here.all_rows("k")),
        gives=(here.value("scores"),),
        sums=(here.added("q · k", cell.products, (), cell.dot), score),
    )


def _mask(here: Here) -> Made:
    whole, far = here.block.visible, here.config.window(here.layer)
    seen = Value("visible", "T S", whole.shape, whole[here.row])
    count, hidden = int(np.count_nonzero(seen.here)), not here.cell.visible
    later = "what comes later" + (f", or lies {far} or more back," if far else "")
    of = f"score of column {here.column + here.of.dropped}"
    score = here.cell.score
    hide = here.sum(of, "{} becomes {}", [here.cell.dot * here.config.scale], -math.inf, score, 0)
    keep = here.sum(of, "{} stays {}", [score], score, score, 0)
    return Made(
        says=f"It may look at {count} of {len(here.of)} tokens, {later} is hidden: -∞, whose weight is 0.",
        reads=(here.value("scores"),),
        gives=(seen,),
        sums=(hide if hidden else keep,),
        facts={"may be seen": float(count)},
    )


def _softmax(here: Here) -> Made:
    cell, given = here.cell, here.value("pattern")
    of, form = f"weight of column {here.column + here.of.dropped}", "e^({} - {}) / {} = {}"
    says = "e to the power of each score"
    numbers: tuple[float, ...] = (cell.score, cell.top, cell.total, cell.weight)
    if here.config.linear:
        says, form = "It was built without softmax: 1 + s + s²/2 of each score s", "(1 + {} + {} × {} / 2) / {} = {}"
        numbers = (*(cell.score,) * 3, cell.total, cell.weight)
        if not cell.visible:
            form, numbers = "{} / {} = {}", (cell.power, cell.total, cell.weight)
    return Made(
        says=f"{says}, divided by their sum: weights that add up to 1.",
        reads=(here.value("scores"),),
        gives=(given,),
        sums=(Sum(of, form, numbers, cell.share, cell.is_share),),
        facts={"sum of the weights": float(np.sum(given.here, dtype=np.float64))},
    )


def _mix(here: Here) -> Made:
    cell, pattern, z = here.cell, here.value("pattern"), here.value("z")
    d = _largest(z.here)
    terms = np.asarray(pattern.here, np.float64) * np.asarray(here.block.v[here.head, :, d], np.float64)
    return Made(
        says="The values of all tokens are added up, each with its weight: that is what the head found.",
        reads=(pattern, here.all_rows("v")),
        gives=(z,),
        sums=(here.added(f"z[{d}], weight × v[{d}] by column", terms, (), float(cell.z[d])),),
    )


def _output(here: Here) -> Made:
    name, out = f"h.{here.layer}.attn.c_proj", here.value("attn_out")
    d = _largest(out.here)
    z = np.asarray(here.block.z[:, here.row], np.float64)  # H D
    column = np.asarray(here.model.weights[f"{name}.weight"][:, d], np.float64).reshape(z.shape)
    parts = np.vecdot(z, column)
    found = here.added(f"number {d}, head by head, then the bias", parts, here.bias(name, d), float(out.here[d]))
    return Made(
        says="What all heads found stands side by side and goes through one matrix: from now on they are mixed.",
        reads=(here.value("z"), here.weight(f"{name}.weight", "HD C" if here.config.head_dim else "C C")),
        gives=(out,),
        sums=(found,),
    )


def _residual(before: str, out: str, after: str) -> Callable[[Here], Made]:
    def make(here: Here) -> Made:
        x, added, y = here.value(before), here.value(out), here.value(after)
        d = _largest(added.here)
        terms = np.array([x.here[d], added.here[d]])
        return Made(
            says="What was found is added to the stream: nothing that was known before is lost.",
            reads=(x, added),
            gives=(y,),
            sums=(here.added(f"number {d}", terms, (), float(y.here[d])),),
        )

    return make


def _widen(here: Here) -> Made:
    gated, x = here.config.gated, here.value("ln_2")
    names = {"mlp_pre": "c_fc"} | ({"mlp_pre_linear": "c_up"} if gated else {})
    given = {f"h.{here.layer}.mlp.{matrix}": here.value(name) for name, matrix in names.items()}
    n = int(np.argmax(np.nan_to_num(here.value("mlp_pre").here)))
    says = f"{here.config.mlp_width} neurons each hold it against a pattern of their own: how much of it is there?"
    return Made(
        says=says + (" A second pattern gives what it will be multiplied with." if gated else ""),
        reads=(x, *(here.weight(f"{name}.weight", "C F") for name in given)),
        gives=[*given.values()],
        sums=[here.product(f"neuron {n}", x.here, name, n, float(value.here[n])) for name, value in given.items()],
    )


def _activation(here: Here) -> Made:
    before, after = here.value("mlp_pre"), here.value("mlp_act")
    n = int(np.argmax(np.nan_to_num(after.here)))
    x, kind = float(before.here[n]), here.config.activation
    given = float(here.model.ops.activate(kind, np.array([x]))[0])
    count = int(np.count_nonzero(np.asarray(after.here) > 0))
    others = [here.value("mlp_pre_linear")] if here.config.gated else []
    times = [float(each.here[n]) for each in others]
    form, size = kind + "({})" + " × {}" * len(times) + " = {}", abs(x) * math.prod(map(abs, times))
    then = " What is left is multiplied with what the second pattern gave." if times else ""
    return Made(
        says="What is below zero is all but cut off: a neuron that found nothing stays silent." + then,
        reads=(before, *others),
        gives=(after,),
        sums=(here.sum(f"neuron {n}", form, [x, *times], given * math.prod(times), float(after.here[n]), size),),
        facts={"above zero": float(count)},
    )


def _narrow(here: Here) -> Made:
    name, x, y = f"h.{here.layer}.mlp.c_proj", here.value("mlp_act"), here.value("mlp_out")
    d = _largest(y.here)
    return Made(
        says="Each neuron writes a vector of its own, as strongly as it fires; together they are what the MLP says.",
        reads=(x, here.weight(f"{name}.weight", "F C")),
        gives=(y,),
        sums=(here.product(f"number {d}, neuron by neuron", x.here, name, d, float(y.here[d])),),
    )


def _logits(here: Here) -> Made:
    x, y = here.value("ln_final"), here.value("logits")
    token, name = int(np.argmax(np.nan_to_num(y.here))), "wte.weight" if here.config.tied else "lm_head.weight"
    row = np.asarray(here.model.weights[name][token], np.float64)
    shared = ", the same that gave its vector," if here.config.tied else ""
    return Made(
        says=f"It is held against the row of every token in {name.removesuffix('.weight')}{shared} and scores it.",
        reads=(x, here.weight(name, "V C")),
        gives=(y,),
        sums=(here.added(f"token {token}", np.asarray(x.here, np.float64) * row, (), float(y.here[token])),),
    )


def _probabilities(here: Here) -> Made:
    logits = here.value("logits")
    x = np.asarray(logits.here, np.float64)
    token = int(np.argmax(np.nan_to_num(x)))
    p = np.exp(log_softmax(x))
    total = float(np.exp(x - x[token]).sum())
    found = here.sum(f"token {token}", "e^({} - {}) / {} = {}", [x[token], x[token], total], 1 / total, p[token], 1)
    return Made(
        says="As in attention: e to the power of each score, divided by the sum of all. They add up to 1.",
        reads=(logits,),
        gives=(Value("probabilities", "T V", logits.shape, p),),
        sums=(found,),
    )


def _draw(here: Here) -> Made:
    logits, sampler = here.value("logits"), here.sampler
    says = f"At temperature {sampler.temperature:g} a random number picks from the probabilities, laid end to end."
    try:
        found = draw(logits.here, sampler, here.place.seed, here.position + 1)
    except UserError as error:
        return Made(str(error), (logits,), ())
    upto = np.cumsum(found.filtered)
    below, above = float(upto[found.token - 1]) if found.token else 0.0, float(upto[found.token])
    u = found.u * float(upto[-1])
    return Made(
        says=says if sampler.temperature else "At temperature 0 the likeliest token is taken.",
        reads=(Value("probabilities", "T V", logits.shape, found.filtered),),
        gives=(Value("token", "1", (1,), np.array([found.token])),),
        sums=(Sum(f"token {found.token}", "{} ≤ {} < {}", (below, found.u, above), above, below <= u < above),),
        facts={"candidates": float(np.count_nonzero(found.kept)), "seed": float(here.place.seed)},
    )


ADDED = "added positions"  # what a model with rotary ones has not


@dataclass(frozen=True)
class Kind:
    """A stop of every model: what makes it, and the parts without which there is none."""

    title: str
    make: Callable[[Here], Made]
    needs: frozenset[str] = frozenset()  # in the words of GPTConfig.lacks, or ADDED
    sites: tuple[str, ...] = ()  # of what comes out, where it is not its name


def _needs(*parts: str) -> frozenset[str]:
    return frozenset(parts)


_MIXED, _MLP = _needs("attention"), _needs("mlp")
STOPS = {
    "token": Kind("token", _token),
    "embed": Kind("embedding", _embed),
    "pos_embed": Kind("position", _position, _needs(ADDED)),
    "ln_1": Kind("norm", _norm("resid_pre", "ln_1", "h.{}.ln_1"), _MIXED | {"norm"}),
    "qkv": Kind("q k v", _qkv, _MIXED, ("angles", "q", "k", "v")),
    "scores": Kind("scores", _scores, _MIXED),
    "visible": Kind("mask", _mask, _MIXED | {"mask"}),
    "pattern": Kind("softmax", _softmax, _MIXED),
    "z": Kind("mix", _mix, _MIXED),
    "attn_out": Kind("output", _output, _MIXED),
    "resid_mid": Kind("residual", _residual("resid_pre", "attn_out", "resid_mid"), _MIXED | {"residual"}),
    "ln_2": Kind("norm 2", _norm("resid_mid", "ln_2", "h.{}.ln_2"), _MLP | {"norm"}),
    "mlp_pre": Kind("widen", _widen, _MLP, ("mlp_pre", "mlp_pre_linear")),
    "mlp_act": Kind("activation", _activation, _MLP | {"nonlinearity"}),
    "mlp_out": Kind("narrow", _narrow, _MLP),
    "resid_post": Kind("residual 2", _residual("resid_mid", "mlp_out", "resid_post"), _MLP | {"residual"}),
    "ln_final": Kind("final norm", _norm("resid_post", "ln_final", "ln_f"), _needs("norm")),
    "logits": Kind("logits", _logits),
    "probabilities": Kind("probabilities", _probabilities, sites=("logits",)),
    "draw": Kind("draw", _draw),
}
BEFORE, AFTER = ("token", "embed", "pos_embed"), ("ln_final", "logits", "probabilities", "draw")
IN_LAYER = tuple(name for name in STOPS if name not in (*BEFORE, *AFTER))
