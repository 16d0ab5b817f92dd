"""Where each pane of the Play screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, Arrangement, Places, changing, stack, under_status
from playground.looking.panes.prompt_lines import TALLEST

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
    out, rest = under_status(size)
    inner, bottom = rest.width, rest.bottom
    left = 46 if size.width < 190 else 54
    right = 50 if size.width < 190 else 66
    top = rest.y + prompt + 1
    middle = inner - left - right - 2 * GUTTER
    body = bottom - top
    out["prompt"] = Region(rest.x, rest.y, inner, prompt)
    out |= stack(rest.x, top, left, bottom, (("next", body // 2), ("heads", 0)))
    x = rest.x + left + GUTTER
    out |= stack(x, top, middle, bottom, (("attention", body - 10), ("row", 0)))
    x += middle + GUTTER
    spare = (body - 38) // 4
    parts = (("switches", 10 + spare), ("cell", 10 + spare), ("bigram", 8 + spare), ("grid", 0))
    out |= stack(x, top, right, bottom, parts)
    place = out.pop("grid")
    return changing(out, place, PANES, stage, "grid", out)


def _two_columns(prompt: int, size: Size, stage: str) -> Places:
    out, rest = under_status(size)
    inner, bottom = rest.width, rest.bottom
    roomy = size.height >= 28
    prompt = prompt if roomy else min(prompt, TIGHT)
    out["prompt"] = Region(rest.x, rest.y, inner, prompt)
    top = rest.y + prompt + (1 if roomy else 0)
    left = max(34, inner * 2 // 5) if roomy else 34
    x = rest.x + left + GUTTER
    if roomy:
        out |= stack(rest.x, top, left, bottom, (("next", (bottom - top - 1) // 2), ("heads", 0)))
    else:
        out["next"] = Region(rest.x, top, left, bottom - top)
    place = Region(x, top, inner - left - GUTTER, bottom - top)
    return changing(out, place, PANES, stage, "attention", ("prompt", "next"))


def _one_column(prompt: int, size: Size, stage: str) -> Places:
    out, rest = under_status(size)
    out["prompt"], place = rest.split_horizontal(min(prompt, TIGHT))
    return changing(out, place, PANES, stage, "next", ("prompt",))
