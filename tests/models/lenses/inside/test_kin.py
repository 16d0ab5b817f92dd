"""Every lens on every family beside GPT-2: what it tells is what the pass had."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models.gpt import GPTConfig
from models.lenses.inside import edges, neurons
from models.lenses.inside.at_stop import Key, Place
from models.lenses.inside.attribution import attribute, reading, sources
from models.lenses.inside.attribution import neurons as neurons_of
from models.lenses.inside.edges import Edge
from models.lenses.inside.one_cell import work
from models.lenses.inside.sweep import sweep
from models.lenses.inside.walk import Stop, route, stop, walk
from models.lenses.logit_lens import logit_lens
from models.measures import effect
from models.switches import ALL, HeadOff, MLPLinear, NormOff, PositionsOff, Switch
from models.tracing import Trace, trace
from tests.conftest import random_gpt
from tests.models.kin import KIN, LLAMA, OTHERS, each_other
from tests.models.lenses.inside.test_walk import arithmetic_of, evaluated

TEXT = (1, 2, 3, 4, 5, 6, 7, 8)
PLACE = Place(row=6, head=3, column=5)
SOME: tuple[tuple[Switch, ...], ...] = ((), (HeadOff(0, 1), NormOff()), (PositionsOff(), MLPLinear(1)))


@each_other
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_walks_arithmetic_gives_what_the_pass_had(dtype: type, config: GPTConfig) -> None:
    of = trace(random_gpt(config, dtype=dtype), TEXT)
    for place in (PLACE, replace(PLACE, head=0, column=1)):
        stops = walk(of, place)
        assert [each.key for each in stops] == list(route(config))
        for each, sum_ in arithmetic_of(stops):
            assert sum_.holds, (each.key, sum_)
            assert evaluated(sum_) == pytest.approx(sum_.given, rel=1e-9, abs=1e-12), (each.key, sum_)


def at(of: Trace, name: str, layer: int = 0) -> Stop:
    return stop(of, PLACE, Key(name, layer))


def test_the_walk_has_the_stops_and_the_steps_of_the_family() -> None:
    qwen, neox, neo = (trace(random_gpt(KIN[name]), TEXT) for name in ("qwen3", "gpt_neox", "gpt_neo"))
    assert "pos_embed" not in {key.name for key in route(LLAMA)} and Key("pos_embed") in route(KIN["gpt_neo"])
    of_q, of_k, of_v = ([sum_.of for sum_ in at(qwen, "qkv").sums if sum_.of[0] == each] for each in "qkv")
    assert len(of_q) == len(of_k) == 3 and len(of_v) == 1
    assert "normed" in of_q[1] and "turned at place 6" in of_q[2]
    assert "2 heads share a key" in at(qwen, "qkv").says and "divided by its size" in at(qwen, "ln_1").says
    assert len(at(qwen, "mlp_pre").gives) == 2 and ") × {} = " in at(qwen, "mlp_act").sums[0].form
    assert at(neox, "ln_2").reads[0].name == "resid_pre"
    assert "7 of 8 tokens, what comes later is hidden" in at(neo, "visible").says
    assert "3 of 8 tokens, what comes later, or lies 3 or more back, is hidden" in at(neo, "visible", 1).says


# in the last the keys' heads together are as wide as the stream
@pytest.mark.parametrize("config", [*OTHERS.values(), replace(LLAMA, head_dim=8)], ids=[*OTHERS, "wide-heads"])
def test_the_letters_of_every_matrix_are_its_shape(config: GPTConfig) -> None:
    width, heads, groups, head = config.n_embd, config.n_head, config.kv_heads, config.head_width
    sizes = {"C": width, "3C": 3 * width, "(H+2G)D": (heads + 2 * groups) * head, "HD": heads * head}
    sizes |= {"F": config.mlp_width, "V": config.vocab_size, "S": config.block_size}
    for each in walk(trace(random_gpt(config), TEXT), PLACE):
        for value in each.reads:
            if value.name.endswith(".weight"):
                assert tuple(sizes[letter] for letter in value.letters.split()) == value.shape, (each.key, value.name)


@pytest.mark.parametrize(("name", "where"), [("llama", {"0.qkv", "1.qkv"}), ("gpt_neo", {"pos_embed"})])
def test_that_positions_are_off_is_said_where_they_would_act(name: str, where: set[str]) -> None:
    stops = walk(trace(random_gpt(KIN[name]), TEXT, [PositionsOff()]), PLACE)
    assert {str(each.key) for each in stops if each.switched} == where
    assert {word for each in stops for word in each.switched} == {"positions off"}


@each_other
def test_a_cell_adds_up(config: GPTConfig) -> None:
    of = trace(random_gpt(config), TEXT)
    for layer, head, row, column in product(range(2), (0, 3), (0, 6), (0, 5)):
        done = work(of, layer, head, row, column)
        assert done.visible == bool(of.blocks[layer].visible[row, column]) == (done.score > -np.inf)
        assert not done.visible or (done.is_scaled(config.scale) and done.is_share)
        assert done.agree(done.found, done.z, 1)


@each_other
def test_attribution_sums_to_the_score_under_every_switch(config: GPTConfig) -> None:
    model = random_gpt(config)
    for switches in [*SOME, *((next(iter(kind.everywhere(config))),) for kind in ALL)]:
        found = attribute(trace(model, TEXT, switches), 5, 7, 4)
        assert found.error <= 1e-10 * max(1.0, float(np.abs(found.values).max())), switches
    assert ("position" in map(str, found.parts)) == config.adds_positions


@each_other
def test_a_heads_part_is_its_sources_and_an_mlps_its_neurons(config: GPTConfig) -> None:
    of = trace(random_gpt(config), TEXT)
    found, reads = attribute(of, 6, 7), reading(of, 6, 7)
    parts = dict(zip(map(str, found.parts), found.values, strict=True))
    of_head, of_mlp = sources(of, 6, 1, 2, reads), neurons_of(of, 6, 1, reads)
    assert of_head is not None and of_mlp is not None
    assert of_head.values.sum() == pytest.approx(parts["L1H2"], abs=1e-10)
    assert of_mlp.values.sum() == pytest.approx(parts["L1 MLP"], abs=1e-10)
    every = neurons.neurons(of, 6, 7)
    mine = every.places[:, 0] == 1
    np.testing.assert_allclose(every.adds[mine], of_mlp.values, atol=1e-10)
    row = neurons.writes(of, 6, every.places[mine][:3])[:, 7]
    np.testing.assert_allclose(row * every.activation[mine][:3], every.adds[mine][:3], atol=1e-10)


@each_other
def test_an_edge_and_a_part_cost_what_they_cost_in_a_whole_pass(config: GPTConfig) -> None:
    model = random_gpt(config)
    of = trace(model, TEXT)
    some = [Edge(*place) for place in product(range(2), (0, 3), (4, 7), (2, 3, 4))]
    expected = [effect(of.logits[-1], trace(model, TEXT, (edge.cut(),)).logits[-1]).kl for edge in some]
    np.testing.assert_allclose(edges.effects(of, some), expected, rtol=1e-9, atol=1e-12)
    for lost in sweep(of):
        alone = effect(of.logits[-1], trace(model, TEXT, (lost.part,)).logits[-1]).kl
        assert lost.effect.kl == pytest.approx(alone, abs=1e-10)


@each_other
def test_the_logit_lens_ends_with_what_the_pass_says(config: GPTConfig) -> None:
    model = random_gpt(config)
    of = trace(model, TEXT)
    found = logit_lens(model, of)
    np.testing.assert_array_equal(found.best[-1], of.logits.argmax(-1))
    np.testing.assert_allclose(found.kl[-1], 0, atol=1e-10)
    assert found.kl[0].min() > 0
