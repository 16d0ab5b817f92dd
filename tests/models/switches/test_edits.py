"""Edits act in one place: a batch is its texts, patches come before switches, who watches sees what came of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pytest

from models.gpt import BLOCK_NAMES, MODEL_NAMES, GPTConfig, NoPast, block, forward, read_out
from models.ops import Array, idle
from models.switches import (
    ALL,
    HeadMean,
    HeadOff,
    HeadUniform,
    MLPLinear,
    NormOff,
    Padding,
    ScaleOff,
    Switch,
    check,
    under,
)
from models.switches.edits import Edit, Patch, Watch, edited
from models.tracing import Trace, trace
from tests.conftest import random_gpt

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
MODEL = random_gpt(CONFIG)
TEXTS = np.random.default_rng(3).integers(0, 11, (3, 9))
EVERY = [(switch,) for kind in ALL for switch in kind.everywhere(CONFIG)]
MIXED = [(HeadUniform(0, 1), HeadOff(1, 0), ScaleOff()), (MLPLinear(1), NormOff(), Padding((0, 4)))]
each = pytest.mark.parametrize("switches", [(), *EVERY, *MIXED], ids=lambda s: "+".join(map(str, s)) or "none")


def passed(tokens: Array, edits: Iterable[Edit]) -> Mapping[tuple[str, int | None], Array]:
    watch, edits = Watch(*MODEL_NAMES, *BLOCK_NAMES), tuple(edits)
    model = under(MODEL, edits)
    forward(model, tokens, tap=edited(model, edits, tokens.shape[-1], watch))
    return watch.kept


def value(of: Trace, name: str, layer: int | None) -> Array:
    return getattr(of if layer is None else of.blocks[layer], name)


@each
def test_a_batch_gives_every_value_that_each_of_its_texts_gives(switches: tuple[Switch, ...]) -> None:
    kept = passed(TEXTS, check(switches, CONFIG))
    assert len(kept) == len(MODEL_NAMES) + 2 * len(BLOCK_NAMES)
    for row, text in enumerate(TEXTS):
        alone = trace(MODEL, text.tolist(), switches)
        for (name, layer), values in kept.items():
            mine = values if name in ("visible", "pos_embed") else values[row]  # the same of every text
            np.testing.assert_allclose(mine, value(alone, name, layer), rtol=1e-12, atol=1e-12, err_msg=name)


@each
def test_a_pass_that_begins_in_the_middle_ends_as_the_whole_one(switches: tuple[Switch, ...]) -> None:
    whole = trace(MODEL, TEXTS[0].tolist(), switches)
    before = {name: getattr(whole.blocks[0], name) for name in BLOCK_NAMES}
    model = under(MODEL, whole.switches)
    tap = edited(model, whole.switches, len(whole), seen=before)
    x = block(model, 1, whole.blocks[0].resid_post, whole.visible, NoPast(), tap)
    np.testing.assert_allclose(read_out(model, x, tap), whole.logits, rtol=1e-12, atol=1e-12)


def test_a_patch_takes_a_value_for_each_text_or_one_for_all() -> None:
    there = trace(MODEL, TEXTS[0].tolist()).blocks[1].mlp_out[4]
    own = np.stack([there, there * 2, there * 3])
    batch = passed(TEXTS, [Patch("mlp_out", 1, 4, own)])
    for row, text in enumerate(TEXTS):
        alone = passed(text, [Patch("mlp_out", 1, 4, own[row])])
        np.testing.assert_allclose(batch["logits", None][row], alone["logits", None], rtol=1e-12, atol=1e-12)
    same = passed(TEXTS, [Patch("mlp_out", 1, 4, there)])["mlp_out", 1]
    np.testing.assert_array_equal(same[:, 4], np.tile(there, (3, 1)))
    np.testing.assert_array_equal(same[:, :4], passed(TEXTS, ())["mlp_out", 1][:, :4])


def test_edits_act_in_the_order_given_and_who_watches_sees_what_came_of_them() -> None:
    patch, mean = Patch("z", 0, 2, np.full((2, 4), 7.0)), HeadMean(0, 1)
    first, last = passed(TEXTS, [patch, mean])["z", 0], passed(TEXTS, [mean, patch])["z", 0]
    assert (first[:, 0, 2] == 7).all() and (last[:, :, 2] == 7).all()
    plain = passed(TEXTS, ())["z", 0][:, 1]
    plain[:, 2] = 7
    np.testing.assert_allclose(first[:, 1], np.tile(plain.mean(1)[:, None], (1, 9, 1)), atol=1e-12)


def test_a_watch_can_keep_one_position_alone() -> None:
    whole, last = Watch("z"), Watch("z", position=-1)
    for watch in (whole, last):
        forward(MODEL, TEXTS, tap=watch)
    assert whole.kept.keys() == last.kept.keys() == {("z", 0), ("z", 1)}
    np.testing.assert_array_equal(last.kept["z", 1], whole.kept["z", 1][:, :, -1])


def test_a_pass_without_edits_has_no_tap_but_its_own() -> None:
    bare = random_gpt(GPTConfig(11, 16, 2, 2, 8, without=("norm",)))
    assert edited(MODEL, (), 1) is idle
    assert edited(bare, [NormOff()], 1) is idle, "a switch on a part that is not there does not act"
