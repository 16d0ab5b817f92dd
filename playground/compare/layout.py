"""Where each pane of the Compare screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, MARGIN, Arrangement, Places, Regions, changing, stack

PANES = ("strips", "bars", "knows", "wins", "wrong", "scoreboard", "context", "writes", "paths", "grid")  # by digit
TEXT = "text"  # on screen while it is typed
TYPED = 4  # lines of the text while it is typed, at most


@lru_cache(maxsize=4)
def arrangement(knows: bool = False, typing: bool = False) -> Arrangement:
    """With what the truth `knows` beside the text where there is a truth; with room for the text while it is typed."""
    return Arrangement(PANES, partial(places, knows, typing), kind=(knows, typing))


def places(knows: bool, typing: bool, size: Size, stage: str) -> Places:
    """The places at this size; `stage` is the pane asked for last."""
    if size.width >= 150 and size.height >= 44:
        return _wide(size, stage, knows, typing)
    if size.width >= 96 and size.height >= 28:
        return _roomy(size, stage, knows, typing)
    return _narrow(size, stage, typing)


def _wide(size: Size, stage: str, knows: bool, typing: bool) -> Places:
    """The text and the changing place on the left; what comes here and what is known of it on the right."""
    inner, bottom, top = size.width - 2 * MARGIN, size.height, 2
    right = max(62, inner * 2 // 5)
    left = inner - right - GUTTER
    upper = (bottom - top) * 11 // 20
    beside, otherwise = ("knows", "wins") if knows else ("wins", "wrong")
    y = top + upper + 1
    out = _text(size, Region(MARGIN, top, left, upper), typing)
    below = changing(out, Region(MARGIN, y, left, bottom - y), PANES, stage, otherwise, ("strips", "bars", beside))
    return below | stack(MARGIN + left + GUTTER, top, right, bottom, (("bars", upper), (beside, 0)))


def _roomy(size: Size, stage: str, knows: bool, typing: bool) -> Places:
    """The text above; below it what comes here, and the changing place."""
    inner, bottom, top = size.width - 2 * MARGIN, size.height, 2
    upper = (bottom - top) * 9 // 20
    left = (inner - GUTTER) // 2
    y = top + upper + 1
    out = _text(size, Region(MARGIN, top, inner, upper), typing)
    out["bars"] = Region(MARGIN, y, left, bottom - y)
    beside = Region(MARGIN + left + GUTTER, y, inner - left - GUTTER, bottom - y)
    return changing(out, beside, PANES, stage, "knows" if knows else "wins", ("strips", "bars"))


def _narrow(size: Size, stage: str, typing: bool) -> Places:
    """The text above, and the changing place."""
    inner, bottom, top = size.width - 2 * MARGIN, size.height, 1
    upper = (bottom - top) * 9 // 20
    y = top + upper + 1
    out = _text(size, Region(MARGIN, top, inner, upper), typing)
    return changing(out, Region(MARGIN, y, inner, bottom - y), PANES, stage, "bars", ("strips",))


def _text(size: Size, place: Region, typing: bool) -> Regions:
    """The status line, the text while it is typed, and the strips."""
    typed = min(TYPED, place.height // 2) if typing else 0
    out = {"status": Region(MARGIN, 0, size.width - 2 * MARGIN, 1)}
    if typed:
        out[TEXT] = Region(place.x, place.y, place.width, typed)
    return out | {"strips": Region(place.x, place.y + typed, place.width, place.height - typed)}
