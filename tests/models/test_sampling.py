"""Filtering and drawing: against a slow reading of the definitions, the library whose order is claimed, and chance."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.baselines import Bigram
from models.errors import UserError
from models.gpt import GPT
from models.measures import softmax
from models.sampling import Draw, Sampler, cycle, draw, filtered, generate, uniform, until, write_on
from models.switches import HeadOff, MaskOff, Switch
from models.tracing import trace

INF, NAN = math.inf, math.nan
LOGITS = hnp.arrays(  # few values, so that many are equal; some can never come
    np.float32, st.integers(1, 12), elements=st.sampled_from([-INF, -3.0, -1.0, 0.0, 0.5, 2.0])
).filter(lambda row: bool(np.isfinite(row).any()))
SAMPLERS = st.builds(
    Sampler,
    temperature=st.sampled_from([0.0, 0.3, 1.0, 2.0]),
    top_k=st.integers(0, 14),
    top_p=st.sampled_from([0.0, 0.1, 0.5, 0.9, 0.999, 1.0]),
)


def slowly(logits: Any, sampler: Sampler) -> tuple[list[float], list[int]]:
    """The filtered distribution and the survivors, rank by rank."""
    if sampler.temperature == 0:
        best = max(range(len(logits)), key=lambda i: (logits[i], -i))
        return [float(i == best) for i in range(len(logits))], [best]
    p = softmax(np.asarray(logits, float) / sampler.temperature).tolist()
    ranked = sorted(range(len(p)), key=lambda i: (-p[i], i))
    ranked = ranked[: sampler.top_k or None]
    if sampler.top_p < 1:
        total, mass, survivors = sum(p[i] for i in ranked), 0.0, []
        for i in ranked:
            survivors.append(i)
            mass += p[i]
            if mass >= sampler.top_p * total:
                break
        ranked = survivors
    total = sum(p[i] for i in ranked)
    return [p[i] / total if i in ranked else 0.0 for i in range(len(p))], sorted(ranked)


@given(LOGITS, SAMPLERS)
def test_filtering_follows_its_definition(logits: Any, sampler: Sampler) -> None:
    raw, p, kept = filtered(logits, sampler)
    expected, survivors = slowly(logits, sampler)
    np.testing.assert_array_equal(raw, softmax(logits))
    assert np.flatnonzero(kept).tolist() == survivors
    np.testing.assert_allclose(p, expected, rtol=1e-12, atol=0)
    assert p.sum() == pytest.approx(1, abs=1e-14) and kept.any() and not p[~kept].any()


@given(LOGITS, SAMPLERS, st.integers(0, 2**63), st.integers(0, 5000))
def test_a_draw_is_what_it_says(logits: Any, sampler: Sampler, seed: int, position: int) -> None:
    one = draw(logits, sampler, seed, position)
    assert (one.sampler, one.seed, one.position) == (sampler, seed, position)
    assert one.filtered[one.token] > 0 and one.kept[one.token]
    below = one.filtered[: one.token].sum()
    assert below - 1e-12 <= one.u <= below + one.filtered[one.token] + 1e-12
    again = draw(logits, sampler, seed, position)
    assert (again.token, again.u) == (one.token, one.u)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7])
@pytest.mark.parametrize(("top_k", "top_p"), [(0, 0.8), (7, 1.0), (7, 0.6), (3, 0.95), (1, 0.5)])
def test_the_order_is_that_of_transformers(temperature: float, top_k: int, top_p: float) -> None:
    import torch
    from transformers.generation import logits_process as hf

    for seed in range(5):
        logits = np.random.default_rng(seed).normal(size=30) * 2
        scores: Any = torch.tensor(logits)[None]
        steps: list[Any] = [hf.TemperatureLogitsWarper(temperature)]
        steps += [hf.TopKLogitsWarper(top_k)] if top_k else []
        steps += [hf.TopPLogitsWarper(top_p)] if top_p < 1 else []
        for step in steps:
            scores = step(torch.zeros((1, 1), dtype=torch.long), scores)
        theirs = torch.softmax(scores, -1)[0].numpy()
        np.testing.assert_allclose(filtered(logits, Sampler(temperature, top_k, top_p))[1], theirs, atol=1e-14)


def test_equal_scores_go_to_the_lowest_ids() -> None:
    level = np.zeros(6)
    assert filtered(level, Sampler(top_k=2))[2].tolist() == [True, True, False, False, False, False]
    assert filtered(level, Sampler(top_p=0.4))[2].tolist() == [True, True, True, False, False, False]
    assert draw(np.array([0.0, 1.0, 1.0]), Sampler(temperature=0), 0, 0).token == 1


def test_top_p_keeps_at_least_one() -> None:
    assert filtered(np.array([0.0, 3.0, 0.0]), Sampler(top_p=0))[2].tolist() == [False, True, False]


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-3])
def test_a_tiny_temperature_is_greedy(temperature: float) -> None:
    np.testing.assert_array_equal(filtered(np.array([1.0, 3.0, 2.0]), Sampler(temperature))[1], [0.0, 1.0, 0.0])


def test_a_huge_temperature_levels_all_that_is_possible() -> None:
    p = filtered(np.array([1.0, 3.0, -INF]), Sampler(1e300))[1]
    np.testing.assert_allclose(p, [0.5, 0.5, 0.0], rtol=1e-14)


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        ({"temperature": -0.1}, "temperature"), ({"temperature": NAN}, "temperature"),
        ({"temperature": INF}, "temperature"), ({"temperature": "1"}, "temperature"),
        ({"temperature": True}, "temperature"), ({"top_k": -1}, "top_k"), ({"top_k": 2.0}, "top_k"),
        ({"top_k": True}, "top_k"), ({"top_p": 1.01}, "top_p"), ({"top_p": -0.5}, "top_p"),
        ({"top_p": NAN}, "top_p"), ({"top_p": None}, "top_p"),
    ],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused_by_name(setting: dict[str, Any], names: str) -> None:
    with pytest.raises(UserError, match=f"^{names} is .* - give a "):
        Sampler(**setting)


@given(SAMPLERS)
def test_a_sampler_is_json(sampler: Sampler) -> None:
    assert Sampler(**json.loads(json.dumps(asdict(sampler)))) == sampler


@pytest.mark.parametrize(
    ("logits", "says"),
    [
        ([0.0, NAN, 1.0], "the scores are not numbers (1 of 3 are NaN or infinite)"),
        ([INF, NAN, NAN], "the scores are not numbers (3 of 3 are NaN or infinite)"),
        ([-INF, -INF], "every score is minus infinity"),
    ],
)
@pytest.mark.parametrize("sampler", [Sampler(), Sampler(0), Sampler(0.5, 2, 0.5)])
def test_scores_that_are_no_distribution_get_a_sentence(logits: list[float], says: str, sampler: Sampler) -> None:
    with pytest.raises(UserError) as caught:
        draw(np.array(logits), sampler, 0, 0)
    assert str(caught.value).startswith(says) and "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", [-1, 2**63 + 1, 1.5, True, "7", None])
def test_a_seed_out_of_range_is_refused(seed: Any) -> None:
    with pytest.raises(UserError, match="^seed is "):
        uniform(seed, 0)


@pytest.mark.parametrize(
    ("seed", "position", "u"),
    [
        (0, 0, 0.011546754286331562), (0, 1, 0.5023796042735054), (1, 0, 0.3035680343067586),
        (1337, 64, 0.40238936349449494), (2**63, 2**20, 0.34245685219350475),
    ],
)  # fmt: skip
def test_the_random_numbers_are_the_same_for_ever(seed: int, position: int, u: float) -> None:
    """A saved session must replay under another NumPy: the paper's algorithm, and these very numbers."""
    assert uniform(seed, position) == u == (philox(seed, position + 1) >> 11) * 2.0**-53


