"""Who said it: a score as the sum of what every part wrote, and beside that what is lost when the part is off."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from models.errors import UserError
from models.lenses.inside.attribution import Neurons, Part, Sources, attribute, neurons, reading, sources
from models.lenses.inside.causes import Lost, carried_over, lost_when_off
from models.lenses.inside.patching import both
from models.measures import ranked
from models.tracing import Trace
from playground.inside.panes.paired import suggested, tokens_of
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.panes.patch_look import PatchLook
from playground.inside.panes.who_picture import TITLE, Picture
from playground.inside.panes.written import Line, Who, lines_of, look_of
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.inside.typed import two_of
from playground.kit.canvas import Canvas
from playground.looking.switching import toggle


class Asked(NamedTuple):
    """What must be found."""

    row: int
    token: int
    against: int | None
    into: Part | None
    other: str  # the text that was chosen to hold this one against


class WhoSaidIt(InsidePane[Who]):
    """Parts, what they wrote, what is lost without them, and what they carry over from another text."""

    name = "who"
    title = TITLE
    asking = "A token, or two: barks against bark (empty: the likeliest)"
    idle = "there is nothing inside this to go into, and no switch for it"
    gist = "What each part adds to the score"
    help = (
        "Every part of the model adds a vector to the stream, and a token's score reads their sum. So the score is a "
        "sum as well: 'written' is what each part added to it, counted through the final norm as it was in this pass "
        "(direct attribution, Elhage et al. 2021). Bars begin where the one before ended, █ up and ▒ down, and end at "
        "the score; the last line says how exactly. One bit more doubles a token's odds against every other (I: in "
        "nats, in which scores are). f types another token, or two: then it is the lead of one over the other, which "
        "leaves out what all tokens were given alike.\n\n"
        "'lost when off' is another question, asked by trying: each part is switched off, and it says how many bits "
        "of the token's probability, or of the lead, are gone then. The two need not agree, and both are right: MLPs "
        "write, heads fetch. A head may write nothing of the answer and yet bring what an MLP writes it from; a part "
        "may write much and not be missed, because others would write it as well.\n\n"
        "'carried over' is the third, asked of two texts: all that the part writes is taken from the pass of another "
        "text, answered otherwise, and it says how much of the way to the other answer that brings the score: 0 is "
        "nothing, 1 the whole answer (activation patching, Vig et al. 2020). The other text is that of the pane "
        "Patching (f there), or one that suggests itself; each place by itself is seen there.\n\n"
        "Enter goes down: a head by the places it looks at (its weight there, times what that place's value "
        "writes), an MLP by its neurons, the biases one by one; backspace goes back up. v puts the largest first. "
        "x switches off the part under the cursor, or on again; 'before' is then what it wrote without the switches."
    )

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Trace, dict[Hashable, Who]] = WeakKeyDictionary()

    def asks(self, scene: InsideScene) -> Asked | None:
        """The token's score at the row looked at; at first the intact model's likeliest, whatever is switched."""
        if scene.subject is None:
            return None
        token, against = _tokens(scene)
        return Asked(scene.row, token, against, look_of(scene).into, scene.view.look(PatchLook).other)

    def find(self, subject: Subject, asked: Asked) -> Iterator[Who | None]:
        """The sum at once; then what is lost and what is carried over, as they are measured."""
        of, known = subject.now, self._kept.setdefault(subject.now, {})
        whole = asked._replace(into=None)
        who = replace(known.get(whole) or _written(subject, asked), inside=_inside(of, asked))
        yield who
        if whole in known or asked.into is not None:
            return
        for lost in lost_when_off(of, who.found):
            who = who if lost is None else replace(who, lost=lost)
            yield None if lost is None else who
        for carried in _carried(subject, who, chosen=bool(asked.other)):
            who = carried or who
            yield carried
        known[whole] = who

    def draw_found(self, scene: InsideScene, found: Who, canvas: Canvas) -> None:
        """Title, lines, sum, and words."""
        Picture(scene, found, canvas).draw()

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """Along the text, or through the lines."""
        if not dy:
            return super().move(scene, dx, dy)
        lines, look = lines_of(scene), look_of(scene)
        line = max(0, min(min(look.line, len(lines) - 1) + dy, len(lines) - 1))
        return scene.view.looking(replace(look, line=line)) if lines else scene.view

    def enter(self, scene: InsideScene) -> InsideView:
        """Down into the part under the cursor."""
        line, look = _line(scene), look_of(scene)
        if line is None or not line.opens:
            return scene.view
        return scene.view.looking(replace(look, into=line.part, line=0, line_above=look.line))

    def back(self, scene: InsideScene) -> InsideView:
        """Back up."""
        look = look_of(scene)
        if look.into is None:
            return scene.view
        return scene.view.looking(replace(look, into=None, line=look.line_above))

    def otherwise(self, scene: InsideScene) -> InsideView:
        """The largest first, or in order."""
        look = look_of(scene)
        return scene.view.looking(replace(look, sorts=not look.sorts, line=0))

    def put_in(self, scene: InsideScene) -> InsideView:
        """The part under the cursor, or the one that was gone into, off or on again."""
        line = _line(scene)
        part = look_of(scene).into or (None if line is None else line.part)
        switch = None if part is None else part.off
        return scene.view if switch is None else scene.view.with_session(toggle(scene.view.session, switch))

    def suggestion(self, scene: InsideScene) -> str:
        """The likeliest token against the next."""
        if scene.subject is None:
            return ""
        first, second = (scene.label(int(token)) for token in ranked(scene.play.known.now.logits[scene.row], 2))
        return f"{first} against {second}"

    def told(self, scene: InsideScene, words: str) -> InsideView:
        """Another token's score, or a lead; that of the likeliest for nothing."""
        look = replace(look_of(scene), token=None, against=None)
        if words.strip():
            token, against = two_of(scene.play.model, words)
            look = replace(look, token=token, against=against)
        return scene.view.looking(look)


