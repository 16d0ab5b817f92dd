"""The probes: asked fairly, answered fully by the truth and by no guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pytest

from models.baselines import Bigram
from models.corpora import little_world
from models.corpora.little_world.parts.story import SURNAMES
from models.corpora.little_world.words import RELATIONS
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses import probes, sweep
from models.lenses.probes import CaseProbe
from models.lenses.probes.analogies import SETS, Analogies
from models.lenses.probes.facts import Countries
from models.lenses.probes.induction import Induction
from models.lenses.probes.long_range import MadeUpNames
from models.lenses.probes.order import Order
from models.lenses.probes.probe import SEED
from models.lenses.probes.senses import SenseVectors
from models.lenses.truth import Truth
from models.measures import ranked, softmax
from models.ops import Array
from models.parts import Part
from models.switches import ALL as SWITCHES
from models.switches import MaskOff, Padding
from models.tokenizers import Tokenizer
from tests.conftest import random_gpt
from tests.models.lenses.small_models import inducer

CASE_PROBES = [probe for probe in probes.ALL if issubclass(probe, CaseProbe)]


@pytest.mark.parametrize("kind", CASE_PROBES, ids=lambda kind: kind.slug)
def test_every_case_is_new_to_training_and_has_its_right_words(kind: type[CaseProbe]) -> None:
    cases = kind().cases(40)
    assert len(cases) == 40
    for case in cases:
        assert frozenset(little_world.world().truth(case.words).p) == case.right < case.choices
        with pytest.raises(UserError, match="cannot stand here"):
            little_world.world("training").truth(case.words)


@pytest.mark.parametrize("kind", CASE_PROBES, ids=lambda kind: kind.slug)
def test_the_truth_answers_every_case_and_a_model_that_learned_nothing_does_not(
    kind: type[CaseProbe], words: Tokenizer, guesser: GPT
) -> None:
    found = kind().measure(Truth(words, little_world.world()))
    assert found.score == 1
    assert 0 < found.chance <= 0.5
    assert set(found.parts.values()) <= {1.0}
    assert kind().measure(guesser).score < 0.2


def test_each_case_is_of_a_text_of_its_own() -> None:
    """So many draws, so many texts: words of one text would make the error of a share look smaller than it is."""
    probe = Countries()
    texts = probe.texts(SEED)
    for case in probe.cases(60):
        said = case.words[1:]
        text = next(text for text in texts if tuple(text[: len(said)]) == said)
        assert text[len(said)] in case.right


def test_induction_cannot_be_had_for_less(words: Tokenizer) -> None:
    """The words are said once, in an order never seen, and after the last word comes what followed it before."""
    probe = Induction()
    for case in probe.cases():
        said = case.words[1:]
        again = next(at for at, word in enumerate(said) if word in said[:at])
        assert again in (4, 6) and again < len(said) < 2 * again and said[again:] == said[: len(said) - again]
        assert all(b in RELATIONS["unpaired"][a] for a, b in pairwise(said[:again]))  # never side by side in training
        assert case.right == {said[len(said) - again]} and case.choices == set(said) and case.newest == said[-1]
    found = probe.measure(inducer(words))
    assert found.score > 0.99 and found.newest == 0 and 0.16 < found.chance < 0.25
    assert set(found.sizes) == {"4 words", "6 words"} and sum(found.sizes.values()) == found.cases == 200


def test_the_newest_surname_is_always_right_so_its_probe_shows_no_induction(words: Tokenizer) -> None:
    found = MadeUpNames().measure(_Newest(words))
    assert found.score == found.newest == 1 and Induction().measure(_Newest(words)).score == 0


class _Newest:
    """Says whichever surname was said last, else what was said last."""

    name = "newest"

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer, self.vocab_size = tokenizer, tokenizer.vocab_size

    def logits(self, tokens: Sequence[int]) -> Array:
        surnames = [token for token in tokens if self.tokenizer.token(token) in SURNAMES]
        rows = np.zeros((len(tokens), self.vocab_size))
        rows[:, (surnames or tokens)[-1]] = 1
        return rows


def test_kinds_have_their_numbers_of_cases(words: Tokenizer) -> None:
    found = Countries().measure(Truth(words, little_world.world()))
    cases = Countries().cases()
    assert found.sizes == {kind: sum(case.kind == kind for case in cases) for kind in ("capital", "dish", "language")}


def test_a_model_that_counts_pairs_is_measured_the_same_way(words: Tokenizer) -> None:
    said = [words.ids[word] for text in _texts(300) for word in ("\n", *text)]
    bigram = Bigram.count(np.array(said), words.vocab_size, tokenizer=words)
    scores = {kind.slug: kind().measure(bigram).score for kind in CASE_PROBES}
    assert all(score < 0.7 for score in scores.values()), scores
    assert any(score > 0 for score in scores.values())


def _texts(count: int) -> Iterable[list[str]]:
    return [text.words for _, text in zip(range(count), little_world.world("training").texts(1), strict=False)]


def test_slugs_and_titles_are_each_once_and_short_enough_for_a_table() -> None:
    for name in ("slug", "title", "asks"):
        assert len({getattr(kind, name) for kind in probes.ALL}) == len(probes.ALL)
    assert all(len(kind.title) <= 30 and len(kind.asks) <= 130 for kind in probes.ALL)


def arranged(words: Tokenizer) -> GPT:
    """A GPT whose embedding is made of parallel pairs: what each kind of word has in common, and what a pair has."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(0, 0.01, (words.vocab_size, 512))
    own: dict[str, Array] = {}  # by the first word of a pair
    commons: dict[str, Array] = {}  # what its kind has in common, by the first word
    for name in ("king queen", "capital", "language", "food", "plural", "verb"):
        kind, other = 2 * rng.normal(0, 1, (2, 512))
        for first, second in SETS[name]:
            vectors[words.ids[first]] = commons.setdefault(first, kind) + own.setdefault(first, rng.normal(0, 1, 512))
            vectors[words.ids[second]] = other + own[first]
    config = GPTConfig(words.vocab_size, block_size=8, n_layer=1, n_head=1, n_embd=512)
    model = random_gpt(config, tokenizer=words)
    return GPT(config, {**model.weights, "wte.weight": vectors}, words, "arranged")


