"""Where each pane of the Compare screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, Arrangement, Places, Regions, changing, stack, under_status

PANES = ("strips", "bars", "knows", "wins", "wrong", "scoreboard", "context", "writes", "paths", "grid")  # by digit
TEXT = "text"  # on screen while it is typed
TYPED = 4  # lines of the text while it is typed, at most


@lru_cache(maxsize=64)
def arrangement(knows: bool = False, typing: bool = False, strips: int | None = None) -> Arrangement:
    """With what the truth `knows` beside the text where there is a truth; with room for the text while it is typed.

    `strips` is how many lines they fill, None for all they can get: the rest goes to what comes below.
    """
    return Arrangement(PANES, partial(places, knows, typing, strips), kind=(knows, typing, strips))


def strips_place(size: Size) -> Size:
    """The most that the text and its strips have, at this size."""
    wide, rest = size.width >= 150 and size.height >= 44, under_status(size)[1]
    width = rest.width - GUTTER - _right(rest.width) if wide else rest.width
    return Size(max(width, 1), max(rest.height * (11 if wide else 9) // 20, 1))


def places(knows: bool, typing: bool, strips: int | None, size: Size, stage: str) -> Places:
    """The places at this size; `stage` is the pane asked for last."""
    wide, roomy = size.width >= 150 and size.height >= 44, size.width >= 96 and size.height >= 28
    out, rest = under_status(size)
    most = strips_place(size).height
    upper = most if strips is None else min(strips + (TYPED if typing else 0), most)
    y, tall = rest.y + upper + 1, rest.height - upper - 1
    beside, otherwise = ("knows", "wins") if knows else ("wins", "wrong")
    if wide:  # the text and the changing place on the left; what comes here and what is known of it on the right
        right = _right(rest.width)
        left = rest.width - right - GUTTER
        out |= _text(Region(rest.x, rest.y, left, upper), typing)
        below = changing(out, Region(rest.x, y, left, tall), PANES, stage, otherwise, ("strips", "bars", beside))
        return below | stack(rest.x + left + GUTTER, rest.y, right, rest.bottom, (("bars", most), (beside, 0)))
    out |= _text(Region(rest.x, rest.y, rest.width, upper), typing)
    if not roomy:  # the text above, and the changing place
        return changing(out, Region(rest.x, y, rest.width, tall), PANES, stage, "bars", ("strips",))
    left = (rest.width - GUTTER) // 2  # the text above; below it what comes here, and the changing place
    out["bars"] = Region(rest.x, y, left, tall)
    place = Region(rest.x + left + GUTTER, y, rest.width - left - GUTTER, tall)
    return changing(out, place, PANES, stage, beside, ("strips", "bars"))


def _right(inner: int) -> int:
    """The columns of what stands at the right, where there is room for both."""
    return max(62, inner * 2 // 5)


def _text(place: Region, typing: bool) -> Regions:
    """The text while it is typed, and the strips."""
    typed, strips = place.split_horizontal(min(TYPED, place.height // 2) if typing else 0)
    return {"strips": strips} | ({TEXT: typed} if typing else {})
