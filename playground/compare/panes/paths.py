"""The bigram's transition graph from where one stands: the likeliest paths as a tree that is read to the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from rich.style import Style

from models.baselines import Bigram
from models.lenses import paths as lens
from models.lenses.paths import Branch
from models.tokenizers import LONGEST
from playground import text
from playground.cells import cell_len
from playground.compare.panes.pane_kinds import TextPane
from playground.compare.scene import Compared, CompareScene, CompareView, follow, see, turn_back
from playground.kit import numbers
from playground.kit.bar import bar
from playground.kit.canvas import Act, Canvas
from playground.kit.flow import Part, headline, paragraph, say
from playground.looking.labels import label, labelled
from playground.looking.panes.absent import NO_COUNTS

LABEL = 10  # cells of a token's label
FIGURE = 5  # cells of a probability
BAR = 4  # and of the bar before it
DEEPEST = 6  # steps
WIDTH, MOST, LEAST = 6, 240, 0.0005  # branches from a token, tokens in all, the least likely path
PATH = 8  # cells of the probability of a path, with the space before it
JOINT = 3  # cells of the lines between two steps
ROOMY = 60  # cells from which there is room for bars

Place = tuple[int, ...]  # which branch at each step from the root


class Paths(TextPane):
    """A tree of tokens."""

    name = "paths"
    title = "Paths of the bigram"
    gist = "Where the bigram goes from here"
    help = (
        "Where the bigram goes from the token before the place looked at: the tokens that may follow, those that may "
        "follow them, and so on, likeliest first; a line of the tree reads to the right as a text. The number at a "
        "token is its probability after the one before it; that at the right edge the probability of the whole path, "
        "which is their product. Only the likeliest paths are shown, as many as there is room for.\n\n"
        "The bigram looks at one token only, so a path is all it knows: go along it and watch the sense get lost. "
        "Up and down go through a column, right and left along a path. Enter follows it: the token under the cursor "
        "becomes the root. Left from the root goes back, Escape to the text."
    )

    def __init__(self) -> None:
        self.size = 60, 20  # of the last picture: the cursor goes through what it showed

    def draw_results(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """Title, tree, and the path under the cursor in words."""
        self.size = canvas.width, canvas.height
        before, followed = results.tokens[: scene.place], scene.view.followed
        start = f"from '{text.cut(results.labels[scene.place - 1], LABEL)}'" if before else ""
        trail = [f"→ {text.cut(label, LABEL)}" for label in labelled(scene.tokenizer, followed, before)]
        headline(canvas, self.title, [" ".join([start, *trail])])
        tree = self._tree(scene)
        if scene.bigram is None:
            paragraph(canvas, 1, NO_COUNTS, canvas.palette.muted)
        elif tree is None:
            paragraph(canvas, 1, "nothing stands before the first token: go to the right", canvas.palette.muted)
        else:
            _Picture(scene, tree, self._columns(scene, tree.root.token), canvas).draw()

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """Through the tree; left from its root goes back to where it was followed from, then along the text."""
        tree = self._tree(scene)
        if tree is None:
            return super().move(scene, dx, dy)
        at = tree.at(scene.view.branch)
        if dx < 0 and not at:
            return turn_back(scene.view) if scene.view.followed else super().move(scene, dx, dy)
        if dx:
            nearer = at[:-1] if dx < 0 else (*at, 0)
            return see(scene.view, branch=tree.at(nearer))
        column = [place for place in tree.rows if len(place) == len(at)]
        return see(scene.view, branch=column[max(0, min(column.index(at) + dy, len(column) - 1))])

    def enter(self, scene: CompareScene) -> CompareView:
        """The token under the cursor becomes the root."""
        tree = self._tree(scene)
        return scene.view if tree is None else tree.followed(scene.view, tree.at(scene.view.branch))

    def _tree(self, scene: CompareScene) -> _Tree | None:
        root = scene.view.followed[-1] if scene.view.followed else scene.before
        if root is None or scene.bigram is None:
            return None
        return _tree_of(scene.bigram, root, self._columns(scene, root).depth, max(self.size[1] - 2, 1))

    def _columns(self, scene: CompareScene, root: int) -> _Columns:
        assert scene.bigram is not None
        return _Columns(self.size[0], max(cell_len(_label(scene, way)) for way in _ways(scene.bigram, root)))


def _label(scene: CompareScene, way: Sequence[int]) -> str:
    """The last of the tokens on a way from the root."""
    assert scene.results is not None
    *before, token = (*scene.results.tokens[: scene.place], *scene.view.followed)[:-1] + tuple(way)
    return text.cut(label(scene.tokenizer, token, before), LABEL)


@dataclass(frozen=True, slots=True)
class _Columns:
    """How the steps of the tree lie side by side: a label, a bar where there is room, a number, lines between."""

    width: int  # of the picture
    label: int  # cells of the longest

    @property
    def bar(self) -> int:
        """Cells of a bar and the space after it."""
        return BAR + 1 if self.width >= ROOMY else 0

    @property
    def step(self) -> int:
        """Cells from one step to the next."""
        return self.label + 1 + self.bar + FIGURE + 1 + JOINT

    @property
    def depth(self) -> int:
        """How many steps have room."""
        return max(1, min((self.width - self.label - PATH) // self.step, DEEPEST))

    def x(self, depth: int) -> int:
        """Where the labels begin."""
        return self.label + 1 + JOINT + (depth - 1) * self.step if depth else 0


@dataclass(frozen=True, eq=False)
class _Tree:
    """The likeliest part of a tree that has so many lines."""

    root: Branch
    rows: dict[Place, int]  # the line of each token shown, in the order of a walk through the tree

    def __getitem__(self, place: Place) -> Branch:
        branch = self.root
        for step in place:
            branch = branch.after[step]
        return branch

    def at(self, place: Place) -> Place:
        """The nearest token on the way there that is shown."""
        while place not in self.rows:
            place = place[:-1]
        return place

    def tokens(self, place: Place) -> tuple[int, ...]:
        """Those on the way there, from the root on."""
        return tuple(self[place[:end]].token for end in range(len(place) + 1))

    def followed(self, view: CompareView, place: Place) -> CompareView:
        """The view once it is gone there."""
        return follow(view, *self.tokens(place)[1:]) if place else view


@lru_cache(maxsize=8)
def _tree_of(bigram: Bigram, token: int, depth: int, lines: int) -> _Tree:
    """Of the likeliest tokens, as many as have a line; a token without branches is a line."""
    root = _grown(bigram, token)
    every = sorted(_walk(root), key=lambda each: (-each[1].path, each[1].depth))
    shown: set[Place] = {()}
    count = 1
    for place, branch in every[1:]:
        if branch.depth > depth or place[:-1] not in shown:
            continue
        has_sibling = (*place[:-1], 0) in shown
        if count + has_sibling > lines:
            break
        count += has_sibling
        shown.add(place)
    rows: dict[Place, int] = {}
    line = 0
    for place, _ in _walk(root):
        if place in shown:
            line += bool(place) and place[-1] > 0
            rows[place] = line
    return _Tree(root, rows)


@lru_cache(maxsize=8)
def _grown(bigram: Bigram, token: int) -> Branch:
    return lens.paths(bigram, token, DEEPEST, WIDTH, MOST, LEAST)


@lru_cache(maxsize=8)
def _ways(bigram: Bigram, token: int) -> frozenset[tuple[int, ...]]:
    """The tokens on the way from the root to each token that may be shown, as many as a label depends on."""
    tree = _Tree(_grown(bigram, token), {})
    return frozenset(tree.tokens(place)[-LONGEST:] for place, _ in _walk(tree.root))


def _walk(branch: Branch, place: Place = ()) -> Iterator[tuple[Place, Branch]]:
    """The branch and all after it, depth first."""
    yield place, branch
    for number, each in enumerate(branch.after):
        yield from _walk(each, (*place, number))


class _Picture:
    """One drawing of a tree."""

    def __init__(self, scene: CompareScene, tree: _Tree, columns: _Columns, canvas: Canvas) -> None:
        self.scene, self.tree, self.columns = scene, tree, columns
        self.canvas, self.palette = canvas, canvas.palette
        self.cursor = tree.at(scene.view.branch)

    def draw(self) -> None:
        """Every token, its lines, the probabilities of the paths, and the cursor's in words."""
        for place in self.tree.rows:
            self._token(place)
            if place:
                self._joint(place)
            if (*place, 0) not in self.tree.rows:
                self._path(place)
        if self.canvas.height > 2:
            say(self.canvas, 0, self.canvas.height - 1, self._said())

    def _style(self, place: Place) -> Style:
        if place == self.cursor:
            return self.palette.cursor if self.canvas.focused else self.palette.accent
        return self.palette.strong if place == self.cursor[: len(place)] else self.palette.text

    def _token(self, place: Place) -> None:
        """Label and number."""
        branch, x, y = self.tree[place], self.columns.x(len(place)), 1 + self.tree.rows[place]
        self.canvas.put(x, y, _label(self.scene, self.tree.tokens(place)), self._style(place))
        if place:
            at = x + self.columns.label + 1
            if self.columns.bar:
                self.canvas.put(at, y, bar(branch.p, BAR), self.palette.bar(branch.p))
            at += self.columns.bar
            on = place == self.cursor[: len(place)]
            self.canvas.put(at, y, f"{branch.p:.3f}", self.palette.strong if on else self.palette.muted)
        wide = self.columns.step - JOINT if place else self.columns.label
        self.canvas.hit(x, y, wide, 1, self._act(place))

    def _act(self, place: Place) -> Act:
        """A click puts the cursor there; one on the cursor follows."""
        return partial(self.tree.followed, place=place) if place == self.cursor else partial(see, branch=place)

    def _joint(self, place: Place) -> None:
        """The lines between a token and the one before it, which stands on the line of its first branch."""
        x, y = self.columns.x(len(place)) - JOINT, 1 + self.tree.rows[place]
        follows = (*place[:-1], place[-1] + 1) in self.tree.rows
        joint = ("─┬─" if follows else "───") if place[-1] == 0 else (" ├─" if follows else " └─")
        self.canvas.put(x, y, joint, self.palette.faint)
        if follows:
            for row in range(y + 1, 1 + self.tree.rows[*place[:-1], place[-1] + 1]):
                self.canvas.put(x + 1, row, "│", self.palette.faint)

    def _path(self, place: Place) -> None:
        """The probability of the whole path, at the right edge."""
        branch, y = self.tree[place], 1 + self.tree.rows[place]
        on = place[: len(self.cursor)] == self.cursor and bool(self.cursor)
        words = numbers.probability(branch.path)
        if place and self.columns.x(len(place)) + self.columns.step - JOINT + len(words) <= self.canvas.width:
            self.canvas.right(self.canvas.width, y, words, self.palette.strong if on else self.palette.text)

    def _said(self) -> list[Part]:
        """The path under the cursor, and what else may follow it."""
        branch, palette = self.tree[self.cursor], self.palette
        way = self.tree.tokens(self.cursor)
        path = " → ".join(_label(self.scene, way[:end]) for end in range(1, len(way) + 1))
        shown = [each.p for at, each in enumerate(branch.after) if (*self.cursor, at) in self.tree.rows]
        parts: list[Part] = [(path, palette.strong)]
        if self.cursor:
            parts.append((f"path {numbers.probability(branch.path)}", palette.text))
        if shown:
            rest = max(1.0 - sum(shown), 0.0)
            parts.append((f"other tokens after it {rest:.3f}", palette.muted))
        return parts
