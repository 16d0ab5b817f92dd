"""Switches that change the weights: what they make of each matrix, and that all else acts in what they made."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

from models.errors import UserError
from models.gpt import GPTConfig
from models.lenses.batches import next_logits
from models.lenses.inside.attribution import attribute
from models.lenses.logit_lens import logit_lens
from models.switches import (
    HeadOff,
    LowRank,
    Patched,
    Switch,
    WeightBits,
    WeightNoise,
    WeightSwitch,
    check,
    parse,
    under,
)
from models.tracing import extend, prefix, retrace, trace
from tests.conftest import random_gpt

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
MODEL = random_gpt(CONFIG)
TEXT = (1, 2, 3, 4, 5, 6, 7, 8)
NOISE, BITS = WeightNoise(20.0), WeightBits(3)
each_kind = pytest.mark.parametrize("switch", [NOISE, BITS], ids=str)


@each_kind
def test_every_matrix_changes_and_nothing_else(switch: WeightSwitch) -> None:
    changed = under(MODEL, (switch,))
    assert changed.config == MODEL.config and changed.as_trained is MODEL is MODEL.as_trained
    for name, weight in MODEL.weights.items():
        other = changed.weights[name]
        assert other.dtype == weight.dtype and other.shape == weight.shape
        assert np.array_equal(other, weight) == (weight.ndim == 1), name
    single = under(replace(MODEL, weights={name: w.astype(np.float32) for name, w in MODEL.weights.items()}), (switch,))
    assert {weight.dtype for weight in single.weights.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("bits", [2, 3, 8, 16])
def test_rounded_weights_stand_on_the_steps_of_their_column(bits: int) -> None:
    matrix, most = np.random.default_rng(0).normal(size=(200, 5)), 2 ** (bits - 1) - 1
    matrix[:, 3] = 0
    rounded = WeightBits(bits).changed("x", matrix)
    top = np.abs(matrix).max(0)
    steps = rounded[:, :3] / top[:3] * most
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-9)
    assert steps.min() >= -most - 1e-9 and np.abs(steps).max() == pytest.approx(most)
    assert (np.abs(rounded - matrix) <= top / most / 2 + 1e-12).all() and not rounded[:, 3].any()
    np.testing.assert_allclose(WeightBits(bits).changed("x", rounded), rounded, atol=1e-12)


def test_noise_is_so_many_percent_of_each_weight_and_the_same_again() -> None:
    matrix = np.random.default_rng(0).normal(size=(300, 200))
    off = WeightNoise(20.0).changed("h.0.mlp.c_fc.weight", matrix) / matrix - 1
    assert off.mean() == pytest.approx(0, abs=0.003) and off.std() == pytest.approx(0.2, rel=0.02)
    again, other, elsewhere = (
        switch.changed(name, matrix) / matrix - 1
        for switch, name in (
            (WeightNoise(20.0), "h.0.mlp.c_fc.weight"),
            (WeightNoise(20.0, 2), "h.0.mlp.c_fc.weight"),
            (WeightNoise(20.0), "h.1.mlp.c_fc.weight"),
        )
    )
    np.testing.assert_array_equal(again, off)
    for different in (other, elsewhere):
        assert abs(np.corrcoef(off.ravel(), different.ravel())[0, 1]) < 0.03
    twice = WeightNoise(40.0).changed("h.0.mlp.c_fc.weight", matrix) / matrix - 1
    np.testing.assert_allclose(twice, 2 * off, atol=1e-6)


def test_both_act_rounding_first_and_all_others_in_what_they_made() -> None:
    both = under(MODEL, check((NOISE, BITS), CONFIG))
    name = "h.1.mlp.c_fc.weight"
    expected = NOISE.changed(name, BITS.changed(name, MODEL.weights[name]))
    np.testing.assert_array_equal(both.weights[name], expected)
    more = (HeadOff(1, 0), LowRank(2))
    made = replace(both, origin=None)  # as if it had been trained so
    np.testing.assert_allclose(
        trace(MODEL, TEXT, (NOISE, BITS, *more)).logits, trace(made, TEXT, more).logits, rtol=0, atol=1e-12
    )


@each_kind
def test_a_pass_comes_back_to_the_weights_as_trained(switch: WeightSwitch) -> None:
    intact, changed = trace(MODEL, TEXT), trace(MODEL, TEXT, (switch,))
    np.testing.assert_array_equal(retrace(changed, ()).logits, intact.logits)
    np.testing.assert_array_equal(retrace(intact, (switch,)).logits, changed.logits)
    again = retrace(changed, (switch, HeadOff(0, 1)))
    np.testing.assert_allclose(again.logits, trace(MODEL, TEXT, (switch, HeadOff(0, 1))).logits, rtol=0, atol=1e-12)
    np.testing.assert_allclose(prefix(changed, 4).logits, trace(MODEL, TEXT[:4], (switch,)).logits, rtol=0, atol=1e-12)
    on = extend(MODEL, changed, 3)
    assert on.tape is changed.tape and on.tape.model is under(MODEL, (switch,))
    np.testing.assert_allclose(on.logits, trace(MODEL, (*TEXT, 3), (switch,)).logits, rtol=0, atol=1e-12)
    full = extend(MODEL, trace(MODEL, TEXT * 2, (switch,)), 3)  # it slides
    np.testing.assert_allclose(full.logits, trace(MODEL, (*TEXT, *TEXT, 3), (switch,)).logits, rtol=0, atol=1e-12)


@each_kind
def test_lenses_read_the_weights_that_the_pass_had(switch: WeightSwitch) -> None:
    of = trace(MODEL, TEXT, (switch,))
    np.testing.assert_allclose(next_logits(MODEL, [TEXT], (switch,))[0], of.logits[-1], rtol=0, atol=1e-12)
    np.testing.assert_allclose(logit_lens(MODEL, of).kl[-1], 0, atol=1e-9)
    found = attribute(of, 5, 7, 4)
    assert found.error <= 1e-10 * max(1.0, float(np.abs(found.values).max()))


def test_what_is_taken_from_another_text_is_taken_as_it_was_trained() -> None:
    put_in = trace(MODEL, TEXT, (NOISE, Patched("mlp_out", 1, 7, TEXT[::-1])))
    expected = trace(MODEL, TEXT[::-1]).blocks[1].mlp_out[7]
    np.testing.assert_allclose(put_in.blocks[1].mlp_out[7], expected, rtol=0, atol=1e-12)


def test_what_was_made_is_made_once_and_goes_with_the_passes_that_hold_it() -> None:
    of = trace(MODEL, TEXT, (NOISE,))
    assert trace(MODEL, TEXT[:3], (NOISE,)).tape.model is of.tape.model
    made = weakref.ref(of.tape.model)
    del of
    gc.collect()
    assert made() is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("weight-bits:1", "weight-bits:1: a weight cannot have 1 bits - give 2 to 16"),
        ("weight-bits:17", "cannot have 17 bits"),
        ("weight-bits:x", "'x' is not a number of bits"),
        ("weight-noise:0", "weight-noise:0: 0 is no noise - give more than 0, at most 1000 percent"),
        ("weight-noise:-3", "-3 is no noise"),
        ("weight-noise:1001", "1001 is no noise"),
        ("weight-noise:much", "'much' is not a number"),
        ("weight-noise:20/x", "'x' is not a seed"),
    ],
)
def test_what_is_no_such_switch_is_said(text: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        check([parse(text)], CONFIG)
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["weight-noise:20", "weight-noise:12.5/7", "weight-bits:8"])
def test_their_text_forms_read_back(text: str) -> None:
    switch: Switch = parse(text)
    assert str(switch) == text and parse(str(switch)) == switch
