"""Where the Train panes stand at every size."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.geometry import Size

from playground.kit.layout import Arrangement
from playground.train.layout import PANES, arrangement
from playground.train.panes import ALL

ARRANGEMENT, ON_WORLD = arrangement(), arrangement(on_world=True)
SIZES = [(60, 16), (75, 22), (80, 22), (95, 40), (100, 28), (120, 34), (149, 60), (160, 46), (200, 60), (300, 100)]


@pytest.mark.parametrize("stage", PANES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("of", (ARRANGEMENT, ON_WORLD), ids=("other", "world"))
def test_nothing_overlaps_sticks_out_or_cannot_be_reached(of: Arrangement, size: tuple[int, int], stage: str) -> None:
    regions = of.places(Size(*size), stage).regions
    assert stage in regions
    assert all(
        r.x >= 0 and r.y >= 0 and r.right <= size[0] and r.bottom <= size[1] and r.width > 0 < r.height
        for r in regions.values()
    )
    for (a, first), (b, second) in combinations(regions.items(), 2):
        assert not first.overlaps(second), (a, b)
    assert max(region.bottom for region in regions.values()) == size[1]
    assert all(region.height >= 5 for name, region in regions.items() if name in PANES[2:])


@pytest.mark.parametrize("size", SIZES)
def test_the_changing_place_is_named_and_shared(size: tuple[int, int]) -> None:
    where = Size(*size)
    first = ARRANGEMENT.places(where, "loss")
    for name in first.tabs:
        found = ARRANGEMENT.places(where, name)
        assert found.staged == name and found.tabs == first.tabs and "tabs" in found.regions
    assert set(first.tabs) | set(first.regions) >= set(PANES)
    assert ("tabs" in first.regions) == bool(first.tabs)


def test_everything_stands_at_160_x_48_and_the_essentials_at_100_x_30() -> None:
    assert set(ON_WORLD.places(Size(160, 46), "loss").regions) == {"status", *PANES}
    other = ARRANGEMENT.places(Size(160, 46), "loss")
    assert {*other.regions, *other.tabs} == {"status", "tabs", *PANES} and other.tabs == ("watch", "skill")
    assert {"status", "loss", "timeline", "watch"} < set(ARRANGEMENT.places(Size(100, 28), "loss").regions)
    assert (
        set(ARRANGEMENT.places(Size(59, 30), "loss").regions)
        == {"small"}
        == set(ARRANGEMENT.places(Size(100, 15), "loss").regions)
    )


def test_every_pane_has_a_place_and_every_place_a_pane() -> None:
    assert {kind.name for kind in ALL} == {*PANES, "status"}
