"""The text as tokens: what surprised the model, what the person decided, and where the context was cut."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.style import Style

from models import units
from playground import text
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import (
    BETWEEN,
    Line,
    Part,
    Unit,
    first_shown,
    first_that_fits,
    fitting,
    paragraph,
    say,
    token_away,
)
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.looking.labels import labelled
from playground.looking.panes import pictured
from playground.looking.panes.absent import NO_TEXT
from playground.looking.panes.pictured import Pixels
from playground.looking.panes.prompt_lines import PARTS, TALLEST, cut_off, layout, owners_of
from playground.looking.prompts import draft_of, unread_words, warned
from playground.looking.scene import Scene
from playground.looking.session import Session, jump, look, look_at, parting, shared

LOSS = 0.1  # bits: a text that begins otherwise than in training and loses less is left alone
SCALE = 8  # bits of surprise that get the full shade
LOUDEST = 0.45  # of the ramp, so that the cursor is the loudest
LEGEND, ROOMY = " surprise ", 70  # words around the shades, and the width that has room for them


class Prompt(Pane[Scene, Session]):
    """The line of tokens, or the text while it is typed."""

    name = "prompt"
    title = "Prompt"
    is_typed = True
    gist = "The text, token by token"
    help = (
        "The text the model reads, token by token. A token is shaded by how surprised the model was to meet it, in "
        "bits (I: nats): 1 bit is a coin toss, 8 bits a chance of 1 in 256. Nothing predicts the first token: it "
        "has no shade. Typed tokens are bold, drawn ones plain, ▸ stands before one you forced. Where another line of "
        "text leaves this one stands ┬; below it says how the one goes on that b returns to. Move through the text to "
        "see every pane as it was at that token; Enter goes back to there and writes on from it. Faint tokens above "
        "the cut (✂) no longer fit the model's context: it does not see them. Grey tokens after the end are those you "
        "stepped back over. While you type, ✗ marks what the model has never seen; ^r writes the nearest that it knows "
        "instead, without accents and in plain marks, or leaves it out."
    )

    def __init__(self) -> None:
        self.width = 60  # of the last picture: up and down mean its lines

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """Title, the text, lines about the token looked at and the other branch, or what is wrong; pictures beside."""
        pixels = Pixels.of(scene)
        beside = canvas.part(pictured.draw(scene, pixels, canvas), canvas.height, canvas.focused) if pixels else canvas
        self.draw_text(scene, beside)
        if pixels:
            canvas.paste(beside, 0, 0)

    def draw_text(self, scene: Scene, canvas: Canvas) -> None:
        """The same without pictures."""
        self.width = canvas.width
        known = Known.of(scene)
        below = _problem(scene.session, canvas) or (_foot(scene, canvas, known) if canvas.height > 2 else [])
        tall = canvas.height - 1 - len(below)
        lines = layout(scene, canvas.width, tall) if tall > 0 else []
        focus = _focus_line(lines, scene.session)
        top = first_shown(focus, len(lines), tall)
        _title(scene, canvas, hidden=len(lines) > tall > 0)
        for y, line in enumerate(lines[top : top + tall], 1):
            _put_line(scene, canvas, known, y, line)
        if not lines and tall > 0:  # an open text has its caret at least
            paragraph(canvas, 1, NO_TEXT, canvas.palette.muted)
            canvas.hit(0, 1, canvas.width, canvas.height - 1, partial(look, caret=0))
        for y, parts in enumerate(below, canvas.height - len(below)):
            say(canvas, 0, y, parts)

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """Left and right by a token, up and down by a line; past the last token, the newest is followed again."""
        session = scene.session
        if not session.tokens:
            return session
        row = _line_away(scene, self.width, dy) if dy else session.row + dx
        return look_at(session, row)

    def wheel(self, scene: Scene, by: int) -> Session:
        """Along the text, token by token; not while it is typed."""
        return self.move(scene, by, 0) if scene.session.view.caret is None else scene.session

    def enter(self, scene: Scene) -> Session:
        """Go back to where the token looked at was the newest."""
        session = scene.session
        return jump(session, session.row) if session.row < len(session.tokens) - 1 else session


def filled(scene: Scene | None, width: int) -> int:
    """How many lines the pane fills: its title, the text, and what there is to say of it. All, while that is wrong."""
    if scene is None or scene.session.problem is not None:
        return TALLEST
    if Pixels.of(scene):
        return pictured.TALL
    session, lost = scene.session, scene.results.lost if scene.results else None
    stands = session.view.caret is None
    says = 2 * bool(_unread(scene)) + stands * (bool(session.branches) + (lost is not None and lost >= LOSS))
    return min(2 + max(len(layout(scene, width)), 1) + says, TALLEST)


@dataclass(frozen=True, eq=False)
class Known:
    """Surprises by position, as far as the results are about the text on screen."""

    surprises: Mapping[str, Any]  # by name: (T,) bits; "intact" where it is not the same as "now"
    start: int  # the first position that they are about
    stop: int

    @classmethod
    def of(cls, scene: Scene) -> Known:
        """From a scene whose results may be those of a moment ago."""
        results = scene.results
        if results is None:
            return cls({}, 0, 0)
        same = "intact" if results.changed is None else ""
        surprises = {name: bits for name, bits in results.surprises.items() if name != same}
        return cls(surprises, results.now.dropped, shared(results.tokens, scene.session.tokens))

    def bits(self, position: int, name: str = "now") -> float | None:
        """Surprise at a position, NaN if it is no number; None where nothing is known."""
        if not self.start < position < self.stop or name not in self.surprises:
            return None
        return float(self.surprises[name][position - self.start])


def _place(scene: Scene) -> int:
    """The position spoken of: the token looked at, or while typing the one before the caret; -1 if none."""
    session = scene.session
    caret = session.view.caret
    if not caret:
        return session.row
    owners = owners_of(scene.tokenizer, draft_of(session, scene.model), session.tokens, caret - 1, caret)
    return owners.get(caret - 1, session.row)


# drawing -----------------------------------------------------------------------------------------------------------


def _focus_line(lines: Sequence[Line], session: Session) -> int:
    """Which line holds the cursor or the caret."""
    caret = session.view.caret
    for number, line in enumerate(lines):
        for _, unit in line:
            if unit.holds(caret) if caret is not None else unit.token == session.row:
                return number
    return max(0, len(lines) - 1)


def _put_line(scene: Scene, canvas: Canvas, known: Known, y: int, line: Line) -> None:
    session, palette = scene.session, canvas.palette
    cut = cut_off(scene)
    if session.view.caret is not None:
        last = line[-1][1]
        behind = last.at if last.breaks or last.shown == " " else last.at + last.long
        canvas.hit(0, y, canvas.width, 1, partial(look, caret=behind))
    for x, unit in line:
        style = _style(scene, palette, known, unit, cut)
        x = canvas.put(x, y, unit.mark, palette.contrast if unit.mark == "✗" else palette.accent)
        canvas.put(x, y, unit.shown, style)
        if unit.at >= 0:
            canvas.hit(x, y, unit.cells, 1, partial(look, caret=unit.at))
        elif unit.token >= len(session.tokens):
            canvas.hit(x, y, unit.cells, 1, partial(jump, position=unit.token))
        elif unit.token >= 0:
            canvas.hit(x, y, unit.cells, 1, partial(look_at, row=unit.token))


def _style(scene: Scene, palette: Palette, known: Known, unit: Unit, cut: int) -> Style:
    session = scene.session
    caret = session.view.caret
    if unit.holds(caret) if caret is not None else unit.token == session.row >= 0:
        return palette.cursor
    if unit.mark == "✗":
        return palette.contrast
    if unit.token < 0:
        return palette.muted
    if unit.token < cut or unit.token >= len(session.tokens):
        return palette.gone if unit.token < cut else palette.muted
    bits, typed = known.bits(unit.token), unit.token < session.typed
    if bits is None or math.isnan(bits):
        return palette.strong if typed else palette.text
    return _shade(palette, bits, bold=typed)


def _shade(palette: Palette, bits: float, *, bold: bool = False) -> Style:
    """The quieter part of the ramp."""
    return palette.shade(min(bits / SCALE, 1.0) * LOUDEST, bold=bold)


def _title(scene: Scene, canvas: Canvas, *, hidden: bool) -> None:
    session, cut = scene.session, cut_off(scene)
    count, block = len(session.tokens), scene.model.config.block_size
    parts = [f"{min(count, block):,}/{block:,} tokens"]
    parts += [f"place {_place(scene):,}"] if count else []
    parts += [f"{cut:,} cut off"] if cut else []
    parts += [f"{len(session.ahead):,} ahead"] if session.ahead else []
    parts += [f"seed {session.seed}"]
    parts += ["scrolled"] if hidden else []
    legend = len(LEGEND) + SCALE + 2 + len(canvas.unit.name) if canvas.width >= ROOMY else 0
    canvas.title(Prompt.title, fitting(parts, canvas.beside(Prompt.title) - legend))
    if legend:
        _legend(canvas, canvas.width - legend)


def _legend(canvas: Canvas, x: int) -> None:
    """The shades with what they stand for, a cell a bit; in nats, each number in the cell where its shade is."""
    palette, unit = canvas.palette, canvas.unit
    numbers_at = {round(number / unit.bit): number for number in range(0, SCALE + 1, 2) if number <= SCALE * unit.bit}
    x = canvas.put(x, 0, LEGEND, palette.muted)
    for bits in range(SCALE + 1):
        x = canvas.put(x, 0, str(numbers_at.get(bits, " ")), _shade(palette, bits))
    canvas.put(x, 0, f" {unit.name}", palette.muted)


def _problem(session: Session, canvas: Canvas) -> list[list[Part]]:
    """What is wrong with the text, in as many lines as leave one for the text itself."""
    if session.problem is None or canvas.height < 3:
        return []
    lines = warned(session.problem, canvas.width, min(4, canvas.height - 2))
    return [[(words, canvas.palette.contrast)] for words in lines]


def _unread(scene: Scene) -> str:
    """Which words are no tokens."""
    typed = scene.session.text
    return unread_words(scene.tokenizer, typed) if typed is not None else ""


def _foot(scene: Scene, canvas: Canvas, known: Known) -> list[list[Part]]:
    """Words that are no tokens and the other branch, where there is room for them, and the token looked at."""
    text_lines = min(len(layout(scene, canvas.width)), 2)  # that keep their room
    room, unread = max(0, canvas.height - 2 - text_lines), _unread(scene)
    said = warned(unread, canvas.width, min(2, room)) if unread else []
    lines = [_other_line(scene, canvas), _beginning(scene, canvas)]
    more = [*([(words, canvas.palette.contrast)] for words in said), *filter(None, lines)]
    return [*more[:room], _detail(scene, canvas, known)]


def _beginning(scene: Scene, canvas: Canvas) -> list[Part]:
    """What the text loses that begins otherwise than all texts did in training."""
    lost = scene.results.lost if scene.results else None
    if lost is None or lost < LOSS or scene.session.view.caret is not None:
        return []
    less = f"{numbers.bits(lost, canvas.unit)} {canvas.unit.name} less"
    ways = (f"L begins it with a line end, as in training: the same words cost {less}", f"L begins a line: {less}", "")
    return [(first_that_fits(ways, canvas.width), canvas.palette.muted)]


def _other_line(scene: Scene, canvas: Canvas) -> list[Part]:
    """Where the line of text that `b` returns to leaves this one, and how it goes on."""
    session, palette = scene.session, canvas.palette
    if not session.branches or session.view.caret is not None:
        return []
    other, more = session.branches[0].tokens, len(session.branches) - 1
    at = parting(session, other)
    goes_on = "".join(labelled(scene.tokenizer, other[at : at + canvas.width], other[:at]))
    beside = [(f"{more:,} more", palette.muted)] if more else []
    head = f"{PARTS} b: at {at:,} "
    room = canvas.width - len(head) - 2 - sum(len(BETWEEN) + len(words) for words, _ in beside)
    says = f"'{text.cut(goes_on, room)}'" if goes_on else "it ends"
    return [(head + says, palette.muted), *beside]


def _detail(scene: Scene, canvas: Canvas, known: Known) -> list[Part]:
    """The token looked at, in words and numbers."""
    session, place, palette = scene.session, _place(scene), canvas.palette
    if place < 0:
        return [("", palette.text)]
    token = session.tokens[place]
    how = "forced" if place in session.forced else "typed" if place < session.typed else "drawn"
    rest = (*_others(scene, known, place, canvas.unit), how, f"id {token:,}", f"place {place:,}")
    shown = [(f"'{scene.label(token)}'", palette.strong), (_surprise(scene, known, place, canvas.unit), palette.text)]
    return [*shown, *((each, palette.muted) for each in rest)]


def _surprise(scene: Scene, known: Known, place: int, unit: units.Unit) -> str:
    cut = cut_off(scene)
    if place < cut:
        return "beyond the context: the model does not see it"
    if place == cut:
        return "nothing before it predicts it"
    bits = known.bits(place)
    return "..." if bits is None else f"surprise {numbers.bits(bits, unit)} {unit.name}"


def _others(scene: Scene, known: Known, place: int, unit: units.Unit) -> list[str]:
    """What the same token cost the intact model, where another is on screen, and the baseline."""
    beside = [scene.baseline.name] if scene.baseline else []
    both = ((name, known.bits(place, name)) for name in ("intact", *beside))
    return [f"{name} {numbers.bits(bits, unit)}" for name, bits in both if bits is not None]


def _line_away(scene: Scene, width: int, dy: int) -> int:
    """The token so many lines below the one looked at, as near to straight below as can be."""
    count = len(scene.session.tokens)
    laid_out = layout(scene, width, 2 * abs(dy) + 2)
    lines = [[(x, unit) for x, unit in line if 0 <= unit.token < count] for line in laid_out]
    there = token_away([*filter(None, lines)], scene.session.row, dy)
    return there if there is not None else 0 if dy < 0 else count - 1
