"""Where each pane of the Play screen stands at each size."""

from __future__ import annotations

from functools import lru_cache, partial

from textual.geometry import Region, Size

from playground.kit.layout import GUTTER, Arrangement, Places, changing, stack, under_status
from playground.looking.panes.prompt_lines import TALLEST

STAGES = ("attention", "row", "cell", "switches", "bigram", "grid")
PANES = ("prompt", "next", "heads", *STAGES)  # in the order of their digits
TIGHT = 5  # lines of the prompt at most, where there is little room
RIGHT = 50  # cells of the last column, at least
LEAST = 10  # lines of the switches and of the cell at least, where every pane has a place
SAID = 3  # lines more that the switches have where they are given what they need
SHARED = 8  # lines that two panes share at least


@lru_cache(maxsize=16)
def arrangement(prompt: int = TALLEST, switches: int = 0) -> Arrangement:
    """With so many lines for the prompt, as far as it can have them: the rest goes to what stands below.

    So many are needed for all switches; where that is more than a place of their own has, two others share one.
    """
    return Arrangement(PANES, partial(places, prompt, switches), kind=(prompt, switches))


def places(prompt: int, switches: int, size: Size, stage: str) -> Places:
    """The places at this size; `stage` is the pane the person asked for last."""
    if size.width >= 150 and size.height >= 44:
        return _wide(prompt, switches, size, stage)
    if size.width >= 76:
        return _two_columns(prompt, size, stage)
    return _one_column(prompt, size, stage)


def _wide(prompt: int, switches: int, size: Size, stage: str) -> Places:
    out, rest = under_status(size)
    inner, bottom = rest.width, rest.bottom
    left = 46 if size.width < 190 else 54
    right = RIGHT if size.width < 190 else 66
    top = rest.y + prompt + 1
    middle = inner - left - right - 2 * GUTTER
    body = bottom - top
    out["prompt"] = Region(rest.x, rest.y, inner, prompt)
    out |= stack(rest.x, top, left, bottom, (("next", body // 2), ("heads", 0)))
    x = rest.x + left + GUTTER
    out |= stack(x, top, middle, bottom, (("attention", body - 10), ("row", 0)))
    x += middle + GUTTER
    out |= stack(x, top, right, bottom, _beside(body, switches))
    otherwise = "grid" if "grid" in out else "bigram"
    place = out.pop(otherwise)
    return changing(out, place, PANES, stage, otherwise, out)


def _beside(body: int, switches: int) -> tuple[tuple[str, int], ...]:
    """The panes of the last column with their lines; the bigram's share the last place where switches need theirs."""
    spare = (body - 38) // 4
    if switches <= LEAST + spare:
        return ("switches", LEAST + spare), ("cell", LEAST + spare), ("bigram", SHARED + spare), ("grid", 0)
    return ("switches", min(switches + SAID, body - LEAST - SHARED - 2)), ("cell", LEAST), ("bigram", 0)


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
