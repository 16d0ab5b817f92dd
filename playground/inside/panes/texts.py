"""Two texts in one context: pages, and a question that looks at them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from models.lenses.inside import texts
from models.lenses.inside.texts import Losses, Parts, Ranking
from models.measures import ranked
from models.ops import Array
from models.tracing import Trace, prefix
from playground import text
from playground.cells import cell_len, wrap
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.inside.texts_in_words import BAR, as_typed, places_told, typed
from playground.kit import heatmap, numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import BETWEEN, Part, first_shown, headline, say
from playground.kit.heatmap import Axis, Frame
from playground.kit.table import Column, needed, put_heads, put_row, with_room
from playground.looking.prompts import draft_of, is_read, written
from playground.looking.session import look
from playground.looking.switching import toggle

EXAMPLE = f"{BAR} greece is far away . {BAR} france is far away . {BAR} the capital is"
LABEL = 12  # cells of a token
WORDS = 12  # cells of a page's words, at least
FIGURE = 7
NUMBERED = 8  # cells of a page's column in the rectangle
HEADS = 5  # told by name


@dataclass(frozen=True)
class TextsLook:
    """Which page the cursor is on, 0 for all of them; at which depth pages are ranked; whether tokens stand alone."""

    page: int = 0
    depth: int = 0
    by_token: bool = False


@dataclass(frozen=True, eq=False)
class Found:
    """What is known of the two texts."""

    trace: Trace  # up to the row asked about
    parts: Parts
    ranks: Ranking
    losses: Losses | None = None  # as far as it is known


class Texts(InsidePane[Found]):
    """The rectangle between pages and a question, and what closing it costs."""

    name = "texts"
    title = "Two texts"
    help = (
        "Several texts in one context: every line but the last is a page, the last line is the question. The picture "
        "is the part of one head's attention that lies between them: rows are the question's tokens, columns the pages,"
        " or with v their tokens. Up and down take another head, left and right a page. Closing it costs as many bits "
        "(KL) as the answer changes by: measured for all pages, for each, and in each head alone. x closes what the "
        "cursor is on with a switch: the question may not look there.\n\n"
        "At the right a search by vectors, without attention: each page read by itself, ranked by the cosine of mean "
        "vectors, or of each token's best match (Khattab & Zaharia 2020), as a softmax over the pages. Enter ranks "
        "one layer deeper, backspace one up. f types pages and question with | between them, or a file's path for its "
        "lines; nothing before the first | is an empty line, with which texts of the little world begin."
    )
    asking = f"Pages and a question, {BAR} between them; a file's path stands for its lines"
    idle = "there is nothing further that way"

    def asks(self, scene: InsideScene) -> Hashable | None:
        """The row up to which the question is read; nothing without pages."""
        parts = _parts(scene)
        return None if parts is None else scene.row if scene.row >= parts.question.start else scene.play.length - 1

    def find(self, subject: Subject, asked: Any) -> Iterator[Found]:
        """The ranking, then what each closing costs as it comes."""
        tokenizer = subject.model.tokenizer
        of = prefix(subject.now, asked + 1)
        parts = texts.parted([tokenizer.token(token) for token in of.tokens]) if tokenizer else None
        assert parts is not None, "who has no pages asks nothing"
        pages = [of.tokens[page.start : page.stop] for page in parts.pages]
        found = Found(of, parts, texts.ranking(subject.model, pages, of.tokens[parts.question.start :]))
        yield found
        for lost in texts.losses(of, parts):
            yield replace(found, losses=lost)

    def missing(self, scene: InsideScene) -> str:
        """What to do where there is only one text."""
        if _parts(scene) is not None:
            return super().missing(scene)
        return f"there is one text here: f types pages and a question, with {BAR} between them, for example: " + (
            self.suggestion(scene)
        )

    def draw_found(self, scene: InsideScene, found: Found, canvas: Canvas) -> None:
        """The answer, the pages, the heads, and the rectangle in what room is left."""
        _Drawing(scene, found, canvas).draw()

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """Left and right a page, up and down a head."""
        parts, session, config = _parts(scene), scene.view.session, scene.play.model.config
        if parts is None:
            return scene.moved(dx, dy)
        if dx:
            return to_page(max(0, min(_page(scene, parts) + dx, len(parts.pages))), scene.view)
        at = session.view.layer * config.n_head + session.view.head + dy
        layer, head = divmod(max(0, min(at, config.n_layer * config.n_head - 1)), config.n_head)
        return to_head(layer, head, scene.view)

    def enter(self, scene: InsideScene) -> InsideView:
        """Pages ranked a layer deeper."""
        return _deeper(scene, 1)

    def back(self, scene: InsideScene) -> InsideView:
        """Or a layer up."""
        return _deeper(scene, -1)

    def otherwise(self, scene: InsideScene) -> InsideView:
        """The rectangle by page or by token."""
        seen = scene.view.look(TextsLook)
        return scene.view.looking(replace(seen, by_token=not seen.by_token))

    def told(self, scene: InsideScene, words: str) -> InsideView:
        """These pages and this question."""
        view = scene.view.looking(TextsLook())
        return view.with_session(written(view.session, scene.play.model, typed(words)))

    def suggestion(self, scene: InsideScene) -> str:
        """The text as it is, or one of the little world."""
        session, model = scene.view.session, scene.play.model
        if _parts(scene) is not None:
            return as_typed(draft_of(session, model))
        example = scene.play.tokenizer if model.tokenizer else None
        if example is not None and is_read(example, typed(EXAMPLE)):
            return EXAMPLE
        return f"{as_typed(draft_of(session, model))} {BAR} "

    def put_in(self, scene: InsideScene) -> InsideView:
        """The page under the cursor closed, or all of them; or open again."""
        parts = _parts(scene)
        if parts is None:
            return scene.view
        page = _page(scene, parts)
        switch = parts.closed(page - 1 if page else None)
        return scene.view.with_session(toggle(scene.view.session, switch))


def to_page(page: int, view: InsideView) -> InsideView:
    """The cursor on that page, 0 for all."""
    return view.looking(replace(view.look(TextsLook), page=page))


def to_head(layer: int, head: int, view: InsideView) -> InsideView:
    """Play's cursor on that head."""
    return view.with_session(look(view.session, layer=layer, head=head))


