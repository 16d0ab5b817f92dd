"""The storyboard: what the model would say at each depth, if it stopped there."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from models.lenses.logit_lens import Layers, logit_lens
from playground import text
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.scene import InsideScene, Subject
from playground.kit.canvas import Canvas

WIDE = 9  # cells a token


class Storyboard(InsidePane[Layers]):
    """Depth by position."""

    name = "story"
    title = "Storyboard"
    help = (
        "What the model would say next if it stopped after each layer (the logit lens, nostalgebraist 2020): the "
        "stream there, read as the last one is. A column is a position of the text, a row a depth."
    )

    def asks(self, scene: InsideScene) -> Hashable:
        """Every depth and position at once."""
        return ()

    def find(self, subject: Subject, asked: Any) -> Iterator[Layers]:
        """One look through all depths."""
        yield logit_lens(subject.model, subject.now)

    def draw_found(self, scene: InsideScene, found: Layers, canvas: Canvas) -> None:
        """The tokens that would be said, the newest position last."""
        canvas.title(self.title)
        shown = max((canvas.width - 4) // WIDE, 1)
        first = max(scene.row - shown + 1, 0)
        for depth in range(len(found.best)):
            canvas.put(0, 1 + depth, "emb" if not depth else f"L{depth - 1}", canvas.palette.muted)
            for at, position in enumerate(range(first, scene.row + 1)):
                label = text.fit(scene.label(int(found.best[depth, position])), WIDE - 1)
                canvas.put(4 + at * WIDE, 1 + depth, label)
