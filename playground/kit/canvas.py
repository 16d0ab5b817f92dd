"""A grid of cells that panes draw on, and what a click on each part of it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from models.units import BITS, Unit
from playground.cells import JOINER, cell_len, cells
from playground.kit.palette import Palette

LIVE = Style(underline=True)

Act = Callable[[Any], Any]  # what a screen is about, as it is, to what it becomes: a Session, a TrainView


@dataclass(frozen=True)
class GoTo:
    """The act of whatever leads to another pane of the screen: that one gets the keys."""

    pane: str

    def __call__(self, view: Any) -> Any:
        """The view stays as it is."""
        return view


@dataclass(frozen=True)
class Press:
    """The act of whatever does what a key of the screen does; `action` names it as its table does."""

    action: str

    def __call__(self, view: Any) -> Any:
        """The view stays as it is."""
        return view


@dataclass(frozen=True)
class Live:
    """What a part of a picture does: clicked, and by the wheel turned up and down where that does something."""

    click: Act
    up: Act | None = None
    down: Act | None = None


@dataclass(frozen=True)
class Hit:
    """A part of the picture that does something when clicked, or says something when hovered."""

    x: int
    y: int
    width: int
    height: int
    act: Act
    on_hover: bool = False
    act_at: Callable[[int, int], Act] | None = None  # where what it does depends on the cell, counted from (x, y)
    up: Act | None = None  # by the wheel, where it does something other than for the whole pane
    down: Act | None = None

    def holds(self, x: int, y: int) -> bool:
        """Whether the cell is a part of it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass
