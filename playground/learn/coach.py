"""The coach: a narrow strip on the real screen, which asks, says what to do, and shows what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from rich.style import Style
from textual import events

from models.units import Unit
from playground import text
from playground.cells import cell_len, wrap
from playground.kit.aside import Aside
from playground.kit.board import Board
from playground.kit.canvas import Act, Canvas
from playground.kit.flow import first_that_fits
from playground.kit.keys import QUIT_TYPING, Key
from playground.kit.layout import SMALLEST
from playground.kit.palette import Palette
from playground.kit.pane import Pane, Picture
from playground.learn import walk as walks
from playground.learn.lesson import Challenge
from playground.learn.walk import Walk
from playground.learn.words import STAGES, Piece, said, stage_of

LEAST, MOST, SHARE = 4, 10, 5  # lines: at least, at most, and the part of the screen between
CARET = "▏"
APART = 3  # cells between two pieces of a line
FOR_SCREEN = frozenset({*(f"f{at}" for at in range(1, 13)), "ctrl+q"})  # keys that it leaves to whoever has them

QUESTION = "While the lesson asks"
CHOOSE = Key("choose", "down", "choose", "The next of the answers.", QUESTION, True, "↑↓")
ANSWER = Key("answer", "enter", "answer", "Say this, and see whether it comes true.", QUESTION, True, "⏎")

Line = list[tuple[str, Style, int]]  # words, and the option that a click on them chooses, or -1


def height(of_screen: int) -> int:
    """How many lines it has; the panes keep what they need at least."""
    return max(LEAST, min(of_screen // SHARE + 2, MOST, of_screen - SMALLEST.height))


@dataclass(frozen=True)
class Told:
    """What the strip is drawn from."""

    view: Walk

    def moved(self, dx: int, dy: int) -> Walk:
        """Arrow keys are taken as keys."""
        return self.view


class Strip(Pane[Told, Walk]):
    """What it says, as a picture: a function of the walk and the size, like every pane."""

    name = "coach"
    title = "Lesson"
    help = "It asks, says what to do, and shows what was measured. Esc leaves the lesson, and all is as before."

    def draw(self, scene: Told, canvas: Canvas) -> None:
        """The title with what can be pressed, and the page of what is said."""
        walk, pages = scene.view, pages_of(scene.view, canvas.palette, canvas.width, canvas.height, canvas.unit)
        page = min(walk.page, len(pages) - 1)
        offered, title = offers(walk, page, len(pages), has_keys=canvas.focused), walk.task.title
        room = canvas.beside(title) - sum(cell_len(words) + 1 for words, _ in offered)
        canvas.title(title, first_that_fits((stage_of(walk), STAGES[walk.stage][0], ""), room))
        x = canvas.width
        for words, act in reversed(offered):
            x -= cell_len(words) + 1
            canvas.put(x - 1, 0, f" {words} ", canvas.palette.accent)
            canvas.hit(x, 0, cell_len(words), 1, act)
        for y, line in enumerate(pages[page], 1):
            x = 0
            for words, style, option in line:
                if option >= 0:
                    canvas.hit(x, y, cell_len(words), 1, partial(walks.answered, typed=walk.options[option]))
                x = canvas.put(x, y, words, style)


def offers(walk: Walk, page: int, pages: int, *, has_keys: bool) -> list[tuple[str, Act]]:
    """What can be pressed now, and what a click on that does; F7 goes on where a pane has the keys."""
    out: list[tuple[str, Act]] = [("esc leave", walks.left)]
    if walk.stage == "ask" and not has_keys:
        out.insert(0, ("f7 answer", lambda walk: walk))
    if walk.stage == "see" and walk.findings is not None:
        key, more = "⏎" if has_keys else "f7", f"more {page + 1}/{pages}" if page + 1 < pages else "done"
        out.insert(0, (f"{key} {more}", partial(walks.turned, by=1, pages=pages)))
    if isinstance(walk.task, Challenge) and walk.stage == "act" and walk.hints < len(walk.task.hints):
        out.insert(0, ("f7 a hint", walks.hinted))
    return out


def keys_for(walk: Walk) -> tuple[Key, ...]:
    """The keys that it takes for itself while it asks."""
    if walk.stage != "ask":
        return ()
    return (CHOOSE, ANSWER, QUIT_TYPING) if walk.options else (ANSWER, QUIT_TYPING)


def pages_of(walk: Walk, palette: Palette, width: int, tall: int, unit: Unit) -> list[list[Line]]:
    """Everything it says over pages of so many lines, less the title's; a block stays whole where a page holds it."""
    room, pages = max(tall - 1, 1), [list[Line]()]
    for block in said(walk, unit):
        lines = _lines(block, palette, width)
        if len(pages[-1]) + len(lines) > room and pages[-1]:
            pages.append([])
        for line in lines:
            if len(pages[-1]) == room:
                pages.append([])
            pages[-1].append(line)
    return pages


