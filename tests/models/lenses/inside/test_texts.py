"""Pages before a question: what is closed is closed as elsewhere, and the known figures of the little world."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from models import load
from models.corpora.little_world.words import LANDS
from models.gpt import GPT, GPTConfig
from models.lenses.inside.texts import Losses, Lost, Parts, by_page, losses, opened, parted, ranking, weights
from models.measures import softmax
from models.ops import Array
from models.parts import Part
from models.switches import (
    Apart,
    HeadApart,
    HeadMean,
    HeadOff,
    HeadUniform,
    MaskOff,
    Padding,
    ResidualOff,
    ScaleOff,
    Switch,
)
from models.tracing import extend, trace
from tests.conftest import random_gpt

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
TOKENS = (1, 2, 3, 4, 5, 6, 7, 8, 9)
PARTS = Parts((range(1, 3), range(4, 6)), range(7, 9))  # line ends at 3 and 6


@cache
def little_world() -> GPT:
    return load("little-world")


def encoded(text: str) -> list[int]:
    tokenizer = little_world().tokenizer
    assert tokenizer is not None
    return tokenizer.encode(text)


@cache
def lost(text: str) -> Losses:
    of = trace(little_world(), encoded(text))
    *_, last = losses(of, parts_of(text))
    return last


def parts_of(text: str) -> Parts:
    tokenizer = little_world().tokenizer
    assert tokenizer is not None
    parts = parted([tokenizer.token(token) for token in tokenizer.encode(text)])
    assert parts is not None
    return parts


def word(token: int) -> str:
    tokenizer = little_world().tokenizer
    assert tokenizer is not None
    return tokenizer.token(token)


@pytest.mark.parametrize(
    ("words", "pages", "question"),
    [
        (["a", "\n", "b", "c"], [range(1)], range(2, 4)),
        (["\n", "a", "b", "\n", "\n", "c", "\n", "d", "\n"], [range(1, 3), range(5, 6)], range(7, 8)),
        (["a.\n", "b"], [range(1)], range(1, 2)),
    ],
)
def test_every_line_but_the_last_is_a_page(words: list[str], pages: list[range], question: range) -> None:
    assert parted(words) == Parts(tuple(pages), question)


@pytest.mark.parametrize("words", [[], ["a", "b"], ["\n", "a", "\n"], ["\n"]])
def test_a_line_alone_has_no_page(words: list[str]) -> None:
    assert parted(words) is None


def test_a_page_is_closed_with_its_line_end_and_nothing_before_it() -> None:
    assert PARTS.closed() == Apart(7, 1, 6)
    assert PARTS.closed(0) == Apart(7, 1, 3) and PARTS.closed(1) == Apart(7, 4, 6)
    assert PARTS.closed_in(1, 0, 1) == HeadApart(7, 4, 6, 1, 0)


def test_the_rectangle_is_the_patterns_and_its_pages_are_its_sums() -> None:
    of = trace(random_gpt(CONFIG), TOKENS)
    rectangle = weights(of, PARTS, 1, 0)
    pattern = of.blocks[1].pattern[0]
    np.testing.assert_array_equal(rectangle, pattern[7:9, 1:7])
    by_hand = [[pattern[row, 1:4].sum(), pattern[row, 4:7].sum()] for row in (7, 8)]
    np.testing.assert_allclose(by_page(rectangle, PARTS), by_hand, atol=1e-12)


def theirs(model: GPT, closed: dict[tuple[int, int], Apart]) -> Array:
    """Scores after the last token by Hugging Face's GPT-2, attention masks of our making in each layer and head."""
    hf: Any = transformers
    config = model.config
    sizes = {"vocab_size": config.vocab_size, "n_positions": config.block_size, "n_embd": config.n_embd}
    made = hf.GPT2Config(**sizes, n_layer=config.n_layer, n_head=config.n_head, attn_implementation="eager")
    gpt = hf.GPT2LMHeadModel(made).double().eval()
    named = {f"transformer.{name}": torch.tensor(weight) for name, weight in model.weights.items()}
    gpt.load_state_dict(named | {"lm_head.weight": named["transformer.wte.weight"]})
    length = len(TOKENS)
    for layer, block in enumerate(gpt.transformer.h):
        mask = np.where(np.tri(length, dtype=bool), 0.0, -1e300) * np.ones((config.n_head, 1, 1))
        for (at, head), switch in closed.items():
            if at == layer:
                mask[head, switch.start :, switch.first_hidden : switch.last_hidden + 1] = -1e300
        block.attn.register_forward_pre_hook(partial(_masked, torch.tensor(mask)[None]), with_kwargs=True)
    with torch.no_grad():
        return gpt(torch.tensor(TOKENS)[None]).logits[0, -1].numpy()


