"""Where the panes of Learn stand: the list, and beside or below it what the chosen lesson is about."""

from __future__ import annotations

from textual.geometry import Size, Spacing

from playground.kit.layout import GUTTER, Arrangement, Places, stack, whole

PANES = ("lessons", "about")
ABOUT = 9  # lines of what a lesson is about, below the list


def places(size: Size, stage: str) -> Places:
    """Side by side where there is room."""
    place = whole(size)
    if size.width < 110:
        parts = (("lessons", place.height - ABOUT - 1), ("about", ABOUT))
        return Places(stack(place.x, place.y, place.width, place.bottom, parts))
    lessons, rest = place.split_vertical((place.width - GUTTER) // 2)
    return Places({"lessons": lessons, "about": rest.shrink(Spacing(left=GUTTER))})


ARRANGEMENT = Arrangement(PANES, places)