def _tokens(scene: InsideScene) -> tuple[int, int | None]:
    """Whose score it is, and the token it is held against."""
    look = look_of(scene)
    if look.token is not None:
        return look.token, look.against
    return int(np.argmax(scene.play.known.intact.logits[scene.row])), None


def _written(subject: Subject, asked: Asked) -> Who:
    """The sum, before anything was tried."""
    results, (row, token, against, _, other) = subject.results, asked
    found = attribute(subject.now, row, token, against)
    was = None if results.changed is None else attribute(results.intact, row, token, against)
    return Who(found, was, Lost.unknown(len(found.parts)), None, other or suggested(subject))


def _carried(subject: Subject, who: Who, *, chosen: bool) -> Iterator[Who | None]:
    """What comes along from the other text; or why nothing can, unless that text only suggested itself."""
    if not who.other:
        return
    try:
        here, there = both(subject.now, tokens_of(subject.model, who.other))
        for carried in carried_over(here, there, who.found):
            yield None if carried is None else replace(who, carried=carried)
    except UserError as error:
        yield replace(who, unpaired=error.fault) if chosen else replace(who, other="")


def _inside(of: Trace, asked: Asked) -> Sources | Neurons | None:
    """What is inside a head or an MLP; nothing where a switch sets what it writes, or the model has none."""
    into, config = asked.into, of.tape.model.config
    if into is None or into.layer is None or into.layer >= config.n_layer:
        return None
    reads = reading(of, asked.row, asked.token, asked.against)
    if into.kind == "mlp":
        return neurons(of, asked.row, into.layer, reads)
    if into.head is None or into.head >= config.n_head:
        return None
    return sources(of, asked.row, into.layer, into.head, reads)


def _line(scene: InsideScene) -> Line | None:
    """The one under the cursor."""
    lines = lines_of(scene)
    return lines[min(look_of(scene).line, len(lines) - 1)] if lines else None
