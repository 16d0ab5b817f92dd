"""Where each pane of the Inside screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, Arrangement, Places, changing, under_status
from playground.looking.panes.prompt_lines import TALLEST

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
    out, rest = under_status(size)
    roomy = size.height >= 28
    prompt = prompt if roomy else min(prompt, TIGHT)
    out["prompt"] = Region(rest.x, rest.y, rest.width, prompt)
    top = rest.y + prompt + (1 if roomy else 0)
    tall = size.height - top
    if size.width < 150:
        return changing(out, Region(rest.x, top, rest.width, tall), PANES, stage, STAGES[0], ("prompt",))
    left = (rest.width - GUTTER) // 2
    out["story"] = Region(rest.x, top, left, tall)
    place = Region(rest.x + left + GUTTER, top, rest.width - left - GUTTER, tall)
    return changing(out, place, PANES, stage, STAGES[1], ("prompt", "story"))
