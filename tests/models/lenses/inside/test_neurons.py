"""Neurons: what they add sums to what the MLP adds, off is off, and what fires them is what the passes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.inside import neurons as lens
from models.lenses.inside.neurons import Firing, firing, measured, neurons, writes
from models.ops import Array
from models.switches import AttentionOff, MaskOff, MLPOff, NeuronOff, NeuronSet, NormOff, ResidualOff, Switch
from models.tracing import prefix, trace
from tests.conftest import random_gpt

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=3, n_head=2, n_embd=8)
TEXT = (1, 2, 3, 4, 5, 6, 7, 8)
ROW = 5
F = 32


def score_of(model: GPT, stream: Array, part: Array, token: int, normed: bool = True) -> float:
    """What a part of the stream (C,) adds to a token's score, written out."""
    unembedding = model.weights["wte.weight" if model.config.tied else "lm_head.weight"][token]
    if normed:
        deviation = np.sqrt(((stream - stream.mean()) ** 2).mean() + model.config.eps)
        part = (part - part.mean()) / deviation * model.weights["ln_f.weight"]
    return float(part @ unembedding)


@pytest.mark.parametrize("token", [3, 7])
@pytest.mark.parametrize("switches", [(), (AttentionOff(1), NeuronSet(1, 4, 2.0)), (NormOff(),), (MaskOff(),)], ids=str)
def test_what_the_neurons_of_a_layer_add_is_what_its_mlp_adds_but_for_its_bias(
    switches: tuple[Switch, ...], token: int
) -> None:
    model = random_gpt(CONFIG)
    whole = trace(model, TEXT, switches)
    found, before = neurons(whole, ROW, token), prefix(whole, ROW + 1)
    stream = before.blocks[-1].resid_post[-1]
    for layer, block in enumerate(before.blocks):
        mine = found.places[:, 0] == layer
        written = block.mlp_out[-1] - model.weights[f"h.{layer}.mlp.c_proj.bias"]
        expected = score_of(model, stream, written, token, NormOff() not in switches)
        assert found.adds[mine].sum() == pytest.approx(expected, abs=1e-9)
        np.testing.assert_allclose(found.activation[mine], block.mlp_act[-1], atol=1e-12)


@pytest.mark.parametrize(
    ("switches", "counts"),
    [((MLPOff(1),), [1, 0, 1]), ((ResidualOff(),), [0, 0, 1]), ((ResidualOff(), MLPOff(2)), [0, 0, 0])],
    ids=str,
)
def test_what_does_not_reach_the_end_adds_nothing(switches: tuple[Switch, ...], counts: Sequence[int]) -> None:
    found = neurons(trace(random_gpt(CONFIG), TEXT, switches), ROW, 3)
    assert [int(found.adds[found.places[:, 0] == layer].any()) for layer in range(3)] == counts


@pytest.mark.parametrize("without", [("residual",), ("norm",), ("attention",), ("mask",)], ids=str)
def test_models_built_without_a_part(without: tuple[str, ...]) -> None:
    config = replace(CONFIG, without=without, bias=False, tied=False)  # type: ignore[arg-type]  # names of parts
    model = random_gpt(config)
    before = trace(model, TEXT[: ROW + 1])
    found = neurons(before, ROW, 3, [2])
    part = before.blocks[2].mlp_out[-1]
    expected = score_of(model, before.blocks[-1].resid_post[-1], part, 3, "norm" not in without)
    assert found.adds.sum() == pytest.approx(expected, abs=1e-9) and len(found) == F


def test_off_is_a_model_whose_neuron_writes_nothing() -> None:
    model = random_gpt(CONFIG)
    whole = trace(model, TEXT)
    found = neurons(whole, ROW)
    which = [*found.ranked("adds", 20), found.at(0, 3)]
    assert np.isnan(found.off_bits).all() and (found.off_top == -1).all()
    came = [*measured(whole, found, which)]
    assert [int(np.isfinite(each.off_bits).sum()) for each in came] == [16, 21], "what is known comes as it is known"
    for at in which:
        layer, neuron = found.places[at]
        weights = {name: weight.copy() for name, weight in model.weights.items()}
        weights[f"h.{layer}.mlp.c_proj.weight"][neuron] = 0
        was, now = model.logits(TEXT[: ROW + 1])[-1], replace(model, weights=weights).logits(TEXT[: ROW + 1])[-1]
        p, q = (np.exp(row) / np.exp(row).sum() for row in (was, now))
        assert came[-1].off_bits[at] == pytest.approx((p * np.log2(p / q)).sum(), abs=1e-10)
        assert came[-1].off_lost[at] == pytest.approx(was[found.token] - now[found.token], abs=1e-10)
        assert came[-1].off_top[at] == now.argmax() and found.token == was.argmax()
    assert found.p == pytest.approx(np.exp(was[found.token]) / np.exp(was).sum())


