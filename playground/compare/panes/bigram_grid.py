"""All that the bigram knows: which token follows which, from the whole table at once to single numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

from models.baselines import Bigram
from models.tokenizers import Tokenizer
from playground import text
from playground.compare.panes.pane_kinds import nothing
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
        if not scene.models:
            nothing(scene, canvas, self.title)
        elif scene.bigram is None:
            canvas.title(self.title)
            absent.no_counts(canvas)
        else:
            _draw(scene, scene.bigram, canvas)

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """The cursor; it no longer follows the text."""
        if scene.bigram is None:
            return super().move(scene, dx, dy)
        row, column = _cursor(scene, scene.bigram)
        return see(scene.view, grid=table_of(scene.bigram).inside(row + dy, column + dx))

    def enter(self, scene: CompareScene) -> CompareView:
        """The next of the tokens found."""
        return see(scene.view, match=scene.view.match + 1, grid=None) if scene.view.search else scene.view


def _draw(scene: CompareScene, bigram: Bigram, canvas: Canvas) -> None:
    table, labels = table_of(bigram), _labels(scene.tokenizer, bigram)
    canvas.title(Grid.title, _note(scene, labels, canvas.beside(Grid.title)))
    here = _place(table, scene.before)
    missing = scene.label(scene.before) if here < 0 and scene.before is not None else ""
    found = frozenset(_found(labels, scene.view.search))
    draw_pairs(canvas, Look(table, labels, *_cursor(scene, bigram), here, _to, missing, scene.view.zoom, found))


def _to(row: int, column: int) -> partial[CompareView]:
    return partial(see, grid=(row, column))


@lru_cache(maxsize=2)
def _labels(tokenizer: Tokenizer, bigram: Bigram) -> tuple[str, ...]:
    return tuple(text.token(tokenizer.token(int(token))) for token in table_of(bigram).tokens)


def _place(table: Table, token: int | None) -> int:
    """The row and column of a token; -1 if it has none."""
    return -1 if token is None else int(table.places[token])


def _cursor(scene: CompareScene, bigram: Bigram) -> tuple[int, int]:
    """Row and column: chosen, or found, or the token before the place looked at and the one that stands there."""
    view, table, labels = scene.view, table_of(bigram), _labels(scene.tokenizer, bigram)
    if view.grid is not None:
        return table.inside(*view.grid)
    first, *others = view.search.split() or [""]
    if rows := _found(labels, first):
        row = rows[view.match % len(rows)]
        after = next(iter(_found(labels, " ".join(others))), -1)
    else:
        row, results, place = max(_place(table, scene.before), 0), scene.results, scene.place
        after = _place(table, results.tokens[place] if results and 0 < place < results.end else None)
    return row, after if after >= 0 else int(table.p[row].argmax())


def _found(labels: Sequence[str], search: str) -> list[int]:
    """Places whose labels hold any of the words: the whole first, then beginnings, then the rest."""
    words = [text.token(word).casefold() for word in search.split()]
    ranks = [(_rank(label.casefold(), word), place) for word in words for place, label in enumerate(labels)]
    return [place for rank, place in sorted(ranks) if rank < 3]


def _rank(label: str, word: str) -> int:
    if label in (word, f"·{word}"):  # many tokens of byte pairs begin with a space
        return 0
    return 1 if label.startswith(word) else 2 if word in label else 3


def _note(scene: CompareScene, labels: Sequence[str], room: int) -> str:
    """What is looked for, or which way to read it."""
    search = scene.view.search
    if not search:
        return fitting([reading(room)], room)
    count = len(_found(labels, " ".join(search.split()[:1])))
    typed = f"/{text.visible(search)}"
    said = "not found" if not count else f"{scene.view.match % count + 1} of {count}"
    return fitting([typed, said], room) or text.cut(typed, room)