def philox(key: int, counter: int) -> int:
    """First word of Philox 4x64 with ten rounds (Salmon et al. 2011, section 4.3); NumPy counts up before it draws."""
    mask = 2**64 - 1
    words, keys = [counter & mask, counter >> 64, 0, 0], [key & mask, key >> 64]
    for _ in range(10):
        a, b = 0xD2E7470EE14C6C93 * words[0], 0xCA5A826395121157 * words[2]
        words = [b >> 64 ^ words[1] ^ keys[0], b & mask, a >> 64 ^ words[3] ^ keys[1], a & mask]
        keys = [keys[0] + 0x9E3779B97F4A7C15 & mask, keys[1] + 0xBB67AE8584CAA73B & mask]
    return words[0]


def test_the_random_numbers_are_uniform_and_unrelated() -> None:
    """Along positions and along seeds: even tenths, and no relation to the one before."""
    for series in ([uniform(7, t) for t in range(20_000)], [uniform(seed, 7) for seed in range(20_000)]):
        u = np.array(series)
        assert ((u >= 0) & (u < 1)).all() and len(set(series)) == len(series)
        assert chi_square(np.histogram(u, 10, (0, 1))[0], np.full(10, 0.1)) < 34  # 9 degrees, 1 in 10,000
        assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4 / math.sqrt(len(u))


