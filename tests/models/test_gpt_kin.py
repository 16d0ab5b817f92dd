"""Every family but GPT-2, and every attention: cached, begun in the middle, batched, on torch, under all switches."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from models.errors import UserError
from models.gpt import BLOCK_NAMES, LETTERS, MODEL_NAMES, GPTConfig, Rope, forward
from models.gpt_config import speeds
from models.passes import after
from models.switches import ALL, HeadMean, HeadOff, MaskOff, MLPLinear, MLPOff, NormOff, Padding, PositionsOff, Switch
from models.switches.edits import Edit, Patch
from models.tape import nbytes
from models.tracing import Trace, extend, retrace, trace
from models.training.ops import TorchOps
from tests.conftest import random_gpt
from tests.models.kin import KIN, LLAMA, OTHERS, each_other
from tests.models.on_torch import offered, on_torch
from tests.models.test_passes import alike, every

TEXT = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
BASES: tuple[tuple[Switch, ...], ...] = (
    (),
    (HeadOff(0, 1), NormOff()),
    (PositionsOff(), MLPLinear(1)),
    (MaskOff(), HeadMean(1, 3)),
    (Padding((0, 4)), MLPOff(0)),
)
DTYPES = ((np.float64, 1e-12), (np.float32, 1e-4))
each_base = pytest.mark.parametrize("base", BASES, ids=lambda base: "+".join(map(str, base)) or "intact")


def same(a: Trace, b: Trace, atol: float = 1e-12) -> None:
    assert (a.tokens, a.switches, a.dropped) == (b.tokens, b.switches, b.dropped)
    places = product(LETTERS.keys() - MODEL_NAMES.keys(), range(a.tape.model.config.n_layer))
    for name, layer in [*places, *((name, 0) for name in MODEL_NAMES)]:
        mine, theirs = a.value(name, layer), b.value(name, layer)
        np.testing.assert_allclose(mine, theirs, rtol=atol, atol=atol, err_msg=f"{name} of layer {layer}")


@each_other
def test_extending_equals_one_pass_under_every_switch(config: GPTConfig) -> None:
    kinds = [(next(iter(kind.everywhere(config))),) for kind in ALL]
    for switches, (dtype, atol) in [*product([*BASES, *kinds], DTYPES[:1]), ((), DTYPES[1])]:
        model = random_gpt(config, dtype=dtype)
        grown = trace(model, TEXT[:4], switches)
        for token in TEXT[4:7]:
            grown = extend(model, grown, token)
        same(grown, trace(model, TEXT[:7], switches), atol)


@each_other
def test_a_full_context_slides(config: GPTConfig) -> None:
    model, text = random_gpt(config), (TEXT + TEXT)[:16]
    same(extend(model, trace(model, text), 3), replace(trace(model, (*text, 3)), dropped=1))


@each_other
@each_base
def test_begun_in_the_middle_or_in_a_batch_it_says_what_a_whole_pass_says(
    base: tuple[Switch, ...], config: GPTConfig
) -> None:
    alike(random_gpt(config), [(switch,) for switch in every(config)[BASES.index(base) :: 3]], base)


@each_other
def test_a_patch_at_every_site_is_that_of_a_whole_pass(config: GPTConfig) -> None:
    model = random_gpt(config)
    other, patches = trace(model, TEXT[::-1]), list[tuple[Edit, ...]]()
    for site, layer, position in product(LETTERS.keys() - MODEL_NAMES.keys(), range(2), (0, 4, -1)):
        if config.offers(site) and site not in ("scores", "pattern"):
            patches.append((Patch(site, layer, position, other.value(site, layer)[..., position, :]),))
    alike(model, patches, ())
    alike(model, patches[::4], (NormOff(), HeadOff(1, 2)))


@each_other
def test_retracing_is_tracing(config: GPTConfig) -> None:
    model = random_gpt(config)
    before = trace(model, TEXT)
    for switch in every(config)[::5]:
        same(retrace(before, (switch,)), trace(model, TEXT, (switch,)))


@each_other
def test_every_switch_changes_what_comes_or_is_idle_there(config: GPTConfig) -> None:
    model = random_gpt(config)
    intact = trace(model, TEXT)
    for switch in every(config):
        if isinstance(switch, Padding) and max(switch.positions) >= len(TEXT):
            continue
        moved = float(np.abs(trace(model, TEXT, (switch,)).logits - intact.logits).max())
        assert (moved == 0) == switch.idle_in(config), switch


@each_other
def test_a_new_token_changes_no_earlier_row_where_a_switch_says_so(config: GPTConfig) -> None:
    model = random_gpt(config)
    for switch in every(config)[::4]:
        shorter, longer = trace(model, TEXT[:-1], (switch,)), trace(model, TEXT, (switch,))
        moved = np.abs(shorter.logits - longer.logits[:-1]).max()
        assert (moved < 1e-10) == switch.keeps_past, switch


@each_other
def test_both_backends_offer_the_same(config: GPTConfig) -> None:
    model, tokens = random_gpt(config), np.array(TEXT)
    ours = offered(model, tokens)
    theirs = offered(on_torch(model, TorchOps(torch.float64)), torch.from_numpy(tokens))
    names = {name for name in LETTERS if name in MODEL_NAMES or config.offers(name)}
    assert {name for name, _ in ours} == names and ours.keys() == theirs.keys()
    for key, value in ours.items():
        np.testing.assert_allclose(theirs[key], value, rtol=0, atol=1e-12, err_msg=str(key))


@each_other
def test_every_value_has_the_shape_of_its_letters_and_a_pass_of_all_is_that_record(config: GPTConfig) -> None:
    model = random_gpt(config)
    of, seen = trace(model, TEXT), offered(model, np.array(TEXT))
    sizes = {"T": 10, "S": 10, "C": 16, "H": 4, "D": config.head_width, "F": config.mlp_width, "V": 11}
    sizes["R"] = config.rope.width // 2 if config.rope else 0
    for name, letters in LETTERS.items():
        assert of.value(name, int(name not in MODEL_NAMES)).shape == tuple(
            sizes[letter] for letter in letters.split()
        ), name
    for (name, layer), value in seen.items():
        np.testing.assert_allclose(of.value(name, layer or 0), value, rtol=1e-12, atol=1e-12, err_msg=name)
    kept = sum(array.nbytes for array in {id(a): a for a in of.tape.arrays.values()}.values())
    assert nbytes(model, len(TEXT)) == kept


def test_gpt2_offers_what_it_offered() -> None:
    plain = random_gpt(GPTConfig(11, 16, 2, 2, 8))
    assert {name for name, _ in offered(plain, np.array(TEXT))} == MODEL_NAMES.keys() | BLOCK_NAMES.keys()


# ---- what each choice is


def test_rotary_positions_tell_how_far_apart_two_tokens_are_and_nothing_else() -> None:
    model = random_gpt(replace(LLAMA, n_layer=1))
    early, late = trace(model, (1, 2, 3, 4)), trace(model, (9, 9, 9, 1, 2, 3, 4))
    np.testing.assert_allclose(early.blocks[0].scores[:, 3], late.blocks[0].scores[:, 6, 3:], atol=1e-12)
    still = trace(model, (1, 2, 3, 4), [PositionsOff()])
    assert not still.blocks[0].angles.any()
    swapped = trace(model, (2, 1, 3, 4), [PositionsOff()])
    np.testing.assert_allclose(still.logits[3], swapped.logits[3], atol=1e-12)


def test_speeds_fall_from_one_radian_a_place_and_are_stretched_as_llama_3_has_it() -> None:
    plain = speeds(Rope(8, 10_000.0))
    np.testing.assert_allclose(plain, [1, 0.1, 0.01, 0.001])
    np.testing.assert_allclose(speeds(Rope(8, 10_000.0, 4.0)), np.array(plain) / 4)
    rounds = 1000 * np.array(plain) / (2 * np.pi)  # 159, 15.9, 1.59, 0.159
    stretched = speeds(Rope(8, 10_000.0, 8.0, 1000, 1.0, 4.0))
    share = (rounds[2] - 1) / 3
    np.testing.assert_allclose(stretched, [1, 0.1, 0.01 * (share + (1 - share) / 8), 0.001 / 8])


def test_heads_that_share_a_key_have_the_same_and_a_switch_acts_on_one_alone() -> None:
    model = random_gpt(LLAMA)
    block = trace(model, TEXT).blocks[0]
    for value in (block.k, block.v):
        np.testing.assert_array_equal(value[0], value[1])
        np.testing.assert_array_equal(value[2], value[3])
        assert (value[1] != value[2]).any()
    off = trace(model, TEXT, [HeadOff(0, 1)]).blocks[0]
    assert not off.z[1].any() and off.z[0].any()


def test_a_window_hides_what_lies_further_back_in_its_layers_alone() -> None:
    of = trace(random_gpt(KIN["gpt_neo"]), TEXT)
    distance = np.subtract.outer(np.arange(10), np.arange(10))
    np.testing.assert_array_equal(of.blocks[0].visible, distance >= 0)
    np.testing.assert_array_equal(of.blocks[1].visible, (distance >= 0) & (distance < 3))
    assert (of.blocks[1].pattern[:, ~of.blocks[1].visible] == 0).all()
    opened = trace(of.tape.model, TEXT, [MaskOff()])
    np.testing.assert_array_equal(opened.blocks[1].visible, distance < 3)


def test_an_mlp_beside_attention_does_not_hear_of_it() -> None:
    model = random_gpt(KIN["gpt_neox"])
    intact, off = (trace(model, TEXT, switches).blocks[0] for switches in ((), [HeadOff(0, 0)]))
    np.testing.assert_array_equal(intact.mlp_out, off.mlp_out)
    assert np.abs(intact.resid_mid - off.resid_mid).max() > 1e-3
    raw = trace(model, TEXT, [NormOff()]).blocks[1]
    np.testing.assert_array_equal(raw.ln_2, raw.resid_pre)


def test_queries_that_have_a_norm_of_their_own_keep_it() -> None:
    """As the switch says: it acts on what parts read of the stream."""
    model = random_gpt(KIN["qwen3"])
    weight = model.weights["h.1.attn.ln_q.weight"]
    model = replace(model, weights={**model.weights, "h.1.attn.ln_q.weight": np.ones_like(weight)})
    q = trace(model, TEXT, [NormOff()]).blocks[1].q
    np.testing.assert_allclose((q * q).mean(-1), 1, atol=1e-3)  # but for eps
    assert "(Qwen3) stay" in NormOff.says


def test_a_gated_mlp_made_linear_hands_on_what_the_gate_would_have_let_through() -> None:
    straight = trace(random_gpt(LLAMA), TEXT, [MLPLinear(0)]).blocks[0]
    np.testing.assert_array_equal(straight.mlp_act, straight.mlp_pre_linear)


def test_only_the_asked_rows_of_the_last_layer_are_those_of_all() -> None:
    for config in OTHERS.values():
        model = random_gpt(config)
        whole, last = forward(model, np.array(TEXT)), forward(model, np.array(TEXT), asked=2)
        np.testing.assert_allclose(last, whole[-2:], rtol=0, atol=1e-12)
        np.testing.assert_allclose(after(trace(model, TEXT), [()])[0], whole[-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_kv_head": 3}, "n_kv_head 3 heads with keys cannot serve 4 with queries evenly"),
        ({"n_inner": 0}, "n_inner must be at least 1, not 0"),
        ({"windows": (3,)}, "windows 1 windows for 2 layers"),
        ({"windows": (3, -1)}, "windows has one of -1 positions"),
        ({"positions": Rope(6)}, "rope turns 6 numbers of 4"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(change: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says):
        replace(LLAMA, **change)  # type: ignore[arg-type]  # each of its own type
    with pytest.raises(UserError, match="turns 3 numbers"):
        Rope(3)


def test_what_means_the_same_is_equal() -> None:
    plain = GPTConfig(11, 16, 2, 4, 16)
    assert replace(plain, n_inner=64, head_dim=4, n_kv_head=4) == plain
    assert KIN["qwen3"].lacks == () and KIN["gpt_neo"].lacks == ("scale",)