def _parts(scene: InsideScene) -> Parts | None:
    """Where the pages of the text stand; None where there are none."""
    if scene.subject is None:
        return None
    tokenizer = scene.play.tokenizer
    return texts.parted([tokenizer.token(token) for token in scene.subject.now.tokens])


def _page(scene: InsideScene, parts: Parts) -> int:
    return min(scene.view.look(TextsLook).page, len(parts.pages))


def _deeper(scene: InsideScene, by: int) -> InsideView:
    seen = scene.view.look(TextsLook)
    depth = max(0, min(seen.depth + by, scene.play.model.config.n_layer))
    return scene.view.looking(replace(seen, depth=depth))


class _Drawing:
    """One drawing of the pane."""

    def __init__(self, scene: InsideScene, found: Found, canvas: Canvas) -> None:
        self.scene, self.found, self.canvas, self.palette = scene, found, canvas, canvas.palette
        self.parts, self.losses, self.seen = found.parts, found.losses, scene.view.look(TextsLook)
        config, view = scene.play.model.config, scene.view.session.view
        self.layer, self.head = min(view.layer, config.n_layer - 1), min(view.head, config.n_head - 1)
        self.page, self.depth = _page(scene, found.parts), min(self.seen.depth, config.n_layer)
        self.rectangle = np.asarray(texts.weights(found.trace, found.parts, self.layer, self.head), np.float64)
        self.by_page = texts.by_page(self.rectangle, found.parts)  # Q P
        self.closed = set(scene.view.session.switches)

    def draw(self) -> None:
        """From the top, the rectangle last."""
        canvas, count = self.canvas, len(self.parts.pages)
        whole = ["closed"] if self.parts.closed() in self.closed else []
        pages = "1 page" if count == 1 else f"{count} pages"
        headline(canvas, Texts.title, [pages, f"layer {self.layer} head {self.head}", *whole])
        say(canvas, 0, 1, self._answer())
        rows = min(count + 1, max((canvas.height - 4) // 2, 1))
        y = self._pages(2, rows)
        for line in wrap(self._search(), max(canvas.width, 1))[:2]:
            canvas.put(0, y, line, self.palette.muted)
            y += 1
        self._heads(y)
        if canvas.height - y > 4:
            self._rectangle(y + 2 if canvas.height - y > 8 else y + 1)

    def _answer(self) -> list[Part]:
        """What it says, and what it says with the pages closed."""
        if self.losses is None:
            return [("closing the pages ...", self.palette.muted)]
        lost, answer = self.losses, self.scene.last_label(self.losses.answer)
        then = f"without {numbers.probability(float(lost.whole.p))}"
        other = self.scene.last_label(int(lost.whole.top))
        says = f"{then}, but {other}" if int(lost.whole.top) != lost.answer else then
        bits = f"{numbers.bits(float(lost.whole.bits), self.canvas.unit)} {self.canvas.unit.name}"
        return [
            (f"with the pages {answer} {numbers.probability(lost.p)}", self.palette.strong),
            (says, self.palette.text),
            (f"costs {bits}", self.palette.text),
        ]

    def _search(self) -> str:
        """How the ranking compares with what closing costs."""
        if self.losses is None or np.isnan(self.losses.pages.bits).any():
            return ""
        return places_told(self.found.ranks, self.losses.needed)

    # the pages -------------------------------------------------------------------------------------------------

    def _columns(self) -> list[Column[int]]:
        """What is told of each page."""
        depth = "wte" if not self.depth else f"L{self.depth - 1}"
        ranks = self.found.ranks
        mean, best = ranks.shares("mean")[self.depth], ranks.shares("best")[self.depth]

        def cost(page: int) -> str:
            lost = self.losses
            bits = np.nan if lost is None else lost.whole.bits if page == 0 else lost.pages.bits[page - 1]
            return numbers.bits_or_dash(float(bits), self.canvas.unit)

        def looks(page: int) -> str:
            return numbers.weight(float(self.by_page[-1].sum() if page == 0 else self.by_page[-1, page - 1]))

        return [
            Column(f"{self.canvas.unit.name} lost", FIGURE + 3, cost),
            Column("looks", FIGURE, looks),
            Column(f"{depth} mean", FIGURE + 3, lambda page: f"{mean[page - 1]:.2f}" if page else ""),
            Column(f"{depth} best", FIGURE + 3, lambda page: f"{best[page - 1]:.2f}" if page else ""),
        ]

    def _pages(self, y: int, rows: int) -> int:
        """A line for all, a line a page; the y after them."""
        canvas, count = self.canvas, len(self.parts.pages) + 1
        columns = with_room(self._columns(), canvas.width - 4 - WORDS)
        x = canvas.width - needed(columns)
        put_heads(canvas, x, y, columns)
        first = first_shown(self.page, count, rows)
        for page in range(first, min(first + rows, count)):
            y += 1
            self._page_line(y, page, x, columns)
        return y + 1

    def _page_line(self, y: int, page: int, x: int, columns: list[Column[int]]) -> None:
        canvas, here = self.canvas, page == self.page
        shut = self.parts.closed(page - 1 if page else None) in self.closed
        canvas.put(0, y, "▸" if here else " ", self.palette.accent)
        canvas.put(1, y, "✕" if shut else "", self.palette.contrast)
        words = self._words(self.parts.pages[page - 1]) if page else "all pages"
        name = f"{page} {words}" if page else words
        style = self.palette.accent if here else self.palette.gone if shut else self.palette.text
        canvas.put(3, y, text.cut(name, x - 3), style)
        put_row(canvas, x, y, columns, page, self.palette.text)
        canvas.hit(0, y, canvas.width, 1, partial(to_page, page))

    def _words(self, part: range) -> str:
        tokens = self.found.trace.tokens[part.start : part.stop]
        return text.visible(self.scene.play.tokenizer.decode(tokens))

    # the heads -------------------------------------------------------------------------------------------------

    def _heads(self, y: int) -> None:
        """The heads in which alone closing costs most; each can be clicked."""
        bits = None if self.losses is None else self.losses.heads.bits
        if bits is None or np.isnan(bits).all():
            return
        x = self.canvas.put(0, y, "closed in one head: ", self.palette.muted)
        for place in ranked(np.nan_to_num(bits.ravel()), HEADS).tolist():
            layer, head = divmod(place, bits.shape[1])
            words = f"L{layer}H{head} {numbers.bits(float(bits[layer, head]), self.canvas.unit)}"
            if x + cell_len(words) > self.canvas.width:
                return
            self.canvas.hit(x, y, cell_len(words), 1, partial(to_head, layer, head))
            chosen = (layer, head) == (self.layer, self.head)
            x = self.canvas.put(x, y, words, self.palette.accent if chosen else self.palette.text) + len(BETWEEN)

    # the rectangle ---------------------------------------------------------------------------------------------

    def _rectangle(self, y: int) -> None:
        """Rows of the question, columns of the pages: a head line, the shades, and the strongest in words."""
        values = self.rectangle if self.seen.by_token else self.by_page
        labels = self.scene.play.labels
        wide = min(max(cell_len(labels[row]) for row in self.parts.question), LABEL)
        canvas, tall = self.canvas, self.canvas.height - y - 2
        size = next((size for size in (NUMBERED, 2, 1) if values.shape[1] * size <= canvas.width - wide - 1), 1)
        a_line = heatmap.pixels_a_line(self.palette)
        rows = Axis.window(len(values), tall * a_line, len(values) - 1, a_line)
        columns = Axis.window(values.shape[1], max(canvas.width - wide - 1, 1), self._start(), size)
        if tall < 1 or canvas.width - wide - 1 < size:
            return
        frame = Frame(wide + 1, y + 1, rows, columns, a_line)
        visible = self._visible()
        frame.paint(canvas, np.minimum(values, 1), visible)
        if size == NUMBERED:
            frame.write(canvas, np.minimum(values, 1), visible, lambda value: f"  {value:.2f}  ")
        self._names(frame, y)
        for row in range(rows.start, rows.stop):
            canvas.put(0, frame.line(row), text.fit(labels[self.parts.question[row]], wide), self.palette.muted)
        self._strongest(frame.y + frame.height)

    def _visible(self) -> Array:
        """What of the rectangle may be looked at: (Q K), or (Q P) where any of a page may."""
        (first, last), question = self.parts.of(None), self.parts.question
        seen: Array = self.found.trace.blocks[self.layer].visible[question.start : question.stop, first : last + 1]
        return seen if self.seen.by_token else texts.by_page(seen, self.parts) > 0

    def _start(self) -> int:
        """The column that must be seen: of the page under the cursor."""
        page = max(self.page - 1, 0)
        return self.parts.pages[page].start - self.parts.pages[0].start if self.seen.by_token else page

    def _names(self, frame: Frame, y: int) -> None:
        """Where each page begins; every token's name where it has room."""
        canvas, first, end = self.canvas, self.parts.pages[0].start, 0
        for page, part in enumerate(self.parts.pages, 1):
            style = self.palette.accent if page == self.page else self.palette.muted
            names = {part.start - first: f"page {page}"} if self.seen.by_token else {page - 1: f"page {page}"}
            if self.seen.by_token and frame.columns.size == NUMBERED:
                start, last = self.parts.of(page - 1)
                labels = self.scene.play.labels[start : last + 1]
                names = {at - first: text.cut(label, NUMBERED - 1) for at, label in enumerate(labels, start)}
            for column, name in names.items():
                x = frame.left(column) if frame.columns.holds(column) else canvas.width
                if end <= x <= canvas.width - cell_len(name):
                    canvas.hit(x, y, cell_len(name), frame.height + 1, partial(to_page, page))
                    end = canvas.put(x, y, name, style) + 1

    def _strongest(self, y: int) -> None:
        """The edges of the rectangle that weigh most, in words."""
        labels, first = self.scene.play.labels, self.parts.pages[0].start
        told: list[Part] = []
        for place in ranked(self.rectangle.ravel(), 8).tolist():
            row, column = divmod(place, self.rectangle.shape[1])
            weight = float(self.rectangle[row, column])
            names = (labels[self.parts.question[row]], labels[first + column])
            if weight >= 0.0005:
                looks = " → ".join(text.cut(name, LABEL) for name in names)
                told.append((f"{looks} {numbers.weight(weight)}", self.palette.text))
        say(self.canvas, 0, y, told or [("the question looks at no page in this head", self.palette.muted)])
