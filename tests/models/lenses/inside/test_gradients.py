"""One pass backward by hand against torch's autograd, of every kind of model and under switches."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import torch

from models.gpt import GPT, GPTConfig, forward
from models.gpt_config import Rope
from models.lenses.inside.gradients import backward, gradients, slope, toward
from models.measures import log_softmax
from models.ops import Array
from models.parts import PARTS, Activation
from models.passes import after
from models.switches import ALL, EdgeOff, HeadOff, LowRank, MLPOff, NormOff, Padding, Rewritten, Switch, check, under
from models.switches.edits import Patch, edited
from models.tracing import trace
from models.training.ops import TorchOps
from tests.conftest import random_gpt

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=3, n_head=2, n_embd=8)
TEXT = (1, 2, 3, 4, 5, 6, 7, 8, 9)
KINDS = (
    *({"activation": name} for name in get_args(Activation)),
    *({"without": (part,)} for part in PARTS),
    {"without": ("mlp", "residual", "norm")}, {"tied": False}, {"bias": False}, {"positions": "none"},
    {"activation": "silu", "gated": True, "bias": False}, {"positions": Rope(2)}, {"norm": "rms"}, {"parallel": True},
    {"n_kv_head": 1, "positions": Rope(4), "qk_norm": True}, {"n_inner": 5, "head_dim": 6}, {"windows": (0, 3, 2)},
    {"linear": True}, {"linear": True, "windows": (2, 2, 2), "without": ("mask",)},
    {"parallel": True, "without": ("residual",)},
)  # fmt: skip
# one mixes positions, one bends the scores, the others reckon in NumPy alone
UNTOLD = {"head-mean", "linear-attention", "head-previous", "rewrite", "low-rank"}
SWITCHES = [next(iter(kind.everywhere(CONFIG))) for kind in ALL if kind.slug not in UNTOLD]
each_switch = pytest.mark.parametrize(
    "switches",
    [
        *((each,) for each in SWITCHES),
        (EdgeOff(0, 1, 8, 5), EdgeOff(0, 1, 8, 6)),
        (HeadOff(1, 0), MLPOff(1), NormOff(), Padding((2,))),
    ],
    ids=str,
)


def autograd(model: GPT, switches: tuple[Switch, ...], answer: int) -> dict[tuple[str, int | None], Array]:
    """What torch says, of every value that the pass goes on with."""
    model = under(model, switches)
    weights = {name: torch.tensor(weight, requires_grad=True) for name, weight in model.weights.items()}
    theirs = replace(model, weights=weights, ops=TorchOps(torch.float64))
    kept: dict[tuple[str, int | None], Any] = {}

    def keep(name: str, value: Any, layer: int | None, /) -> Any:
        if value.requires_grad and name != "visible":
            value.retain_grad()
            kept[name, layer] = value
        return value

    tap = edited(theirs, check(switches, model.config), len(TEXT), keep)
    scores = forward(theirs, torch.tensor(TEXT), tap=tap)
    torch.log_softmax(scores[-1], -1)[answer].backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    own = Counter(map(id, kept.values()))  # where nothing is normed, one tensor stands in two places
    return {
        place: value.grad.numpy() for place, value in kept.items() if own[id(value)] == 1 and value.grad is not None
    }


def alike(model: GPT, switches: tuple[Switch, ...] = (), answer: int = 3) -> None:
    of, theirs = trace(model, TEXT, switches), autograd(model, switches, answer)
    seen = 0
    for layer, values in backward(of, toward(of, answer)):
        for site, value in values.items():
            if (site, layer) in theirs and site != "scores":  # where a row may not look, torch has no number
                np.testing.assert_allclose(value, theirs[site, layer], rtol=1e-9, atol=1e-11, err_msg=f"{site} {layer}")
                seen += value.any()
    assert seen > CONFIG.n_layer


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_gradient_is_autograds(kind: dict[str, Any]) -> None:
    alike(random_gpt(replace(CONFIG, **kind)))


@each_switch
def test_under_switches_as_well(switches: tuple[Switch, ...]) -> None:
    alike(random_gpt(CONFIG), switches)
    alike(random_gpt(replace(CONFIG, positions=Rope(2), qk_norm=True, gated=True, parallel=True)), switches)
    alike(random_gpt(replace(CONFIG, linear=True)), switches)


@pytest.mark.parametrize(
    ("switch", "site"), [(Rewritten(1, (3, 4), (5, 6), 1.5), "mlp_act"), (LowRank(2), "resid_pre")], ids=str
)
def test_what_torch_cannot_run_is_gone_back_through_as_well(switch: Switch, site: str) -> None:
    """Against differences, of one value before the switch."""
    model, answer, step = random_gpt(CONFIG), 3, 1e-6
    of = trace(model, TEXT, (switch,))
    was = of.value(site, 1)[6]
    direction = np.random.default_rng(0).normal(size=was.shape)

    def scored(by: float) -> float:
        there = Patch(site, 1, 6, was + by * direction)
        tap = edited(model, (there, *check((switch,), CONFIG)), len(TEXT))
        return float(log_softmax(forward(model, np.array(TEXT), tap=tap)[-1])[answer])

    expected = (scored(step) - scored(-step)) / (2 * step)
    found = dict(backward(of, toward(of, answer)))[1][site][6] @ direction
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_sites_come_stacked_by_layer_and_the_answer_is_the_likeliest() -> None:
    of = trace(random_gpt(CONFIG), TEXT)
    found = gradients(of, sites=("pattern", "z", "mlp_act"))
    assert {site: value.shape for site, value in found.items()} == {
        "pattern": (3, 2, 9, 9), "z": (3, 2, 9, 4), "mlp_act": (3, 9, 32),
    }  # fmt: skip
    by_layer = dict(backward(of, toward(of, int(of.logits[-1].argmax()))))
    np.testing.assert_array_equal(found["z"], [by_layer[layer]["z"] for layer in range(3)])
    bare = gradients(trace(random_gpt(replace(CONFIG, without=("mlp",))), TEXT), sites=("mlp_out",))
    assert bare["mlp_out"].shape == (3, 9, 8) and not bare["mlp_out"].any()


def test_a_small_step_along_it_does_what_it_says() -> None:
    """Of the same numbers as the app's, in float32."""
    model = random_gpt(CONFIG, dtype=np.float32)
    of = trace(model, TEXT)
    answer = int(of.logits[-1].argmax())
    gradient, step = gradients(of, sites=("mlp_out",))["mlp_out"][1], 1e-2
    there = of.blocks[1].mlp_out[-1] + step * gradient[-1] / np.linalg.norm(gradient[-1])
    moved = log_softmax(after(of, [(Patch("mlp_out", 1, -1, there),)])[0])[answer] - log_softmax(of.logits[-1])[answer]
    assert moved == pytest.approx(step * np.linalg.norm(gradient[-1]), rel=0.1)


@pytest.mark.parametrize("name", (*get_args(Activation), "silu"))
def test_the_slope_of_every_bend(name: str) -> None:
    x, step = np.linspace(-4, 4, 37) + 0.01, 1e-6
    ops = random_gpt(CONFIG).ops
    by_hand = (ops.activate(name, x + step) - ops.activate(name, x - step)) / (2 * step)
    np.testing.assert_allclose(slope(name, x), by_hand, atol=1e-8)
