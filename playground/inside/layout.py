"""Where each pane of the Inside screen stands at each size."""

from __future__ import annotations

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, MARGIN, TOP, Arrangement, Places, changing

# in the order of their digits
STAGES = ("story", "who", "patch", "memories", "words", "senses", "walk", "texts", "switches")
PANES = ("prompt", *STAGES)


def places(size: Size, stage: str) -> Places:
    """The text above; below it the storyboard and the changing place, or that alone where there is little room."""
    inner, roomy = size.width - 2 * MARGIN, size.height >= 28
    prompt = 6 if roomy else 4
    out = {"status": Region(MARGIN, 0, inner, 1), "prompt": Region(MARGIN, TOP, inner, prompt)}
    top = TOP + prompt + (1 if roomy else 0)
    tall = size.height - top
    if size.width < 150:
        return changing(out, Region(MARGIN, top, inner, tall), PANES, stage, STAGES[0], ("prompt",))
    left = (inner - GUTTER) // 2
    out["story"] = Region(MARGIN, top, left, tall)
    place = Region(MARGIN + left + GUTTER, top, inner - left - GUTTER, tall)
    return changing(out, place, PANES, stage, STAGES[1], ("prompt", "story"))


ARRANGEMENT = Arrangement(PANES, places)
