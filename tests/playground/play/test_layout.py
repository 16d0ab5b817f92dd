"""The layout as a function: everything on screen, nothing over anything else, edges aligned."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from textual.geometry import Size

from playground.looking.panes.prompt_lines import TALLEST
from playground.play.layout import PANES, STAGES, arrangement
from playground.play.panes import ALL

SIZES = [(60, 16), (75, 22), (80, 22), (100, 28), (120, 34), (149, 60), (160, 46), (200, 60), (300, 100)]


@pytest.mark.parametrize(("prompt", "switches"), [(3, 0), (TALLEST, 0), (3, 18), (TALLEST, 99)])
@pytest.mark.parametrize("stage", PANES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_and_nothing_sticks_out(size: tuple[int, int], stage: str, prompt: int, switches: int) -> None:
    regions = arrangement(prompt, switches).places(Size(*size), stage).regions
    assert all(
        r.x >= 0 and r.y >= 0 and r.right <= size[0] and r.bottom <= size[1] and r.area for r in regions.values()
    )
    for (a, first), (b, second) in combinations(regions.items(), 2):
        assert not first.overlaps(second), (a, b)


@pytest.mark.parametrize("size", SIZES)
def test_every_pane_can_be_reached_at_every_size(size: tuple[int, int]) -> None:
    for stage, switches in product(PANES, (0, 18)):
        assert stage in arrangement(3, switches).places(Size(*size), stage).regions, stage


@pytest.mark.parametrize("size", SIZES)
def test_the_stack_ends_at_the_bottom_and_columns_share_edges(size: tuple[int, int]) -> None:
    regions = arrangement().places(Size(*size), "attention").regions
    assert max(region.bottom for region in regions.values()) == size[1]
    assert {region.x for region in regions.values()} & {1}
    lefts = {region.x for name, region in regions.items()}
    assert len(lefts) <= 3


def test_the_essentials_stand_together_from_100_columns() -> None:
    for size in (Size(100, 28), Size(120, 34)):
        assert {"status", "prompt", "next", "heads", "attention"} <= set(
            arrangement().places(size, "attention").regions
        )


def test_everything_stands_at_160_x_48() -> None:
    assert set(arrangement().places(Size(160, 46), "attention").regions) == {"status", *PANES}


def test_switches_have_the_lines_they_need_where_two_others_can_share_a_place() -> None:
    for size in (Size(160, 46), Size(200, 60)):
        places = arrangement(3, 18).places(size, "attention")
        assert places.regions["switches"].height == 18 + 3 and places.tabs == ("bigram", "grid")
        assert places.regions["cell"].height == 10 and places.staged == "bigram" and "grid" not in places.regions
        assert arrangement(3, 99).places(size, "grid").regions["grid"].height >= 6, "of so many they get what is left"
    assert not arrangement(3, 10).places(Size(160, 46), "attention").tabs, "what fits its own place needs no other"


def test_too_small_says_so_and_shows_nothing_else() -> None:
    for size in (Size(59, 30), Size(100, 15), Size(1, 1)):
        assert set(arrangement().places(size, "attention").regions) == {"small"}


def test_every_pane_has_a_place_and_every_place_a_pane() -> None:
    assert {kind.name for kind in ALL} == {*PANES, "status"}
    assert set(STAGES) < set(PANES)


@pytest.mark.parametrize("size", SIZES)
def test_what_the_prompt_does_not_fill_goes_to_what_stands_below(size: tuple[int, int]) -> None:
    little, much = (arrangement(lines).places(Size(*size), "next").regions for lines in (3, TALLEST))
    freed = much["prompt"].height - 3
    assert little["prompt"].height == 3 and freed >= 2 and little["next"].y == much["next"].y - freed
    assert max(region.bottom for region in little.values()) == size[1]
