"""What an edge is worth: as the switch has it, as transformers with an attention of the test's, and known ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from models import folder, load
from models.gpt import GPT, GPTConfig
from models.lenses.inside.edge_lists import SHOWN, Lists, estimate, lists, ranked_edges
from models.lenses.inside.edges import (
    HEAVY,
    NIL,
    Edge,
    effects,
    growing,
    portions,
    rank_correlation,
    row_edges,
    rows_of_heads,
)
from models.lenses.inside.gradients import gradients
from models.measures import effect
from models.ops import Array
from models.passes import TOGETHER
from models.switches import EdgeOff, EdgeZero, HeadMean, HeadOff, HeadUniform, MaskOff, MLPOff, Padding, Switch, check
from models.tracing import Trace, trace
from tests.conftest import random_gpt

hf: Any = transformers
CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=3, n_head=2, n_embd=8)
TEXT = (1, 2, 3, 4, 5, 6, 7, 8)
JAPAN = "france : paris ; italy : rome ; spain : madrid ; japan :"
BASES: tuple[tuple[Switch, ...], ...] = (
    (),
    (HeadOff(0, 1), MLPOff(1)),
    (HeadUniform(0, 0), Padding((2,))),
    (EdgeOff(0, 1, 5, 2), EdgeZero(1, 0, 5, 3)),
    (MaskOff(), HeadMean(1, 1)),
)


@cache
def japan() -> Trace:
    return trace(load("little-world"), JAPAN)


@cache
def everything() -> tuple[tuple[Edge, ...], Array, Array]:
    """Every edge of that text, its weight and its effect."""
    of = japan()
    edges = tuple(Edge(block.layer, *map(int, at)) for block in of.blocks for at in np.argwhere(block.pattern > 0))
    weights = np.array([of.blocks[layer].pattern[head, row, column] for layer, head, row, column in edges])
    return edges, weights, effects(of, edges)


def whole(model: GPT, base: tuple[Switch, ...], switch: Switch) -> float:
    """By a pass from the text on."""
    intact, changed = trace(model, TEXT, base), trace(model, TEXT, (*base, switch))
    return effect(intact.logits[-1], changed.logits[-1]).kl


@pytest.mark.parametrize("base", BASES, ids=lambda base: "+".join(map(str, base)) or "intact")
@pytest.mark.parametrize("plain", [False, True])
def test_an_edge_costs_what_the_switch_costs_in_a_whole_pass(base: tuple[Switch, ...], plain: bool) -> None:
    model = random_gpt(CONFIG)
    of = trace(model, TEXT, base)
    edges = [Edge(*place) for place in product(range(3), range(2), (0, 1, 5, 7), (0, 2, 5, 7)) if place[3] <= place[2]]
    expected = [whole(model, base, edge.cut(plain=plain)) for edge in edges]
    np.testing.assert_allclose(effects(of, edges, plain=plain), expected, rtol=1e-9, atol=1e-12)
    assert max(expected) > 1e-4


def test_of_a_row_what_follows_that_row_is_asked() -> None:
    model = random_gpt(CONFIG)
    found = row_edges(trace(model, TEXT), 1, 0, 4)
    shorter = trace(model, TEXT[:5])
    assert (found.layer, found.head, found.row) == (1, 0, 4) and found.weights.shape == found.effects.shape == (5,)
    np.testing.assert_allclose(found.weights, shorter.blocks[1].pattern[0, 4])
    np.testing.assert_allclose(found.effects, effects(shorter, [Edge(1, 0, 4, column) for column in range(5)]))
    both = rows_of_heads(trace(model, TEXT), 4, [(2, 1), (1, 0)])
    np.testing.assert_allclose(both[1].effects, found.effects, rtol=1e-9, atol=1e-13)
    assert both[0].layer == 2 and both[0].effects.any()


def test_a_head_comes_piece_by_piece_the_heavy_edges_first() -> None:
    of = trace(random_gpt(replace(CONFIG, block_size=96)), TEXT * 6)
    pieces = [*growing(of, 0, 1)]
    assert len(pieces) > 2 and [each.progress for each in pieces] == sorted(each.progress for each in pieces)
    last = pieces[-1]
    rows, columns = np.nonzero(last.weights > 0)
    every = effects(of, [Edge(0, 1, int(row), int(column)) for row, column in zip(rows, columns, strict=True)])
    np.testing.assert_allclose(last.effects[rows, columns], every, rtol=1e-9, atol=1e-12)
    first, newest = ~np.isnan(pieces[0].effects) & (last.weights > 0), len(of) - 1
    assert first[newest].any() and last.weights[first].min() >= 0.02 and 0 < pieces[0].progress < 1 == last.progress
    assert last.row is None and not last.effects[last.weights == 0].any()


def test_portions_are_whole_and_hold_no_more_than_a_batch() -> None:
    of = trace(random_gpt(replace(CONFIG, block_size=96)), TEXT * 6)
    edges = [Edge(0, 0, row, 0) for row in range(48) for _ in range(5)]
    found = [*portions(of, edges)]
    assert [edge for some in found for edge in some] == edges
    assert [*portions(of, [])] == []
    assert all(sum(48 - edge.row for edge in some) <= TOGETHER for some in found) and len(found) > 4


def cut_in_transformers(edge: Edge | None, tokens: tuple[int, ...]) -> Array:
    """The scores after the text, by Hugging Face's model with an attention of our test's: log-probabilities (V,)."""

    def attention(module: Any, q: Any, k: Any, v: Any, mask: Any, **rest: Any) -> tuple[Any, Any]:
        seen = torch.ones(q.shape[-2], q.shape[-2]).tril().bool()
        weights = torch.softmax((q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~seen, -torch.inf), -1)
        if edge is not None and module.layer_idx == edge.layer:
            keep = torch.ones_like(weights)
            keep[0, edge.head, edge.row, edge.column] = 0
            weights = weights * keep / (weights * keep).sum(-1, keepdim=True)
        return (weights @ v).transpose(1, 2), weights

    hf.AttentionInterface.register("of_the_test", attention)
    model = their_model()
    model.set_attn_implementation("of_the_test")
    with torch.no_grad():
        return torch.log_softmax(model(torch.tensor([tokens])).logits[0, -1], -1).numpy()


@cache
def their_model() -> Any:
    return hf.GPT2LMHeadModel.from_pretrained(folder("little-world"), dtype=torch.float64).eval()


def test_edges_are_those_of_transformers() -> None:
    of = japan()
    edges = [Edge(0, 3, 13, 12), Edge(0, 0, 13, 10), Edge(1, 2, 13, 13), Edge(0, 3, 5, 4), Edge(0, 0, 6, 5)]
    intact = cut_in_transformers(None, of.tokens)
    for edge, found in zip(edges, effects(of, edges), strict=True):
        theirs = np.exp(intact) @ (intact - cut_in_transformers(edge, of.tokens)) / np.log(2)
        assert found == pytest.approx(theirs, rel=1e-3, abs=1e-6), edge


def test_one_edge_carries_the_capital_and_most_heavy_ones_do_nothing() -> None:
    """The warning: attention is not explanation."""
    edges, weights, found = everything()
    worst = edges[int(found.argmax())]
    assert worst == Edge(0, 3, 13, 12) and found.max() == pytest.approx(14.02, abs=0.05)
    heavy = weights > HEAVY
    assert heavy.sum() > 60 and 0.96 < (found[heavy] < NIL).mean() < 0.99
    assert found.max() > 0.9 * found.sum(), "it holds nearly all of the effect"
    assert 0 < rank_correlation(weights[weights > 0.02], found[weights > 0.02]) < 0.35
    with_line_end = trace(load("little-world"), "\n" + JAPAN)
    assert effects(with_line_end, [Edge(0, 3, 14, 13)])[0] == pytest.approx(11.70, abs=0.05)


def listed(of: Trace, *, plain: bool = False) -> list[Lists]:
    return [each for each in lists(of, plain=plain) if each is not None]


def test_the_lists_of_the_warning() -> None:
    edges, weights, found = everything()
    first, last = (lambda all_: (all_[0], all_[-1]))(listed(japan()))
    assert first.cut == last.cut and last.cut[0].edge == Edge(0, 3, 13, 12)
    assert last.cut[0].effect == pytest.approx(14.02, abs=0.05) and all(each.effect >= NIL for each in last.cut)
    choice = (weights > HEAVY) & np.array([edge.row > 0 for edge in edges])
    assert (last.heavy, last.looked, last.to_look) == (choice.sum(),) * 3 and first.looked == 0
    assert last.without == (found[choice] < NIL).sum() and last.share == pytest.approx(0.967, abs=0.01)
    assert 5 < len(last.nil) <= SHOWN and all(each.weight > HEAVY and 0 < each.effect < NIL for each in last.nil)
    assert last.nil[0].weight == max(each.weight for each in last.nil) and np.isfinite(last.correlation)


@pytest.mark.parametrize("plain", [False, True])
def test_the_gradient_ranks_as_cutting_does(plain: bool) -> None:
    of, (edges, weights, _) = japan(), everything()
    found = effects(of, edges, plain=plain)
    estimates = estimate(np.stack([block.pattern for block in of.blocks]), gradients(of)["pattern"], plain=plain)
    guessed = np.array([estimates[edge] for edge in edges])
    clear = weights > 0.02
    assert rank_correlation(guessed[clear], found[clear]) > 0.93
    *nothing, ranked = ranked_edges(of, SHOWN, plain=plain)
    assert nothing == [None] * 3 and ranked is not None
    assert set(ranked[:5]) == {edges[number] for number in np.argsort(-guessed)[:5]}
    assert edges[int(found.argmax())] in ranked


def test_of_a_model_without_attention_nothing_is_listed() -> None:
    of = trace(random_gpt(replace(CONFIG, without=("attention",))), TEXT)
    (only,) = listed(of)
    assert only.cut == only.nil == () and only.heavy == 0 and np.isnan(only.share)
    assert not row_edges(of, 0, 0, 3).effects.any()


def test_rank_correlation_is_spearmans() -> None:
    assert rank_correlation(np.array([1, 2, 3, 4]), np.array([10, 20, 25, 90])) == pytest.approx(1)
    assert rank_correlation(np.array([1, 2, 3]), np.array([3, 2, 1])) == pytest.approx(-1)
    tied = rank_correlation(np.array([1.0, 2, 2, 3]), np.array([1.0, 3, 2, 4]))
    assert tied == pytest.approx(0.9486832980505138)  # of ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4
    assert np.isnan(rank_correlation(np.array([1.0, 1]), np.array([1.0, 2]))) and np.isnan(
        rank_correlation(np.zeros(0), np.zeros(0))
    )


def test_switches_and_edges_name_each_other() -> None:
    assert Edge(0, 3, 23, 21).cut() == EdgeOff(0, 3, 23, 21) and Edge(1, 0, 2, 1).cut(plain=True) == EdgeZero(
        1, 0, 2, 1
    )
    assert check([Edge(0, 1, 2, 1).cut()], CONFIG) == (EdgeOff(0, 1, 2, 1),)
