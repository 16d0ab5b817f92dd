"""The text while it is typed, character by character; the strips below it follow."""

from __future__ import annotations

from functools import partial

from playground import text
from playground.cells import clusters
from playground.compare.scene import CompareScene, CompareView, see
from playground.kit.canvas import Canvas
from playground.kit.flow import Unit, first_shown, flow, headline
from playground.kit.pane import Pane
from playground.looking.prompts import warned

AROUND = 2000  # characters on each side of the caret that are laid out


class Typed(Pane[CompareScene, CompareView]):
    """The text with its caret."""

    name = "text"
    title = "Text"
    is_typed = True
    gist = "The text they are compared on"
    help = (
        "Type the text on which the models are compared. The panes below follow as it grows: every token appears with "
        "its surprise as soon as it is whole. Enter or Escape when it is done. It came from Play, which keeps its own."
    )

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """Title, the lines around the caret, and what is wrong with the text."""
        headline(canvas, self.title, ["⏎ done"])
        view = scene.view
        unread = view.problem or view.unread
        wrong = warned(unread, canvas.width, canvas.height - 2) if unread else []
        high, caret = canvas.height - 1 - len(wrong), view.caret or 0
        lines = flow(_characters(view.text, caret), canvas.width)
        here = next((n for n, line in enumerate(lines) if any(unit.holds(caret) for _, unit in line)), 0)
        first = first_shown(here, len(lines), high)
        for y, line in enumerate(lines[first : first + max(high, 0)], 1):
            for x, unit in line:
                canvas.put(x, y, unit.shown, canvas.palette.cursor if unit.holds(caret) else canvas.palette.text)
                canvas.hit(x, y, unit.cells, 1, partial(see, caret=unit.at))
        for y, words in enumerate(wrong, 1 + high):
            canvas.put(0, y, words, canvas.palette.contrast)


def _characters(draft: str, caret: int) -> list[Unit]:
    """One unit a cell, and the caret's place after them."""
    at, last = max(0, caret - AROUND), min(len(draft), caret + AROUND)
    units = []
    for cluster in clusters(draft[at:last]):
        opens = cluster.isspace() or (at > 0 and draft[at - 1].isspace())
        units.append(Unit(text.token(cluster), at=at, long=len(cluster), opens=opens, breaks=cluster == "\n"))
        at += len(cluster)
    return [*units, Unit(" ", at=last)]
