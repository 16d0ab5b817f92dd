"""The bigram's whole table: which token follows which, as a heat map."""

from __future__ import annotations

from functools import partial

from models.baselines import Bigram
from playground.kit.canvas import Canvas
from playground.kit.pane import Pane
from playground.play.panes import absent
from playground.play.panes.pairs import Look, Table, draw_pairs, reading, table_of
from playground.play.scene import Scene
from playground.play.session import Session, force, look


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
        bigram = _bigram(scene)
        if bigram is None:
            absent.no_counts(canvas)
            return
        table = table_of(bigram)
        row, column = _cursor(scene, table)
        here = _here(scene, table)
        missing = scene.label(scene.session.tokens[scene.session.row]) if here < 0 and scene.session.tokens else ""
        labels = tuple(scene.label(int(token)) for token in table.tokens)
        draw_pairs(canvas, Look(table, labels, row, column, here, _to, missing))

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """The cursor; it no longer follows the text."""
        bigram = _bigram(scene)
        if bigram is None:
            return scene.session
        table = table_of(bigram)
        row, column = _cursor(scene, table)
        return look(scene.session, grid=table.inside(row + dy, column + dx))

    def enter(self, scene: Scene) -> Session:
        """The column's token follows the token looked at."""
        bigram = _bigram(scene)
        if bigram is None or not scene.session.tokens:
            return scene.session
        table = table_of(bigram)
        return force(scene.session, scene.session.row, int(table.tokens[_cursor(scene, table)[1]]))


def _bigram(scene: Scene) -> Bigram | None:
    """The pairs, whichever baseline stands beside the model."""
    return next((each for each in scene.baselines.values() if isinstance(each, Bigram)), None)


def _to(row: int, column: int) -> partial[Session]:
    return partial(look, grid=(row, column))


def _here(scene: Scene, table: Table) -> int:
    """The place of the token looked at; -1 if it has none."""
    return int(table.places[scene.session.tokens[scene.session.row]]) if scene.session.tokens else -1


def _cursor(scene: Scene, table: Table) -> tuple[int, int]:
    """Row and column of the cursor: chosen, or the token looked at and what came after it or likeliest will."""
    if scene.session.view.grid is not None:
        return table.inside(*scene.session.view.grid)
    row = max(_here(scene, table), 0)
    after = -1 if scene.followed is None else int(table.places[scene.followed])
    return row, after if after >= 0 else int(table.p[row].argmax())
