"""Where each pane of the Compare screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, MARGIN, TOP, Arrangement, Places, Regions, changing, stack

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
    wide = size.width >= 150 and size.height >= 44
    inner = size.width - 2 * MARGIN
    width = inner - GUTTER - max(62, inner * 2 // 5) if wide else inner
    return Size(max(width, 1), max((size.height - TOP) * (11 if wide else 9) // 20, 1))


def places(knows: bool, typing: bool, strips: int | None, size: Size, stage: str) -> Places:
    """The places at this size; `stage` is the pane asked for last."""
    wide, roomy = size.width >= 150 and size.height >= 44, size.width >= 96 and size.height >= 28
    inner, bottom, top = size.width - 2 * MARGIN, size.height, TOP
    most = strips_place(size).height
    upper = most if strips is None else min(strips + (TYPED if typing else 0), most)
    y, tall = top + upper + 1, bottom - (top + upper + 1)
    beside, otherwise = ("knows", "wins") if knows else ("wins", "wrong")
    if wide:  # the text and the changing place on the left; what comes here and what is known of it on the right
        right = max(62, inner * 2 // 5)
        left = inner - right - GUTTER
        text = _text(size, Region(MARGIN, top, left, upper), typing)
        below = changing(text, Region(MARGIN, y, left, tall), PANES, stage, otherwise, ("strips", "bars", beside))
        return below | stack(MARGIN + left + GUTTER, top, right, bottom, (("bars", most), (beside, 0)))
    out = _text(size, Region(MARGIN, top, inner, upper), typing)
    if not roomy:  # the text above, and the changing place
        return changing(out, Region(MARGIN, y, inner, tall), PANES, stage, "bars", ("strips",))
    left = (inner - GUTTER) // 2  # the text above; below it what comes here, and the changing place
    out["bars"] = Region(MARGIN, y, left, tall)
    place = Region(MARGIN + left + GUTTER, y, inner - left - GUTTER, tall)
    return changing(out, place, PANES, stage, beside, ("strips", "bars"))


def _text(size: Size, place: Region, typing: bool) -> Regions:
    """The status line, the text while it is typed, and the strips."""
    typed = min(TYPED, place.height // 2) if typing else 0
    out = {"status": Region(MARGIN, 0, size.width - 2 * MARGIN, 1)}
    if typed:
        out[TEXT] = Region(place.x, place.y, place.width, typed)
    return out | {"strips": Region(place.x, place.y + typed, place.width, place.height - typed)}
