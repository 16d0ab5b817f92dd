"""Looking inside: what a lens reads, a patch moves and a head looks at is what the passes themselves say."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from models import measures
from models.baselines import Bigram
from models.corpora import little_world
from models.gpt import GPT, GPTConfig, forward
from models.lenses.batches import LARGEST, last_streams, next_logits
from models.lenses.by_part import losses_by_part
from models.lenses.logit_lens import logit_lens, read_out, shares_right, streams
from models.lenses.looking import attention_to, induction
from models.lenses.patching import facts_transfer, patched, transfer
from models.lenses.probes.facts import Facts
from models.lenses.probes.few_shot import FewShot, by_examples
from models.lenses.probes.made_up_names import MadeUpNames
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.ops import Array
from models.parts import Part
from models.switches import HeadOff, MLPOff, NormOff, Switch
from models.switches.edits import Patch
from models.tokenizers import Tokenizer
from models.tracing import trace
from tests.conftest import random_gpt

SWITCHES: tuple[tuple[Switch, ...], ...] = ((), (HeadOff(1, 0),), (MLPOff(0), NormOff()))


@pytest.fixture(scope="module")
def words() -> Tokenizer:
    return Tokenizer.train_word("\n".join(little_world.world().vocabulary), lowercase=True)


@pytest.fixture(scope="module")
def guesser(words: Tokenizer) -> GPT:
    """A GPT that has learned nothing, with the little world's words."""
    config = GPTConfig(words.vocab_size, block_size=96, n_layer=2, n_head=2, n_embd=8)
    return random_gpt(config, tokenizer=words, name="guesser")


def reduced(*without: Part) -> GPT:
    return random_gpt(GPTConfig(11, 16, 2, 2, 8, without=without))


TOKENS = [1, 5, 9, 0, 5, 2, 7]


# ---- the logit lens


