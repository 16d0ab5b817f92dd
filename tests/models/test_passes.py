"""A pass that begins in the middle, in a batch, or with its last row alone, says what the whole one says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models.gpt import BLOCK_NAMES, GPT, GPTConfig, forward
from models.ops import Array, quiet
from models.passes import after, coming
from models.switches import (
    ALL,
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
    WeightBits,
    WeightNoise,
    check,
    under,
)  # fmt: skip
from models.switches.edits import Edit, Patch, edited
from models.tracing import Trace, prefix, retrace, trace
from tests.conftest import random_gpt

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=3, n_head=2, n_embd=8)
TEXT = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
BASES: tuple[tuple[Switch, ...], ...] = (
    (),
    (HeadOff(1, 0), MLPOff(0)),
    (ScaleOff(), HeadUniform(0, 1), MLPLinear(2)),
    (ResidualOff(), NormOff()),
    (MaskOff(), HeadMean(1, 1)),
    (Padding((0, 3)), PositionsOff()),
    (WeightNoise(30.0), WeightBits(4), HeadOff(1, 0)),
)
LACKING = [
    ("attention",),
    ("mlp",),
    ("norm",),
    ("residual",),
    ("mask",),
    ("mlp", "residual"),
    ("attention", "residual"),
]


def every(config: GPTConfig) -> list[Switch]:
    return [switch for kind in ALL for switch in kind.everywhere(config)]


def in_type(dtype: type) -> GPT:
    model = random_gpt(CONFIG)
    return replace(model, weights={name: weight.astype(dtype) for name, weight in model.weights.items()})


def whole(model: GPT, text: Sequence[int], edits: Sequence[Edit]) -> Array:
    model = under(model, edits)
    with quiet():
        return forward(model, np.asarray(text), tap=edited(model, edits, len(text)))


def rows_after(intact: Trace, changes: Sequence[Sequence[Edit]]) -> Array:
    """What each change makes of all scores: those that it may change, after the intact ones before them."""
    found = np.stack([intact.logits] * len(changes))
    for numbers, scores in coming(intact, changes, asked=None):
        found[numbers, -scores.shape[1] :] = scores
    return found


def alike(model: GPT, changes: Sequence[Sequence[Edit]], base: tuple[Switch, ...], text: Sequence[int] = TEXT) -> None:
    """All that a change makes of the scores, against a pass that shares nothing."""
    eps = 1e-12 if model.weights["wte.weight"].dtype == np.float64 else 1e-5
    intact = trace(model, text, base)
    last, rows = after(intact, changes), rows_after(intact, changes)
    for number, change in enumerate(changes):
        switches = check((*base, *(each for each in change if isinstance(each, Switch))), model.config)
        patches = [each for each in change if not isinstance(each, Switch)]
        expected = whole(model, text, (*patches, *switches))
        size = max(np.abs(expected).max(), 1)
        np.testing.assert_allclose(last[number], expected[-1], rtol=eps, atol=eps * size, err_msg=str(change))
        np.testing.assert_allclose(rows[number], expected, rtol=eps, atol=eps * size, err_msg=str(change))


@pytest.mark.parametrize("base", BASES, ids=lambda base: "+".join(map(str, base)) or "intact")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_switch_alone_and_in_pairs_as_in_a_whole_pass(base: tuple[Switch, ...], dtype: type) -> None:
    model, switches = in_type(dtype), every(CONFIG)
    pairs = [(HeadOff(2, 1), MLPOff(1)), (HeadMean(0, 0), HeadOff(0, 0)), (MaskOff(), MLPOff(2)), ()]
    alike(model, [*((switch,) for switch in switches), *pairs], base)


@pytest.mark.parametrize("base", BASES[:4], ids=lambda base: "+".join(map(str, base)) or "intact")
def test_a_patch_at_every_site_layer_and_position(base: tuple[Switch, ...]) -> None:
    model, other = random_gpt(CONFIG), trace(random_gpt(CONFIG), TEXT[::-1])
    patches: list[tuple[Edit, ...]] = []
    for layer, position in product(range(CONFIG.n_layer), (0, 4, len(TEXT) - 1, -2)):
        for site in set(BLOCK_NAMES) - {"scores", "pattern"}:
            patches.append((Patch(site, layer, position, other.value(site, layer)[..., position, :]),))
        patches.append((Patch("z", layer, position, other.blocks[layer].z[1, position], head=1), MLPOff(1)))
    alike(model, patches, base)


@pytest.mark.parametrize("without", LACKING, ids="+".join)
def test_models_that_grew_up_without_a_part(without: tuple[str, ...]) -> None:
    config = GPTConfig(11, 16, 3, 2, 8, without=without)  # type: ignore[arg-type]  # names of parts
    alike(random_gpt(config), [(switch,) for switch in every(config)], ())
    streams = [(Patch(site, 1, 3, np.ones(8)),) for site in ("resid_pre", "resid_mid", "resid_post")]
    alike(random_gpt(config), streams, ())


def test_a_text_of_one_token() -> None:
    alike(random_gpt(CONFIG), [(switch,) for switch in every(CONFIG)], (), TEXT[:1])


def test_what_comes_comes_once_and_all_of_it() -> None:
    intact = trace(random_gpt(CONFIG), TEXT)
    numbers = [number for some, _ in coming(intact, [(s,) for s in every(CONFIG)]) for number in some]
    assert sorted(numbers) == list(range(len(every(CONFIG))))


@pytest.mark.parametrize("base", BASES, ids=lambda base: "+".join(map(str, base)) or "intact")
def test_retracing_is_tracing(base: tuple[Switch, ...]) -> None:
    model = random_gpt(CONFIG)
    before = trace(model, TEXT, base)
    for switch in (*every(CONFIG)[:40:3], *BASES[1], MaskOff()):
        again, anew = retrace(before, (*base, switch)), trace(model, TEXT, (*base, switch))
        assert (again.switches, again.tokens) == (anew.switches, anew.tokens)
        for name in ("ln_final", "logits", "visible"):
            np.testing.assert_allclose(again.value(name), anew.value(name), rtol=1e-12, atol=1e-12)
        for name, layer in product(BLOCK_NAMES, range(CONFIG.n_layer)):
            np.testing.assert_allclose(again.value(name, layer), anew.value(name, layer), rtol=1e-12, atol=1e-12)


def test_what_lies_below_a_switch_is_shared_and_stays_as_it_was() -> None:
    model = random_gpt(CONFIG)
    intact = trace(model, TEXT)
    off = retrace(intact, (HeadOff(2, 0),))
    assert np.shares_memory(off.blocks[1].pattern, intact.blocks[1].pattern)
    assert not np.shares_memory(off.blocks[2].z, intact.blocks[2].z)


@pytest.mark.parametrize("base", BASES, ids=lambda base: "+".join(map(str, base)) or "intact")
def test_a_prefix_is_the_trace_of_the_shorter_text(base: tuple[Switch, ...]) -> None:
    model = random_gpt(CONFIG)
    shorter, anew = prefix(trace(model, TEXT, base), 6), trace(model, TEXT[:6], base)
    assert shorter.tokens == anew.tokens
    for name, layer in product(BLOCK_NAMES, range(CONFIG.n_layer)):
        np.testing.assert_allclose(shorter.value(name, layer), anew.value(name, layer), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(shorter.logits, anew.logits, rtol=1e-12, atol=1e-12)
