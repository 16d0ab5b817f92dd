"""Below the names of the screens no line is lost: on every screen and at every size something stands in the first."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.geometry import Region, Size

from playground.compare import layout as compare
from playground.inside import layout as inside
from playground.kit.layout import Arrangement, under_status, whole
from playground.learn import layout as learn
from playground.play import layout as play
from playground.train import layout as train

SIZES = [Size(60, 16), Size(80, 22), Size(100, 28), Size(120, 34), Size(160, 46), Size(300, 100)]
SCREENS = {
    "play": play.arrangement(), "train": train.arrangement(on_world=True), "compare": compare.arrangement(),
    "inside": inside.arrangement(), "learn": learn.ARRANGEMENT,
}  # fmt: skip


@pytest.mark.parametrize("arrangement", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("size", SIZES)
def test_something_stands_in_the_first_line_and_in_the_last_and_nothing_twice(
    size: Size, arrangement: Arrangement
) -> None:
    regions = arrangement.places(size, "").regions
    assert min(region.y for region in regions.values()) == 0
    assert max(region.bottom for region in regions.values()) == size.height
    assert all(whole(size).contains_region(region) and region.area for region in regions.values())
    assert not any(one.overlaps(other) for one, other in combinations(regions.values(), 2))


def test_the_status_has_one_line_and_the_panes_the_rest() -> None:
    status, rest = under_status(Size(80, 22))
    assert status == {"status": Region(1, 0, 78, 1)} and rest == Region(1, 1, 78, 21)
