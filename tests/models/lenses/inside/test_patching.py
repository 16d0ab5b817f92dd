"""A patch moves what it says, and transfers what patching one place after the other gives."""

from __future__ import annotations

import numpy as np
import pytest

from models import load
from models.errors import UserError
from models.gpt import GPT, GPTConfig, forward
from models.lenses.batches import last_scores
from models.lenses.inside.patching import carried, carrying, facts_transfer, parts, transfer
from models.switches import HeadOff
from models.switches.edits import Patch
from models.switches.patched import STREAMS
from models.tokenizers import Tokenizer
from models.tracing import Trace, trace
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


@pytest.fixture(scope="module")
def world() -> GPT:
    return load("little-world")


def passed(model: GPT, *texts: str) -> list[Trace]:
    assert model.tokenizer is not None
    return [trace(model, model.tokenizer.encode(text)) for text in texts]


@pytest.mark.parametrize("heads", [False, True])
def test_a_share_is_how_far_one_patched_pass_goes_from_one_answer_to_the_other(tiny_gpt: GPT, heads: bool) -> None:
    here, there = trace(tiny_gpt, [1, 2, 3, 4], [HeadOff(0, 1)]), trace(tiny_gpt, [3, 6, 7, 5])
    found = carried(here, there, parts(tiny_gpt.config, heads=heads))
    own, other = (int(each.logits[-1].argmax()) for each in (here, there))
    assert found.answers == (own, other) and own != other
    for row, part in enumerate(found.parts):
        for position in range(4):
            value = there.value(part.site, part.layer)[..., position, :]
            value = value if part.head is None else value[part.head]
            patch = Patch(part.site, part.layer, position, value, part.head)
            scores = last_scores(tiny_gpt, np.array(here.tokens), [HeadOff(0, 1)], [patch])
            between = [each[other] - each[own] for each in (scores, here.logits[-1], there.logits[-1])]
            share = (between[0] - between[1]) / (between[2] - between[1])
            assert found.shares[row, position] == pytest.approx(share, abs=1e-9)
            assert found.says[row, position] == scores.argmax()
            switched = trace(tiny_gpt, here.tokens, [HeadOff(0, 1), part.switch(there.tokens, position)])
            assert np.allclose(switched.logits[-1], scores, rtol=0, atol=1e-12)


def test_the_known_places_of_a_fact_carry_it(world: GPT) -> None:
    """The first name brings it before the layers, the first layer moves it to the end, the MLPs there look it up."""
    here, there = passed(world, "\nmichael jordan plays", "\nserena jordan plays")
    found = carried(here, there, parts(world.config, heads=False))
    assert world.tokenizer is not None
    assert [world.tokenizer.token(token) for token in found.answers] == ["basketball", "rugby"]
    share = {part.name: row for part, row in zip(found.parts, found.shares.tolist(), strict=True)}
    assert share["L0 stream"] == pytest.approx([0, 1, 0, 0], abs=0.02)
    assert share["L1 stream"] == pytest.approx([0, 0, 0, 1], abs=0.02)
    assert share["L0 attention"][3] > 0.95 and abs(share["L1 attention"][3]) < 0.05
    assert share["L0 MLP"][3] > 0.9 and share["L1 MLP"][3] > 0.5 and max(share["L1 MLP"][:3]) < 0.05
    heads = carried(here, there, parts(world.config, heads=True))
    row, position = np.unravel_index(heads.shares.argmax(), heads.shares.shape)
    assert heads.parts[row].name == "L0H0" and position == 3 and heads.shares[row, position] > 0.95
    assert np.sort(heads.shares.ravel())[-2] < 0.05
    mlp = [part.name for part in found.parts].index("L1 MLP")
    assert world.tokenizer.token(int(found.says[mlp, 3])) == "rugby"


def test_facts_are_carried_where_pairs_of_people_say(world: GPT) -> None:
    """One pair and many tell of the same places."""
    found = facts_transfer(world, pairs=40)
    stream, attention, mlp = found.shares
    assert stream[1, 3] == 1 and attention[0, 3] == 1 and mlp[0, 3] > 0.9 and mlp[1, 3] > 0.5
    assert attention[1:].max() < 0.05 and mlp[:, :3].max() < 0.05 and stream[1:, :3].max() < 0.05


def test_what_both_passes_have_carries_nothing_and_is_not_tried(tiny_gpt: GPT) -> None:
    here, there = trace(tiny_gpt, [1, 2, 3, 4]), trace(tiny_gpt, [1, 2, 8, 9])
    pieces = [*carrying(here, there, parts(tiny_gpt.config, heads=False))]
    assert None in pieces, "it can be left within a batch"
    first, *_, last = (piece for piece in pieces if piece is not None)
    assert not first.shares[:, :2].any() and (first.says[:, :2] == first.answers[0]).all()
    assert np.isnan(first.shares[:, 2:]).all() and (first.says[:, 2:] == -1).all()
    assert np.isfinite(last.shares).all() and (last.says >= 0).all()


def test_parts_that_a_model_lacks_are_not_asked() -> None:
    assert {part.site for part in parts(reduced("attention").config, heads=False)} == {"resid_pre", "mlp_out"}
    assert not parts(reduced("attention").config, heads=True)
    here, there = (trace(reduced("attention"), text) for text in ([1, 2, 3], [1, 2, 4]))
    assert here.logits[-1].argmax() != there.logits[-1].argmax()
    assert carried(here, there, ()).shares.shape == (0, 3)
    assert {part.site for part in parts(reduced("mlp").config, heads=False)} == {"resid_pre", "attn_out"}
    assert [part.name for part in parts(GPTConfig(11, 16, 1, 2, 8), heads=True)] == ["L0H0", "L0H1"]
    assert tuple(part.site for part in parts(GPTConfig(11, 16, 1, 2, 8), heads=False)) == STREAMS


def test_two_texts_that_cannot_be_compared_are_refused(world: GPT) -> None:
    here, longer, same = passed(world, "michael jordan plays", "on sunday serena jordan played", "michael jordan plays")
    with pytest.raises(UserError, match="the text has 3 tokens and the other 5 - give two texts of one length"):
        carried(here, longer, parts(world.config, heads=False))
    with pytest.raises(UserError, match="both texts are followed by 'basketball' - give another"):
        carried(here, same, parts(world.config, heads=False))
