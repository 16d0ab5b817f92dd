"""Traces: cached equals full, earlier traces never change, and every field is what it says."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from types import FrameType
from typing import Any

import numpy as np
import pytest

from models.errors import UserError
from models.gpt import BLOCK_NAMES, GPT, GPTConfig, weight_shapes
from models.switches import ALL, HeadMean, HeadOff, HeadUniform, MaskOff, MLPLinear, NormOff, Padding, ScaleOff, Switch
from models.tracing import Trace, branch, extend, trace

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
TOKENS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1)
EVERY = [switch for kind in ALL for switch in kind.everywhere(CONFIG)]
MIXED = [
    (HeadUniform(0, 1), ScaleOff(), HeadOff(1, 0)),
    (NormOff(), MLPLinear(1), Padding((0, 4))),
    (MaskOff(), HeadMean(0, 0)),
]


def gpt(dtype: type = np.float64, config: GPTConfig = CONFIG) -> GPT:
    rng = np.random.default_rng(0)
    return GPT(
        config,
        {
            n: rng.normal(n.endswith("weight") and "ln" in n, 0.3, s).astype(dtype)
            for n, s in weight_shapes(config).items()
        },
    )


def fields(t: Trace) -> dict[str, np.ndarray]:
    named = {name: getattr(t, name) for name in ("visible", "embed", "pos_embed", "ln_final", "logits")}
    for layer, block in enumerate(t.blocks):
        named |= {f"{name} of layer {layer}": getattr(block, name) for name in BLOCK_NAMES}
    return named


def assert_equal(a: Trace, b: Trace, atol: float) -> None:
    assert (a.tokens, a.switches, a.dropped) == (b.tokens, b.switches, b.dropped)
    theirs = fields(b)
    for name, mine in fields(a).items():
        np.testing.assert_allclose(mine, theirs[name], rtol=atol, atol=atol, err_msg=name)


@pytest.mark.parametrize(
    "switches", [(), *((s,) for s in EVERY), *MIXED], ids=lambda s: "+".join(map(str, s)) or "none"
)
def test_extending_equals_one_pass(switches: tuple[Switch, ...]) -> None:
    for dtype, atol in ((np.float64, 1e-12), (np.float32, 1e-5)):
        model = gpt(dtype)
        grown = trace(model, TOKENS[:3], switches)
        for end in range(4, len(TOKENS) + 1):
            grown = extend(model, grown, TOKENS[end - 1])
            assert_equal(grown, trace(model, TOKENS[:end], switches), atol)


@pytest.mark.parametrize(
    ("positions", "activation"), list(product(("learned", "sinusoidal", "none"), ("gelu", "relu", "none")))
)
def test_every_choice_of_a_config_extends(positions: Any, activation: Any) -> None:
    config = GPTConfig(11, 16, 2, 2, 8, positions, activation, tied=False, bias=False)
    model = gpt(config=config)
    assert_equal(extend(model, trace(model, TOKENS[:5]), 6), trace(model, (*TOKENS[:5], 6)), 1e-12)


def test_a_tape_that_grows_keeps_every_row() -> None:
    config = GPTConfig(11, 300, 1, 2, 8)
    model, tokens = gpt(config=config), np.random.default_rng(1).integers(0, 11, 300).tolist()
    grown = trace(model, tokens[:1])
    for token in tokens[1:]:
        grown = extend(model, grown, token)
    assert_equal(grown, trace(model, tokens), 1e-12)


def test_branches_do_not_disturb_each_other() -> None:
    model = gpt()
    trunk = trace(model, TOKENS[:4])
    before = {name: value.copy() for name, value in fields(trunk).items()}
    left, right = extend(model, trunk, 7), extend(model, trunk, 8)
    left = extend(model, left, 9)
    assert_equal(left, trace(model, (*TOKENS[:4], 7, 9)), 1e-12)
    assert_equal(right, trace(model, (*TOKENS[:4], 8)), 1e-12)
    for name, value in fields(trunk).items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


def test_a_branch_leaves_the_trunk_free_to_go_on() -> None:
    model = gpt()
    trunk = trace(model, TOKENS[:4])
    side = extend(model, branch(trunk), 9)
    on = extend(model, trunk, 7)
    assert on.tape is trunk.tape
    assert_equal(side, trace(model, (*TOKENS[:4], 9)), 1e-12)
    assert_equal(on, trace(model, (*TOKENS[:4], 7)), 1e-12)


def test_several_threads_read_one_trace_at_once() -> None:
    read = trace(gpt(), TOKENS[:4])
    places: list[tuple[Any, str]] = [(read, name) for name in ("embed", "pos_embed", "visible", "ln_final")]
    places += [(block, name) for block in read.blocks for name in ("ln_1", "resid_mid", "ln_2")]

    def let_others_in(frame: FrameType, event: str, arg: Any) -> Any:
        """Between any two lines of whoever reads a value."""
        if frame.f_code is Trace.value.__code__:
            time.sleep(0)
            return let_others_in
        return None

    def read_them(step: int) -> None:
        sys.settrace(let_others_in)
        for turn in range(600):
            record, name = places[turn * step % len(places)]
            getattr(record, name)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(read_them, (1, 3, 7, 9))) == [None] * 4
    assert_equal(read, trace(gpt(), TOKENS[:4]), 0)


def test_a_full_context_slides_and_says_so() -> None:
    model = gpt()
    grown = trace(model, (*TOKENS, 1, 2, 3, 4))
    grown = extend(model, extend(model, grown, 5), 6)
    assert (len(grown), grown.dropped) == (16, 2)
    assert_equal(grown, trace(model, (*TOKENS, 1, 2, 3, 4, 5, 6)), 1e-12)


def test_patterns_look_back_only_and_sum_to_one() -> None:
    for block in trace(gpt(), TOKENS).blocks:
        np.testing.assert_allclose(block.pattern.sum(-1), 1, atol=1e-12)
        assert not np.triu(block.pattern, 1).any()
        assert np.isneginf(block.scores[:, ~np.tri(len(TOKENS), dtype=bool)]).all()


def test_the_stream_is_the_sum_of_what_was_written() -> None:
    t = trace(gpt(), TOKENS)
    written = t.embed + t.pos_embed + sum(block.attn_out + block.mlp_out for block in t.blocks)
    np.testing.assert_allclose(t.blocks[-1].resid_post, written, atol=1e-12)


@pytest.mark.parametrize(
    ("tokens", "says"),
    [((), "no text"), ((1, 11), "no token 11"), ((-1,), "no token -1"), ("text", "has no tokenizer")],
)
def test_what_cannot_be_traced_is_said(tokens: tuple[int, ...] | str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        trace(gpt(), tokens)


def test_a_token_out_of_range_cannot_be_appended() -> None:
    model = gpt()
    with pytest.raises(UserError, match="no token 11"):
        extend(model, trace(model, (1,)), 11)
