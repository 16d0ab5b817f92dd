"""The bigram's whole table: which token follows which, as a heat map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from rich.cells import cell_len, set_cell_size

from models.baselines import Bigram
from models.measures import ranked
from models.ops import Array
from playground import text
from playground.canvas import Canvas
from playground.flow import fitting
from playground.panes import absent, heatmap
from playground.panes.base import Pane
from playground.panes.heatmap import Axis
from playground.scene import Scene
from playground.session import Session, force, look

MOST = 512  # tokens whose pairs are shown
LABEL = 8  # cells of a row's label
LETTERS = 4  # lines of the columns' labels at most


@dataclass(frozen=True, eq=False)
class Table:
    """The pairs of the commonest tokens; a place is a row or a column of it."""

    tokens: Array  # N, by id where they are all there are, else the commonest first
    places: Array  # V, the place of each token; -1 if it has none
    counts: Array  # N N
    p: Array  # N N, that the column follows the row

    @property
    def whole(self) -> bool:
        """Whether it holds the whole vocabulary."""
        return len(self.tokens) == len(self.places)


@lru_cache(maxsize=2)
def table_of(bigram: Bigram) -> Table:
    """The table of at most MOST tokens, from the counted pairs alone: V x V need not fit anywhere."""
    V, pairs = bigram.vocab_size, bigram.pairs
    first, second = np.divmod(pairs.runs, V)
    totals = np.bincount(first, weights=pairs.counts, minlength=V)
    tokens = np.arange(V) if V <= MOST else np.argsort(-totals, kind="stable")[:MOST]
    places = np.full(V, -1)
    places[tokens] = np.arange(len(tokens))
    rows, columns = places[first], places[second]
    inside = (rows >= 0) & (columns >= 0)
    counts = np.zeros((len(tokens), len(tokens)), np.int64)
    counts[rows[inside], columns[inside]] = pairs.counts[inside]
    p = (counts + bigram.k) / (totals[tokens, None] + bigram.k * V)  # add-k, as the model's own rows are
    return Table(tokens, places, counts, p)


class Grid(Pane):
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
        canvas.title(self.title, _note(scene, canvas))
        bigram = scene.baselines.get("bigram")
        if isinstance(bigram, Bigram):
            _Picture(scene, canvas, table_of(bigram)).draw()
        else:
            absent.no_counts(canvas)

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """The cursor; it no longer follows the text."""
        bigram = scene.baselines.get("bigram")
        if not isinstance(bigram, Bigram):
            return scene.session
        table = table_of(bigram)
        last = len(table.tokens) - 1
        row, column = _cursor(scene, table)
        return look(scene.session, grid=(max(0, min(row + dy, last)), max(0, min(column + dx, last))))

    def enter(self, scene: Scene) -> Session:
        """The column's token follows the token looked at."""
        bigram = scene.baselines.get("bigram")
        if not isinstance(bigram, Bigram) or not scene.session.tokens:
            return scene.session
        table = table_of(bigram)
        return force(scene.session, scene.session.row, int(table.tokens[_cursor(scene, table)[1]]))


def _here(scene: Scene, table: Table) -> int:
    """The place of the token looked at; -1 if it has none."""
    return int(table.places[scene.session.tokens[scene.session.row]]) if scene.session.tokens else -1


def _cursor(scene: Scene, table: Table) -> tuple[int, int]:
    """Row and column of the cursor: chosen, or the token looked at and what came after it or likeliest will."""
    last = len(table.tokens) - 1
    if scene.session.view.grid is not None:
        row, column = scene.session.view.grid
        return max(0, min(row, last)), max(0, min(column, last))
    row = max(_here(scene, table), 0)
    after = -1 if scene.followed is None else int(table.places[scene.followed])
    return row, after if after >= 0 else int(table.p[row].argmax())


def _note(scene: Scene, canvas: Canvas) -> str:
    return "rows: this token, columns: the next" if canvas.width >= 50 else "row → next"


