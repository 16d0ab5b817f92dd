"""Where each pane of the Inside screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, MARGIN, TOP, Arrangement, Places, changing
from playground.looking.panes.prompt import TALLEST

# in the order of their digits
STAGES = ("story", "who", "patch", "memories", "words", "senses", "walk", "texts", "switches")
PANES = ("prompt", *STAGES)
TIGHT = 4  # lines of the prompt at most, where there is little room


@lru_cache(maxsize=16)
def arrangement(prompt: int = TALLEST) -> Arrangement:
    """With so many lines for the prompt, as far as it can have them: the rest goes to what stands below."""
    return Arrangement(PANES, partial(places, prompt), kind=prompt)


def places(prompt: int, size: Size, stage: str) -> Places:
    """The text above; below it the storyboard and the changing place, or that alone where there is little room."""
    inner, roomy = size.width - 2 * MARGIN, size.height >= 28
    prompt = prompt if roomy else min(prompt, TIGHT)
    out = {"status": Region(MARGIN, 0, inner, 1), "prompt": Region(MARGIN, TOP, inner, prompt)}
    top = TOP + prompt + (1 if roomy else 0)
    tall = size.height - top
    if size.width < 150:
        return changing(out, Region(MARGIN, top, inner, tall), PANES, stage, STAGES[0], ("prompt",))
    left = (inner - GUTTER) // 2
    out["story"] = Region(MARGIN, top, left, tall)
    place = Region(MARGIN + left + GUTTER, top, inner - left - GUTTER, tall)
    return changing(out, place, PANES, stage, STAGES[1], ("prompt", "story"))
