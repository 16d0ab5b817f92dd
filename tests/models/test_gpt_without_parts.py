"""A model built without a part: the part is not there, in any backend, record, folder or switch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file

from models import model_folders
from models.errors import UserError
from models.formats import gpt2_config
from models.gpt import BLOCK_NAMES, GPT, NAMES_OF, GPTConfig, forward, weight_shapes
from models.measures import log_softmax
from models.ops import Array
from models.parts import PARTS, Part
from models.switches import (
    ALL,
    AttentionOff,
    Input,
    MaskOff,
    MLPLinear,
    MLPOff,
    NeuronOff,
    NeuronScale,
    NeuronSet,
    NormOff,
    Patched,
    PositionsOff,
    ResidualOff,
    Rewritten,
    ScaleOff,
    Switch,
    WeightBits,
    WeightNoise,
)
from models.tokenizers import Tokenizer
from models.tracing import Trace, branch, extend, trace
from models.training import card
from models.training.ops import FusedOps, TorchOps
from tests.conftest import random_gpt
from tests.models.on_torch import offered, on_torch

SIZES = GPTConfig(vocab_size=9, block_size=16, n_layer=2, n_head=2, n_embd=8)
TOKENS = (1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 8)
SETS = [(), *((part,) for part in PARTS), *combinations(PARTS, 2), PARTS]
each_set = pytest.mark.parametrize("without", SETS, ids=lambda parts: "+".join(parts) or "nothing")
each_part = pytest.mark.parametrize("part", PARTS)


def gpt(*without: Part, dtype: Any = np.float64, **choices: Any) -> GPT:
    return random_gpt(replace(SIZES, without=without, **choices), dtype=dtype)


def values(of: Trace) -> Iterator[tuple[str, Array]]:
    yield from ((name, getattr(of, name)) for name in ("visible", "embed", "pos_embed", "ln_final", "logits"))
    for block in of.blocks:
        yield from ((f"{name} of layer {block.layer}", getattr(block, name)) for name in BLOCK_NAMES)


def assert_same(a: Trace, b: Trace, atol: float = 0.0) -> None:
    for (name, mine), (_, theirs) in zip(values(a), values(b), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=atol, err_msg=name)


# ---- what a part is


def test_parts_have_one_order_and_are_named_with_what_else_is_lacking() -> None:
    assert replace(SIZES, without=("mlp", "mask", "mlp")) == replace(SIZES, without=("mask", "mlp"))
    assert SIZES.lacks == ()
    bare = replace(SIZES, without=("norm",), positions="none", activation="none")
    assert bare.lacks == ("norm", "positions", "nonlinearity")
    with pytest.raises(UserError, match="without can name mask, scale, .*attention, not 'head'"):
        replace(SIZES, without=("head",))  # type: ignore[arg-type]  # no part


SWITCHED: dict[Part, list[Switch]] = {
    "mask": [MaskOff()],
    "scale": [ScaleOff()],
    "norm": [NormOff()],
    "residual": [ResidualOff()],
    "mlp": [MLPOff(0), MLPOff(1)],
    "attention": [AttentionOff(0), AttentionOff(1)],
}


@each_part
def test_a_part_left_out_is_the_part_switched_off(part: Part) -> None:
    whole = gpt()
    config = replace(SIZES, without=(part,))
    bare = GPT(config, {name: whole.weights[name] for name in weight_shapes(config)})
    found = trace(bare, TOKENS).logits
    np.testing.assert_allclose(found, trace(whole, TOKENS, SWITCHED[part]).logits, rtol=0, atol=1e-12)
    assert np.abs(found - trace(whole, TOKENS).logits).max() > 1e-3


@pytest.mark.parametrize(
    ("part", "gone"),
    [
        ("norm", {"ln_1", "ln_2", "ln_f"}),
        ("mlp", {"ln_2", "c_fc", "mlp.c_proj"}),
        ("attention", {"ln_1", "c_attn", "attn.c_proj"}),
        ("mask", set()),
        ("scale", set()),
        ("residual", set()),
    ],
)
def test_its_weights_do_not_exist(part: Part, gone: set[str]) -> None:
    missing = weight_shapes(SIZES).keys() - weight_shapes(replace(SIZES, without=(part,))).keys()
    assert {word for word in gone if not any(word in name for name in missing)} == set()
    assert all(any(word in name for word in gone) for name in missing)


def test_without_attention_the_last_token_alone_decides() -> None:
    model = gpt("attention", positions="none")
    logits = model.logits([3, 1, 4, 1, 5])
    np.testing.assert_array_equal(logits[1], logits[3])
    np.testing.assert_allclose(model.logits([5])[0], logits[4], atol=1e-12)


def test_without_a_mask_a_row_hears_of_what_comes_later() -> None:
    now, longer = trace(gpt("mask"), TOKENS[:5]), trace(gpt("mask"), TOKENS[:6])
    assert now.visible.all() and (now.blocks[0].pattern > 0).all()
    assert np.abs(now.logits - longer.logits[:5]).max() > 1e-3


# ---- both backends


@each_set
def test_both_backends_agree_and_offer_no_value_of_an_absent_part(without: tuple[Part, ...]) -> None:
    model, tokens = gpt(*without), np.array(TOKENS)
    ours = offered(model, tokens)
    theirs = offered(on_torch(model, TorchOps(torch.float64)), torch.from_numpy(tokens))
    absent = {name for part in without for name in NAMES_OF.get(part, ())}
    names = {"visible", "embed", "pos_embed", "ln_final", "logits"} | (BLOCK_NAMES.keys() - absent)
    assert {name for name, _ in ours} == names and ours.keys() == theirs.keys()
    for key, value in ours.items():
        np.testing.assert_allclose(theirs[key], value, rtol=0, atol=1e-12, err_msg=str(key))
    fused = forward(on_torch(model, FusedOps(torch.float64)), torch.from_numpy(tokens)[None])[0]
    np.testing.assert_allclose(fused, ours["logits", None], rtol=0, atol=1e-12)


@each_set
def test_its_gradient_is_the_slope_that_numpy_finds(without: tuple[Part, ...]) -> None:
    model, rng = gpt(*without), np.random.default_rng(2)
    tokens, targets = rng.integers(0, 9, 12), rng.integers(0, 9, 12)
    way = {name: rng.normal(size=weight.shape) for name, weight in model.weights.items()}

    def loss(step: float) -> float:
        moved = replace(model, weights={name: w + step * way[name] for name, w in model.weights.items()})
        return float(-log_softmax(forward(moved, tokens))[np.arange(12), targets].mean())

    there = on_torch(model, FusedOps(torch.float64))
    for weight in there.weights.values():
        weight.requires_grad_()
    logits = forward(there, torch.from_numpy(tokens)[None])[0]
    nats = torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets))
    found = torch.autograd.grad(nats, list(there.weights.values()), allow_unused=True)
    slope = 0.0
    for name, gradient in zip(there.weights, found, strict=True):
        assert gradient is not None or "residual" in without, f"{name} learns nothing"
        slope += 0.0 if gradient is None else float((gradient * torch.from_numpy(way[name])).sum())
    assert slope == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-5)


@pytest.mark.parametrize("positions", ["learned", "sinusoidal", "none"])
@each_set
def test_products_in_bfloat16_stay_close_and_the_stream_stays_in_float32(
    without: tuple[Part, ...], positions: Any
) -> None:
    model, tokens = gpt(*without, dtype=np.float32, positions=positions), torch.tensor([TOKENS])
    exact = forward(on_torch(model, FusedOps(torch.float32), torch.float32), tokens)
    streams = []

    def tap(name: str, value: Array, layer: int | None) -> Array:
        if name == "resid_pre":
            streams.append(value.dtype)
        return value

    weights = {
        name: torch.tensor(w, dtype=torch.float32 if "ln_" in name or "wpe" in name else torch.bfloat16)
        for name, w in model.weights.items()
    }
    rough = forward(replace(model, weights=weights, ops=FusedOps(torch.bfloat16)), tokens, tap=tap).float()
    assert (rough - exact).abs().mean() < 0.05 * exact.abs().mean()
    assert streams[0] == torch.float32 and ("residual" in without or set(streams) == {torch.float32})


# ---- traces and switches


@each_set
def test_extending_equals_one_pass(without: tuple[Part, ...]) -> None:
    model = gpt(*without)
    grown = trace(model, TOKENS[:3])
    for end in range(4, len(TOKENS) + 1):
        grown = extend(model, branch(grown) if end % 3 == 0 else grown, TOKENS[end - 1])
        assert_same(grown, trace(model, TOKENS[:end]), 1e-12)


def test_a_model_without_a_mask_never_extends_by_cache() -> None:
    for without in SETS[:2]:
        model = gpt(*without)
        before = trace(model, TOKENS[:4])
        assert (extend(model, before, 5).tape is before.tape) == (not without)


@each_set
def test_values_of_an_absent_part_are_zeros(without: tuple[Part, ...]) -> None:
    model = gpt(*without)
    grown = extend(model, branch(trace(model, TOKENS)), 3)
    for name in (name for part in without for name in NAMES_OF.get(part, ())):
        for block in grown.blocks:
            value = getattr(block, name)
            assert value.shape[-2] == len(grown) and not value.any(), name
    assert np.isfinite(grown.logits).all()


OF_MLP: set[type[Switch]] = {MLPOff, MLPLinear, NeuronOff, NeuronScale, NeuronSet, Rewritten}
IDLE: dict[Part, set[type[Switch]]] = {
    "mask": {MaskOff},
    "scale": {ScaleOff},
    "norm": {NormOff},
    "residual": {ResidualOff},
    "mlp": OF_MLP,
    "attention": {*ALL} - OF_MLP - {NormOff, ResidualOff, PositionsOff, Patched, Input, WeightBits, WeightNoise},
}


@each_part
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.slug)
def test_a_switch_on_a_part_that_is_not_there_changes_nothing_and_every_other_works(
    kind: type[Switch], part: Part
) -> None:
    model = gpt(part)
    switch = next(iter(kind.everywhere(model.config)))
    intact, changed = trace(model, TOKENS), trace(model, TOKENS, [switch])
    assert switch.idle_in(model.config) == (kind in IDLE[part])
    if kind in IDLE[part]:
        assert_same(changed, intact)
    else:
        assert np.abs(changed.logits - intact.logits).max() > 1e-6
    longer = (*TOKENS, 4)
    assert_same(extend(model, changed, 4), trace(model, longer, [switch]), 1e-11)


def test_switches_know_absent_positions_and_nonlinearity() -> None:
    model = gpt(positions="none", activation="none")
    for switch in (PositionsOff(), MLPLinear(0)):
        assert switch.idle_in(model.config) and not switch.idle_in(SIZES)
        assert_same(trace(model, TOKENS, [switch]), trace(model, TOKENS))


# ---- folders


@each_set
def test_a_folder_brings_it_back(without: tuple[Part, ...], tmp_path: Path) -> None:
    for choices in ({}, {"positions": "none", "bias": False, "tied": False}, {"positions": "sinusoidal"}):
        tokenizer = Tokenizer.train_char("to be, or not to be!")
        model = replace(gpt(*without, dtype=np.float32, **choices), tokenizer=tokenizer)
        model_folders.save(model, tmp_path / "m")
        stored = {name.removeprefix("transformer.") for name in load_file(tmp_path / "m" / "model.safetensors")}
        assert not without or stored == model.weights.keys(), "what has no use for transformers has no stand-ins"
        again = model_folders.load(tmp_path / "m")
        assert again.config == model.config and again.weights.keys() == model.weights.keys()
        assert all(np.array_equal(again.weights[name], weight) for name, weight in model.weights.items())
        card = (tmp_path / "m" / "README.md").read_text()
        assert f"| without | {', '.join(without) or 'nothing'} |" in card
        assert ("A GPT-2 in the Hugging Face layout" in card) == (not without)


def test_the_card_says_what_it_was_trained_without() -> None:
    facts = {"settings": {"block_size": 16}}
    bare = replace(gpt("mask", "mlp", activation="none"), training=facts)
    assert "| trained without | mask, mlp, nonlinearity |" in card._sizes(bare)
    assert "trained without" not in card._sizes(replace(gpt(), training=facts))


@each_part
def test_transformers_refuses_it_even_when_told_it_is_a_gpt2(part: Part, tmp_path: Path) -> None:
    model_folders.save(gpt(part, dtype=np.float32), tmp_path / "m")
    hf: Any = transformers
    with pytest.raises(ValueError, match="transformer_playground"):
        hf.AutoModelForCausalLM.from_pretrained(tmp_path / "m")
    told = hf.GPT2Config.from_pretrained(tmp_path / "m")
    assert (told.n_embd, told.vocab_size) == (768, 50_257)  # nothing of ours, so that no weight fits:
    if part == "mask":  # it is slow, and has every weight that a GPT-2 has
        with pytest.raises(RuntimeError, match="ignore_mismatched_sizes"):
            hf.GPT2LMHeadModel.from_pretrained(tmp_path / "m")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"without": ["mask", "head"]}, "without can name mask, .*, not 'head' - leave it out"),
        ({"without": []}, "without is .* - it must list the parts"),
        ({"without": None}, "without is None - it must list"),
        ({"without": "mask"}, "without is 'mask' - it must list"),
        ({"without": [1]}, "must list"),
        ({"gpt2": {"model_type": "bert"}}, "model_type = 'bert' is not handled"),
        ({"gpt2": []}, "gpt2 is .* - it must hold"),
        ({"n_embd": 8}, "n_embd = 8 is not handled"),
        ({"model_type": "gpt2"}, "without = .* is not handled"),
    ],
)
def test_a_config_that_does_not_hold_together_is_refused(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    model_folders.save(gpt("mask", dtype=np.float32), tmp_path / "m")
    file = tmp_path / "m" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(UserError, match=says):
        model_folders.load(tmp_path / "m")


def test_a_plain_gpt2_says_nothing_of_parts() -> None:
    plain = gpt2_config.write({**{name: getattr(SIZES, name) for name in SIZES.__slots__}})
    assert plain["model_type"] == "gpt2" and not {"without", "gpt2"} & plain.keys()
    with pytest.raises(UserError, match="without = .* is not handled"):
        gpt2_config.read({**plain, "without": ["mask"]}, "config.json")