class Canvas:
    """width x height cells, a wide character's second one empty; text beyond an edge is cut.

    Text must have come through `text.py`.
    """

    width: int
    height: int
    palette: Palette
    focused: bool = False
    hits: list[Hit] = field(default_factory=list)
    on_leave: Act | None = None  # what it does that the mouse has left the picture
    unit: Unit = BITS  # what surprise and losses are told in

    def __post_init__(self) -> None:
        """Blank."""
        blank = self.palette.text
        self.chars = [[" "] * self.width for _ in range(self.height)]
        self.styles = [[blank] * self.width for _ in range(self.height)]

    def part(self, width: int, height: int, focused: bool) -> Canvas:
        """A blank one to draw a part of the picture on, which is then pasted."""
        return Canvas(max(width, 0), max(height, 0), self.palette, focused, unit=self.unit)

    def put(self, x: int, y: int, text: str, style: Style | None = None) -> int:
        """Write from (x, y) to the right; returns the x after it. A wide character takes two cells."""
        style = style or self.palette.text
        if not 0 <= y < self.height:
            return x + cell_len(text)
        chars, styles = self.chars[y], self.styles[y]
        for cluster, wide in cells(text):
            stop = x + wide
            if x >= 0 and stop <= self.width:
                if not chars[x] or (stop < self.width and not chars[stop]):
                    _mend(chars, x, stop)
                chars[x], styles[x] = cluster, style
                if wide == 2:
                    chars[x + 1], styles[x + 1] = "", style
            x = stop
        return x

    def right(self, x: int, y: int, text: str, style: Style | None = None) -> None:
        """Write so that it ends before x."""
        self.put(x - cell_len(text), y, text, style)

    def title(self, title: str, note: str = "", y: int = 0) -> None:
        """A pane's head line: its title, a note, and a rule to the edge; the focused pane's in the accent."""
        palette = self.palette
        x = self.put(0, y, title, palette.accent if self.focused else palette.strong) + 1
        if note:
            x = self.put(x, y, note, palette.muted) + 1
        rule = ("━" if self.focused else "─") * (self.width - x)
        self.put(x, y, rule, palette.accent if self.focused else palette.faint)

    def beside(self, title: str) -> int:
        """How many cells a note has beside a title, with a piece of the rule after it."""
        return self.width - cell_len(title) - 2

    def hit(self, x: int, y: int, width: int, height: int, act: Act, *, on_hover: bool = False) -> None:
        """Clicking there (or, with on_hover, moving the mouse there) does this."""
        self.hits.append(Hit(x, y, width, height, act, on_hover))

    def live(self, x: int, y: int, width: int, height: int, live: Live) -> None:
        """Clicks and the wheel do this there."""
        self.hits.append(Hit(x, y, width, height, live.click, up=live.up, down=live.down))

    def grid_hit(
        self, x: int, y: int, width: int, height: int, act_at: Callable[[int, int], Act], *, on_hover: bool = False
    ) -> None:
        """As `hit`, for many cells at once: `act_at(dx, dy)` is what the cell so far from (x, y) does."""
        self.hits.append(Hit(x, y, width, height, act_at(0, 0), on_hover, act_at))

    def paste(self, part: Canvas, x: int, y: int, lift: Callable[[Act], Act] = lambda act: act) -> None:
        """Copy a smaller picture in, and take what its parts do; `lift` makes its acts those of this one."""
        for row in range(max(0, -y), min(part.height, self.height - y)):
            end = min(x + part.width, self.width)
            if end <= x:
                continue
            _mend(self.chars[y + row], x, end)
            self.chars[y + row][x:end] = part.chars[row][: end - x]
            if part.chars[row][end - x : end - x + 1] == [""]:
                self.chars[y + row][end - 1] = " "
            self.styles[y + row][x:end] = part.styles[row][: end - x]
        for hit in part.hits:
            act_at = _lifted(hit.act_at, lift) if hit.act_at else None
            up, down = (lift(act) if act else None for act in (hit.up, hit.down))
            moved = replace(hit, x=hit.x + x, y=hit.y + y, act=lift(hit.act), act_at=act_at, up=up, down=down)
            self.hits.append(moved)
        if part.on_leave is not None:
            self.on_leave = lift(part.on_leave)
        part.let_go()

    def let_go(self) -> None:
        """Nothing on it does anything any more."""
        self.hits.clear()
        self.on_leave = None

    def at(self, x: int, y: int, *, on_hover: bool = False) -> Act | None:
        """What a click or a hover there does."""
        hit = self._hit(x, y, on_hover)
        return None if hit is None else hit.act if hit.act_at is None else hit.act_at(x - hit.x, y - hit.y)

    def under(self, x: int, y: int) -> Region | None:
        """The part around a cell that a click acts on as one, in its first line; None where a click does nothing."""
        hit = self._hit(x, y, on_hover=False)
        if hit is None:
            return None
        return Region(x, y, 1, 1) if hit.act_at is not None else Region(hit.x, hit.y, hit.width, 1)

    def _hit(self, x: int, y: int, on_hover: bool) -> Hit | None:
        """The newest there."""
        return next((hit for hit in reversed(self.hits) if hit.on_hover == on_hover and hit.holds(x, y)), None)

    def turned(self, x: int, y: int, by: int) -> Act | None:
        """What the wheel does there, up (-1) or down (1); None where it does there what it does in the whole pane."""
        acts = (hit.up if by < 0 else hit.down for hit in reversed(self.hits) if hit.holds(x, y))
        return next(filter(None, acts), None)

    def word(self, x: int, y: int) -> str:
        """What stands around a cell between blanks and marks of punctuation; nothing where there is nothing."""
        if not (0 <= x < self.width and 0 <= y < self.height) or self.chars[y][x].isspace():
            return ""
        row = self.chars[y]
        start, stop = x, x
        while start and not row[start - 1].isspace():
            start -= 1
        while stop < self.width and not row[stop].isspace():
            stop += 1
        return "".join(row[start:stop]).strip(".,:;()·'")

    def plain(self) -> str:
        """The characters alone, one line a row."""
        return "\n".join("".join(row).rstrip() for row in self.chars)

    def strips(self) -> list[Strip]:
        """Finished lines, neighbours of one style joined."""
        return [self._strip(chars, styles) for chars, styles in zip(self.chars, self.styles, strict=True)]

    def _strip(self, chars: list[str], styles: list[Style]) -> Strip:
        segments, start = [], 0
        parted = JOINER in "".join(chars)  # Rich would take what stands behind one into its cell
        for x in range(1, self.width + 1):
            if x == self.width or styles[x] is not styles[start] or (parted and chars[x - 1].endswith(JOINER)):
                segments.append(Segment("".join(chars[start:x]), styles[start]))
                start = x
        return Strip(segments, self.width)


def _mend(chars: list[str], start: int, stop: int) -> None:
    """Blank the halves that are left where [start, stop) is about to cover only one of a wide character."""
    if not chars[start]:
        chars[start - 1] = " "
    if stop < len(chars) and not chars[stop]:
        chars[stop] = " "


def _lifted(act_at: Callable[[int, int], Act], lift: Callable[[Act], Act]) -> Callable[[int, int], Act]:
    return lambda dx, dy: lift(act_at(dx, dy))


def underlined(strip: Strip, start: int, stop: int) -> Strip:
    """The line with what stands in these cells underlined, as what a click acts on is under the mouse."""
    words = "".join(segment.text for segment in strip.crop(start, stop))
    start, stop = start + cell_len(words) - cell_len(words.lstrip()), stop - cell_len(words) + cell_len(words.rstrip())
    if start >= stop:
        return strip
    marked = [Segment(text, style + LIVE if style else LIVE) for text, style, _ in strip.crop(start, stop)]
    return Strip.join([strip.crop(0, start), Strip(marked, stop - start), strip.crop(stop, strip.cell_length)])
