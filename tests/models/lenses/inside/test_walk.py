"""Every stop has the numbers of the pass, and its arithmetic gives the one that it tells of."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.inside.at_stop import Key, Place, Sum
from models.lenses.inside.walk import Stop, find, route, stop, walk
from models.ops import NUMPY, Array
from models.parts import Activation, Part, Positions
from models.sampling import Sampler, draw
from models.switches import (
    ALL,
    AttentionOff,
    HeadApart,
    HeadMean,
    HeadOff,
    HeadUniform,
    MaskOff,
    MLPLinear,
    MLPOff,
    NormOff,
    Padding,
    PositionsOff,
    ResidualOff,
    ScaleOff,
    Switch,
)
from models.tracing import trace
from tests.conftest import random_gpt

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
TOKENS = (1, 2, 3, 4, 5, 6, 7)
PLACE = Place(row=5, head=1, column=2)


def by_hand(model: GPT, row: int, head: int) -> dict[str, Array]:
    """All that the stops of one row show, from the weights alone: no code of the model's is used."""
    w, D = model.weights, 4

    def norm(x: Array, name: str) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        out: Array = centred / spread * w[f"{name}.weight"] + w[f"{name}.bias"]
        return out

    found: dict[str, Array] = {"embed": w["wte.weight"][TOKENS[row]], "pos_embed": w["wpe.weight"][row]}
    x = w["wte.weight"][list(TOKENS)] + w["wpe.weight"][: len(TOKENS)]
    for layer in range(2):
        at = f"h.{layer}"
        found[f"{layer}.resid_pre"] = x[row]
        read = norm(x, f"{at}.ln_1")
        q, k, v = np.split(read @ w[f"{at}.attn.c_attn.weight"] + w[f"{at}.attn.c_attn.bias"], 3, -1)
        z = np.zeros_like(x)
        for h in range(2):
            mine = slice(h * D, h * D + D)
            scores = np.where(np.tri(len(x), dtype=bool), q[:, mine] @ k[:, mine].T / math.sqrt(D), -np.inf)
            pattern = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
            z[:, mine] = pattern @ v[:, mine]
            if h == head:
                found |= {f"{layer}.q": q[row, mine], f"{layer}.k": k[row, mine], f"{layer}.v": v[row, mine]}
                found |= {f"{layer}.scores": scores[row], f"{layer}.pattern": pattern[row]}
                found |= {f"{layer}.z": z[row, mine], f"{layer}.visible": np.arange(len(x)) <= row}
        out = z @ w[f"{at}.attn.c_proj.weight"] + w[f"{at}.attn.c_proj.bias"]
        middle = x + out
        wide = norm(middle, f"{at}.ln_2") @ w[f"{at}.mlp.c_fc.weight"] + w[f"{at}.mlp.c_fc.bias"]
        bent = 0.5 * wide * (1 + np.tanh(math.sqrt(2 / math.pi) * (wide + 0.044715 * wide**3)))
        written = bent @ w[f"{at}.mlp.c_proj.weight"] + w[f"{at}.mlp.c_proj.bias"]
        rows = {"ln_1": read, "attn_out": out, "resid_mid": middle, "ln_2": norm(middle, f"{at}.ln_2")}
        rows |= {"mlp_pre": wide, "mlp_act": bent, "mlp_out": written, "resid_post": middle + written}
        found |= {f"{layer}.{name}": value[row] for name, value in rows.items()}
        x = middle + written
    last = norm(x, "ln_f")[row]
    logits = last @ w["wte.weight"].T
    found |= {"ln_final": last, "logits": logits, "probabilities": np.exp(logits) / np.exp(logits).sum()}
    return found


def evaluated(sum_: Sum) -> float:
    """What a form gives for the numbers before its last, read as arithmetic."""
    left = sum_.form.rpartition(" = ")[0].replace("rest ", "")
    if sum_.form == "{} stays {}":
        return sum_.numbers[0]
    if sum_.form == "{} becomes {}":
        return -math.inf
    words = left.format(*(f"({float(number)!r})" for number in sum_.numbers[:-1]))
    named: dict[str, Any] = {
        name: (lambda x, name=name: float(NUMPY.activate(name, np.array([x]))[0]))
        for name in (*get_args(Activation), "silu")
    }
    named |= {"exp": math.exp, "cos": math.cos, "sin": math.sin, "inf": math.inf}
    return float(eval(words.replace("×", "*").replace("e^(", "exp("), {"__builtins__": {}}, named))


