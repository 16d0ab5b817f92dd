"""Where each pane of the Train screen stands at each size, as a function, so that edges align by construction."""

from __future__ import annotations

from textual.geometry import Offset, Region, Size

from playground.play.layout import GUTTER, MARGIN, SMALLEST, stack

STAGES = ("watch", "samples", "positions", "layers", "runs", "progress")
PANES = ("loss", "timeline", *STAGES)  # in the order of their number keys
TIMELINE = 3  # lines


def places(size: Size, stage: str) -> dict[str, Region]:
    """The region of every pane that is on screen at this size; `stage` is the pane the person asked for last."""
    if size.width < SMALLEST.width or size.height < SMALLEST.height - 1:  # the footer has taken a line
        return {"small": Region(0, 0, size.width, size.height)}
    if size.width >= 150 and size.height >= 44:
        return _wide(size)
    if size.width >= 96 and size.height >= 28:
        return _roomy(size, stage)
    if size.width >= 76:
        return _tight(size, stage)
    return _one_column(size, stage)


def staged(size: Size, stage: str) -> str | None:
    """The pane in the changing place at this size; None where there is no such place."""
    shown = places(size, stage)
    if "tabs" not in shown:
        return None
    below = Offset(shown["tabs"].x, shown["tabs"].bottom)
    return next(name for name, region in shown.items() if region.offset == below)


def choices(size: Size) -> tuple[str, ...]:
    """The panes that share the changing place: all that have no other."""
    return tuple(name for name in PANES if staged(size, name) == name)


def _wide(size: Size) -> dict[str, Region]:
    """The curve and what belongs to it on the left, the runs and the prompt on the right."""
    inner, bottom = size.width - 2 * MARGIN, size.height
    right = max(62, inner * 2 // 5)
    left = inner - right - GUTTER
    lower = max(12, (bottom - 2) * 3 // 10)  # height of samples, positions, layers
    out = {"status": Region(MARGIN, 0, inner, 1)}
    curve = bottom - 2 - lower - TIMELINE - 2
    out |= stack(MARGIN, 2, left, bottom - lower - 1, (("loss", curve), ("timeline", TIMELINE)))
    third = (left - 2 * GUTTER) // 3
    widths = (left - 2 * (third + GUTTER), third, third)
    x = MARGIN
    for name, width in zip(("samples", "positions", "layers"), widths, strict=True):
        out[name] = Region(x, bottom - lower, width, lower)
        x += width + GUTTER
    beside = (("runs", max(7, bottom // 7)), ("progress", 8), ("watch", 0))
    return out | stack(MARGIN + left + GUTTER, 2, right, bottom, beside)


def _roomy(size: Size, stage: str) -> dict[str, Region]:
    """The curve, the timeline and the changing place on the left, the prompt on the right."""
    inner, bottom = size.width - 2 * MARGIN, size.height
    right = max(40, inner * 9 // 20)
    left = inner - right - GUTTER
    out = {"status": Region(MARGIN, 0, inner, 1)}
    upper = (bottom - 2 - TIMELINE - 3) * 3 // 5  # the curve is what one came for
    out |= stack(MARGIN, 2, left, 2 + upper + 1 + TIMELINE, (("loss", upper), ("timeline", TIMELINE)))
    top = 2 + upper + 1 + TIMELINE + 1
    staged = stage if stage in STAGES and stage != "watch" else "runs"
    out["tabs"] = Region(MARGIN, top, left, 1)
    out[staged] = Region(MARGIN, top + 1, left, bottom - top - 1)
    out["watch"] = Region(MARGIN + left + GUTTER, 2, right, bottom - 2)
    return out


def _tight(size: Size, stage: str) -> dict[str, Region]:
    """The curve and the timeline on the left, everything else in turn on the right."""
    inner, bottom = size.width - 2 * MARGIN, size.height
    left = (inner - GUTTER) * 11 // 20
    x, right = MARGIN + left + GUTTER, inner - left - GUTTER
    out = {"status": Region(MARGIN, 0, inner, 1)}
    out |= stack(MARGIN, 1, left, bottom, (("loss", bottom - 1 - TIMELINE - 1), ("timeline", TIMELINE)))
    staged = stage if stage in STAGES else "watch"
    out["tabs"] = Region(x, 1, right, 1)
    out[staged] = Region(x, 2, right, bottom - 2)
    return out


def _one_column(size: Size, stage: str) -> dict[str, Region]:
    """One pane, and the timeline below it."""
    inner, bottom = size.width - 2 * MARGIN, size.height
    staged = stage if stage in PANES and stage != "timeline" else "loss"
    out = {"status": Region(MARGIN, 0, inner, 1), "tabs": Region(MARGIN, 1, inner, 1)}
    return out | stack(MARGIN, 2, inner, bottom, ((staged, bottom - 2 - TIMELINE - 1), ("timeline", TIMELINE)))