def _masked(mask: Any, _module: Any, args: Any, named: dict[str, Any]) -> Any:
    return args, named | {"attention_mask": mask}


def test_what_closing_costs_is_what_transformers_loses_under_such_a_mask() -> None:
    model = random_gpt(CONFIG)
    *_, found = losses(trace(model, TOKENS), PARTS)
    before = softmax(theirs(model, {}))
    assert found.answer == before.argmax() and found.p == pytest.approx(before.max(), abs=1e-12)
    heads = [(layer, head) for layer in range(2) for head in range(2)]
    cases: list[tuple[Lost, Any, dict[tuple[int, int], Apart]]] = [
        (found.whole, (), dict.fromkeys(heads, PARTS.closed()))
    ]
    cases += [(found.pages, page, dict.fromkeys(heads, PARTS.closed(page))) for page in range(2)]
    cases += [(found.heads, place, {place: PARTS.closed()}) for place in heads]
    for kind, at, closed in cases:
        after = softmax(theirs(model, closed))
        bits = float((before * np.log2(before / after)).sum())
        assert bits > 1e-5 and kind.bits[at] == pytest.approx(bits, rel=1e-9)
        assert kind.p[at] == pytest.approx(after[found.answer], rel=1e-9) and kind.top[at] == after.argmax()


def test_what_is_lost_is_measured_with_the_texts_open_again() -> None:
    model = random_gpt(CONFIG)
    *_, plain = losses(trace(model, TOKENS, [HeadOff(0, 1)]), PARTS)
    closed = trace(model, TOKENS, [HeadOff(0, 1), PARTS.closed(), PARTS.closed_in(1, 0)])
    *_, same = losses(closed, PARTS)
    np.testing.assert_allclose(same.heads.bits, plain.heads.bits, atol=1e-12)
    assert opened(closed).switches == (HeadOff(0, 1),)


@pytest.mark.parametrize(
    "base", [(HeadUniform(0, 1), ScaleOff()), (MaskOff(), HeadMean(1, 1)), (Padding((0, 2)), ResidualOff())], ids=str
)
@pytest.mark.parametrize("without", [(), ("mask",), ("attention",), ("mlp", "norm")], ids=str)
def test_closing_costs_what_the_switch_does_under_any_other(
    base: tuple[Switch, ...], without: tuple[Part, ...]
) -> None:
    model = random_gpt(replace(CONFIG, without=without))
    *_, found = losses(trace(model, TOKENS, base), PARTS)
    before = softmax(trace(model, TOKENS, base).logits[-1])
    for kind, at, page in ((found.whole, (), None), (found.pages, 0, 0), (found.pages, 1, 1)):
        after = softmax(trace(model, TOKENS, (*base, PARTS.closed(page))).logits[-1])
        assert kind.p[at] == pytest.approx(after[before.argmax()], rel=1e-9)
        assert kind.bits[at] == pytest.approx((before * np.log2(before / after)).sum(), rel=1e-7, abs=1e-12)


def test_it_comes_piece_by_piece_and_nothing_known_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.passes.TOGETHER", 4)  # rows of a batch, where a closing changes two
    pieces = list(losses(trace(random_gpt(CONFIG), TOKENS), PARTS))
    known = [np.isfinite(each.pages.bits).sum() + np.isfinite(each.heads.bits).sum() for each in pieces]
    assert len(pieces) == 4 and np.isfinite(pieces[0].whole.bits)
    assert known == sorted(known) and known[0] < known[-1] == 2 + 4


