"""Patching: what each place of the pass knows of another text's answer, and a fact rewritten in an MLP."""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from models.errors import UserError
from models.gpt import GPT
from models.lenses.inside.patching import Carried, both, carrying, check_lengths, check_pair, parts
from models.lenses.inside.rewriting import Report, best, choices, reports
from models.switches import Switch
from models.tracing import Trace
from playground import text
from playground.inside.panes import rewriting
from playground.inside.panes.paired import offered, text_of, tokens_of
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.panes.patch_look import SHOWN, PatchLook, on_line, shown
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.kit import numbers
from playground.kit.canvas import Act, Canvas
from playground.kit.flow import headline, paragraph
from playground.kit.heatmap import Axis, Frame, pixels_a_line
from playground.looking.prompts import written
from playground.looking.session import look_at, toggle

LABEL = 15  # cells of a part's name
SIZES = (12, 9, 7, 5, 3, 2, 1)  # cells of a column, as many as there is room for
NUMBER = 5  # from so many cells on a number stands in them, and from LONG on one with its zero
LONG = 7
NEARLY = 0.9  # of the most that is carried: the first line that does is where one looks first
BREATH = 0.1  # seconds between two drawings of what is found so far
SAID = 4  # lines below the picture


@dataclass(frozen=True, eq=False)
class Rewritings:
    """What was found of a fact written into each of the layers."""

    reports: tuple[Report, ...]


Found = Carried | Rewritings | str  # words: why nothing can be found


class Patching(InsidePane[Found]):
    """Component by position, or a rewritten layer a line."""

    name = "patch"
    title = "Patching"
    gist = "Where the two answers part"
    help = (
        "Two texts of one length that are answered otherwise. For every part of the model and every place: the pass "
        "over your text is made again with this one place as it is in the other text. The number says how much of the "
        "way to the other answer that carries: 0 is nothing, 1 the whole answer. So it shows where the difference "
        "between the texts is known, and where it has not arrived yet or is no longer needed (activation patching, "
        "Vig et al. 2020; Meng et al. 2022). The stream at a place is all that is known there; attention and MLP "
        "are what the two add to it.\n\n"
        "f types the other text. v turns from stream, attention and MLP to single heads, and to the fact rewritten. "
        "Enter, or x, keeps the place under the cursor as it is in the other text: a switch like any other, which "
        "is listed, undone and written down.\n\n"
        "The fact rewritten: the output matrix of one MLP is changed by a matrix of rank one, so that where your text "
        "ends it writes what it writes where the other ends (after ROME, Meng et al. 2022). A line is a layer and how "
        "many times that is added. Then it is counted what else has changed: the fact in another tense, the same "
        "facts of all others in the little world, and the loss on fresh texts. Enter keeps it as a switch."
    )
    asking = "Another text of as many tokens, with another answer"
    idle = "f types another text to hold this one against"

    def __init__(self) -> None:
        self.known: WeakKeyDictionary[GPT, tuple[Hashable, Rewritings]] = WeakKeyDictionary()

    def asks(self, scene: InsideScene) -> Hashable | None:
        """The other text, and what is shown of the two; nothing without another text."""
        look = scene.view.look(PatchLook)
        return (look.other, look.of(scene.play.model.config)) if look.other else None

    def find(self, subject: Subject, asked: Any) -> Iterator[Found | None]:
        """Place after place, or a rewritten layer after the other; the other text is read by the model as trained."""
        other, shows = asked
        model = subject.model
        try:
            here, there = both(subject.now, tokens_of(model, other))  # without the switches of this pane
            if shows == "rewriting":
                yield from self._rewritings(model, here, there)
            else:
                yield from _now_and_then(carrying(here, there, parts(model.config, heads=shows == "heads")))
        except UserError as error:
            yield str(error)

    def _rewritings(self, model: GPT, here: Trace, there: Trace) -> Iterator[Rewritings | None]:
        """Those of two texts do not change with the switches, so they are kept."""
        check_pair(here, there)
        key = here.tokens, there.tokens
        kept, found = self.known.get(model), Rewritings(())
        if kept is not None and kept[0] == key:
            yield kept[1]
            return
        for each in reports(model, choices(model.config, *key)):
            yield None if each is found.reports else (found := Rewritings(each))
        self.known[model] = key, found

    # the picture -----------------------------------------------------------------------------------------------

    def draw_found(self, scene: InsideScene, found: Found, canvas: Canvas) -> None:
        """The grid, the table, or why there is none."""
        look = scene.view.look(PatchLook)
        if isinstance(found, str):
            canvas.title(self.title)
            paragraph(canvas, 1, f"{text.visible(found)}. {_offer(scene)}", canvas.palette.muted)
            return
        against = f"against '{text.visible(look.other.strip())}'"
        if isinstance(found, Rewritings):
            rewriting.draw(scene, found.reports, _line(scene, found), canvas, against)
            return
        own, other = map(scene.last_label, found.answers)
        headline(canvas, self.title, [f"from {own} to {other}", SHOWN[look.of(scene.play.model.config)], against])
        if found.parts and canvas.width > LABEL:
            _Grid(scene, found, canvas).draw()

    def missing(self, scene: InsideScene) -> str:
        """What to do where there is no other text yet."""
        if scene.view.look(PatchLook).other:
            return "patching one place after the other ..."
        return f"This text is held against another one, place by place, to see what carries the answer. {_offer(scene)}"

    # the keys --------------------------------------------------------------------------------------------------

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """Along the text, or to another line."""
        if not dy:
            return scene.moved(dx, dy)
        found = scene.found.get(self.name)
        if not isinstance(found, Carried | Rewritings) or not _lines(found):
            return scene.view
        return on_line(scene.view, max(0, min(_line(scene, found) + dy, len(_lines(found)) - 1)))

    def enter(self, scene: InsideScene) -> InsideView:
        """The place under the cursor kept, or let go; without another text, the one that is offered is taken."""
        if isinstance(scene.found.get(self.name), Carried | Rewritings):
            return self.put_in(scene)
        look, found = scene.view.look(PatchLook), offered(scene)
        if found is None:
            return scene.view
        own, other = found
        view = scene.view.looking(replace(look, other=other))
        return view if own is None else view.with_session(written(view.session, scene.play.model, own))

    def put_in(self, scene: InsideScene) -> InsideView:
        """The place, or the rewritten layer, under the cursor a switch of the session, or no longer."""
        switch = _under_the_cursor(scene, scene.found.get(self.name))
        return scene.view if switch is None else scene.view.with_session(toggle(scene.view.session, switch))

    def otherwise(self, scene: InsideScene) -> InsideView:
        """The next picture that the model has parts for."""
        look, config = scene.view.look(PatchLook), scene.play.model.config
        if not look.other:
            return scene.view
        pictures = shown(config)
        following = pictures[(pictures.index(look.of(config)) + 1) % len(pictures)]
        return scene.view.looking(PatchLook(look.other, following))

    def suggestion(self, scene: InsideScene) -> str:
        """The other text there is, or the one that is offered."""
        found = offered(scene)
        return (scene.view.look(PatchLook).other or (found[1] if found and found[0] is None else "")).strip("\n")

    def told(self, scene: InsideScene, words: str) -> InsideView:
        """Held against these words from now on; UserError unless they are as many tokens as the text."""
        model, subject = scene.play.model, scene.subject
        if subject is None:
            raise UserError("there is no text yet", "e types one")
        own = text_of(model, subject.now.tokens)
        words = "\n" * (own.startswith("\n") and not words.startswith("\n")) + words
        check_lengths(len(subject.now), len(tokens_of(model, words)))
        return scene.view.looking(replace(scene.view.look(PatchLook), other=words))