def arithmetic_of(stops: list[Stop]) -> list[tuple[Stop, Sum]]:
    return [(each, sum_) for each in stops for sum_ in each.sums if "≤" not in sum_.form]


def test_every_value_is_the_traces_and_a_recomputation_by_hand() -> None:
    model = random_gpt(CONFIG)
    of = trace(model, TOKENS)
    hand, seen = by_hand(model, PLACE.row, PLACE.head), set()
    for each in walk(of, PLACE):
        for value in (*each.reads, *each.gives):
            if value.here is None or value.name == "token":
                continue
            layer = each.key.layer
            if value.name == "resid_post" and layer is None:
                layer = 1
            if value.name == "resid_pre" and layer is None:
                layer = 0
            name = value.name if value.name in hand else f"{layer}.{value.name}"
            np.testing.assert_allclose(value.here, hand[name], atol=1e-12, err_msg=f"{each.key} {value.name}")
            if value.name != "probabilities":
                whole = of.value(value.name, layer or 0)
                mine = whole[PLACE.head, PLACE.row] if whole.ndim == 3 else whole[PLACE.row]
                np.testing.assert_array_equal(value.here, mine)
                assert value.shape == whole.shape
            seen.add(name)
    assert seen == hand.keys()


@pytest.mark.parametrize("column", [2, 6, None], ids=["seen", "hidden", "strongest"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_arithmetic_gives_what_the_pass_had(dtype: type, column: int | None) -> None:
    of = trace(random_gpt(CONFIG, dtype=dtype), TOKENS)
    told = arithmetic_of(walk(of, replace(PLACE, column=column)))
    assert len(told) > 2 * 14
    for each, sum_ in told:
        assert sum_.holds, (each.key, sum_)
        assert sum_.given == pytest.approx(sum_.numbers[-1], rel=1e-4, abs=1e-5)
        assert evaluated(sum_) == pytest.approx(sum_.given, rel=1e-9, abs=1e-12), (each.key, sum_)


def test_one_number_is_told_from_the_cell_that_it_is() -> None:
    of = trace(random_gpt(CONFIG), TOKENS)
    block = of.blocks[1]
    dot, score = stop(of, PLACE, Key("scores", 1)).sums
    assert dot.numbers[-1] == pytest.approx(block.q[1, 5] @ block.k[1, 2])
    assert score.numbers == pytest.approx((dot.numbers[-1], 2.0, block.scores[1, 5, 2]))
    (weight,) = stop(of, PLACE, Key("pattern", 1)).sums
    row = block.scores[1, 5, :6]
    assert weight.numbers == pytest.approx((row[2], row.max(), np.exp(row - row.max()).sum(), block.pattern[1, 5, 2]))
    (hidden,) = stop(of, replace(PLACE, column=6), Key("visible", 1)).sums
    assert hidden.form == "{} becomes {}" and hidden.numbers[1] == -math.inf and hidden.holds
    facts = stop(of, PLACE, Key("ln_2", 0)).facts
    middle = of.blocks[0].resid_mid[5]
    assert facts["mean"] == pytest.approx(middle.mean()) and facts["spread"] == pytest.approx(middle.std(), rel=1e-4)


def test_the_draw_is_the_one_that_play_makes() -> None:
    of = trace(random_gpt(CONFIG), TOKENS)
    sampler = Sampler(temperature=0.7, top_k=4)
    found = stop(of, replace(PLACE, sampler=sampler, seed=3), Key("draw"))
    drawn = draw(of.logits[5], sampler, 3, 6)
    assert found.gives[0].here.tolist() == [drawn.token] and found.facts["candidates"] == 4
    below, u, above = found.sums[0].numbers
    assert below <= u < above and u == drawn.u and above - below == pytest.approx(drawn.filtered[drawn.token])


SWITCHED: list[tuple[Switch, dict[str, str]]] = [
    (HeadOff(1, 1), {"1.z": "silenced"}),
    (HeadMean(1, 1), {"1.z": "averaged"}),
    (HeadUniform(1, 1), {"1.scores": "made uniform"}),
    (HeadApart(4, 1, 3, 1, 1), {"1.scores": "apart in this head"}),
    (ScaleOff(), {"0.scores": "scaling", "1.scores": "scaling"}),
    (AttentionOff(0), {"0.attn_out": "attention off"}),
    (MLPOff(1), {"1.mlp_out": "MLP off"}),
    (MLPLinear(1), {"1.mlp_act": "linear"}),
    (NormOff(), {"0.ln_1": "norm", "0.ln_2": "norm", "1.ln_1": "norm", "1.ln_2": "norm", "ln_final": "norm"}),
    (ResidualOff(), {f"{layer}.{name}": "residual" for layer in (0, 1) for name in ("resid_mid", "resid_post")}),
]


@pytest.mark.parametrize(("switch", "where"), SWITCHED, ids=lambda each: str(each) if isinstance(each, Switch) else "")
def test_what_a_switch_replaced_is_said_where_it_acts_and_nowhere_else(switch: Switch, where: dict[str, str]) -> None:
    stops = walk(trace(random_gpt(CONFIG), TOKENS, [switch]), PLACE)
    told = {str(each.key): " ".join(each.switched) for each in stops if each.switched}
    assert told.keys() == where.keys() and all(words in told[key] for key, words in where.items())
    off = {str(each.key) for each, sum_ in arithmetic_of(stops) if not sum_.holds}
    assert off == where.keys()


@pytest.mark.parametrize("switch", [MaskOff(), PositionsOff(), Padding((2,))], ids=str)
def test_what_a_switch_only_lets_through_still_adds_up(switch: Switch) -> None:
    stops = walk(trace(random_gpt(CONFIG), TOKENS, [switch]), replace(PLACE, column=6))
    assert all(sum_.holds for _, sum_ in arithmetic_of(stops))
    assert [each.key.name for each in stops if each.switched]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.slug)
def test_under_every_switch_there_is_every_stop(kind: type[Switch]) -> None:
    of = trace(random_gpt(CONFIG), TOKENS, [next(iter(kind.everywhere(CONFIG)))])
    assert [each.key for each in walk(of, PLACE)] == list(route(CONFIG))


@pytest.mark.parametrize(
    ("without", "gone"),
    [
        (("attention",), {"ln_1", "qkv", "scores", "visible", "pattern", "z", "attn_out", "resid_mid"}),
        (("mlp",), {"ln_2", "mlp_pre", "mlp_act", "mlp_out", "resid_post"}),
        (("norm",), {"ln_1", "ln_2", "ln_final"}),
        (("mask",), {"visible"}),
        (("residual",), {"resid_mid", "resid_post"}),
        (("scale",), set()),
    ],
    ids=["attention", "mlp", "norm", "mask", "residual", "scale"],
)
def test_a_model_without_a_part_has_no_such_stop(without: tuple[Part, ...], gone: set[str]) -> None:
    config = replace(CONFIG, without=without)
    stops = walk(trace(random_gpt(config), TOKENS), PLACE)
    assert {key.name for key in route(CONFIG)} - {each.key.name for each in stops} == gone
    assert all(sum_.holds for _, sum_ in arithmetic_of(stops))


@pytest.mark.parametrize("positions", get_args(Positions))
@pytest.mark.parametrize("activation", get_args(Activation))
def test_every_choice_of_a_config_adds_up(positions: Positions, activation: Activation) -> None:
    config = GPTConfig(11, 16, 2, 2, 8, positions, activation, tied=False, bias=False)
    stops = walk(trace(random_gpt(config), TOKENS), PLACE)
    names = {each.key.name for each in stops}
    assert ("pos_embed" in names) == (positions != "none") and ("mlp_act" in names) == (activation != "none")
    for each, sum_ in arithmetic_of(stops):
        assert sum_.holds and evaluated(sum_) == pytest.approx(sum_.given, rel=1e-9, abs=1e-12), each.key


def test_scores_that_are_no_numbers_are_walked_as_well() -> None:
    model = random_gpt(CONFIG)
    model = replace(model, weights={**model.weights, "h.1.mlp.c_fc.bias": np.full(32, np.nan)})
    stops = walk(trace(model, TOKENS), PLACE)
    assert [each.key for each in stops] == list(route(CONFIG)) and "not" in stops[-1].says and not stops[-1].gives


def test_stops_are_found_by_name_in_every_layer_or_in_one() -> None:
    assert find(CONFIG, "scores") == [Key("scores", 0), Key("scores", 1)]
    assert find(CONFIG, "1.scores") == [Key("scores", 1)] and find(CONFIG, "Mix") == [Key("z", 0), Key("z", 1)]
    with pytest.raises(UserError, match="no stop 'nope' - there are token, embed"):
        find(CONFIG, "nope")
    with pytest.raises(UserError, match=r"no stop 0\.visible"):
        stop(trace(random_gpt(replace(CONFIG, without=("mask",))), TOKENS), PLACE, Key("visible", 0))