@pytest.mark.parametrize("switch", [Apart(4, 1, 2), HeadApart(4, 1, 2, 1, 0)], ids=str)
def test_the_rectangle_is_closed_for_all_that_comes_later(switch: Apart) -> None:
    model = random_gpt(CONFIG)
    grown = trace(model, TOKENS[:3], [switch])
    for token in TOKENS[3:]:
        grown = extend(model, grown, token)
    whole = trace(model, TOKENS, [switch])
    np.testing.assert_allclose(grown.logits, whole.logits, atol=1e-12)
    intact = trace(model, TOKENS)
    shut = [(layer, head) for layer in range(2) for head in range(2) if switch.acts_in(layer, head)]
    for layer, head in [(layer, head) for layer in range(2) for head in range(2)]:
        pattern = whole.blocks[layer].pattern[head]
        assert (pattern[4:, 1:3] == 0).all() == ((layer, head) in shut)
        np.testing.assert_allclose(pattern.sum(-1), 1, atol=1e-12)
        np.testing.assert_allclose(pattern[:4], intact.blocks[layer].pattern[head, :4], atol=1e-12)


def test_the_capital_is_read_from_the_page_by_one_head() -> None:
    cases = [lost(f"\n{land} is far away .\nthe capital is") for land in LANDS["capital"]]
    assert [word(case.answer) for case in cases] == list(LANDS["capital"].values())
    assert np.mean([case.p for case in cases]) > 0.985
    assert np.mean([case.whole.p for case in cases]) == pytest.approx(0.10, abs=0.02)
    heads = np.mean([case.heads.bits for case in cases], 0)
    assert np.unravel_index(heads.argmax(), heads.shape) == (0, 3)
    assert heads.max() > 3 and np.sort(heads.ravel())[-2] < 0.05


def test_of_two_pages_the_one_that_is_needed_costs_most() -> None:
    found = lost("\ngreece is far away .\nfrance is far away .\nthe capital is")
    assert word(found.answer) == "paris" and found.needed == 1
    assert found.pages.bits[1] > 10 and found.pages.bits[0] < 0.1 and word(int(found.pages.top[1])) == "athens"


def test_wte_finds_the_page_of_a_capital_and_deeper_streams_do_worse() -> None:
    pages = [encoded(f"\n{land} is far away .") for land in LANDS["capital"]]
    asked = [encoded(f"\nthe capital is {capital} .") for capital in LANDS["capital"].values()]
    found = [ranking(little_world(), pages, question) for question in asked]
    for way in ("mean", "best"):
        first = np.mean([each.rank(way, page) == 1 for page, each in enumerate(found)], 0)
        assert first[0] == 1 and (first[1:] <= 0.6).all() and first[-1] == pytest.approx(0.1)


def test_similarities_are_cosines_of_each_text_by_itself() -> None:
    model = random_gpt(CONFIG)
    question, pages = (7, 8, 9), ((1, 2), (3, 4, 5, 6))
    found = ranking(model, pages, question)
    for page, tokens in enumerate(pages):
        a, b = trace(model, question), trace(model, tokens)
        for depth in range(3):
            x = a.embed if depth == 0 else a.blocks[depth - 1].resid_post
            y = b.embed if depth == 0 else b.blocks[depth - 1].resid_post
            mean = x.mean(0) @ y.mean(0) / np.linalg.norm(x.mean(0)) / np.linalg.norm(y.mean(0))
            cosines = [[u @ v / np.linalg.norm(u) / np.linalg.norm(v) for v in y] for u in x]
            assert found.mean[depth, page] == pytest.approx(mean, abs=1e-12)
            assert found.best[depth, page] == pytest.approx(np.mean([max(row) for row in cosines]), abs=1e-12)
    e = np.exp(found.mean / 0.05)
    np.testing.assert_allclose(found.shares("mean"), e / e.sum(-1, keepdims=True), atol=1e-12)