@pytest.mark.parametrize("cells", [1, 1 << 20])
@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_the_lens_reads_every_depth_as_the_last_is_read(
    tiny_gpt: GPT, switches: tuple[Switch, ...], cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.lenses.logit_lens.CELLS", cells)
    passed = trace(tiny_gpt, TOKENS, switches)
    found = logit_lens(tiny_gpt, passed)
    assert found.best.shape == (3, 7)
    last = measures.softmax(passed.logits)
    for depth, stream in enumerate(streams(passed)):
        scores = read_out(tiny_gpt, stream, switches)
        p = measures.softmax(scores)
        assert np.array_equal(found.best[depth], p.argmax(-1))
        assert np.allclose(found.best_p[depth], p.max(-1))
        assert np.allclose(found.p[depth, :-1], p[np.arange(6), TOKENS[1:]]) and math.isnan(found.p[depth, -1])
        ranks = [measures.rank(scores[at], TOKENS[at + 1]) for at in range(6)]
        assert found.rank[depth].tolist() == [*ranks, 0]
        assert np.allclose(found.entropy[depth], measures.entropy(p))
        assert np.allclose(found.kl[depth], measures.kl(last, p))
    assert np.allclose(read_out(tiny_gpt, streams(passed)[-1], switches), passed.logits, rtol=0, atol=1e-12)
    assert np.allclose(found.kl[-1], 0, atol=1e-12) and found.kl[0].min() > 1e-6


def test_a_model_without_norm_or_with_its_own_unembedding_is_read_out_too() -> None:
    loose = random_gpt(GPTConfig(11, 16, 2, 2, 8, tied=False))
    for model in (loose, reduced("norm"), reduced("attention", "mlp"), reduced("residual", "mask")):
        passed = trace(model, TOKENS)
        assert np.allclose(logit_lens(model, passed).kl[-1], 0, atol=1e-12)


def test_the_share_right_at_the_end_is_the_probe_s_score(guesser: GPT, words: Tokenizer) -> None:
    cases = Facts().cases(60)
    own = next_logits(guesser, [[words.ids[word] for word in case.words] for case in cases]).argmax(-1)
    told = [
        type(case)(case.words, frozenset({words.vocab[token]}), case.choices)
        for case, token in zip(cases, own, strict=True)
    ]
    found = shares_right(guesser, told)
    assert found.shape == (3,) and found[-1] == 1 and found[0] < 1
    off = shares_right(guesser, told, [MLPOff(1)])
    assert off[-1] < 1 and np.array_equal(off[:2], found[:2])


def test_last_streams_are_those_of_each_trace(guesser: GPT) -> None:
    texts = [[1, 2, 3], [4], [7, 8, 9], *([at, 1] for at in range(LARGEST + 3)), list(range(120))]
    found = last_streams(guesser, texts, [HeadOff(0, 1)])
    for row, text in zip(found, texts, strict=True):
        assert np.allclose(row, streams(trace(guesser, text, [HeadOff(0, 1)]))[:, -1], rtol=0, atol=1e-12)


# ---- few-shot by the number of examples


def test_examples_are_left_out_from_the_front(words: Tokenizer) -> None:
    shares = by_examples(Truth(words, little_world.world()))
    assert len(shares) == 4
    assert shares[0] < 0.8 and shares[3] == 1  # without an example the question can only be guessed
    assert shares == tuple(sorted(shares))


class _Asked:
    """Keeps the texts it is asked about."""

    name = "asked"

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.vocab_size = tokenizer.vocab_size
        self.texts: list[str] = []

    def logits(self, tokens: Sequence[int]) -> Array:
        self.texts.append(self.tokenizer.decode(tokens).strip())
        return np.zeros((len(tokens), self.vocab_size))


def test_the_same_words_are_asked_with_0_to_3_examples(words: Tokenizer) -> None:
    asked = _Asked(words)
    by_examples(asked)
    count = len(asked.texts) // 4
    full = [text.words for text in FewShot().cases(count)]
    for number, whole in enumerate(full):
        said = words.decode([words.ids[word] for word in whole]).strip()
        for examples in range(4):
            text = asked.texts[examples * count + number]
            assert said.endswith(text) and text.count(":") == examples + 1


# ---- patching


def test_a_patch_of_everything_makes_it_the_other_text(tiny_gpt: GPT) -> None:
    one, other = [1, 2, 3, 4], [5, 6, 7, 8]
    there = trace(tiny_gpt, other)
    patches = [Patch("resid_pre", 0, at, there.blocks[0].resid_pre[at]) for at in range(4)]
    assert np.allclose(patched(tiny_gpt, np.array(one), patches), there.logits[-1], rtol=0, atol=1e-12)
    last = [Patch("resid_post", 1, -1, there.blocks[1].resid_post[-1])]
    assert np.allclose(patched(tiny_gpt, np.array([one, one]), last), there.logits[-1], rtol=0, atol=1e-12)
    assert np.allclose(patched(tiny_gpt, np.array(one), ()), trace(tiny_gpt, one).logits[-1], rtol=0, atol=1e-12)


def test_a_patch_changes_one_head_s_value_at_one_position(tiny_gpt: GPT) -> None:
    here, there = trace(tiny_gpt, [1, 2, 3]), trace(tiny_gpt, [4, 5, 6])
    value = here.blocks[1].z[:, 2].copy()
    value[0] = there.blocks[1].z[0, 2]
    found = patched(tiny_gpt, np.array([1, 2, 3]), [Patch("z", 1, 2, value)])
    assert not np.allclose(found, here.logits[-1])
    same = patched(tiny_gpt, np.array([1, 2, 3]), [Patch("z", 1, 2, here.blocks[1].z[:, 2])])
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
                    right.append(patched(tiny_gpt, text, [patch], [HeadOff(0, 1)]).argmax() == token)
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


# ---- where heads look


def test_a_switch_that_sends_values_to_infinity_is_quiet(tiny_gpt: GPT) -> None:
    loud = {name: (weight * 1e13).astype(np.float32) for name, weight in tiny_gpt.weights.items()}
    model, switches = replace(tiny_gpt, weights=loud), (NormOff(),)
    texts, others = np.array([[1, 2, 3]]), np.array([[4, 2, 3]])
    with warnings.catch_warnings(), np.errstate(over="warn", invalid="warn"):
        warnings.simplefilter("error")
        attention_to(model, texts.tolist(), [(0,)], switches)
        transfer(model, texts, others, np.array([1]), switches=switches)


def test_attention_is_that_of_each_trace(tiny_gpt: GPT) -> None:
    texts = [[1, 2, 3, 4], [5, 6], [3, 3, 3, 3], list(range(10)) * 2]
    places = [(0, 2), (1,), (), (1, 5, 19)]
    found = attention_to(tiny_gpt, texts, places, [MLPOff(0)])
    total = np.zeros((2, 2))
    for text, each in zip(texts, places, strict=True):
        passed = trace(tiny_gpt, text, [MLPOff(0)])
        for layer, block in enumerate(passed.blocks):
            kept = [place - passed.dropped for place in each if place >= passed.dropped]
            total[layer] += block.pattern[:, -1, kept].sum(-1)
    assert np.allclose(found, total / 4)
    assert not attention_to(reduced("attention"), texts[:3], places[:3]).any()


def test_induction_looks_at_what_followed_the_name_before(guesser: GPT, words: Tokenizer) -> None:
    cases = MadeUpNames().cases(20)
    texts = [[words.ids[word] for word in case.words] for case in cases]
    places = []
    for case in cases:
        first = case.words.index(case.words[-1])
        assert first < len(case.words) - 1 and {case.words[first + 1]} == case.right
        places.append((first + 1,))
    assert np.allclose(induction(guesser, cases), attention_to(guesser, texts, places))


# ---- loss by part


def test_the_truth_loses_nothing_on_any_part(words: Tokenizer) -> None:
    found = list(losses_by_part(Truth(words, little_world.world("training")), texts=8))
    assert [each.part for each in found] == [part.name for part in little_world.ALL]
    assert all(each.bits == each.floor > 0 for each in found)


def test_a_part_s_loss_is_that_of_its_texts(words: Tokenizer) -> None:
    drawn = [text.words for text in islice(little_world.world("training").texts(1), 40)]
    tokens = np.array([words.ids[word] for said in drawn for word in ("\n", *said)])
    pairs = Bigram.count(tokens, words.vocab_size, tokenizer=words)
    found = next(iter(losses_by_part(pairs, texts=5, seed=2)))
    alone = little_world.World("training", [part for part in little_world.ALL if part.name == "story"])
    texts = [("\n", *text.words, "\n") for text in islice(alone.texts(2), 5)]
    bits = [surprises(pairs, [words.ids[word] for word in text])[1:] for text in texts]
    assert found.words == sum(map(len, bits)) and found.bits == pytest.approx(np.concatenate(bits).mean())
    assert found.floor < found.bits
