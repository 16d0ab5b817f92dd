"""Where each pane stands at each size, as a function, so that edges align by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

SMALLEST = Size(60, 18)
STAGES = ("attention", "row", "cell", "switches", "bigram", "grid")
PANES = ("prompt", "next", "heads", *STAGES)  # in the order of their number keys
MARGIN, GUTTER = 1, 2


def places(size: Size, stage: str) -> dict[str, Region]:
    """The region of every pane that is on screen at this size; `stage` is the pane the person asked for last."""
    if size.width < SMALLEST.width or size.height < SMALLEST.height - 1:  # the footer has taken a line
        return {"small": Region(0, 0, size.width, size.height)}
    if size.width >= 150 and size.height >= 44:
        return _wide(size)
    if size.width >= 76:
        return _two_columns(size, stage)
    return _one_column(size, stage)


def stack(x: int, y: int, width: int, bottom: int, parts: Iterable[tuple[str, int]]) -> dict[str, Region]:
    """Panes below one another with one line between; the last takes what is left."""
    out: dict[str, Region] = {}
    rows = list(parts)
    for index, (name, height) in enumerate(rows):
        tall = bottom - y if index == len(rows) - 1 else height
        out[name] = Region(x, y, width, max(tall, 1))
        y += tall + 1
    return out


def _wide(size: Size) -> dict[str, Region]:
    inner, bottom = size.width - 2 * MARGIN, size.height
    left = 46 if size.width < 190 else 54
    right = 50 if size.width < 190 else 66
    top = 2 + 6 + 1
    middle = inner - left - right - 2 * GUTTER
    body = bottom - top
    out = {"status": Region(MARGIN, 0, inner, 1), "prompt": Region(MARGIN, 2, inner, 6)}
    out |= stack(MARGIN, top, left, bottom, (("next", body // 2), ("heads", 0)))
    x = MARGIN + left + GUTTER
    out |= stack(x, top, middle, bottom, (("attention", body - 10), ("row", 0)))
    x += middle + GUTTER
    spare = (body - 38) // 4
    parts = (("switches", 10 + spare), ("cell", 10 + spare), ("bigram", 8 + spare), ("grid", 0))
    out |= stack(x, top, right, bottom, parts)
    return out


def _two_columns(size: Size, stage: str) -> dict[str, Region]:
    inner, bottom = size.width - 2 * MARGIN, size.height
    roomy = size.height >= 28
    y, prompt = (2, 6) if roomy else (1, 5)
    out = {"status": Region(MARGIN, 0, inner, 1), "prompt": Region(MARGIN, y, inner, prompt)}
    top = y + prompt + (1 if roomy else 0)
    left = max(34, inner * 2 // 5) if roomy else 34
    x = MARGIN + left + GUTTER
    if roomy:
        out |= stack(MARGIN, top, left, bottom, (("next", (bottom - top - 1) // 2), ("heads", 0)))
    else:
        out["next"] = Region(MARGIN, top, left, bottom - top)
    staged = stage if stage not in out else "attention"
    out["tabs"] = Region(x, top, inner - left - GUTTER, 1)
    out[staged] = Region(x, top + 1, inner - left - GUTTER, bottom - top - 1)
    return out


def _one_column(size: Size, stage: str) -> dict[str, Region]:
    inner = size.width - 2 * MARGIN
    stage = "next" if stage == "prompt" else stage
    return {
        "status": Region(MARGIN, 0, inner, 1),
        "prompt": Region(MARGIN, 1, inner, 5),
        "tabs": Region(MARGIN, 6, inner, 1),
        stage: Region(MARGIN, 7, inner, size.height - 7),
    }


class Places(Layout):
    """Textual's door to a function such as `places`: puts each child where its id says."""

    name = "places"

    def __init__(self, places: Callable[[Size, str], dict[str, Region]], stage: str) -> None:
        super().__init__()
        self.places, self.stage = places, stage

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """One placement a child that is on screen."""
        regions = self.places(size, self.stage)
        return [
            WidgetPlacement(regions.get(child.id or "", Region()), NULL_OFFSET, Spacing(), child) for child in children
        ]
