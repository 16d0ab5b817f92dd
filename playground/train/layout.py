"""Where each pane of the Train screen stands at each size."""

from __future__ import annotations

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, MARGIN, TOP, Arrangement, Places, changing, stack

PANES = ("loss", "timeline", "watch", "samples", "positions", "layers", "runs", "progress")  # in the order of digits
TIMELINE = 3  # lines


def places(size: Size, stage: str) -> Places:
    """The places at this size; `stage` is the pane the person asked for last."""
    if size.width >= 150 and size.height >= 44:
        found = _wide(size, stage)
    elif size.width >= 96 and size.height >= 28:
        found = _roomy(size, stage)
    elif size.width >= 76:
        found = _tight(size, stage)
    else:
        found = _one_column(size, stage)
    return found | {"status": Region(MARGIN, 0, size.width - 2 * MARGIN, 1)}


ARRANGEMENT = Arrangement(PANES, places)


def _wide(size: Size, stage: str) -> Places:
    """The curve and what belongs to it on the left, the runs and the prompt on the right."""
    inner, bottom = size.width - 2 * MARGIN, size.height
    right = max(62, inner * 2 // 5)
    left = inner - right - GUTTER
    lower = max(12, (bottom - TOP) * 3 // 10)  # height of samples, positions, layers
    curve = bottom - TOP - lower - TIMELINE - 2
    out = stack(MARGIN, TOP, left, bottom - lower - 1, (("loss", curve), ("timeline", TIMELINE)))
    third = (left - 2 * GUTTER) // 3
    widths = (left - 2 * (third + GUTTER), third, third)
    x = MARGIN
    for name, width in zip(("samples", "positions", "layers"), widths, strict=True):
        out[name] = Region(x, bottom - lower, width, lower)
        x += width + GUTTER
    beside = (("runs", max(7, bottom // 7)), ("progress", 8), ("watch", 0))
    out |= stack(MARGIN + left + GUTTER, TOP, right, bottom, beside)
    place = out.pop("watch")
    return changing(out, place, PANES, stage, "watch", out)


def _roomy(size: Size, stage: str) -> Places:
    """The curve, the timeline and the changing place on the left, the prompt on the right."""
    inner, bottom = size.width - 2 * MARGIN, size.height
    right = max(40, inner * 9 // 20)
    left = inner - right - GUTTER
    upper = (bottom - TOP - TIMELINE - 3) * 3 // 5  # the curve is what one came for
    out = stack(MARGIN, TOP, left, TOP + upper + 1 + TIMELINE, (("loss", upper), ("timeline", TIMELINE)))
    top = TOP + upper + 1 + TIMELINE + 1
    watch = {"watch": Region(MARGIN + left + GUTTER, TOP, right, bottom - TOP)}
    place = Region(MARGIN, top, left, bottom - top)
    return changing(out, place, PANES, stage, "runs", ("loss", "timeline", "watch")) | watch


def _tight(size: Size, stage: str) -> Places:
    """The curve and the timeline on the left, everything else in turn on the right."""
    inner, bottom = size.width - 2 * MARGIN, size.height
    left = (inner - GUTTER) * 11 // 20
    x, right = MARGIN + left + GUTTER, inner - left - GUTTER
    out = stack(MARGIN, TOP, left, bottom, (("loss", bottom - TOP - TIMELINE - 1), ("timeline", TIMELINE)))
    return changing(out, Region(x, TOP, right, bottom - TOP), PANES, stage, "watch", ("loss", "timeline"))


def _one_column(size: Size, stage: str) -> Places:
    """One pane, and the timeline below it."""
    inner, last = size.width - 2 * MARGIN, size.height - TIMELINE
    place = Region(MARGIN, TOP, inner, last - TOP - 1)
    timeline = {"timeline": Region(MARGIN, last, inner, TIMELINE)}
    return changing({}, place, PANES, stage, "loss", ("timeline",)) | timeline
