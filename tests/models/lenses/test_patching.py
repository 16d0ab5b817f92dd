"""A patch moves what it says, and transfers what patching one place after the other gives."""

from __future__ import annotations

import numpy as np
import pytest

from models.gpt import GPT, GPTConfig, forward
from models.lenses.batches import last_scores
from models.lenses.patching import facts_transfer, transfer
from models.switches import HeadOff
from models.switches.edits import Patch
from models.tokenizers import Tokenizer
from models.tracing import trace
from tests.conftest import random_gpt
from tests.models.lenses.small_models import reduced


def test_a_patch_of_everything_makes_it_the_other_text(tiny_gpt: GPT) -> None:
    one, other = [1, 2, 3, 4], [5, 6, 7, 8]
    there = trace(tiny_gpt, other)
    patches = [Patch("resid_pre", 0, at, there.blocks[0].resid_pre[at]) for at in range(4)]
    assert np.allclose(last_scores(tiny_gpt, np.array(one), patches=patches), there.logits[-1], rtol=0, atol=1e-12)
    last = [Patch("resid_post", 1, -1, there.blocks[1].resid_post[-1])]
    assert np.allclose(last_scores(tiny_gpt, np.array([one, one]), patches=last), there.logits[-1], rtol=0, atol=1e-12)
    assert np.allclose(last_scores(tiny_gpt, np.array(one)), trace(tiny_gpt, one).logits[-1], rtol=0, atol=1e-12)


def test_a_patch_changes_one_head_s_value_at_one_position(tiny_gpt: GPT) -> None:
    here, there = trace(tiny_gpt, [1, 2, 3]), trace(tiny_gpt, [4, 5, 6])
    value = here.blocks[1].z[:, 2].copy()
    value[0] = there.blocks[1].z[0, 2]
    found = last_scores(tiny_gpt, np.array([1, 2, 3]), patches=[Patch("z", 1, 2, value)])
    assert not np.allclose(found, here.logits[-1])
    same = last_scores(tiny_gpt, np.array([1, 2, 3]), patches=[Patch("z", 1, 2, here.blocks[1].z[:, 2])])
    assert np.allclose(same, here.logits[-1], rtol=0, atol=1e-12)


def test_transfer_is_what_patching_one_place_after_the_other_gives(tiny_gpt: GPT) -> None:
    rng = np.random.default_rng(1)
    texts, others = rng.integers(0, 11, (2, 12, 4))
    wanted = tiny_gpt.logits(others.tolist())[:, -1].argmax(-1)
    found = transfer(tiny_gpt, texts, others, wanted, ("resid_pre", "mlp_out", "z"), [HeadOff(0, 1)])
    assert found.shares.shape == (3, 2, 4) and found.pairs == 12
    for row, site in enumerate(found.sites):
        for layer in range(2):
            for position in range(4):
                right = []
                for text, other, token in zip(texts, others, wanted, strict=True):
                    value = getattr(trace(tiny_gpt, other.tolist(), [HeadOff(0, 1)]).blocks[layer], site)
                    patch = Patch(site, layer, position, value[..., position, :])
                    right.append(last_scores(tiny_gpt, text, [HeadOff(0, 1)], [patch]).argmax() == token)
                assert found.shares[row, layer, position] == pytest.approx(np.mean(right))


def test_what_a_model_does_not_have_transfers_nothing() -> None:
    model = reduced("attention")
    texts, others = np.random.default_rng(1).integers(0, 11, (2, 6, 3))
    wanted = forward(model, others)[:, -1].argmax(-1)
    found = transfer(model, texts, others, wanted, ("attn_out", "resid_pre"))
    assert np.all(found.shares[0] == found.without)
    assert found.shares[1, 0, 2] == 1  # without attention the last position is all there is
    assert np.all(found.shares[1, :, :2] == found.without)


def test_facts_are_asked_of_pairs_of_people(words: Tokenizer) -> None:
    found = facts_transfer(random_gpt(GPTConfig(words.vocab_size, 8, 1, 1, 8), tokenizer=words), pairs=20)
    assert found.sites == ("resid_pre", "attn_out", "mlp_out")
    assert found.shares.shape == (3, 1, 4) and found.pairs == 20
    assert found.shares[0, 0, 0] == found.without and found.shares[0, 0, 3] == found.without  # the same word in both
