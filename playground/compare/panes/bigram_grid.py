"""All that the bigram knows: which token follows which, from the whole table at once to single numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.baselines import Bigram
from playground import text
from playground.compare.panes.pane_kinds import not_yet
from playground.compare.scene import CompareScene, CompareView, see
from playground.kit.canvas import Canvas
from playground.kit.flow import fitting, nothing
from playground.kit.pane import Pane
from playground.looking.panes.absent import NO_COUNTS
from playground.looking.panes.pairs import Look, TablePicture, labels_of, reading, table_of


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
        pairs = _look(scene)
        if pairs is not None:
            canvas.title(self.title, _note(scene, pairs.labels, canvas.beside(self.title)))
            TablePicture(canvas, pairs).draw()
        elif scene.models:
            nothing(canvas, self.title, NO_COUNTS)
        else:
            not_yet(scene, canvas, self.title)

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """The cursor; it no longer follows the text."""
        pairs = _look(scene)
        view: CompareView = super().move(scene, dx, dy) if pairs is None else pairs.moved(scene.view, dx, dy)
        return view

    def enter(self, scene: CompareScene) -> CompareView:
        """The next of the tokens found."""
        return see(scene.view, match=scene.view.match + 1, grid=None) if scene.view.search else scene.view


def _look(scene: CompareScene) -> Look | None:
    """At the bigram's pairs: where the cursor was put, else at what was found, else at the text."""
    if scene.bigram is None:
        return None
    labels, view = labels_of(scene.bigram, scene.tokenizer), scene.view
    came = scene.results.tokens[scene.place] if scene.results and 0 < scene.place < scene.results.end else None
    cursor = view.grid or _hit(scene.bigram, labels, view)
    pairs = Look.at(scene.bigram, scene.tokenizer, scene.before, came, cursor, see)
    return replace(pairs, zoom=view.zoom, found=frozenset(_found(labels, view.search)))


def _hit(bigram: Bigram, labels: Sequence[str], view: CompareView) -> tuple[int, int] | None:
    """Row and column of what is looked for: the first word's row, the column of the rest or the likeliest."""
    first, *second = view.search.split(maxsplit=1) or [""]
    rows = _found(labels, first)
    if not rows:
        return None
    row = rows[view.match % len(rows)]
    columns = _found(labels, second[0].strip()) if second else []
    return row, columns[0] if columns else int(table_of(bigram).p[row].argmax())


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
    count = len(set(_found(labels, search.split()[0] if search.split() else "")))
    typed = f"/{text.visible(search)}"
    said = "not found" if not count else f"{scene.view.match % count + 1} of {count}"
    return fitting([typed, said], room) or text.cut(typed, room)
