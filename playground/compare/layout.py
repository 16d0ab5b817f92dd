"""Where each pane of the Compare screen stands at each size, as a function, so that edges align by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.geometry import Offset, Region, Size

from playground.play.layout import GUTTER, MARGIN, SMALLEST, stack

PANES = ("strips", "bars", "knows", "wins", "wrong", "scoreboard", "context", "writes", "paths", "grid")  # by number
TEXT = "text"  # on screen while it is typed
APART = 2  # cells between two tabs
TYPED = 4  # lines of the text while it is typed, at most


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What else decides about the places than the size and the pane asked for."""

    knows: bool = False  # the truth is known, so what it knows has something to show
    typing: bool = False

    def places(self, size: Size, stage: str) -> dict[str, Region]:
        """The region of every pane that is on screen at this size; `stage` is the pane asked for last."""
        if size.width < SMALLEST.width or size.height < SMALLEST.height - 1:  # the footer has taken a line
            return {"small": Region(0, 0, size.width, size.height)}
        if size.width >= 150 and size.height >= 44:
            return self._wide(size, stage)
        if size.width >= 96 and size.height >= 28:
            return self._roomy(size, stage)
        return self._narrow(size, stage)

    def staged(self, size: Size, stage: str) -> str | None:
        """The pane in the changing place at this size; None where there is no such place."""
        shown = self.places(size, stage)
        if "tabs" not in shown:
            return None
        below = Offset(shown["tabs"].x, shown["tabs"].bottom)
        return next(name for name, region in shown.items() if region.offset == below)

    def choices(self, size: Size) -> tuple[str, ...]:
        """The panes that share the changing place: all that have no other."""
        return tuple(name for name in PANES if self.staged(size, name) == name)

    def _wide(self, size: Size, stage: str) -> dict[str, Region]:
        """The text and the changing place on the left; what comes here and what is known of it on the right."""
        inner, bottom, top = size.width - 2 * MARGIN, size.height, 2
        right = max(62, inner * 2 // 5)
        left = inner - right - GUTTER
        upper = (bottom - top) * 11 // 20
        beside, otherwise = ("knows", "wins") if self.knows else ("wins", "wrong")
        y = top + upper + 1
        below = Region(MARGIN, y, left, bottom - y)
        out = self._text(size, Region(MARGIN, top, left, upper))
        out |= _changing(stage, otherwise, ("strips", "bars", beside), below)
        return out | stack(MARGIN + left + GUTTER, top, right, bottom, (("bars", upper), (beside, 0)))

    def _roomy(self, size: Size, stage: str) -> dict[str, Region]:
        """The text above; below it what comes here, and the changing place."""
        inner, bottom, top = size.width - 2 * MARGIN, size.height, 2
        upper = (bottom - top) * 9 // 20
        left = (inner - GUTTER) // 2
        y = top + upper + 1
        out = self._text(size, Region(MARGIN, top, inner, upper))
        out["bars"] = Region(MARGIN, y, left, bottom - y)
        beside = Region(MARGIN + left + GUTTER, y, inner - left - GUTTER, bottom - y)
        return out | _changing(stage, "knows" if self.knows else "wins", ("strips", "bars"), beside)

    def _narrow(self, size: Size, stage: str) -> dict[str, Region]:
        """The text above, and the changing place."""
        inner, bottom, top = size.width - 2 * MARGIN, size.height, 1
        upper = (bottom - top) * 9 // 20
        y = top + upper + 1
        out = self._text(size, Region(MARGIN, top, inner, upper))
        return out | _changing(stage, "bars", ("strips",), Region(MARGIN, y, inner, bottom - y))

    def _text(self, size: Size, place: Region) -> dict[str, Region]:
        """The status line, the text while it is typed, and the strips."""
        typed = min(TYPED, place.height // 2) if self.typing else 0
        out = {"status": Region(MARGIN, 0, size.width - 2 * MARGIN, 1)}
        if typed:
            out[TEXT] = Region(place.x, place.y, place.width, typed)
        return out | {"strips": Region(place.x, place.y + typed, place.width, place.height - typed)}


def _changing(stage: str, otherwise: str, alone: Sequence[str], place: Region) -> dict[str, Region]:
    """The tabs, over as many lines as they need, and the pane asked for; another where that has its own place."""
    names = [name for name in PANES if name not in alone]
    lines = len(tab_lines(names, place.width))
    tabs = Region(place.x, place.y, place.width, lines)
    shown = Region(place.x, tabs.bottom, place.width, max(place.height - lines, 1))
    return {"tabs": tabs, stage if stage in names else otherwise: shown}


def number(name: str) -> str:
    """The key of a pane."""
    return str((PANES.index(name) + 1) % 10)


def tab_lines(names: Sequence[str], width: int) -> list[list[tuple[int, str, str]]]:
    """The tabs of some panes over lines: each its x, its name, and its words. Closer where one line then holds them."""
    wide, close = _flowing(names, width, APART), _flowing(names, width, 1)
    return close if len(close) == 1 < len(wide) else wide


def _flowing(names: Sequence[str], width: int, apart: int) -> list[list[tuple[int, str, str]]]:
    lines: list[list[tuple[int, str, str]]] = []
    x = width
    for name in names:
        words = f"{number(name)} {name}"
        if x + len(words) > width:
            lines.append([])
            x = 0
        lines[-1].append((x, name, words))
        x += len(words) + apart
    return lines
