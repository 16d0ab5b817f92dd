"""Where heads look is what each trace says."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from models.gpt import GPT
from models.lenses.inside.patching import transfer
from models.lenses.looking import (
    LOOKS,
    at_examples,
    attention_to,
    by_head,
    chain,
    induction,
    looking_back,
    strongest,
)
from models.lenses.probes.few_shot import FewShot
from models.lenses.probes.induction import Induction
from models.lenses.probes.probe import tokens_of
from models.switches import MLPOff, NormOff
from models.tokenizers import Tokenizer
from models.tracing import trace
from tests.models.lenses.small_models import inducer, reduced


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


def test_induction_looks_at_what_followed_the_word_before(guesser: GPT, words: Tokenizer) -> None:
    cases = Induction().cases(20)
    texts = [[words.ids[word] for word in case.words] for case in cases]
    places = []
    for case in cases:
        first = case.words.index(case.words[-1])
        assert first < len(case.words) - 1 and {case.words[first + 1]} == case.right
        places.append((first + 1,))
    assert np.allclose(induction(guesser, cases), attention_to(guesser, texts, places))
    back = np.mean([[block.pattern[:, place, place - 1] for block in trace(guesser, text).blocks]
                    for text, (place,) in zip(texts, places, strict=True)], 0)  # fmt: skip
    assert np.allclose(looking_back(guesser, cases), back)


def test_the_answers_of_examples_are_what_follows_their_colons(guesser: GPT, words: Tokenizer) -> None:
    cases = FewShot().cases()
    places = [(3, 7, 11) for _ in cases]  # of "⏎ italy : pizza ; germany : bratwurst ; france : cheese ; greece :"
    found = at_examples(guesser)
    assert np.allclose(found, attention_to(guesser, tokens_of(guesser, cases), places))
    head = strongest(found)
    assert found[head.layer, head.head] == found.max()


def test_heads_are_named_by_layer_and_number_the_largest_first() -> None:
    named = list(by_head(np.array([[0.1, 0.4], [0.3, 0.2]])))
    assert named == [("0.1", 0.4), ("1.0", 0.3), ("1.1", 0.2), ("0.0", 0.1)]


def test_a_chain_is_measured_with_each_of_its_links_off(guesser: GPT, words: Tokenizer) -> None:
    """Where two heads made by hand do it, they are found, and without either nothing is left."""
    found = chain(inducer(words))
    assert found.cases == 200 and found.score > 0.99
    assert found.back[0, 0] > 0.99 and found.ahead[1, 0] > 0.99 and found.ahead[0, 0] < 0.01
    assert found.ahead_without[1, 0] < LOOKS and found.score_without_back < 0.1 and found.score_without_ahead < 0.1
    told = found.as_dict()
    assert list(told["back"]) == ["0.0", "1.0"] and told["ahead"]["1.0"] == found.ahead[1, 0]
    nothing = chain(guesser)
    assert nothing.score == nothing.score_without_back == nothing.score_without_ahead  # no head was found, none is off