def test_what_is_off_already_has_no_effect_and_what_is_set_has_that_of_what_was_set() -> None:
    model = random_gpt(CONFIG)
    off, put = (trace(model, TEXT, [switch]) for switch in (NeuronOff(1, 4), NeuronSet(1, 4, 5.0)))
    found = neurons(off, ROW)
    *_, found = measured(off, found, [found.at(1, 4)])
    assert found.off_bits[found.at(1, 4)] == pytest.approx(0, abs=1e-12)
    there = neurons(put, ROW)
    *_, there = measured(put, there, [there.at(1, 4)])
    expected = off.logits[ROW] - put.logits[ROW]
    assert there.off_lost[there.at(1, 4)] == pytest.approx(-expected[there.token], abs=1e-10)


def test_what_a_neuron_writes_is_what_it_adds_a_unit_to_every_token() -> None:
    whole = trace(random_gpt(CONFIG), TEXT)
    places = np.array([(0, 3), (2, 31)])
    rows = writes(whole, ROW, places)
    for token in range(11):
        found = neurons(whole, ROW, token)
        for (layer, neuron), row in zip(places, rows, strict=True):
            at = found.at(layer, neuron)
            assert row[token] * found.activation[at] == pytest.approx(found.adds[at], abs=1e-10)


def test_neurons_are_ranked_by_what_is_asked() -> None:
    found = neurons(trace(random_gpt(CONFIG), TEXT), ROW, 2, [1])
    found = replace(found, off_bits=np.where(np.arange(F) == 9, 0.5, np.where(np.arange(F) == 4, 1.0, np.nan)))
    assert found.ranked("adds", 3) == np.argsort(-np.abs(found.adds))[:3].tolist()
    assert found.ranked("activation", 3) == np.argsort(-found.activation)[:3].tolist()
    assert found.ranked("effect", 2) == [4, 9]


@pytest.mark.parametrize(
    ("row", "token", "layers", "says"),
    [(8, None, None, "no row 8"), (1, 11, None, "no token 11"), (1, None, [3], "no layer 3 - this model has 0 to 2")],
)
def test_what_there_is_not_is_said(row: int, token: int | None, layers: list[int] | None, says: str) -> None:
    with pytest.raises(UserError, match=says):
        neurons(trace(random_gpt(CONFIG), TEXT), row, token, layers)


def test_a_model_without_mlps_has_no_neurons() -> None:
    with pytest.raises(UserError, match="built without MLPs: it has no neurons"):
        neurons(trace(random_gpt(replace(CONFIG, without=("mlp",))), TEXT), 0)


def test_firing_is_what_the_passes_say_text_by_text(monkeypatch: pytest.MonkeyPatch) -> None:
    model, rng = random_gpt(CONFIG), np.random.default_rng(2)
    texts = [rng.integers(0, 11, length) for length in (9, 4, 9, 20, 1)]  # one is longer than the context
    monkeypatch.setattr(lens, "WORK", 2 * 16 * model.n_parameters)
    came = [*firing(model, texts, 1, 7)]
    assert len(came) > 1 and sorted(map(len, came[-1].texts)) == [1, 4, 9, 9, 16]
    for text, acts in zip(came[-1].texts, came[-1].activations, strict=True):
        np.testing.assert_allclose(acts, trace(model, text.tolist()).blocks[1].mlp_act[:, 7], atol=1e-12)


def test_the_strongest_places_come_first_and_the_same_ending_once() -> None:
    texts = (np.array([1, 2, 3, 4, 5]), np.array([9, 2, 3, 4, 5]), np.array([7, 7]))
    fired = Firing(texts, (np.array([0.0, 0, 0, 0, 4]), np.array([1.9, 0, 0, 0, 3.9]), np.array([2.0, -0.1])))
    assert fired.strongest(3) == [(0, 4), (2, 0), (1, 0)], "the ending 2 3 4 5 stands there once"
    assert (fired.most, fired.words, fired.often) == (4.0, 12, 3 / 12)
    silent = Firing((np.array([1]),), (np.array([-0.1]),))
    assert silent.often == 0 and Firing((), ()).strongest(3) == []
