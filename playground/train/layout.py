"""Where each pane of the Train screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, Arrangement, Places, changing, stack, under_status

# in the order of digits
PANES = ("loss", "timeline", "watch", "samples", "places", "layers", "runs", "progress", "skill")
TIMELINE = 3  # lines
SKILLS = 7  # lines at least, where they have a place of their own


@lru_cache(maxsize=2)
def arrangement(on_world: bool = False) -> Arrangement:
    """Where the run is on the little world, with a place for what it can do, if there is room."""
    return Arrangement(PANES, partial(places, on_world), kind=on_world)


def places(on_world: bool, size: Size, stage: str) -> Places:
    """The places at this size; `stage` is the pane the person asked for last."""
    status, rest = under_status(size)
    if size.width >= 150 and size.height >= 44:
        found = _wide(on_world, rest, stage)
    elif size.width >= 96 and size.height >= 28:
        found = _roomy(rest, stage)
    elif size.width >= 76:
        found = _tight(rest, stage)
    else:
        found = _one_column(rest, stage)
    return found | status


def _wide(on_world: bool, rest: Region, stage: str) -> Places:
    """The curve and what belongs to it on the left, the runs and the prompt on the right."""
    right = max(62, rest.width * 2 // 5)
    left = rest.width - right - GUTTER
    lower = max(12, rest.height * 3 // 10)  # height of samples, places, layers
    strip = [("skill", max(SKILLS, rest.height // 6))] if on_world else []
    curve = rest.height - lower - TIMELINE - 2 - sum(tall + 1 for _, tall in strip)
    upper = (("loss", curve), ("timeline", TIMELINE), *strip)
    out = stack(rest.x, rest.y, left, rest.bottom - lower - 1, upper)
    third = (left - 2 * GUTTER) // 3
    widths = (left - 2 * (third + GUTTER), third, third)
    x = rest.x
    for name, width in zip(("samples", "places", "layers"), widths, strict=True):
        out[name] = Region(x, rest.bottom - lower, width, lower)
        x += width + GUTTER
    beside = (("runs", max(7, rest.bottom // 7)), ("progress", 8), ("watch", 0))
    out |= stack(rest.x + left + GUTTER, rest.y, right, rest.bottom, beside)
    place = out.pop("watch")
    return changing(out, place, PANES, stage, "watch", out)


def _roomy(rest: Region, stage: str) -> Places:
    """The curve, the timeline and the changing place on the left, the prompt on the right."""
    right = max(40, rest.width * 9 // 20)
    left = rest.width - right - GUTTER
    upper = (rest.height - TIMELINE - 3) * 3 // 5  # the curve is what one came for
    top = rest.y + upper + 1 + TIMELINE + 1
    out = stack(rest.x, rest.y, left, top - 1, (("loss", upper), ("timeline", TIMELINE)))
    watch = {"watch": Region(rest.x + left + GUTTER, rest.y, right, rest.height)}
    place = Region(rest.x, top, left, rest.bottom - top)
    return changing(out, place, PANES, stage, "runs", ("loss", "timeline", "watch")) | watch


def _tight(rest: Region, stage: str) -> Places:
    """The curve and the timeline on the left, everything else in turn on the right."""
    left = (rest.width - GUTTER) * 11 // 20
    parts = (("loss", rest.height - TIMELINE - 1), ("timeline", TIMELINE))
    place = Region(rest.x + left + GUTTER, rest.y, rest.width - left - GUTTER, rest.height)
    return changing(stack(rest.x, rest.y, left, rest.bottom, parts), place, PANES, stage, "watch", ("loss", "timeline"))


def _one_column(rest: Region, stage: str) -> Places:
    """One pane, and the timeline below it."""
    above, timeline = rest.split_horizontal(rest.height - TIMELINE)
    place = Region(above.x, above.y, above.width, above.height - 1)
    return changing({}, place, PANES, stage, "loss", ("timeline",)) | {"timeline": timeline}
