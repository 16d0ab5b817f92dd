"""Words: the vectors behind them, as a map, as neighbours, as sums, along a direction, and by their angles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from models.errors import UserError
from playground.inside.panes import word_found as finding
from playground.inside.panes.pane_kinds import InsidePane, Refused
from playground.inside.panes.word_found import (
    ANGLES,
    MAP,
    NEAR,
    VIEWS,
    Asked,
    Found,
    Listed,
    Neighbours,
    OfAngles,
    OfDirection,
    OfSum,
    OnMap,
    WordsLook,
)  # fmt: skip
from playground.inside.panes.word_lists import draw_angles, draw_direction, draw_neighbours, draw_sum
from playground.inside.panes.word_map import draw_map, step
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.kit.canvas import Canvas
from playground.kit.flow import nothing

LARGEST = 6  # doublings of a map


class Words(InsidePane[Found]):
    """Words as vectors, one way of looking at a time."""

    name = "words"
    title = "Words"
    gist = "Which words are near which"
    help = (
        "Every token is a vector, a row of wte. The map lays some of them flat along the two directions in which they "
        "differ most (principal components), and says how much of their variance that keeps: of all words of a model "
        "it is little, so words near on the map need not be near. v turns to the neighbours of a word (cosine); to a "
        "sum such as king - man + woman, with the rank of the answer after = (Mikolov et al. 2013); to a direction "
        "such as she - he, and where all words fall on it, beside what random directions do (Bolukbasi et al. 2016); "
        "and to the angles of random pairs: in many dimensions nearly all are nearly orthogonal. f types any of "
        "these: a word, words, a group's name such as capital, all words, a sum, a difference; depth 2 looks at the "
        "words of the text as they are after two layers, wte at the embedding again. Arrows choose, + and - zoom, "
        "Enter looks at the neighbours of the word, backspace at the map."
    )
    asking = "A word, words, a group, king - man + woman, or she - he"
    idle = "nothing to go to there: v shows words otherwise, f types some"

    def asks(self, scene: InsideScene) -> Asked | None:
        """What the view of now needs; the cursor is none of it, but in the neighbours of a word."""
        subject, look = scene.subject, scene.view.look(WordsLook)
        if subject is None:
            return None
        depth = look.depth if look.shows in (MAP, NEAR, ANGLES) else None
        depth = None if depth is None else min(depth, subject.model.config.n_layer)
        typed = look.typed or finding.suggested(subject.model, look.shows)
        return Asked(look.shows, typed, self._word(scene, subject) if look.shows == NEAR else None, depth)

    def find(self, subject: Subject, asked: Any) -> Iterator[Found]:
        """What was typed for another model may mean nothing in this one."""
        try:
            yield finding.find(subject, asked)
        except UserError as error:
            yield Refused(str(error))

    def draw_found(self, scene: InsideScene, found: Found, canvas: Canvas) -> None:
        """As the look says."""
        look = scene.view.look(WordsLook)
        if isinstance(found, OnMap):
            draw_map(canvas, found, look, self.title)
        elif isinstance(found, Neighbours):
            draw_neighbours(canvas, found, look, self.title)
        elif isinstance(found, OfSum):
            draw_sum(canvas, found, look, self.title)
        elif isinstance(found, OfDirection):
            draw_direction(canvas, found, look, self.title)
        elif isinstance(found, OfAngles):
            draw_angles(canvas, found, look, self.title)
        else:
            nothing(canvas, self.title, scene.safe(found.says))

    # keys ------------------------------------------------------------------------------------------------------

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """On the map to the next word that way; in a list up and down, and along the text, whose word is then shown."""
        look, found = scene.view.look(WordsLook), scene.found.get(self.name)
        if isinstance(found, OnMap):
            return scene.view.looking(replace(look, word=step(found, look.word, dx, dy)))
        lines = len(self._listed(found))
        if isinstance(found, OfDirection) and dx:  # its lists stand side by side
            dy = len(found.low) if dx > 0 else -len(found.low)
            return self._at(scene, look.line + dy if 0 <= look.line + dy < lines else look.line)
        if not dy:
            along = scene.moved(dx, dy)
            return along.looking(replace(look, word=None, line=0)) if isinstance(found, Neighbours) else along
        return self._at(scene, max(min(look.line + dy, lines - 1), 0))

    def enter(self, scene: InsideScene) -> InsideView:
        """The neighbours of the word under the cursor."""
        look, found = scene.view.look(WordsLook), scene.found.get(self.name)
        listed = self._listed(found)
        if isinstance(found, OnMap):
            key = found.keys[found.row(look.word)]
        elif look.line < len(listed):
            key = listed[look.line].key
        else:
            return scene.view
        depth = None if isinstance(found, OfSum | OfDirection) else look.depth
        return scene.view.looking(replace(look, shows=NEAR, word=key, line=0, depth=depth))

    def back(self, scene: InsideScene) -> InsideView:
        """The map."""
        return scene.view.looking(replace(scene.view.look(WordsLook), shows=MAP))

    def otherwise(self, scene: InsideScene) -> InsideView:
        """Map, neighbours, sum, direction, angles."""
        look = scene.view.look(WordsLook)
        shows = VIEWS[(VIEWS.index(look.shows) + 1) % len(VIEWS)]
        return scene.view.looking(replace(look, shows=shows, line=0))

    def told(self, scene: InsideScene, words: str) -> InsideView:
        """What was typed is looked at; a word that is on the map is found there."""
        subject, found = scene.subject, scene.found.get(self.name)
        if subject is None:
            return scene.view
        look = scene.view.look(WordsLook)
        new = finding.told(subject.model, look, words)
        if new.shows == NEAR and look.shows == MAP and isinstance(found, OnMap) and look.depth is None:
            new = replace(new, shows=MAP) if new.word in found.keys else new
        return scene.view.looking(new)

    def suggestion(self, scene: InsideScene) -> str:
        """What is looked at now."""
        asked = self.asks(scene)
        return "" if asked is None else asked.typed

    def larger(self, scene: InsideScene) -> InsideView:
        """The map about the chosen word."""
        return self._zoomed(scene, 1)

    def smaller(self, scene: InsideScene) -> InsideView:
        """More of the map."""
        return self._zoomed(scene, -1)

    def wheel(self, scene: InsideScene, by: int) -> InsideView:
        """Zooms a map, moves in a list."""
        on_map = isinstance(scene.found.get(self.name), OnMap)
        return self._zoomed(scene, -by) if on_map else self.move(scene, 0, by)

    def _zoomed(self, scene: InsideScene, by: int) -> InsideView:
        look, found = scene.view.look(WordsLook), scene.found.get(self.name)
        if not isinstance(found, OnMap):
            return scene.view
        zoom = max(min(look.zoom + by, LARGEST), 0)
        return scene.view.looking(replace(look, zoom=zoom, word=found.keys[found.row(look.word)]))

    def _at(self, scene: InsideScene, line: int) -> InsideView:
        return scene.view.looking(replace(scene.view.look(WordsLook), line=line))

    def _listed(self, found: Found | None) -> tuple[Listed, ...]:
        """The lines that the cursor goes over."""
        if isinstance(found, Neighbours | OfSum):
            return found.listed
        return (*found.low, *found.high) if isinstance(found, OfDirection) else ()

    def _word(self, scene: InsideScene, subject: Subject) -> int:
        """The chosen word, or that under the cursor of the text."""
        look, tokens = scene.view.look(WordsLook), subject.now.tokens
        count = subject.model.vocab_size if look.depth is None else len(tokens)
        if look.word is not None and look.word < count:
            return look.word
        return tokens[scene.row] if look.depth is None else scene.row
