"""The logit lens reads every depth as the last is read."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models import measures
from models.gpt import GPT, GPTConfig
from models.lenses.batches import LARGEST, last_streams, next_logits
from models.lenses.logit_lens import logit_lens, read_out, shares_right, streams
from models.lenses.probes.facts import Facts
from models.switches import HeadOff, MLPOff, NormOff, Switch
from models.tokenizers import Tokenizer
from models.tracing import trace
from tests.conftest import random_gpt
from tests.models.lenses.small_models import reduced

SWITCHES: tuple[tuple[Switch, ...], ...] = ((), (HeadOff(1, 0),), (MLPOff(0), NormOff()))
TOKENS = [1, 5, 9, 0, 5, 2, 7]


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
