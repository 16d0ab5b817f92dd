"""A word in two sentences: where its two vectors part, and what moved them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from models.corpora.little_world import LINE_END
from models.errors import UserError
from models.lenses.inside.beginnings import first_token
from models.lenses.inside.senses import TwoSenses, common_word, nearest_senses, two_senses, without_each
from models.lenses.probes.probe import knows_words
from models.lenses.probes.senses import sense_means
from models.ops import Array
from models.switches import HeadOff, LayerSwitch
from models.tokenizers import Tokenizer
from models.tracing import Trace
from playground import text
from playground.cells import cell_len, tail
from playground.inside.panes.pane_kinds import InsidePane, Refused
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown, headline, nothing, say
from playground.kit.table import FIGURE, Column, put_heads, put_row, with_room
from playground.looking.labels import label, labelled
from playground.looking.session import toggle

BANK, BAT = " . she was late . the bank", " . he was late . the bat"
PAIRS = (  # for who has the little world's words
    ("mary was by the river" + BANK, "mary was in the city" + BANK),
    ("tom left early", "tom turned left at the"),
    ("leo was in the jungle" + BAT, "leo was at the stadium" + BAT),
)
TYPE = "f types two texts that share a word, with | between them"
NAME = 8  # cells of a part's name, or a depth's


@dataclass(frozen=True)
class SensesLook:
    """What was typed, and where the person looks."""

    first: str = ""
    second: str = ""
    word: str = ""  # the last of both where it is empty
    suggested: int = 0  # of PAIRS, while nothing was typed
    opened: bool = False  # by a line end
    by_effect: bool = False  # the parts by what the cosine is without them, not by what they wrote
    depth: int | None = None  # that the parts are told for; the last
    line: int = 0  # the cursor among the parts


@dataclass(frozen=True)
class Asked:
    """Two texts, and a word, if one was named."""

    first: str
    second: str
    word: str


@dataclass(frozen=True, eq=False)
class OfSenses:
    """What was found; the cosines without a part, and the senses, come later."""

    two: TwoSenses
    texts: tuple[str, str]  # as they are shown, up to the word
    said: tuple[tuple[str, ...], ...]  # 2 L+1
    off: Array | None = None  # P L+1
    nearest: tuple[tuple[str, ...], ...] = ()  # 2 L+1

    def order(self, look: SensesLook) -> list[int]:
        """The parts by their share or their effect at the depth looked at, most first; only those that have written."""
        depth = self.depth(look)
        sizes = np.abs(self.two.shares[:, depth])
        if look.by_effect and self.off is not None:
            sizes = np.abs(self.off[:, depth] - self.two.cosine[depth])
        written = [number for number, part in enumerate(self.two.parts) if part.layer < depth]
        return sorted(written, key=lambda number: -float(np.nan_to_num(sizes[number])))

    def depth(self, look: SensesLook) -> int:
        """The depth looked at: the last, if none was chosen."""
        last = self.two.depths - 1
        return last if look.depth is None else min(look.depth, last)


class Senses(InsidePane[OfSenses | Refused]):
    """Depths above, parts below."""

    name = "senses"
    title = "A word in two sentences"
    gist = "One word's vector in two texts"
    help = (
        "The vector of one word in two texts, before the first layer and after each: its cosine is 1 where the word "
        "means the same to the model so far, and falls where the texts move it apart (Ethayarajh 2019). Beside it "
        "what each would say if it stopped there, and, for words of the little world that have several senses, the "
        "sense whose mean is nearest. Below, for the depth that left and right choose, the heads and MLPs that wrote "
        "the difference, as their share of the distance (all shares sum to 100 %, some may be negative), and what the "
        "cosine becomes with that part switched off in both texts: who writes the difference is not always who "
        "causes it. f types two texts as 'one | two', and a third piece for the word; without it the last common word "
        "counts. v sorts the parts by what the cosine becomes without them, then begins both texts with a line end, as "
        "those of the little world do in training; Enter takes the next suggested pair; x switches off the part "
        "under the cursor."
    )
    asking = "Two texts with | between them, and if you like | a word"
    idle = "nothing more is there: f types two texts, x switches a part"

    def asks(self, scene: InsideScene) -> Asked | None:
        """The texts, as typed or suggested."""
        subject, look = scene.subject, scene.view.look(SensesLook)
        if subject is None:
            return None
        first, second = look.first, look.second
        if not first and knows_words(subject.model):
            first, second = PAIRS[look.suggested]
        begin = LINE_END if look.opened and first and first_token(subject.model) is not None else ""
        return Asked(begin + first, begin + second, look.word)

    def find(self, subject: Subject, asked: Any) -> Iterator[OfSenses | Refused | None]:
        """First the two passes, then those with each part off, then what the senses' means are."""
        if not asked.first:
            yield Refused(TYPE)
            return
        model, switches = subject.model, subject.now.switches
        try:
            two = two_senses(model, asked.first, asked.second, asked.word or None, switches)
        except UserError as error:
            yield Refused(str(error))
            return
        shown = tuple(_shown(of, at) for of, at in zip(two.traces, two.places, strict=True))
        said = tuple(_said(*each) for each in zip(two.traces, two.places, two.said, strict=True))
        found = OfSenses(two, (shown[0], shown[1]), said)
        yield found
        yield None
        found = replace(found, off=without_each(two))
        yield found
        yield None
        means = sense_means(model, two.word.lower(), switches)
        if means:
            yield replace(found, nearest=tuple(tuple(row) for row in nearest_senses(two, means)))

    def draw_found(self, scene: InsideScene, found: OfSenses | Refused, canvas: Canvas) -> None:
        """The texts, a line a depth, a line a part."""
        if isinstance(found, Refused):
            nothing(canvas, self.title, scene.safe(found.says))
        else:
            _Drawing(scene, found, canvas).draw(self.title)

    # keys ------------------------------------------------------------------------------------------------------

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """Up and down among the parts; left and right to another depth."""
        look, found = scene.view.look(SensesLook), self._found(scene)
        if found is None:
            return scene.moved(dx, dy)
        if dx:
            depth = max(min(found.depth(look) + dx, found.two.depths - 1), 0)
            return scene.view.looking(replace(look, depth=depth, line=0))
        lines = len(found.order(look))
        return scene.view.looking(replace(look, line=max(min(look.line + dy, lines - 1), 0)))

    def enter(self, scene: InsideScene) -> InsideView:
        """The next of the suggested pairs, while nothing was typed."""
        look, subject = scene.view.look(SensesLook), scene.subject
        if look.first or subject is None or not knows_words(subject.model):
            return scene.view
        return scene.view.looking(replace(look, suggested=(look.suggested + 1) % len(PAIRS), line=0))

    def back(self, scene: InsideScene) -> InsideView:
        """From what was typed to what is suggested."""
        look = scene.view.look(SensesLook)
        return scene.view.looking(replace(look, first="", second="", word="", line=0))

    def otherwise(self, scene: InsideScene) -> InsideView:
        """The parts by effect and by share, and then the same with a line end before both texts, or without."""
        look, subject = scene.view.look(SensesLook), scene.subject
        opened = look.opened
        if look.by_effect and subject is not None and first_token(subject.model) is not None:
            opened = not opened
        return scene.view.looking(replace(look, by_effect=not look.by_effect, opened=opened, line=0))

    def told(self, scene: InsideScene, words: str) -> InsideView:
        """Two texts, and a word if there is a third piece; UserError where they are not two, or share nothing."""
        pieces = [piece.strip(" ") for piece in words.split("|")]
        if not 2 <= len(pieces) <= 3 or not all(pieces):
            raise UserError("these are not two texts", "type two that share a word, with | between them")
        first, second, word = (*pieces, "")[:3]
        word = word or common_word(first, second)
        look = replace(scene.view.look(SensesLook), first=first, second=second, word=word, line=0)
        return scene.view.looking(look)

    def suggestion(self, scene: InsideScene) -> str:
        """The two texts of now."""
        asked = self.asks(scene)
        pieces = (asked.first, asked.second, asked.word) if asked is not None else ()
        return " | ".join(piece.removeprefix(LINE_END) for piece in pieces if piece)

    def put_in(self, scene: InsideScene) -> InsideView:
        """The part under the cursor off, or on again."""
        look, found = scene.view.look(SensesLook), self._found(scene)
        order = [] if found is None else found.order(look)
        if found is None or look.line >= len(order):
            return scene.view
        return scene.view.with_session(toggle(scene.view.session, found.two.parts[order[look.line]]))

    def _found(self, scene: InsideScene) -> OfSenses | None:
        found = scene.found.get(self.name)
        return found if isinstance(found, OfSenses) else None


