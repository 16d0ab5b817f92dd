"""Every switch proves itself: it changes something, where it says, and keeps the past exactly when it says so."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from models.errors import UserError
from models.gpt import GPT, GPTConfig, weight_shapes
from models.ops import NUMPY, Array
from models.parts import PARTS
from models.switches import (
    ALL,
    AttentionOff,
    EdgeOff,
    HeadFirst,
    HeadMean,
    HeadOff,
    HeadPrevious,
    HeadScale,
    HeadSwitch,
    HeadUniform,
    Input,
    LinearAttention,
    LowRank,
    MaskOff,
    MLPLinear,
    MLPOff,
    NeuronOff,
    NeuronScale,
    NeuronSet,
    NormOff,
    Padding,
    Patched,
    PositionsOff,
    ResidualOff,
    ScaleOff,
    Strided,
    Switch,
    Window,
    check,
    parse,
)
from models.switches.edits import Here
from models.switches.input_vector import typed_into
from models.tracing import extend, trace

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
TOKENS = (1, 2, 3, 4, 5, 6, 7, 8)
EVERY = [
    switch for kind in ALL for switch in kind.everywhere(CONFIG) if switch not in {Padding((p,)) for p in range(7, 16)}
]
RNG = np.random.default_rng(0)
MODEL = GPT(CONFIG, {name: RNG.normal("ln" in name, 0.4, shape) for name, shape in weight_shapes(CONFIG).items()})


@pytest.mark.parametrize("switch", EVERY, ids=str)
def test_it_changes_the_scores_of_the_next_token(switch: Switch) -> None:
    intact, changed = trace(MODEL, TOKENS).logits, trace(MODEL, TOKENS, [switch]).logits
    assert np.abs(intact - changed).max() > 1e-6


@pytest.mark.parametrize("switch", EVERY, ids=str)
def test_it_keeps_the_past_exactly_when_it_says_so(switch: Switch) -> None:
    shorter, longer = trace(MODEL, TOKENS[:-1], [switch]), trace(MODEL, TOKENS, [switch])
    moved = max(
        np.abs(getattr(a, name) - getattr(b, name)[..., :-1, :]).max() / np.abs(getattr(b, name)).max()
        for a, b in zip(shorter.blocks, longer.blocks, strict=True)
        for name in ("resid_pre", "k", "v", "z", "resid_post")
    )
    assert (moved < 1e-13) == switch.keeps_past


@pytest.mark.parametrize("switch", EVERY, ids=str)
def test_its_text_form_reads_back(switch: Switch) -> None:
    assert parse(str(switch)) == switch


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.slug)
def test_it_says_in_one_line_what_it_does(kind: type[Switch]) -> None:
    assert kind.title and 20 < len(kind.says) < 130 and "\n" not in kind.says
    one = next(iter(kind.everywhere(CONFIG)))
    assert bool(one.sites) != one.of_weights and kind.__doc__ and 4 < len(one.told) < 35
    assert kind.parts <= {*PARTS, "positions", "nonlinearity", "softmax"}
    everywhere = kind is Input or kind.of_weights
    assert kind.parts or everywhere, "every model has a vector for a token, and weights, and may lack anything else"


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.slug)
def test_an_edit_leaves_the_value_it_was_given_alone(kind: type[Switch]) -> None:
    switch = next(iter(kind.everywhere(CONFIG)))
    seen = {name: RNG.normal(size=(4, 8)) for name in ("resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out")}
    seen |= {"mlp_act": RNG.normal(size=(4, 32)), "mlp_pre": RNG.normal(size=(4, 32)), "q": RNG.normal(size=(2, 4, 4))}
    acts = switch.ready(MODEL)
    for site in acts.sites:
        square = site in ("q", "scores", "pattern", "z")
        shape = (2, 4, 4) if square else (4, 32 if site == "mlp_act" else 8)
        value = np.tri(4, dtype=bool) if site == "visible" else RNG.normal(size=shape)
        before = value.copy()
        acts.edit(value, Here(site, 0, seen, NUMPY, value.shape[-2]))
        np.testing.assert_array_equal(value, before)


def test_off_is_zero_and_only_there() -> None:
    intact, changed = trace(MODEL, TOKENS), trace(MODEL, TOKENS, [HeadOff(1, 0)])
    assert not changed.blocks[1].z[0].any()
    np.testing.assert_array_equal(changed.blocks[1].z[1], intact.blocks[1].z[1])
    np.testing.assert_array_equal(changed.blocks[0].z, intact.blocks[0].z)
    assert not trace(MODEL, TOKENS, [AttentionOff(0)]).blocks[0].attn_out.any()
    assert not trace(MODEL, TOKENS, [MLPOff(1)]).blocks[1].mlp_out.any()
    assert not trace(MODEL, TOKENS, [PositionsOff()]).pos_embed.any()


def test_the_mean_is_the_mean() -> None:
    intact, changed = trace(MODEL, TOKENS), trace(MODEL, TOKENS, [HeadMean(0, 1)])
    np.testing.assert_allclose(changed.blocks[0].z[1], np.tile(intact.blocks[0].z[1].mean(0), (8, 1)), atol=1e-12)


def test_uniform_looks_at_all_it_may_see_alike() -> None:
    pattern = trace(MODEL, TOKENS, [HeadUniform(0, 1)]).blocks[0].pattern[1]
    np.testing.assert_allclose(pattern, np.tri(8) / np.arange(1, 9)[:, None], atol=1e-12)


def test_the_open_mask_sees_ahead() -> None:
    opened = trace(MODEL, TOKENS, [MaskOff()])
    assert opened.visible.all() and (opened.blocks[0].pattern > 0).all()


def test_windows_and_strides_hide_the_rest() -> None:
    back = np.subtract.outer(np.arange(8), np.arange(8))
    window, strided = (trace(MODEL, TOKENS, [switch]).blocks[1].pattern > 0 for switch in (Window(3), Strided(3)))
    np.testing.assert_array_equal(window[0], (back >= 0) & (back < 3))
    np.testing.assert_array_equal(strided[0], (back >= 0) & ((back < 3) | (back % 3 == 0)))
    opened = trace(MODEL, TOKENS, [MaskOff(), Window(3)]).blocks[0].pattern > 0
    np.testing.assert_array_equal(opened[0], abs(back) < 3)
    assert parse("window") == Window(8) and parse("strided:5") == Strided(5)


def test_linear_attention_needs_no_more_than_sums_over_the_past() -> None:
    block = trace(MODEL, TOKENS, [LinearAttention()]).blocks[0]

    def features(x: Array) -> Array:  # H T D to H T 1+D+DD
        squares = (x[..., :, None] * x[..., None, :] / math.sqrt(2)).reshape(*x.shape[:-1], -1)
        return np.concatenate([np.ones_like(x[..., :1]), x, squares], -1)

    q, k = features(block.q * CONFIG.scale), features(block.k)
    sums = np.cumsum(k[..., :, None] * block.v[..., None, :], 1)  # H T features D
    found = np.einsum("htf,htfd->htd", q, sums) / np.vecdot(q, np.cumsum(k, 1))[..., None]
    np.testing.assert_allclose(block.z, found, rtol=1e-12)


def test_a_turned_head_looks_at_one_place_if_it_may() -> None:
    back, first = (trace(MODEL, TOKENS, [kind(1, 0)]).blocks[1] for kind in (HeadPrevious, HeadFirst))
    np.testing.assert_array_equal(back.pattern[0], np.eye(8, k=-1) + np.eye(1, 8).T * np.eye(1, 8))
    np.testing.assert_array_equal(first.pattern[0], np.eye(1, 8) * np.ones((8, 1)))
    np.testing.assert_array_equal(back.pattern[1], trace(MODEL, TOKENS).blocks[1].pattern[1])
    hidden = trace(MODEL, TOKENS, [HeadPrevious(1, 0), Padding((3,))]).blocks[1]
    assert not hidden.pattern[0, 4].any() and not hidden.z[0, 4].any(), "what it is to look at is padding"


def test_a_value_of_a_switch_reads_back_to_the_last_bit() -> None:
    for value in (0.1 + 0.2, -3.0, 1e-9, 2.5e5, 0.0):
        assert parse(str(NeuronSet(1, 7, value))) == NeuronSet(1, 7, value)
    assert [str(s) for s in (NeuronScale(0, 3, 2.0), HeadScale(0, 3))] == ["neuron-scale:0.3=2", "head-scale:0.3=0.5"]


def test_of_what_is_done_to_one_neuron_off_counts_and_set_before_scaled() -> None:
    def fires(*switches: Switch) -> float:
        return float(trace(MODEL, TOKENS, switches).blocks[1].mlp_act[3, 7])

    assert fires(NeuronSet(1, 7, 2.0), NeuronOff(1, 7), MLPLinear(1)) == 0
    assert fires(NeuronSet(1, 7, 2.0), NeuronScale(1, 7, 9.0)) == 2
    assert fires(NeuronScale(1, 7, 3.0)) == pytest.approx(3 * fires())


def test_a_token_has_the_vector_that_is_written_and_the_others_have_their_own() -> None:
    vector = (0.55, 0.87, 0.66, -1.0, 0.0, 2.0, 1e-3, 3.0)
    intact, changed = trace(MODEL, TOKENS), trace(MODEL, TOKENS, [Input(1, vector)])
    assert changed.embed[1].tolist() == list(vector)
    np.testing.assert_array_equal(np.delete(changed.embed, 1, 0), np.delete(intact.embed, 1, 0))
    np.testing.assert_array_equal(changed.pos_embed, intact.pos_embed)
    np.testing.assert_array_equal(changed.logits[0], intact.logits[0])
    assert np.abs(changed.logits[1:] - intact.logits[1:]).max(-1).min() > 1e-6
    assert not np.abs(trace(MODEL, TOKENS, [Input(15, vector)]).logits - intact.logits).any(), "the text ends before"
    grown = extend(MODEL, trace(MODEL, TOKENS[:1], [Input(1, vector)]), TOKENS[1])
    assert grown.embed[1].tolist() == list(vector) and parse("input:1= 0.5, 2 -3") == Input(1, (0.5, 2.0, -3.0))


def test_numbers_typed_for_a_vector_are_all_of_it_or_one() -> None:
    own = (0.43, 0.15, 0.89)
    assert typed_into(own, "1, 2,-3e-1") == (1.0, 2.0, -0.3) == typed_into(own, "1 2 -.3")
    assert typed_into(own, "2=0.5") == (0.43, 0.15, 0.5) == typed_into(own, " 2 = 0.5")
    for typed, says in (("3=1", "no number 3"), ("x=1", "'x' is not a number"), ("1, ?", "'?' is not a number")):
        with pytest.raises(UserError, match=re.escape(says)):
            typed_into(own, typed)


def test_what_acts_at_one_position_acts_at_no_other() -> None:
    at_one = (Input(3, (0.0,) * 8), EdgeOff(0, 1, 3, 2), Patched("mlp_out", 0, 3, TOKENS))
    assert all([at for at in range(8) if switch.acts_at(at)] == [3] for switch in at_one)
    assert HeadOff(0, 1).acts_at(0) and MaskOff().acts_at(7)


def test_padding_is_attended_by_nobody() -> None:
    padded = trace(MODEL, TOKENS, [Padding((0, 3))])
    for block in padded.blocks:
        assert not block.pattern[..., [0, 3]].any()
        assert not block.pattern[:, 0].any(), "the first row may look at nothing but itself, which is padding"
        np.testing.assert_allclose(block.pattern[:, 1:].sum(-1), 1, atol=1e-12)


def test_scaling_off_is_q_times_k() -> None:
    block = trace(MODEL, TOKENS, [ScaleOff()]).blocks[0]
    raw = block.q @ block.k.swapaxes(-1, -2)
    np.testing.assert_allclose(block.scores[:, 5, :6], raw[:, 5, :6], atol=1e-12)


def test_without_norm_residual_or_bend_the_parts_are_what_they_read() -> None:
    raw = trace(MODEL, TOKENS, [NormOff()])
    np.testing.assert_array_equal(raw.blocks[1].ln_1, raw.blocks[1].resid_pre)
    np.testing.assert_array_equal(raw.ln_final, raw.blocks[-1].resid_post)
    bare = trace(MODEL, TOKENS, [ResidualOff()])
    np.testing.assert_array_equal(bare.blocks[1].resid_post, bare.blocks[1].mlp_out)
    straight = trace(MODEL, TOKENS, [MLPLinear(0)])
    np.testing.assert_array_equal(straight.blocks[0].mlp_act, straight.blocks[0].mlp_pre)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("head-of:0.2", "no switch 'head-of' - there are head-off"),
        ("head-off:2", "needs a layer and a head"),
        ("head-off:a.b", "not a layer"),
        ("mask-off:1", "whole model"),
        ("padding:5-3", "backwards"),
        ("padding", "not a place"),
        ("mlp-off:٣", "not a layer"),
        ("apart:5", "apart needs a question and its pages, not '5' - write for example 24=0-23"),
        ("apart:5=a-3", "'a' is not a place"),
        ("head-apart:5=0-3", "needs a layer and a head, not '5=0-3'"),
        ("neuron-off:2", "neuron-off needs a layer and a neuron, not '2' - write for example neuron-off:0.2"),
        ("neuron-set:1.7", "needs a number, not '1.7' alone - write for example neuron-set:0.2=3"),
        ("neuron-set:1.7=x", "'x' is not a number"),
        ("neuron-scale:1.7=inf", "between minus and plus a million"),
        ("head-scale:1=2", "needs a layer and a head, not '1'"),
        ("low-rank:half", "'half' is not a rank"),
        ("input:1", "input needs a place and numbers, not '1' - write for example input:1=0.55,0.87,0.66"),
        ("input:1=a", "'a' is not a number"),
        ("input:x=1", "'x' is not a place"),
    ],
)
def test_a_switch_that_cannot_be_read_is_said(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "head-off:2.0",
        "head-off:0.2",
        "mlp-off:2",
        "padding:16",
        "head-apart:2.0:5=0-3",
        "neuron-off:2.0",
        "neuron-set:0.32=1",
    ],
)
def test_a_place_the_model_does_not_have_is_said(text: str) -> None:
    with pytest.raises(
        UserError,
        match=r"no (layer|head) 2 - this model has 0 to 1|no neuron 32 - this model has 0 to 31|beyond the context",
    ):
        check([parse(text)], CONFIG)


@pytest.mark.parametrize(("text", "says"), [("apart:16=0-3", "no place 16"), ("apart:5=2-5", "must come before")])
def test_texts_that_cannot_be_kept_apart_are_said(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        check([parse(text)], CONFIG)


def test_a_vector_that_no_token_of_the_model_can_have_is_said() -> None:
    for text, says in (
        ("input:16=1,2", "input:16: there is no place 16"),
        ("input:0=1,2,3", "has 8 numbers, not 3"),
    ):
        with pytest.raises(UserError, match=says):
            check([parse(text)], CONFIG)


@pytest.mark.parametrize("rank", [0, 5])
def test_a_rank_that_no_head_can_have_is_said(rank: int) -> None:
    with pytest.raises(UserError, match=f"no rank {rank} - a head of this model has 1 to 4"):
        check([LowRank(rank)], CONFIG)


@pytest.mark.parametrize("rank", [1, 3, 4])
def test_of_low_rank_is_the_nearest_product_of_that_rank(rank: int) -> None:
    """The scores of what the pass reads are those of W_Q W_K^T, biases with it, cut by its singular values."""
    block = trace(MODEL, TOKENS, [LowRank(rank)]).blocks[1]
    weights = np.vstack([MODEL.weights["h.1.attn.c_attn.weight"], MODEL.weights["h.1.attn.c_attn.bias"]])
    read = np.hstack([block.ln_1, np.ones((len(TOKENS), 1))])
    for head in range(CONFIG.n_head):
        w_q, w_k = (weights[:, at : at + 4] for at in (4 * head, 8 + 4 * head))
        u, s, v = np.linalg.svd(w_q @ w_k.T)
        nearest = (u[:, :rank] * s[:rank]) @ v[:rank]
        np.testing.assert_allclose(block.q[head] @ block.k[head].T, read @ nearest @ read.T, atol=1e-9)


def test_switches_have_one_order_and_count_once() -> None:
    switches = [MaskOff(), HeadOff(1, 0), HeadOff(0, 1), MaskOff()]
    assert check(switches, CONFIG) == check(reversed(switches), CONFIG) == (HeadOff(0, 1), HeadOff(1, 0), MaskOff())


def test_every_kind_of_head_switch_has_its_mark_and_words() -> None:
    kinds = [kind for kind in ALL if issubclass(kind, HeadSwitch)]
    assert all(len(kind.mark) == 1 and kind.done for kind in kinds)
    assert len({kind.mark for kind in kinds}) == len({kind.done for kind in kinds}) == len(kinds)
