"""Where the panes of Learn stand: the list, and beside or below it what the chosen lesson is about."""

from __future__ import annotations

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, MARGIN, Arrangement, Places, stack

PANES = ("lessons", "about")
ABOUT = 9  # lines of what a lesson is about, below the list


def places(size: Size, stage: str) -> Places:
    """Side by side where there is room."""
    inner, top = size.width - 2 * MARGIN, 1
    if size.width < 110:
        tall = size.height - top - ABOUT - 1
        return Places(dict(stack(MARGIN, top, inner, size.height, (("lessons", tall), ("about", ABOUT)))))
    left, tall = (inner - GUTTER) // 2, size.height - top
    about = Region(MARGIN + left + GUTTER, top, inner - left - GUTTER, tall)
    return Places({"lessons": Region(MARGIN, top, left, tall), "about": about})


ARRANGEMENT = Arrangement(PANES, places)