def _shown(of: Trace, at: int) -> str:
    """The text up to the word, safe to show."""
    return (" " if _tokenizer(of).kind == "word" else "").join(labelled(_tokenizer(of), of.tokens[: at + 1]))


def _said(of: Trace, at: int, tokens: Array) -> tuple[str, ...]:
    """What would follow the word at each depth, safe to show."""
    return tuple(label(_tokenizer(of), int(token), of.tokens[: at + 1]) for token in tokens)


def _tokenizer(of: Trace) -> Tokenizer:
    found = of.tape.model.tokenizer
    assert found is not None, "two texts were read with it"
    return found


def _part(part: LayerSwitch) -> str:
    return f"L{part.layer}H{part.head}" if isinstance(part, HeadOff) else f"L{part.layer} MLP"


def _after(depth: int) -> str:
    return f"after {depth - 1}" if depth else "before"


def _cosine(value: float) -> str:
    return numbers.weight(value, sign=True, nan=numbers.ABSENT)


class _Drawing:
    """One drawing of what was found."""

    def __init__(self, scene: InsideScene, found: OfSenses, canvas: Canvas) -> None:
        self.scene, self.found, self.canvas, self.palette = scene, found, canvas, canvas.palette
        self.look = scene.view.look(SensesLook)
        self.depth = found.depth(self.look)

    def draw(self, title: str) -> None:
        """From top to bottom."""
        two, canvas = self.found.two, self.canvas
        ends = " to ".join(_cosine(float(two.cosine[depth])) for depth in (0, -1))
        opened = "with a line end" if self.look.opened else "without a line end before them (v)"
        line_end = [opened] if first_token(two.traces[0].tape.model) is not None else []
        headline(canvas, title, [f"'{text.visible(two.word)}', cosine {ends}", *line_end])
        for row in range(2):
            self._text(1 + row, row)
        rows = max(min(two.depths, (canvas.height - 5) // 2), 1)
        self._depths(3, rows)
        self._parts(4 + rows)

    def _text(self, y: int, row: int) -> None:
        """A text, its end where it is too long, the word marked."""
        canvas, shown = self.canvas, self.found.texts[row]
        of, at = self.found.two.traces[row], self.found.two.places[row]
        word = labelled(_tokenizer(of), of.tokens[: at + 1])[-1]
        before = shown.removesuffix(word)
        room = canvas.width - 2 - cell_len(word)
        if cell_len(before) > room:
            before = "…" + tail(before, room - 1)
        x = canvas.put(0, y, f"{row + 1} ", self.palette.muted)
        canvas.put(canvas.put(x, y, before, self.palette.text), y, word, self.palette.accent)

    def _depths(self, y: int, rows: int) -> None:
        canvas, two = self.canvas, self.found.two
        columns: list[Column[int]] = [
            Column("cosine", 16, lambda depth: _cosine(float(two.cosine[depth])), share=self._cosine_share),
            Column("distance", 8, lambda depth: numbers.fixed(float(two.distance[depth]), 2)),
            *(self._words(f"{row + 1} says", self.found.said[row], 10) for row in range(2)),
            *(self._words(f"{row + 1} is nearest to", senses, 15) for row, senses in enumerate(self.found.nearest)),
        ]
        kept = with_room(columns, canvas.width - NAME) or [replace(columns[0], cells=FIGURE, share=None)]
        columns = kept[: len(kept) - len(kept) % 2] or kept  # never of one text alone
        put_heads(canvas, NAME, y, columns)
        first = first_shown(self.depth, two.depths, rows)
        for line, depth in enumerate(range(first, min(first + rows, two.depths)), y + 1):
            here = depth == self.depth
            canvas.put(0, line, f"{'▸' if here else ' '}{_after(depth)}", self.palette.accent if here else None)
            put_row(canvas, NAME, line, columns, depth, self.palette.strong if here else self.palette.text)
            canvas.hit(0, line, canvas.width, 1, partial(_look, {"depth": depth, "line": 0}))

    def _words(self, head: str, words: tuple[str, ...], cells: int) -> Column[int]:
        return Column(head, cells, lambda depth: words[depth] or numbers.ABSENT, left=True)

    def _cosine_share(self, depth: int) -> float:
        return max(float(np.nan_to_num(self.found.two.cosine[depth])), 0.0)

    def _parts(self, y: int) -> None:
        canvas, found, order = self.canvas, self.found, self.found.order(self.look)
        if not order:
            say(canvas, 0, y, [("before the layers no part has written anything: → goes deeper", self.palette.muted)])
            return
        columns = self._part_columns()
        canvas.put(0, y, "effect" if self.look.by_effect else "wrote", self.palette.muted)
        put_heads(canvas, NAME, y, columns)
        rows = canvas.height - y - 1
        first = first_shown(self.look.line, len(order), max(rows, 1))
        for line, number in enumerate(order[first : first + max(rows, 0)], first):
            part, at = found.two.parts[number], y + 1 + line - first
            off = part in self.scene.view.session.switches
            here = line == self.look.line
            style = self.palette.contrast if off else self.palette.text
            if here:
                style = self.palette.cursor if canvas.focused else self.palette.accent
            canvas.put(0, at, f"{_part(part)}{' ✕' if off else ''}", style)
            put_row(canvas, NAME, at, columns, number, self.palette.strong if here else self.palette.text)
            canvas.hit(0, at, canvas.width, 1, partial(_look, {"line": line}))

    def _part_columns(self) -> list[Column[int]]:
        """What is told of a part: its share, and the cosine without it."""
        two, off, depth = self.found.two, self.found.off, self.depth
        most = float(np.nanmax(np.abs(two.shares[:, depth]), initial=0.0)) or 1.0

        def share(number: int) -> float:
            return float(np.nan_to_num(two.shares[number, depth]))

        def without(number: int) -> str:
            return "..." if off is None else _cosine(float(off[number, depth]))

        def moved(number: int) -> str:
            return "" if off is None else _cosine(float(off[number, depth] - two.cosine[depth]))

        columns: list[Column[int]] = [
            Column(
                "of the distance",
                22,
                lambda number: numbers.percent(share(number)),
                share=lambda n: abs(share(n)) / most,
            ),
            Column("cosine off", 10, without),
            Column("change", 8, moved),
        ]
        return with_room(columns, self.canvas.width - NAME) or [replace(columns[0], head="", cells=FIGURE, share=None)]


def _look(changes: Mapping[str, int], view: InsideView) -> InsideView:
    return view.looking(replace(view.look(SensesLook), **changes))  # type: ignore[arg-type]  # fields by name
