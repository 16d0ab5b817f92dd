"""Where each pane of the Play screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, MARGIN, TOP, Arrangement, Places, Regions, changing, stack
from playground.looking.panes.prompt import TALLEST

STAGES = ("attention", "row", "cell", "switches", "bigram", "grid")
PANES = ("prompt", "next", "heads", *STAGES)  # in the order of their digits
TIGHT = 5  # lines of the prompt at most, where there is little room


@lru_cache(maxsize=16)
def arrangement(prompt: int = TALLEST) -> Arrangement:
    """With so many lines for the prompt, as far as it can have them: the rest goes to what stands below."""
    return Arrangement(PANES, partial(places, prompt), kind=prompt)


def places(prompt: int, size: Size, stage: str) -> Places:
    """The places at this size; `stage` is the pane the person asked for last."""
    if size.width >= 150 and size.height >= 44:
        return _wide(prompt, size, stage)
    if size.width >= 76:
        return _two_columns(prompt, size, stage)
    return _one_column(prompt, size, stage)


def _wide(prompt: int, size: Size, stage: str) -> Places:
    inner, bottom = size.width - 2 * MARGIN, size.height
    left = 46 if size.width < 190 else 54
    right = 50 if size.width < 190 else 66
    top = TOP + prompt + 1
    middle = inner - left - right - 2 * GUTTER
    body = bottom - top
    out = {"status": Region(MARGIN, 0, inner, 1), "prompt": Region(MARGIN, TOP, inner, prompt)}
    out |= stack(MARGIN, top, left, bottom, (("next", body // 2), ("heads", 0)))
    x = MARGIN + left + GUTTER
    out |= stack(x, top, middle, bottom, (("attention", body - 10), ("row", 0)))
    x += middle + GUTTER
    spare = (body - 38) // 4
    parts = (("switches", 10 + spare), ("cell", 10 + spare), ("bigram", 8 + spare), ("grid", 0))
    out |= stack(x, top, right, bottom, parts)
    place = out.pop("grid")
    return changing(out, place, PANES, stage, "grid", out)


def _two_columns(prompt: int, size: Size, stage: str) -> Places:
    inner, bottom = size.width - 2 * MARGIN, size.height
    roomy = size.height >= 28
    prompt = prompt if roomy else min(prompt, TIGHT)
    out = {"status": Region(MARGIN, 0, inner, 1), "prompt": Region(MARGIN, TOP, inner, prompt)}
    top = TOP + prompt + (1 if roomy else 0)
    left = max(34, inner * 2 // 5) if roomy else 34
    x = MARGIN + left + GUTTER
    if roomy:
        out |= stack(MARGIN, top, left, bottom, (("next", (bottom - top - 1) // 2), ("heads", 0)))
    else:
        out["next"] = Region(MARGIN, top, left, bottom - top)
    place = Region(x, top, inner - left - GUTTER, bottom - top)
    return changing(out, place, PANES, stage, "attention", ("prompt", "next"))


def _one_column(prompt: int, size: Size, stage: str) -> Places:
    inner, prompt = size.width - 2 * MARGIN, min(prompt, TIGHT)
    out: Regions = {"status": Region(MARGIN, 0, inner, 1), "prompt": Region(MARGIN, TOP, inner, prompt)}
    place = Region(MARGIN, TOP + prompt, inner, size.height - TOP - prompt)
    return changing(out, place, PANES, stage, "next", ("prompt",))