class _Picture:
    """One drawing of the pane."""

    def __init__(self, scene: Scene, canvas: Canvas, table: Table) -> None:
        self.scene, self.canvas, self.palette, self.table = scene, canvas, canvas.palette, table
        self.row, self.column = _cursor(scene, table)
        self.here = _here(scene, table)
        self.labels = [scene.label(int(token)) for token in table.tokens]
        self.wide = max(map(cell_len, self.labels), default=1)
        self._place()

    def _place(self) -> None:
        """Where the picture stands and how rows and columns lie on cells."""
        count, a_line = len(self.labels), heatmap.pixels_a_line(self.palette)
        self.words = max(min((self.canvas.height - 2) // 3, 3), 0)
        self.label = min(self.wide, LABEL)
        letters = 1 if self.wide <= 2 or self.canvas.height < 14 else min(self.wide, LETTERS)
        self.y = 1 + letters
        tall = max(self.canvas.height - self.y - self.words, 1)
        self.halved = count > tall and self.wide == 1 and a_line == 2  # two letters fit beside a line, two words do not
        self.x = 1 + self.label * (2 if self.halved else 1) + 1 if self.canvas.width >= 16 else 0
        room = max(self.canvas.width - self.x, 1)
        size = 2 if self.wide == 2 or 2 * count <= room else 1
        self.columns = Axis.window(count, room, self.column, size)
        self.rows = Axis.window(count, tall * a_line, self.row, 1 if self.halved else a_line)
        self.a_line = a_line

    def draw(self) -> None:
        """Part by part."""
        self._column_labels()
        self._row_labels()
        picture = heatmap.image(self.table.p, self.table.counts > 0, self.rows, self.columns)
        heatmap.paint(self.canvas, self.x, self.y, picture)
        self._mark()
        height = -(-self.rows.length // self.a_line)
        self.canvas.grid_hit(self.x, self.y, self.columns.length, height, self._clicked)
        self._say(self.y + height)

    def _line(self, row: int) -> int:
        return self.y + (row - self.rows.start) * self.rows.size // self.a_line

    def _left(self, column: int) -> int:
        return self.x + (column - self.columns.start) * self.columns.size

    def _clicked(self, dx: int, dy: int) -> partial[Session]:
        """The cursor goes there: of two rows on a line, the likelier."""
        rows = self.rows.entries(dy * self.a_line, dy * self.a_line + self.a_line - 1)
        column = self.columns.entries(dx, dx).start
        row = rows.start + int(self.table.p[rows, column].argmax())
        return partial(look, grid=(row, column))

    def _column_labels(self) -> None:
        """A label above its column; a longer one downwards, letter by letter, as far as there is room."""
        palette, size = self.palette, self.columns.size
        for column in range(self.columns.start, self.columns.stop):
            style = palette.accent if column == self.column else palette.muted
            label = self.labels[column]
            pieces = [label] if self.wide <= size else list(label[: self.y - 1])
            for y, piece in enumerate(pieces, self.y - len(pieces)):
                self.canvas.put(self._left(column), y, piece if cell_len(piece) <= size else "▫", style)

    def _row_labels(self) -> None:
        if not self.x:
            return
        for row in range(self.rows.start, self.rows.stop):
            style = self.palette.accent if row == self.row else self.palette.muted
            x = 1 + (self.label if self.halved and (row - self.rows.start) % 2 else 0)
            self.canvas.put(x, self._line(row), set_cell_size(self.labels[row], self.label), style)
            if row == self.here:
                self.canvas.put(0, self._line(row), "▸", self.palette.accent)

    def _mark(self) -> None:
        """The cell under the cursor."""
        x, y = self._left(self.column), self._line(self.row)
        if self.columns.size > 1 and not self.halved:
            self.canvas.put(x, y, "[]", heatmap.shade(self.palette, float(self.table.p[self.row, self.column])))
        else:
            self.canvas.put(x, y, "◆", self.palette.cursor)

    # words ---------------------------------------------------------------------------------------------------------

    def _name(self, place: int) -> str:
        return f"'{text.cut(self.labels[place], 2 * LABEL)}'"

    def _say(self, y: int) -> None:
        """The cursor's pair, which part of the table is shown, and what else follows the row."""
        count = int(self.table.counts[self.row, self.column])
        times = f"seen {count:,} time{'' if count == 1 else 's'}" if count else "never seen"
        p = float(self.table.p[self.row, self.column])
        said = f"after {self._name(self.row)} comes {self._name(self.column)}: {p:.3f}, {times}"
        lines = [(said, self.palette.strong), (self._part(), self.palette.muted), (self._ranking(), self.palette.muted)]
        for words, style in lines[: self.words]:
            self.canvas.put(0, y, words, style)
            y += bool(words)

    def _ranking(self) -> str:
        """What follows the row, likeliest first, as much as fits."""
        said = f"after {self._name(self.row)}:"
        for place in ranked(self.table.p[self.row], 40).tolist():
            longer = f"{said} {self._name(place)} {self.table.p[self.row, place]:.3f}"
            if cell_len(longer) > self.canvas.width:
                break
            said = longer
        return said

    def _part(self) -> str:
        """Empty where the whole table is shown."""
        said = []
        if not self.table.whole:
            said.append(f"the {len(self.labels)} commonest of {len(self.table.places):,} tokens")
            if self.here < 0 and self.scene.session.tokens:
                label = self.scene.label(self.scene.session.tokens[self.scene.session.row])
                said.insert(0, f"'{text.cut(label, 2 * LABEL)}' is not among them")
        for axis, what in ((self.rows, "rows"), (self.columns, "columns")):
            if axis.stop - axis.start < len(self.labels):
                said.append(f"{what} {axis.start}-{axis.stop - 1} of {len(self.labels)}")
        return fitting(said, self.canvas.width)