def _now_and_then(pieces: Iterator[Carried | None]) -> Iterator[Carried | None]:
    """Those that there is time to draw, and the last: a long text comes in hundreds."""
    newest, drawn = None, -math.inf
    for piece in pieces:
        newest, now = piece or newest, time.monotonic()
        is_due = piece is not None and now - drawn >= BREATH
        yield piece if is_due else None
        drawn = now if is_due else drawn
    yield newest


def _offer(scene: InsideScene) -> str:
    """What can be done now."""
    found = offered(scene)
    if found is None:
        return "f types another text of as many tokens."
    own, other = (text.visible(each.strip("\n")) if each else "" for each in found)
    takes = f"Enter takes the example '{own}' against '{other}'" if own else f"Enter takes '{other}'"
    return f"f types another text of as many tokens. {takes}."


def _lines(found: Carried | Rewritings) -> Sequence[Any]:
    """What the cursor goes up and down on."""
    return found.parts if isinstance(found, Carried) else found.reports


def _line(scene: InsideScene, found: Carried | Rewritings) -> int:
    """The line that the cursor is on: until it was moved, the one that says most."""
    line, lines = scene.view.look(PatchLook).line, _lines(found)
    if line is not None or not lines:
        return max(0, min(line or 0, len(lines) - 1))
    if isinstance(found, Carried):
        shares = np.nan_to_num(found.shares[:, scene.row])
        return int((shares >= NEARLY * shares.max()).argmax())
    kept = best(found.reports)
    return 0 if kept is None else found.reports.index(kept)