def test_analogies_are_found_where_the_embedding_has_them(words: Tokenizer, guesser: GPT) -> None:
    there = Analogies().measure(arranged(words))
    assert set(there.parts.values()) == {1.0}
    assert there.score == 1
    assert there.chance < 0.1
    assert Analogies().measure(guesser).score < 0.1


def test_senses_are_apart_after_the_layers_only_if_context_went_in(guesser: GPT) -> None:
    found = SenseVectors().measure(guesser)
    assert list(found.parts) == ["before any layer", "after layer 0", "after layer 1"]
    assert found.chance == found.parts["before any layer"] < 0.75
    assert found.score == found.parts["after layer 1"]
    cut = SenseVectors().measure(guesser, [switch for switch in sweep.contrasts(guesser.config)["without attention"]])
    assert cut.score < 0.75


@pytest.mark.parametrize("without", [("mask",), ("attention",), ("mlp",), ("norm", "residual")], ids=str)
def test_every_probe_measures_a_model_built_without_parts(without: tuple[Part, ...], words: Tokenizer) -> None:
    model = random_gpt(GPTConfig(words.vocab_size, 96, 1, 1, 8, without=without), tokenizer=words)
    switches = [switch for kind in SWITCHES if kind is not Padding for switch in kind.everywhere(model.config)]
    for kind in (probes.ALL[0], SenseVectors, Analogies):
        plain, found = kind().measure(model), kind().measure(model, switches)
        assert 0 <= plain.score <= 1 and 0 <= found.score <= 1


def test_examples_show_wrong_answers_first_and_right_ones_too(words: Tokenizer, guesser: GPT) -> None:
    probe = Order()
    wrong = probe.answers(guesser, 4)
    assert len(wrong) == 4 and not any(answer.right for answer in wrong)
    for answer in wrong:
        p = softmax(guesser.logits([words.ids[word] for word in answer.case.words])[-1])
        assert [word for word, _ in answer.said] == [words.vocab[token] for token in ranked(p, 3)]
        assert [share for _, share in answer.said] == pytest.approx([p[token] for token in ranked(p, 3)])
    right = probe.answers(Truth(words, little_world.world()), 3, words=1)
    assert len(right) == 3 and all(answer.right and answer.said[0][1] == 1 for answer in right)
    mixed = probe.answers(_Ran(words), 5)
    assert [answer.right for answer in mixed] == [False, False, True, True, True]


class _Ran:
    """Whoever it was, he ran."""

    name = "ran"

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer, self.vocab_size = tokenizer, tokenizer.vocab_size

    def logits(self, tokens: Sequence[int]) -> Array:
        rows = np.zeros((len(tokens), self.vocab_size))
        rows[:, self.tokenizer.ids["ran"]] = 1
        return rows


def test_a_model_that_does_not_know_the_words_is_refused(tiny_gpt: GPT) -> None:
    for kind in probes.ALL:
        with pytest.raises(UserError, match=r"does not know \d+ words of the little world, 'grandfather' for one - "):
            kind().measure(tiny_gpt)


def test_what_looks_inside_refuses_a_model_without_an_inside(words: Tokenizer) -> None:
    for kind in probes.ALL:
        if kind.gpt_only:
            with pytest.raises(UserError, match="truth has no"):
                kind().measure(Truth(words, little_world.world()))
    with pytest.raises(UserError, match="truth has nothing to switch off - give a GPT"):
        probes.ALL[0]().measure(Truth(words, little_world.world()), [MaskOff()])