def _lines(block: Sequence[Piece], palette: Palette, width: int) -> list[Line]:
    """The pieces over lines: what was measured as a table, all else as it comes."""
    lines: list[Line] = []
    for are_numbers, pieces in groupby(block, lambda piece: piece.is_number):
        lines += (_table if are_numbers else _running)([*pieces], palette, max(width, 1))
    return lines


def _running(pieces: Sequence[Piece], palette: Palette, width: int) -> list[Line]:
    """Those that join stand side by side as far as they fit."""
    lines: list[Line] = []
    for piece in pieces:
        lead = f"{piece.lead} " if piece.lead else ""
        caret = CARET if piece.is_typed else ""
        wrapped = wrap(text.visible(lead + piece.words) + caret, width) or [""]
        style: Style = getattr(palette, piece.tone)
        parts: list[Line] = [[(words, style, piece.option)] for words in wrapped]
        if lead and wrapped[0].startswith(lead):
            parts[0] = [(lead, palette.accent, piece.option), (wrapped[0][len(lead) :], style, piece.option)]
        used = sum(cell_len(words) for words, _, _ in lines[-1]) if lines else width
        if piece.joins and len(parts) == 1 and used + APART + cell_len(wrapped[0]) <= width:
            lines[-1] += [(" " * APART, palette.text, -1), *parts[0]]
        else:
            lines += parts
    return lines


def _table(numbers: Sequence[Piece], palette: Palette, width: int) -> list[Line]:
    """Row by row, each number right before its words, in as many columns as fit with every word of them."""
    columns = next(each for each in _columns(numbers) if _together(each) <= width or len(each) == 1)
    lines: list[Line] = []
    for first in range(0, len(numbers), len(columns)):
        row: Line = []
        for piece, (lead, words) in zip(numbers[first:], columns, strict=False):
            indent, room = APART * bool(row) + lead, min(words, max(width - lead - 1, 1))
            start, *rest = wrap(text.visible(piece.words), room) or [""]
            style: Style = getattr(palette, piece.tone)
            before = " " * (indent - cell_len(piece.lead))
            row += [(before + piece.lead, palette.accent, -1), (f" {text.fit(start, room)}", style, -1)]
        lines += [row, *([(" " * (indent + 1) + line, style, -1)] for line in rest)]
    return lines


def _columns(numbers: Sequence[Piece]) -> Iterator[list[tuple[int, int]]]:
    """How wide the numbers and the words of each column are: of as many as there are numbers, and of fewer."""
    for many in range(len(numbers), 0, -1):
        of = [numbers[at::many] for at in range(many)]
        yield [(max(cell_len(p.lead) for p in column), max(cell_len(p.words) for p in column)) for column in of]


def _together(columns: Sequence[tuple[int, int]]) -> int:
    """How wide they are side by side."""
    return sum(lead + 1 + words + APART for lead, words in columns) - APART


class Coach(Aside):
    """The strip on a screen, below its panes."""

    DEFAULT_CSS = "Coach { margin: 0 1; }"

    def __init__(self, walk: Walk, hear: Callable[[Walk], object]) -> None:
        """`hear` is told what the person makes of the walk, at once: their next key is for that."""
        super().__init__(Strip(), can_focus=walk.takes_keys)
        self.walk, self.hear = walk, hear

    def tell(self, walk: Walk, palette: Palette, unit: Unit) -> None:
        """Draw what it says now, and take the keys where they are for it."""
        self.walk = walk
        self.can_focus = walk.takes_keys
        self.keys = keys_for(walk)
        self.show(Told(walk), palette, unit)

    def on_resize(self) -> None:
        """Now it is known how much of the screen it takes: a notice stands above it."""
        self.post_message(Board.Resized())

    def on_key(self, event: events.Key) -> None:
        """While it has the keys, they are for it; but for those that lead to another screen, and out."""
        if not self.walk.takes_keys or event.key in FOR_SCREEN:
            return
        if self.walk.stage == "ask":
            event.stop()
            event.prevent_default()
            self.hear(walks.asked_key(self.walk, event.key, event.character))
            return
        walked = walks.seen_key(self.walk, event.key, self.pages)
        if walked != self.walk:
            event.stop()
            event.prevent_default()
            self.hear(walked)

    @property
    def pages(self) -> int:
        """How many there are at its size."""
        assert self.palette is not None
        return len(pages_of(self.walk, self.palette, self.size.width, self.size.height, self.unit))

    def on_picture_acted(self, message: Picture.Acted) -> None:
        """A click on what it offers."""
        message.stop()
        if not message.hover:
            self.hear(message.act(self.walk))

    def on_picture_turned(self, message: Picture.Turned) -> None:
        """The wheel turns its pages, but not out of it."""
        message.stop()
        if self.walk.stage == "see" and 0 <= self.walk.page + message.by < self.pages:
            self.hear(walks.turned(self.walk, message.by, self.pages))
