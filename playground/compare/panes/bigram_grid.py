"""All that the bigram knows: which token follows which, from the whole table at once to single numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

from models.baselines import Bigram
from models.tokenizers import Tokenizer
from playground import text
from playground.compare.panes.not_yet import nothing
from playground.compare.scene import CompareScene, CompareView, see
from playground.kit.canvas import Canvas
from playground.kit.flow import fitting
from playground.kit.pane import Pane
from playground.play.panes import absent
from playground.play.panes.pairs import Look, Table, draw_pairs, reading, table_of


class Grid(Pane[CompareScene, CompareView]):
    """The bigram's table with zoom and search."""

    name = "grid"
    title = "Bigram grid"
    help = (
        "Everything the bigram knows: a row for each token, a column for each token that may come next, brighter the "
        "likelier. Pairs that the training text never held are left empty; the model still gives them a small "
        "probability. ▸ marks the row of the token before the place looked at: that row is all the bigram says about "
        "what comes here.\n\n"
        "+ and - enlarge and shrink: from the whole table, where a point is the likeliest of many pairs, to a number "
        "in each cell. Arrows move the cursor. / looks for a token: the cursor goes to its row, • "
        "marks all that were found, Enter goes to the next. Two words look for a row and a column. Escape lets the "
        "cursor follow the text again.\n\n"
        "Of a large vocabulary only the 512 commonest tokens are shown."
    )

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """Letters, picture, and the cursor's pair in words."""
        table = _table(scene)
        if table is None:
            _instead(scene, canvas, self.title)
            return
        labels = _labels(scene, table)
        canvas.title(self.title, _note(scene, labels, canvas.beside(self.title)))
        row, column = _cursor(scene, table, labels)
        here = -1 if scene.before is None else int(table.places[scene.before])
        missing = scene.label(scene.before) if here < 0 and scene.before is not None else ""
        found = frozenset(_found(labels, scene.view.search))
        draw_pairs(canvas, Look(table, labels, row, column, here, _to, missing, scene.view.zoom, found))

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """The cursor; it no longer follows the text."""
        table = _table(scene)
        if table is None:
            return super().move(scene, dx, dy)
        row, column = _cursor(scene, table, _labels(scene, table))
        return see(scene.view, grid=table.inside(row + dy, column + dx))

    def enter(self, scene: CompareScene) -> CompareView:
        """The next of the tokens found."""
        return see(scene.view, match=scene.view.match + 1, grid=None) if scene.view.search else scene.view


def _to(row: int, column: int) -> partial[CompareView]:
    return partial(see, grid=(row, column))


def _table(scene: CompareScene) -> Table | None:
    return None if scene.bigram is None or scene.tokenizer is None else table_of(scene.bigram)


def _instead(scene: CompareScene, canvas: Canvas, title: str) -> None:
    if not scene.models:
        nothing(scene, canvas, title)
        return
    canvas.title(title)
    absent.no_counts(canvas)


def _labels(scene: CompareScene, table: Table) -> tuple[str, ...]:
    assert scene.tokenizer is not None and scene.bigram is not None
    return _labels_of(scene.tokenizer, scene.bigram)


@lru_cache(maxsize=2)
def _labels_of(tokenizer: Tokenizer, bigram: Bigram) -> tuple[str, ...]:
    return tuple(text.token(tokenizer.token(int(token))) for token in table_of(bigram).tokens)


def _cursor(scene: CompareScene, table: Table, labels: Sequence[str]) -> tuple[int, int]:
    """Row and column: chosen, or found, or the token before the place looked at and the one that stands there."""
    view = scene.view
    if view.grid is not None:
        return table.inside(*view.grid)
    first, *second = view.search.split(maxsplit=1) or [""]
    rows = _found(labels, first) if first else []
    if rows:
        row = rows[view.match % len(rows)]
        columns = _found(labels, second[0].strip()) if second else []
        return row, columns[0] if columns else int(table.p[row].argmax())
    row = max(-1 if scene.before is None else int(table.places[scene.before]), 0)
    came = scene.results.tokens[scene.place] if scene.results and 0 < scene.place < scene.results.end else None
    after = -1 if came is None else int(table.places[came])
    return row, after if after >= 0 else int(table.p[row].argmax())


def _found(labels: Sequence[str], search: str) -> list[int]:
    """Places whose labels hold any of the words: the whole first, then beginnings, then the rest."""
    ranks = [(_rank(label.casefold(), word), place) for word in _words(search) for place, label in enumerate(labels)]
    return [place for rank, place in sorted(ranks) if rank < 3]


def _words(search: str) -> list[str]:
    return [text.token(word).casefold() for word in search.split()]


def _rank(label: str, word: str) -> int:
    if label in (word, f"·{word}"):  # many tokens of byte pairs begin with a space
        return 0
    return 1 if label.startswith(word) else 2 if word in label else 3


def _note(scene: CompareScene, labels: Sequence[str], room: int) -> str:
    """What is looked for, or which way to read it."""
    search = scene.view.search
    if not search:
        return fitting([reading(room)], room)
    count = len(set(_found(labels, search.split()[0] if search.split() else "")))
    typed = f"/{text.visible(search)}"
    said = "not found" if not count else f"{scene.view.match % count + 1} of {count}"
    return fitting([typed, said], room) or text.cut(typed, room)
