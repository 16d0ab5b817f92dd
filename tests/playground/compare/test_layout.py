"""Where the Compare panes stand at every size."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.geometry import Size

from playground.compare.layout import PANES, TEXT, arrangement, strips_place
from playground.compare.panes import ALL
from playground.kit.layout import tab_lines

SIZES = [(60, 16), (75, 22), (80, 22), (100, 28), (120, 34), (149, 60), (160, 46), (200, 60), (300, 100)]
EVERY = [(knows, typing) for knows in (False, True) for typing in (False, True)]


def test_every_pane_has_a_place_and_every_place_a_pane() -> None:
    assert {kind.name for kind in ALL} == {*PANES, TEXT, "status"}


@pytest.mark.parametrize(("knows", "typing"), EVERY)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_nothing_sticks_out_and_every_pane_can_be_reached(
    size: tuple[int, int], knows: bool, typing: bool
) -> None:
    for stage in PANES:
        regions = arrangement(knows, typing).places(Size(*size), stage).regions
        assert stage in regions and (TEXT in regions) == typing
        assert max(region.bottom for region in regions.values()) == size[1]
        assert all(
            r.x >= 0 and r.y >= 0 and r.right <= size[0] and r.bottom <= size[1] and r.area for r in regions.values()
        )
        for (a, first), (b, second) in combinations(regions.items(), 2):
            assert not first.overlaps(second), (a, b)


def test_too_small_says_so_and_shows_nothing_else() -> None:
    for size in (Size(59, 30), Size(100, 15), Size(1, 1)):
        assert set(arrangement().places(size, "bars").regions) == {"small"}


def test_tabs_go_closer_before_they_take_another_line() -> None:
    assert len(tab_lines(PANES, PANES[1:], 78)) == 1 and len(tab_lines(PANES, PANES[1:], 60)) == 2
    for width in (20, 60, 78, 200):
        for line in tab_lines(PANES, PANES, width):
            assert line[-1][0] + len(line[-1][2]) <= width


@pytest.mark.parametrize("size", SIZES)
def test_what_the_strips_do_not_fill_goes_to_what_comes_below(size: tuple[int, int]) -> None:
    whole, little = (arrangement(strips=lines).places(Size(*size), "scoreboard").regions for lines in (None, 5))
    assert little["strips"].height == 5 and whole["strips"].height == strips_place(Size(*size)).height
    freed = whole["strips"].height - 5
    assert little["scoreboard"].height == whole["scoreboard"].height + freed
    assert max(region.bottom for region in little.values()) == size[1]
