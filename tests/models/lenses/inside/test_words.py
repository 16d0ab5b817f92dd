"""Words as vectors, recomputed by hand, and what is known of the little world's."""

from __future__ import annotations

import numpy as np
import pytest

from models import load
from models.errors import UserError
from models.gpt import GPT
from models.lenses.inside import words
from models.lenses.inside.word_groups import Axis, Group, groups, read
from models.lenses.vectors import embedding
from models.ops import Array
from models.tracing import trace


@pytest.fixture(scope="module")
def world() -> GPT:
    return load("little-world")


@pytest.fixture(scope="module")
def vectors(world: GPT) -> Array:
    return embedding(world)


def ids(model: GPT, *some: str) -> list[int]:
    assert model.tokenizer is not None
    return [model.tokenizer.ids[word] for word in some]


def cosine(a: Array, b: Array) -> float:
    return float(sum(a * b) / (sum(a * a) ** 0.5 * sum(b * b) ** 0.5))


def test_the_map_is_the_first_two_singular_vectors() -> None:
    points = np.random.default_rng(3).normal(size=(40, 6)) * [5, 1, 3, 1, 1, 0.1] + 7
    found = words.flat(points)
    centred = points - points.sum(0) / 40
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(np.abs(found.places), np.abs(left[:, :2] * sizes[:2]), atol=1e-9)
    np.testing.assert_allclose(np.abs(found.axes @ right[:2].T), np.eye(2), atol=1e-9)
    np.testing.assert_allclose(found.kept, sizes[:2] ** 2 / (sizes**2).sum())
    lost = ((centred - found.places @ found.axes) ** 2).sum() / (centred**2).sum()
    assert found.share == pytest.approx(1 - lost)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (2, 4), (3, 1), (2, 2)])
def test_a_map_of_little_is_one_all_the_same(shape: tuple[int, int]) -> None:
    found = words.flat(np.arange(float(shape[0] * shape[1])).reshape(shape) ** 2)
    assert found.places.shape == (shape[0], 2)
    assert np.isfinite(found.places).all() and 0 <= found.share <= 1 + 1e-12


def test_vectors_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UserError, match="not all numbers"):
        words.flat(np.array([[1.0, np.nan], [0.0, 1.0]]))


def test_a_map_of_all_words_keeps_a_tenth_and_capitals_lie_parallel(world: GPT, vectors: Array) -> None:
    assert words.flat(vectors).share == pytest.approx(0.114, abs=0.001)
    capitals = groups(world)["capital"]
    found = words.flat(vectors[[*capitals.tokens]])
    arrows = words.parallel(found.places, capitals.rows)
    by_hand = [found.places[b] - found.places[a] for a, b in capitals.rows]
    assert arrows.min() > 0.98
    assert cosine(by_hand[0], by_hand[1]) == pytest.approx(1.0, abs=0.02)
    assert arrows[0] == pytest.approx(cosine(by_hand[0], sum(by_hand)))


def test_a_sum_and_the_rank_of_its_answer(world: GPT, vectors: Array) -> None:
    king, man, woman, queen = ids(world, "king", "man", "woman", "queen")
    wanted = words.summed(vectors, [king, woman], [man])
    unit = [v / (v @ v) ** 0.5 for v in vectors]
    np.testing.assert_allclose(wanted, unit[king] - unit[man] + unit[woman])
    by_hand = sorted(range(len(unit)), key=lambda token: -cosine(wanted, vectors[token]))
    within = words.near(wanted, vectors, count=4, answer=queen)
    assert within.nearest.tolist() == by_hand[:4] and within.rank == by_hand.index(queen) + 1
    assert within.cosine == pytest.approx(cosine(wanted, vectors[queen]))
    without = words.near(wanted, vectors, (king, man, woman), 4, queen)
    others = [token for token in by_hand if token not in (king, man, woman)]
    assert without.nearest.tolist() == others[:4] and without.rank == others.index(queen) + 1 == 1
    assert king in within.nearest and king not in without.nearest
    assert words.near(wanted, vectors, (king, man, woman), 4, king).rank == 0, "left out"


def test_no_more_neighbours_than_there_are(vectors: Array) -> None:
    assert len(words.near(vectors[0], vectors[:3], (0, 0), 10).nearest) == 2