@pytest.mark.parametrize("sampler", [Sampler(), Sampler(0.7, 6), Sampler(1.3, 0, 0.9), Sampler(0.9, 7, 0.95)])
def test_drawn_frequencies_are_the_filtered_distribution(sampler: Sampler) -> None:
    logits = np.array([1.0, 0.2, -INF, 2.0, -1.0, 1.0, -0.5, 0.0, -2.0])
    p = filtered(logits, sampler)[1]
    drawn = np.bincount([draw(logits, sampler, 11, t).token for t in range(6000)], minlength=len(p))
    assert not drawn[p == 0].any()
    assert chi_square(drawn[p > 0], p[p > 0]) < 32  # at most 7 degrees, 1 in 20,000


@pytest.mark.parametrize("u", [0.0, 1 - 2.0**-53])
def test_the_ends_of_the_range_never_draw_the_impossible(u: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.sampling.uniform", lambda seed, position: u)
    for size in range(1, 200):
        logits = np.concatenate([[-INF], np.random.default_rng(size).normal(size=size), [-INF]])
        assert draw(logits, Sampler(), 0, 0).token == (1 if u == 0 else size)


def test_draws_do_not_depend_on_the_path() -> None:
    model = Bigram.count(np.random.default_rng(0).integers(0, 9, 500), 9)
    whole = generate(model, [3], 12, Sampler(0.8, 5), seed=5)
    start = generate(model, [3], 7, Sampler(0.8, 5), seed=5)
    rest = generate(model, [3, *ids(start)], 5, Sampler(0.8, 5), seed=5)
    assert ids(whole) == ids(start) + ids(rest)
    assert [one.position for one in whole] == list(range(1, 13))
    assert ids(whole) != ids(generate(model, [3], 12, Sampler(0.8, 5), seed=6))
    reversed_steps = [draw(model.logits([3, *ids(whole)])[t], Sampler(0.8, 5), 5, t + 1) for t in reversed(range(12))]
    assert ids(reversed_steps)[::-1] == ids(whole)


def test_the_same_number_decides_for_every_model() -> None:
    u = draw(np.zeros(4), Sampler(), 3, 9).u
    assert draw(np.arange(50257.0) / 1e4, Sampler(0.5, 40), 3, 9).u == u == uniform(3, 9)


def test_generate_needs_nothing_but_logits(tiny_gpt: GPT) -> None:
    tokens = [4]
    for one in generate(tiny_gpt, [4], 8, Sampler(), seed=2):
        expected = draw(tiny_gpt.logits(tokens)[-1], Sampler(), 2, len(tokens))
        assert (one.token, one.u) == (expected.token, expected.u)
        np.testing.assert_array_equal(one.raw, expected.raw)
        tokens.append(one.token)


@pytest.mark.parametrize("switches", [(), (HeadOff(0, 1),), (MaskOff(),)], ids=str)
def test_writing_on_draws_what_passes_over_the_whole_text_say(tiny_gpt: GPT, switches: tuple[Switch, ...]) -> None:
    text = [4, 1, 3]
    for one in islice(write_on(tiny_gpt, trace(tiny_gpt, text, switches), Sampler(), 2), tiny_gpt.config.block_size):
        assert (one.position, one.seed) == (len(text), 2)
        assert one.token == draw(trace(tiny_gpt, text, switches).logits[-1], Sampler(), 2, len(text)).token
        text.append(one.token)
    assert len(text) > tiny_gpt.config.block_size


def test_generate_from_nothing_is_refused() -> None:
    model = Bigram.count(np.arange(4), 4)
    assert generate(model, [1], 0, Sampler(), 0) == []
    with pytest.raises(UserError, match="the prompt is empty"):
        generate(model, [], 3, Sampler(), 0)


def ids(draws: list[Draw]) -> list[int]:
    return [one.token for one in draws]


def chi_square(counts: Any, p: Any) -> float:
    expected = counts.sum() * p
    return float(((counts - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("length", [1, 2, 7, 30])
def test_a_text_that_ends_in_a_cycle_is_one_of_that_length(length: int) -> None:
    circle, begun = [100 + each for each in range(length)] * 40, list(range(50))
    enough = max(3 * length, 24)
    for more in range(length + 1):
        assert cycle(begun + circle[: enough + more]) == length
    assert cycle(begun + circle[: enough - 1]) == 0
    assert cycle([*begun, *circle, 1]) == cycle(begun) == cycle([]) == 0


def test_draws_stop_before_the_token_that_ends_a_text(tiny_gpt: GPT) -> None:
    draws = generate(tiny_gpt, [0], 12, Sampler(), 1)
    tokens = [draw.token for draw in draws]
    first = tokens.index(tokens[7])
    assert [draw.token for draw in until(iter(draws), tokens[7])] == tokens[:first]
