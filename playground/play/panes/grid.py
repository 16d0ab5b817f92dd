"""The bigram's whole table: which token follows which, as a heat map."""

from __future__ import annotations

from models.baselines import Bigram
from playground.kit.canvas import Canvas
from playground.kit.flow import paragraph
from playground.kit.pane import Pane
from playground.looking.panes.absent import NO_COUNTS
from playground.looking.panes.pairs import Look, TablePicture, reading
from playground.looking.scene import Scene
from playground.looking.session import Session, force, look


class Grid(Pane[Scene, Session]):
    """Rows are this token, columns the next."""

    name = "grid"
    title = "Bigram grid"
    help = (
        "Everything the bigram model knows: a row for each token, a column for each token that may come next, brighter"
        " the likelier. Pairs that the training text never held are left empty; the model still gives them a small"
        " probability.\n\n"
        "▸ marks the row of the token looked at: that row is all the bigram says about what comes next. Arrows move"
        " the cursor, Escape lets it follow the text, Enter puts the column's token after the token looked at.\n\n"
        "Of a large vocabulary only the 512 commonest tokens are shown."
    )

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """Letters, picture, and the cursor's pair in words."""
        canvas.title(self.title, reading(canvas.width))
        pairs = _look(scene)
        if pairs is None:
            paragraph(canvas, 1, NO_COUNTS, canvas.palette.muted)
        else:
            TablePicture(canvas, pairs).draw()

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """The cursor; it no longer follows the text."""
        pairs = _look(scene)
        session: Session = scene.session if pairs is None else pairs.moved(scene.session, dx, dy)
        return session

    def enter(self, scene: Scene) -> Session:
        """The column's token follows the token looked at."""
        pairs = _look(scene)
        if pairs is None or not scene.session.tokens:
            return scene.session
        return force(scene.session, scene.session.row, int(pairs.table.tokens[pairs.column]))


def _look(scene: Scene) -> Look | None:
    """At the pairs, whichever baseline stands beside the model; None where they were not counted."""
    session = scene.session
    bigram = next((each for each in scene.baselines.values() if isinstance(each, Bigram)), None)
    if bigram is None:
        return None
    before = session.tokens[session.row] if session.tokens else None
    return Look.at(bigram, scene.tokenizer, before, scene.followed, session.view.grid, look)