def test_the_gender_direction_and_its_controls(world: GPT, vectors: Array) -> None:
    question = read(world, "gender", direction=True)
    assert isinstance(question, Axis)
    pairs = np.array(question.pairs)
    found = words.direction(vectors, pairs)
    axis = (vectors[pairs[:, 1]] - vectors[pairs[:, 0]]).mean(0)
    np.testing.assert_allclose(found.axis, axis / (axis @ axis) ** 0.5)
    assert found.sides.sum() == pytest.approx(0, abs=1e-9), "0 is the middle"
    of = groups(world)
    girls, boys = (found.falls[[*of[name].tokens]] for name in ("girls", "boys"))
    assert (girls > 0).all() and (boys < 0).all() and len(girls) + len(boys) == 16
    (coin,) = ids(world, "coin")
    assert abs(found.falls[coin]) > max(*abs(girls), *abs(boys)), "no name lies as far out"
    assert found.right == len(pairs) == 20
    assert 0.8 < found.spread / found.by_chance < 1.1, "a random direction spreads the words as much"


def test_a_pair_left_out_is_judged_by_the_others_alone() -> None:
    points = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2], [5, 5], [4, 5]])
    found = words.direction(points, np.array([[0, 1], [2, 3], [4, 5], [6, 7]]))
    assert found.right == 3, "the last goes the other way"
    far = words.direction(np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [50, 0], [0, 0]]), np.arange(6).reshape(3, 2))
    assert far.right == 0, "a long one is right by its own direction alone"
    assert np.isnan(words.direction(points, np.array([[0, 1]])).left_out).all()
    with pytest.raises(UserError, match="do not differ"):
        words.direction(points, np.array([[0, 0]]))


def test_angles_of_random_pairs(vectors: Array) -> None:
    found = words.angles(vectors)
    unit = np.array([v / (v @ v) ** 0.5 for v in vectors])
    all_pairs = np.concatenate([unit[row + 1 :] @ unit[row] for row in range(len(unit))])
    assert found.pairs == len(all_pairs)
    assert (found.mean, found.spread) == pytest.approx((all_pairs.mean(), all_pairs.std()))
    assert (round(found.mean, 2), round(found.spread, 3), round(found.near_zero, 2)) == (0.08, 0.159, 0.78)
    assert found.chance_spread == pytest.approx(0.102, abs=0.0005)
    np.testing.assert_allclose(found.in_three, 1 / words.BINS, atol=1e-3)
    for shares in (found.shares, found.chance, found.in_three):
        assert shares.sum() == pytest.approx(1)


def test_directions_that_fit_are_counted_one_by_one() -> None:
    random = np.random.default_rng(1).standard_normal((150, 32))
    kept: list[Array] = []
    for each in random:
        if all(abs(cosine(each, other)) < 0.4 for other in kept):
            kept.append(each)
    assert words.fitting(32, 150, 0.4) == len(kept) > 32
    assert words.fitting(3, 400, 0.3) == 3, "four in space are at least a third alike"
    assert words.fitting(1, 50, 0.3) == 1


def test_chance_is_what_random_directions_do() -> None:
    random = np.random.default_rng(5).normal(size=(1200, 24))
    found = words.angles(random)
    assert found.pairs == words.SAMPLE * (words.SAMPLE - 1) // 2, "of half of them"
    assert found.spread == pytest.approx(24**-0.5, rel=0.02) and abs(found.mean) < 0.01
    np.testing.assert_allclose(found.shares, found.chance, atol=0.004)
    assert found.near_zero == pytest.approx(found.chance_near_zero, abs=0.01)


def test_the_stream_has_a_vector_at_each_position(world: GPT) -> None:
    of = trace(world, "michael jordan plays")
    np.testing.assert_allclose(words.at_depth(of, 0), of.blocks[0].resid_pre, atol=1e-6)
    np.testing.assert_allclose(words.at_depth(of, 3), of.blocks[2].resid_post, atol=1e-6)


def test_a_group_knows_its_pairs_by_row(world: GPT) -> None:
    group = Group("x", (7, 3, 9), ((3, 9), (7, 3)))
    assert group.rows.tolist() == [[1, 2], [0, 1]]
    assert Group("x", (7,)).rows.shape == (0, 2)
    assert len(groups(world)["king queen"].rows) == 15
