"""The paths of a bigram are the likeliest there are."""

from __future__ import annotations

import pytest

from models.baselines import Bigram, NGram
from models.lenses.paths import Branch, paths
from tests.models.lenses.small_models import V


def flat(branch: Branch) -> list[Branch]:
    return [branch, *(each for after in branch.after for each in flat(after))]


def test_paths_are_the_likeliest_there_are(counted: tuple[Bigram, NGram]) -> None:
    bigram = counted[0]
    tree = paths(bigram, 4, depth=2, width=V, most=10_000, least=0)
    assert len(tree) == 1 + V + V * V == len(flat(tree))
    table = bigram.probabilities(range(V))
    for first in tree.after:
        assert first.p == pytest.approx(table[4, first.token]) == first.path
        for second in first.after:
            assert second.p == pytest.approx(table[first.token, second.token])
            assert second.path == pytest.approx(first.p * second.p)
            assert second.depth == 2 and second.after == ()
        assert [each.p for each in first.after] == sorted((each.p for each in first.after), reverse=True)
        assert first.rest == pytest.approx(0, abs=1e-12)


def test_paths_keep_their_limits(counted: tuple[Bigram, NGram]) -> None:
    small = paths(counted[0], 0, depth=3, width=2, most=9, least=0.02)
    each = flat(small)
    assert 1 < len(each) <= 9
    assert all(len(branch.after) <= 2 and branch.depth <= 3 and branch.path >= 0.02 for branch in each)
    assert small.rest == pytest.approx(1 - sum(after.p for after in small.after))
    assert len(paths(counted[0], 0, depth=0)) == 1 and paths(counted[0], 0, depth=0).rest == 1
    assert len(paths(counted[0], 0, least=1.1)) == 1


def test_the_likeliest_path_is_followed_first(counted: tuple[Bigram, NGram]) -> None:
    each = flat(paths(counted[0], 0, depth=9, width=3, most=16, least=0))
    expanded = [branch.path for branch in each if branch.after]
    assert max(branch.path for branch in each if not branch.after) <= min(expanded)
    assert max(branch.depth for branch in each) > 2


def test_a_token_there_is_not_is_our_own_mistake(counted: tuple[Bigram, NGram]) -> None:
    with pytest.raises(AssertionError, match="no token 11"):
        paths(counted[0], V)