def _under_the_cursor(scene: InsideScene, found: Any) -> Switch | None:
    """The switch that keeps what the cursor is on."""
    if not isinstance(found, Carried | Rewritings) or not _lines(found) or scene.subject is None:
        return None
    line = _line(scene, found)
    if isinstance(found, Rewritings):
        return found.reports[line].switch
    there = tokens_of(scene.play.model, scene.view.look(PatchLook).other)[-len(scene.subject.now) :]
    return found.parts[line].switch(there, scene.row)


class _Grid:
    """One drawing: a line a part, a column a position, and below it what the cell under the cursor says."""

    def __init__(self, scene: InsideScene, found: Carried, canvas: Canvas) -> None:
        self.scene, self.found, self.canvas, self.palette = scene, found, canvas, canvas.palette
        self.line, self.row = _line(scene, found), scene.row
        length, room = found.shares.shape[1], canvas.width - LABEL
        size = next((each for each in SIZES if each * length <= room), 1)
        self.size = size if size * length <= room or room < NUMBER else 1
        tall = max(canvas.height - 2 - SAID, 1)
        pixels = pixels_a_line(canvas.palette)
        lines = Axis.window(len(found.parts), tall * pixels, self.line, pixels)
        self.frame = Frame(LABEL, 2, lines, Axis.window(length, room, self.row, self.size), pixels)
        self.on = set(scene.view.session.switches)

    def draw(self) -> None:
        """Head line, shades, numbers, cursor, and the sentence."""
        frame, shares = self.frame, self.found.shares
        known, values = np.isfinite(shares), np.clip(np.nan_to_num(shares), -1, 1)
        self._heads()
        self._names()
        frame.paint(self.canvas, values, known, signed=True)
        if self.size >= NUMBER:
            frame.write(self.canvas, shares, known, self._said, signed=True)
        if frame.holds(self.line, self.row):
            cell = self.line, self.row
            said = self._said(float(shares[cell])).replace(" ", "▸", 1)  # without colours all that marks it
            frame.mark(self.canvas, cell, float(values[cell]), said, signed=True)
        self.canvas.grid_hit(frame.x, frame.y, frame.columns.length, frame.height, self._choose)
        self._sentence(frame.y + frame.height + 1)

    def _said(self, share: float) -> str:
        if self.size < NUMBER:
            return ""
        if not np.isfinite(share):
            said = "..."
        else:
            said = numbers.short_weight(share) if self.size < LONG else f"{numbers.fixed(round(share, 2) + 0.0, 2):>5}"
        return text.fit(said, self.size)

    def _heads(self) -> None:
        """The tokens above their columns; where a column is too narrow, only the one under the cursor."""
        columns = self.frame.columns
        for position in range(columns.start, columns.stop):
            here = position == self.row
            style = self.palette.strong if here else self.palette.muted
            if self.size >= NUMBER:
                self.canvas.put(self.frame.left(position), 1, text.cut(self._label(position), self.size - 1), style)
            elif here:
                label = text.cut(self._label(position), 12)
                at = min(self.frame.left(position), max(self.canvas.width - 12, LABEL))
                self.canvas.put(at, 1, label, style)

    def _names(self) -> None:
        """The parts beside their lines; a dot where one of their places is switched."""
        for line in range(self.frame.rows.start, self.frame.rows.stop):
            part, y = self.found.parts[line], self.frame.line(line)
            on = any(part.holds(switch) for switch in self.on)
            self.canvas.put(0, y, "●" if on else " ", self.palette.accent)
            self.canvas.put(2, y, part.name, self.palette.strong if line == self.line else self.palette.muted)

    def _label(self, position: int) -> str:
        return self.scene.play.labels[position]

    def _choose(self, dx: int, dy: int) -> Act:
        line, column = (part.start for part in self.frame.entries(dx, dy))
        return partial(_seen, line=line, position=column + self.scene.play.dropped)

    def _sentence(self, y: int) -> None:
        share, says = (float(of[self.line, self.row]) for of in (self.found.shares, self.found.says))
        part, scene = self.found.parts[self.line], self.scene
        place = f"{part.name} at {self.row} '{self._label(self.row)}'"
        if not np.isfinite(share):
            paragraph(self.canvas, y, f"{place}: not known yet", self.palette.muted)
            return
        own, other = map(scene.last_label, self.found.answers)
        said = f"{place} carries {numbers.fixed(share, 2)} of the way from {own} to {other}: with it the model says "
        said += scene.last_label(int(says))
        on = _under_the_cursor(scene, self.found) in self.on
        does = "it is kept, ⏎ lets it go" if on else "⏎ keeps it"
        paragraph(self.canvas, y, f"{said} · {does}", self.palette.text)


def _seen(view: InsideView, line: int, position: int) -> InsideView:
    """The cursor on a line and a position of the text."""
    return on_line(view.with_session(look_at(view.session, position)), line)
