"""Where panes stand: a screen's layout is a function of the size, so that edges align by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from playground.cells import cell_len
from playground.kit.keys import digit

SMALLEST = Size(60, 18)
MARGIN, GUTTER = 1, 2
TAKEN = 2  # lines of the screen's that are not the board's: the names of the screens, and the footer
APART = 2  # cells between two tabs

Regions = dict[str, Region]


def too_small(size: Size) -> bool:
    """Whether a terminal of this size has no room for a screen."""
    return size.width < SMALLEST.width or size.height < SMALLEST.height


@dataclass(frozen=True, slots=True)
class Places:
    """The region of every pane that is on screen, in reading order; `tabs` names those that share the changing place.

    `staged` is the one of them that stands there now; None where every pane has a place of its own.
    """

    regions: Regions
    tabs: tuple[str, ...] = ()
    staged: str | None = None

    def __or__(self, more: Regions) -> Places:
        return replace(self, regions=self.regions | more)


@dataclass(frozen=True)
class Arrangement:
    """The panes of a screen in the order of their digits, and its layout: of a size, and of the pane asked for last."""

    panes: tuple[str, ...]
    layout: Callable[[Size, str], Places] = field(compare=False)
    kind: object = None  # what tells two arrangements of one screen apart

    def places(self, size: Size, stage: str) -> Places:
        """The places at this size; where it is too small, only of what says so."""
        if too_small(size + (0, TAKEN)):
            return Places({"small": Region(0, 0, size.width, size.height)})
        return self.layout(size, stage)

    def order(self, size: Size, stage: str) -> list[str]:
        """The panes on screen that take keys."""
        return [name for name in self.places(size, stage).regions if name in self.panes]


def whole(size: Size) -> Region:
    """What panes have of the board: all between its margins."""
    return Region(MARGIN, 0, size.width - 2 * MARGIN, size.height)


def under_status(size: Size) -> tuple[Regions, Region]:
    """The line that says how things stand, and what it leaves to the panes below it."""
    status, rest = whole(size).split_horizontal(1)
    return {"status": status}, rest


def stack(x: int, y: int, width: int, bottom: int, parts: Iterable[tuple[str, int]]) -> Regions:
    """Panes below one another with one line between; the last takes what is left."""
    out: Regions = {}
    rows = list(parts)
    for index, (name, height) in enumerate(rows):
        tall = bottom - y if index == len(rows) - 1 else height
        out[name] = Region(x, y, width, max(tall, 1))
        y += tall + 1
    return out


def changing(
    others: Regions, place: Region, panes: Sequence[str], stage: str, otherwise: str, alone: Iterable[str]
) -> Places:
    """The other panes, the tabs, and below them the pane asked for; no tabs where only one can stand there.

    `alone` are those of the panes that never stand there; where one of these, or one that has another place, was asked
    for, `otherwise` does.
    """
    names = tuple(name for name in panes if name not in alone)
    staged = stage if stage in names and stage not in others else otherwise
    if names == (staged,):
        return Places(others | {staged: place})
    lines = len(tab_lines(panes, names, place.width))
    tabs = Region(place.x, place.y, place.width, lines)
    below = Region(place.x, tabs.bottom, place.width, max(place.height - lines, 1))
    return Places(others | {"tabs": tabs, staged: below}, names, staged)


def tab_lines(panes: Sequence[str], names: Sequence[str], width: int) -> list[list[tuple[int, str, str]]]:
    """The tabs of some panes over lines: each its x, its name, its words. Closer where fewer lines then hold them."""
    words = [(name, f"{digit(panes, name)} {name}".lstrip()) for name in names]
    wide, close = _flowing(words, width, APART), _flowing(words, width, 1)
    return close if len(close) < len(wide) else wide


def _flowing(tabs: Sequence[tuple[str, str]], width: int, apart: int) -> list[list[tuple[int, str, str]]]:
    lines: list[list[tuple[int, str, str]]] = []
    x = width
    for name, words in tabs:
        if x + cell_len(words) > width:
            lines.append([])
            x = 0
        lines[-1].append((x, name, words))
        x += cell_len(words) + apart
    return lines


class Placing(Layout):
    """Textual's door to an arrangement: puts each child where its id says."""

    name = "places"

    def __init__(self, arrangement: Arrangement, stage: str) -> None:
        super().__init__()
        self.arrangement, self.stage = arrangement, stage

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """One placement a child that is on screen."""
        regions = self.arrangement.places(size, self.stage).regions
        return [
            WidgetPlacement(regions.get(child.id or "", Region()), NULL_OFFSET, Spacing(), child) for child in children
        ]
