"""A word in two sentences: recomputed from plain passes, and what is known of the bank."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from models import load
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.inside.senses import nearest_senses, two_senses, without_each
from models.lenses.logit_lens import logit_lens
from models.lenses.probes.senses import sense_means
from models.ops import Array
from models.parts import Part
from models.switches import HeadOff, MaskOff, MLPOff, ResidualOff, Switch
from models.tokenizers import Tokenizer
from models.tracing import Trace, trace
from tests.conftest import random_gpt

RIVER = "anna was by the river . it was a rainy day . the bank"
OFFICE = "anna was in the office . it was a rainy day . the bank"
LETTERS = "the left bank, the bank left"


@cache
def world() -> GPT:
    return load("little-world")


@cache
def letters(*without: Part) -> GPT:
    tokenizer = Tokenizer.train_char(LETTERS)
    config = GPTConfig(tokenizer.vocab_size, 40, 2, 2, 8, without=without)
    return random_gpt(config, tokenizer=tokenizer, name="letters")


def streams(of: Trace, at: int) -> list[Array]:
    return [of.blocks[0].resid_pre[at], *(block.resid_post[at] for block in of.blocks)]


def cosines(one: list[Array], other: list[Array]) -> list[float]:
    with np.errstate(invalid="ignore"):
        return [float(a @ b / np.sqrt((a @ a) * (b @ b))) for a, b in zip(one, other, strict=True)]


def test_the_bank_is_one_word_until_the_last_layer() -> None:
    found = two_senses(world(), RIVER, OFFICE)
    assert (found.word, found.places) == ("bank", (13, 13))
    assert found.cosine.round(2).tolist() == [1.0, 0.99, 0.99, 0.72]
    passes = [trace(world(), text) for text in (RIVER, OFFICE)]
    one, other = (streams(each, 13) for each in passes)
    np.testing.assert_allclose(found.cosine, cosines(one, other), atol=1e-6)
    np.testing.assert_allclose(found.distance, [np.linalg.norm(a - b) for a, b in zip(one, other, strict=True)])
    lens = [logit_lens(world(), each).best[:, 13] for each in passes]
    assert found.said.tolist() == [each.tolist() for each in lens]
    left = two_senses(world(), "\ntom left early", "\ntom turned left at the", "left")
    assert (left.places, left.cosine.round(2).tolist()) == ((2, 3), [0.89, 0.73, 0.60, 0.32])


def test_shares_of_the_distance_are_of_what_each_part_wrote_and_sum_to_one() -> None:
    found = two_senses(world(), RIVER, OFFICE)
    np.testing.assert_allclose(found.rest[1:], 0, atol=1e-6)
    np.testing.assert_allclose(found.start[1:] + found.shares[:, 1:].sum(0), 1, atol=1e-6)
    shares = dict(zip(map(str, found.parts), found.shares, strict=True))
    one, other = (trace(world(), text) for text in (RIVER, OFFICE))
    z = np.zeros((2, 96))
    for row, each in enumerate((one, other)):
        z[row, 72:] = each.blocks[2].z[3, 13]  # head 3 alone, 24 wide
    wrote = (z[0] - z[1]) @ world().weights["h.2.attn.c_proj.weight"]
    apart = one.blocks[2].resid_post[13] - other.blocks[2].resid_post[13]
    assert shares["head-off:2.3"][3] == pytest.approx(wrote @ apart / (apart @ apart), abs=1e-6)
    assert shares["head-off:2.3"][2] == 0, "it has not written yet"
    assert max(shares, key=lambda name: float(shares[name][3])) == "head-off:2.3"


@pytest.mark.parametrize("switches", [(), (HeadOff(0, 1),), (MaskOff(),), (ResidualOff(),)], ids=str)
def test_a_part_off_is_a_pass_with_it_off(switches: tuple[Switch, ...]) -> None:
    found = two_senses(world(), RIVER, OFFICE, switches=switches)
    off = without_each(found)
    assert off.shape == (15, 4)
    for part in (HeadOff(0, 1), HeadOff(2, 3), MLPOff(0), MLPOff(2)):
        one, other = (streams(trace(world(), text, (*switches, part)), 13) for text in (RIVER, OFFICE))
        np.testing.assert_allclose(off[found.parts.index(part)], cosines(one, other), atol=1e-5, err_msg=str(part))


def test_where_later_words_are_seen_they_count() -> None:
    first, second = (text + " opened today ." for text in (RIVER, OFFICE))
    found = two_senses(world(), first, second, "bank", (MaskOff(),))
    assert len(found.traces[0]) == 17 and found.places == (13, 13)
    one, other = (streams(trace(world(), text, (MaskOff(), HeadOff(1, 2))), 13) for text in (first, second))
    np.testing.assert_allclose(without_each(found)[found.parts.index(HeadOff(1, 2))], cosines(one, other), atol=1e-5)
    assert len(two_senses(world(), first, second, "bank").traces[0]) == 14, "else they do not"


def test_without_the_head_that_moved_them_they_stay_together() -> None:
    found = two_senses(world(), RIVER, OFFICE)
    assert without_each(found)[found.parts.index(HeadOff(2, 3)), 3] > 0.9 > 0.73 > found.cosine[3]


def test_each_vector_ends_nearest_to_its_own_sense() -> None:
    found, means = two_senses(world(), RIVER, OFFICE), sense_means(world(), "bank")
    assert {name: mean.shape for name, mean in means.items()} == {"river bank": (4, 96), "city bank": (4, 96)}
    nearest = nearest_senses(found, means)
    for row, (of, at) in enumerate(zip(found.traces, found.places, strict=True)):
        apart = {name: np.linalg.norm(mean[3] - streams(of, at)[3]) for name, mean in means.items()}
        assert nearest[row][3] == min(apart, key=lambda name: float(apart[name]))
    assert [row[0] for row in nearest] == ["", ""], "it is the same word before the layers"
    assert [row[3] for row in nearest] == ["river bank", "city bank"]
    assert sense_means(world(), "river") == {} == sense_means(letters(), "bank")


def test_a_word_of_several_tokens_is_looked_at_where_it_ends() -> None:
    found = two_senses(letters(), "the left bank", "the bank left", "left")
    assert found.places == (7, 12)
    assert two_senses(letters(), "the left bank", "the bank left").word == "bank"


@pytest.mark.parametrize("without", ["attention", "mlp", "norm", "residual", "mask"])
def test_a_model_built_without_a_part_has_the_others(without: Part) -> None:
    found = two_senses(letters(without), "the left bank", "the bank left")
    kinds = {type(part) for part in found.parts}
    assert kinds == {HeadOff, MLPOff} - (
        {HeadOff} if without == "attention" else {MLPOff} if without == "mlp" else set()
    )
    assert (abs(found.rest).max() < 1e-9) == (without != "residual")
    assert without == "residual" or np.isfinite(without_each(found)).all()


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(UserError, match="no word in common"):
        two_senses(world(), "tom left", "anna was")
    with pytest.raises(UserError, match="does not have the word 'bank'"):
        two_senses(world(), RIVER, "tom left", word="bank")
    with pytest.raises(UserError, match="no longer fits"):
        two_senses(letters(), "bank" + " the" * 15, "the bank", word="bank")
