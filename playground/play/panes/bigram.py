"""A baseline beside attention, such as the bigram: how both go on, and what each token of the text cost them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import isfinite, isnan

import numpy as np
from rich.style import Style

from models.baselines import ALL
from models.ops import Array
from models.units import Unit
from playground import text
from playground.cells import cell_len, chop
from playground.kit.bar import UPRIGHT
from playground.kit.canvas import Canvas
from playground.kit.flow import Line, paragraph, token_lines, unit_at
from playground.kit.numbers import fixed
from playground.kit.pane import Pane
from playground.looking.panes.absent import NO_COUNTS, no_results
from playground.looking.scene import Results, Scene
from playground.looking.session import Session, look_at

NAMES = {"now": "GPT", "intact": "GPT intact"}
LONGEST = 12  # cells of a token's label
GAIN = 1.0  # bits from which a token is marked
COLUMN = 8  # cells of a number in the table


class BigramPane(Pane[Scene, Session]):
    """What counting says of the same text with the same seed."""

    name = "bigram"
    title = "Bigram beside attention"
    gist = "What counting says beside the GPT"
    help = (
        "A bigram model only knows how often each token followed each other one in the training text: no attention, no"
        f" context. Here it stands beside the GPT, or what else was counted ({', '.join(kind.slug for kind in ALL)}): B"
        " chooses which.\n\n"
        "First, what each writes next with the same seed. Then how surprised each was at every token of the text, as"
        " bars: GPT above, the other below. 1 bit is a coin toss, 8 bits one chance in 256 (I: in nats). ▲ marks"
        " the tokens where context saved the GPT at least one bit, ▽ those where the counts knew better.\n\n"
        "The table gives the sums over the text, the bits a token, and for the token looked at its surprise and the"
        " probability it had (p). Left and right move along the text."
    )

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """Continuations, bars, table: as much of each as there is room for."""
        seed = f"with seed {scene.session.seed}"
        baseline = scene.baseline
        name = "" if baseline is None else baseline.name
        note = f"both write on {seed}" if canvas.width >= 48 else seed
        canvas.title(f"{name.capitalize()} beside attention" if name else self.title, note)
        if not scene.baselines:
            paragraph(canvas, 1, NO_COUNTS, canvas.palette.muted)
        elif scene.results is None:
            paragraph(canvas, 1, no_results(scene), canvas.palette.muted)
        else:
            _Picture(scene, scene.results, name, canvas).draw()

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """Along the text; past its end the newest token is followed."""
        session = scene.session
        return look_at(session, session.row + dx) if session.tokens and dx else session

    def wheel(self, scene: Scene, by: int) -> Session:
        """Along the text as well."""
        return self.move(scene, by, 0)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many rows each part gets."""

    written: int = 1  # lines of each continuation
    bar: int = 1  # height of a bar
    strips: int = 1  # lines of the text
    marks: int = 0
    head: int = 0  # of the table
    legend: int = 0
    gaps: int = 0

    @property
    def tall(self) -> int:
        """Rows of a line of the text with its bars and marks."""
        return 2 * self.bar + 1 + self.marks


def _plan(room: int, models: int, written: int, lines: int) -> _Plan:
    """Rows to fill `room`: the least of everything first, then what helps most while there is room."""
    plan = _Plan()

    def grow(part: str, most: int) -> bool:
        nonlocal plan
        more = replace(plan, **{part: getattr(plan, part) + 1})
        rows = models * (more.written + 1) + more.tall * more.strips + more.head + more.legend + 2 * more.gaps
        grows = getattr(more, part) <= most and rows <= room
        plan = more if grows else plan
        return grows

    for part in ("marks", "head", "legend", "gaps"):
        grow(part, 1)
    while any([grow("written", written), grow("strips", min(lines, 6)), lines == plan.strips and grow("bar", 4)]):
        pass
    return plan


def _around(labels: tuple[str, ...], room: int, gap: bool, row: int, count: int) -> list[Line]:
    """`count` lines with the token `row` in their middle, as far as the text reaches on both sides."""
    lines = token_lines(labels, room, gap, most=LONGEST)
    if len(lines) <= count:
        return lines
    start = _back(labels, row, gap, room * count // 2)
    ahead = token_lines(labels, room, gap, most=LONGEST, first=start)
    if len(ahead) <= count:  # the end is in sight: fill from there
        start = min(start, _back(labels, len(labels), gap, room * count))
        while len(ahead := token_lines(labels, room, gap, most=LONGEST, first=start)) > count:
            start += 1
    return ahead[:count]


def _back(labels: tuple[str, ...], stop: int, gap: bool, cells: int) -> int:
    """The first of the tokens before `stop` that fill at most so many cells."""
    while stop and cells >= (wide := min(cell_len(labels[stop - 1]), LONGEST) + gap):
        cells -= wide
        stop -= 1
    return stop


class _Picture:
    """One drawing of the pane."""

    def __init__(self, scene: Scene, results: Results, baseline: str, canvas: Canvas) -> None:
        self.scene, self.results, self.baseline = scene, results, baseline
        self.canvas, self.palette = canvas, canvas.palette
        room = canvas.height - 1
        self.names = [name for name in results.surprises if name != "intact" or (results.changed and room >= 9)]
        self.indent = max(cell_len(_name(name)) for name in self.names) + 2
        self.room = max(canvas.width - self.indent, 1)
        self.row = scene.row
        now, counted = results.surprises["now"], results.surprises[baseline]
        both = np.concatenate([now, counted])
        self.highest = float(np.max(both, initial=1e-9, where=np.isfinite(both)))
        with np.errstate(invalid="ignore"):
            gain = counted - now
        self.marks = np.where(gain >= GAIN, "▲", np.where(gain <= -GAIN, "▽", " ")).tolist()
        self.mark_styles = {"▲": self.palette.accent, "▽": self.palette.contrast, " ": self.palette.text}

    def draw(self) -> None:
        """Part by part, downwards."""
        written = {name: self._written(name) for name in self.names}
        labels, gap = self.results.labels, self.scene.tokenizer.kind != "char"
        needed = len(token_lines(labels, self.room, gap, most=LONGEST))
        plan = _plan(self.canvas.height - 1, len(self.names), max(map(len, written.values())), needed)
        y = 1
        for name in self.names:
            self.canvas.put(0, y, _name(name), self.palette.muted)
            for row, (words, style) in enumerate(written[name][: plan.written]):
                self.canvas.put(self.indent, y + row, words, style)
            y += plan.written
        if plan.gaps:
            more = ": the higher, the worse foreseen"
            self.canvas.put(0, y, "surprise at each token" + more * (self.canvas.width >= 54), self.palette.muted)
        y = self._strips(y + plan.gaps, _around(labels, self.room, gap, self.row, plan.strips), plan)
        if plan.legend:
            self._legend(y)
        self._table(y + plan.legend + plan.gaps, plan.head)

    def _written(self, name: str) -> list[tuple[str, Style]]:
        """What a model writes next, wrapped."""
        if not np.isfinite(self.results.now.logits[-1].max()):
            return [("nothing: the scores are not numbers", self.palette.contrast)]
        if name not in self.scene.continuations:
            return [("writing ...", self.palette.muted)]
        raw = self.scene.tokenizer.decode(list(self.scene.continuations[name]))
        shown = text.visible(raw, keep="\n").replace("\n", "⏎")
        return [(line, self.palette.text) for line in chop(shown, self.room)]

    # the bars ------------------------------------------------------------------------------------------------------

    def _strips(self, y: int, lines: list[Line], plan: _Plan) -> int:
        """Bars, tokens and marks of these lines; returns the row below them."""
        for line in lines:
            self._bars(y, line, "now", plan.bar)
            self._tokens(y + plan.bar, line, marked=not plan.marks)
            self._bars(y + plan.bar + 1, line, self.baseline, plan.bar)
            if plan.marks:
                self._marks(y + plan.tall - 1, line)
            self.canvas.grid_hit(self.indent, y, self.room, plan.tall, partial(self._clicked, line))
            y += plan.tall
        return y

    def _clicked(self, line: Line, dx: int, dy: int) -> partial[Session]:
        """The token there is looked at."""
        return partial(look_at, row=unit_at(line, dx).token + self.results.now.dropped)

    def _bars(self, y: int, line: Line, name: str, tall: int) -> None:
        """A bar as wide as its token, `tall` rows high."""
        canvas, low, bits = self.canvas, y + tall - 1, self.results.surprises[name].tolist()
        canvas.put(0, low, _name(name), self.palette.muted)
        for x, unit in line:
            value, wide = bits[unit.token], unit.cells
            if isnan(value):
                canvas.put(self.indent + x, low, ("?" if unit.token else " ") * wide, self.palette.contrast)
                continue
            share = min(value / self.highest, 1.0)
            style = self.palette.bar(share) if isfinite(value) else self.palette.contrast
            full, rest = divmod(max(round(share * 8 * tall), 1), 8)
            for row in range(full):
                canvas.put(self.indent + x, low - row, "█" * wide, style)
            if rest:
                canvas.put(self.indent + x, low - full, UPRIGHT[rest] * wide, style)

    def _tokens(self, y: int, line: Line, marked: bool) -> None:
        """The text; where there is no room for marks, in their colours."""
        cursor = self.palette.cursor if self.canvas.focused else self.palette.shade(0.3)
        for x, unit in line:
            style = self.mark_styles[self.marks[unit.token]] if marked else self.palette.text
            self.canvas.put(self.indent + x, y, unit.shown, cursor if unit.token == self.row else style)

    def _marks(self, y: int, line: Line) -> None:
        """Where one of the two knew better by a bit."""
        for x, unit in line:
            mark = self.marks[unit.token]
            if mark != " ":
                self.canvas.put(self.indent + x + (unit.cells - 1) // 2, y, mark, self.mark_styles[mark])

    def _legend(self, y: int) -> None:
        palette, unit, x = self.palette, self.canvas.unit, 0
        for mark, words, style in (
            ("▲", f" context won by a bit: {self.marks.count('▲')}", palette.accent),
            ("▽", f" lost: {self.marks.count('▽')}", palette.contrast),
            ("", f"highest {self.highest * unit.bit:.1f} {unit.name}", palette.text),
        ):
            if x + len(mark + words) <= self.canvas.width:
                x = self.canvas.put(x, y, mark, style)
                x = self.canvas.put(x, y, words, palette.muted) + 3

    # the table -----------------------------------------------------------------------------------------------------

    def _table(self, y: int, head: int) -> None:
        """Sums and the token looked at, a row a model; without a head, in words."""
        columns, unit = range(self.indent + COLUMN, self.canvas.width + 1, COLUMN), self.canvas.unit
        if head:
            here = text.cut(f"at '{self.results.labels[self.row]}'", COLUMN - 1)
            self.canvas.put(0, y, unit.name, self.palette.muted)
            for x, words in zip(columns, ("in all", "a token", here, "p"), strict=False):
                self.canvas.right(x, y, words, self.palette.muted)
        for row, name in enumerate(self.names, y + head):
            self.canvas.put(0, row, _name(name), self.palette.muted)
            numbers = _numbers(self.results.surprises[name], self.row, unit)
            style = self.palette.contrast if "NaN" in numbers else self.palette.text
            if not head:
                words = f"{numbers[0]} {unit.name}, {numbers[1]} a token, here {numbers[2]}"
                self.canvas.put(self.indent, row, words, style)
                continue
            for x, words in zip(columns, numbers, strict=False):
                self.canvas.right(x, row, words, style)


def _name(name: str) -> str:
    return NAMES.get(name, name)


def _numbers(bits: Array, row: int, unit: Unit) -> tuple[str, str, str, str]:
    """Surprise in all, a token and here, and the probability here; nothing predicts the first token."""
    told = bits[1:] * unit.bit
    total, mean = (float(told.sum()), float(told.mean())) if told.size else (0.0, 0.0)
    here, p = (float(bits[row]) * unit.bit, float(np.exp2(-bits[row]))) if row else (None, None)
    return fixed(total, 1, "NaN"), fixed(mean, 2, "NaN"), fixed(here, 2, "NaN"), fixed(p, 3, "NaN")
