"""The storyboard: what the model would say at each depth, if it stopped there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from rich.style import Style

from models.gpt import GPT
from models.lenses.logit_lens import Layers, decided, looking, read_out, streams
from models.measures import ranked, softmax
from models.tracing import Trace
from models.units import Unit
from playground import text
from playground.cells import cell_len, wrap
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.kit import numbers
from playground.kit.bar import VISIBLE, bar
from playground.kit.canvas import Canvas
from playground.kit.flow import BETWEEN, Part, first_that_fits, over_lines, say
from playground.kit.heatmap import Axis
from playground.looking.session import look_at

Shows = Literal["chance", "rank", "kl"]
ORDER: tuple[Shows, ...] = ("chance", "rank", "kl")
LEAST, MOST = 6, 14  # cells of a column, with the blank after it
NEAR = 24  # positions before the cursor whose tokens decide how wide a column is
NARROW = 48  # cells below which rows have short names
LIKELIEST, WIDEST = 5, 40  # tokens of a cell that are listed, and cells of their bars at most
LOUDEST = 0.5  # of the ramp, so that the cursor is the loudest
WAIT = "looking ..."
AT_ONCE = 1 << 24  # scores that are looked at without asking whether they are on screen
ABOUT = 12  # positions before and after the cursor, at most, where there are more
EVERY = 4  # of a long search's pieces: so often it is drawn


@dataclass(frozen=True)
class StoryLook:
    """The depth under the cursor (None: the last), what shades the cells, and whether its likeliest are listed.

    None: where they take nothing away from the cells.
    """

    depth: int | None = None
    shows: Shows = "chance"
    is_open: bool | None = None


@dataclass(frozen=True, eq=False)
class Story:
    """Every depth and position, and, where a switch is on, those of the intact model."""

    now: Layers
    before: Layers | None


class Storyboard(InsidePane[Story]):
    """Depth by position."""

    name = "story"
    title = "Storyboard"
    idle = "there is nothing to go back from here, and nothing to switch: a cell is a reading, not a part"
    gist = "What each layer would say next"
    help = (
        "What the model would say next if it stopped after each layer: the stream there, read as the last one is, "
        "through the final norm and the unembedding (the logit lens, nostalgebraist 2020). A column is a place of "
        "the text, with its token on top; a row is a depth, from before the layers to after the last, which is what "
        "the model says. So a column, read downwards, is how an answer comes about; below it stands in words after "
        "which layer it was decided.\n\n"
        "v chooses what the shade and the number in a cell are: the probability of the token in it; the rank here of "
        "the token that came next in the text (1 is first, and brightest); or how many bits the prediction is from "
        "that of the end (0 is brightest).\n\n"
        "Left and right go along the text, up and down through the depths; Enter lists the five likeliest tokens "
        "there, and a click goes to a cell. With a switch on, ≠ marks the cells whose token it changed; ░ is what "
        "stood there before.\n\n"
        "A middle layer was never trained to be read like this, so what stands there may be a rough reading. A tuned "
        "lens (Belrose et al. 2023) would learn a translation for each depth from many texts; it is left out, since it "
        "would be another model that learned to guess the end, and no number of this one."
    )

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Trace, dict[range, Layers]] = WeakKeyDictionary()
        self.lists = False  # whether the last picture listed the likeliest tokens: Enter means what it shows

    def asks(self, scene: InsideScene) -> range | None:
        """All depths of all positions; of those about the cursor where a large model would be long about all."""
        subject = scene.subject
        if subject is None:
            return None
        config, count = subject.model.config, len(subject.now)
        if config.vocab_size * (config.n_layer + 1) * count <= AT_ONCE:
            return range(count)
        block = scene.row // ABOUT
        return range(max(block - 1, 0) * ABOUT, min((block + 1) * ABOUT, count))

    def find(self, subject: Subject, asked: range) -> Iterator[Story | None]:
        """The newest positions first; then the intact model's, where a switch is on."""
        results = subject.results
        before = None if results.changed is None else self._known.get(results.intact, {}).get(asked)
        now = None
        for now in self._look(subject.model, results.now, asked):
            yield None if now is None else Story(now, before)
        if results.changed is not None and before is None and now is not None:
            for layers in self._look(subject.model, results.intact, asked):
                yield None if layers is None else Story(now, layers)

    def _look(self, model: GPT, of: Trace, asked: range) -> Iterator[Layers | None]:
        kept = self._known.setdefault(of, {})
        if asked in kept:
            yield kept[asked]
            return
        for number, layers in enumerate(looking(model, of, asked)):
            if layers.known == asked:
                kept[asked] = layers
            yield layers if number % EVERY == 0 or asked in kept else None

    def draw_found(self, scene: InsideScene, found: Story, canvas: Canvas) -> None:
        """Title, tokens, depths, and the place under the cursor in words."""
        picture = _Picture(scene, found, canvas)
        picture.draw()
        self.lists = picture.lists

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """Along the text, or through the depths."""
        if not dy or scene.subject is None:
            return super().move(scene, dx, dy)
        last, look = scene.play.model.config.n_layer, scene.view.look(StoryLook)
        depth = max(0, min(_depth(scene) + dy, last))
        return scene.view.looking(replace(look, depth=None if depth == last else depth))

    def enter(self, scene: InsideScene) -> InsideView:
        """The likeliest tokens in the cell under the cursor, or no longer."""
        return scene.view.looking(replace(scene.view.look(StoryLook), is_open=not self.lists))

    def back(self, scene: InsideScene) -> InsideView:
        """No longer."""
        return self.enter(scene) if self.lists else scene.view

    def otherwise(self, scene: InsideScene) -> InsideView:
        """The next thing that shades a cell."""
        look = scene.view.look(StoryLook)
        return scene.view.looking(replace(look, shows=ORDER[(ORDER.index(look.shows) + 1) % len(ORDER)]))


def _depth(scene: InsideScene) -> int:
    last, chosen = scene.play.model.config.n_layer, scene.view.look(StoryLook).depth
    return last if chosen is None else min(chosen, last)


def _go_to(view: InsideView, position: int, depth: int, last: int) -> InsideView:
    """The cursor at a position of the text and a depth."""
    look = replace(view.look(StoryLook), depth=None if depth == last else depth)
    return view.with_session(look_at(view.session, position)).looking(look)


# words -------------------------------------------------------------------------------------------------------------


def depth_words(depth: int) -> str:
    """Where in the model."""
    return f"after layer {depth - 1}" if depth else "before the layers"


def verdict(found: Layers, row: int, label: Callable[[int], str]) -> str:
    """At which depth the answer after a row was decided, in words."""
    at = decided(found, row)
    if at < 0:
        return "the scores of this pass are not numbers" if row in found.known else WAIT
    token, last = label(int(found.best[-1, row])), len(found.best) - 1
    said = f"'{token}' is first {depth_words(at)} ({_two(found.best_p[at, row])})"
    if at:
        before = int(found.best[at - 1, row])
        said += f", until then '{label(before)}'" if before >= 0 else ""
    end = "" if at == last else f"; in the end {_two(found.best_p[-1, row])}"
    return said + ("" if at else " and stays so") + end


def _two(p: float) -> str:
    return numbers.fixed(float(p), 2)


def _legend(shows: Shows, unit: Unit) -> list[str]:
    """What the shade and the number are, the shortest way last."""
    return {
        "chance": ["shade: its probability", "probability"],
        "rank": ["shade: rank of the token that came, 1 is brightest", "rank of what came"],
        "kl": [f"shade: {unit.name} from the end, 0 is brightest", f"{unit.name} from the end"],
    }[shows]


# the picture -------------------------------------------------------------------------------------------------------


class _Picture:
    """One drawing."""

    def __init__(self, scene: InsideScene, found: Story, canvas: Canvas) -> None:
        self.scene, self.found, self.canvas, self.palette = scene, found, canvas, canvas.palette
        self.look, self.row, self.depth = scene.view.look(StoryLook), scene.row, _depth(scene)
        depths, positions = found.now.best.shape
        self.words = self._words()
        airy = canvas.height >= 2 * depths + len(self.words) + LIKELIEST + 4
        self.lists = airy if self.look.is_open is None else self.look.is_open
        said = len(self.words) + LIKELIEST * self.lists
        self.gutter = 4 if canvas.width < NARROW else 7
        wide = self._column()
        self.columns = Axis.window(positions, max(canvas.width - self.gutter, 1), self.row, wide)
        below = max(min(said, canvas.height - 3), 0)
        room = max(canvas.height - 2 - below, 1)
        self.lines = 2 if room >= 2 * depths + 1 else 1
        self.depths = Axis.window(depths, room, self.depth, self.lines)
        self.is_airy = 2 + self.depths.length + said < canvas.height  # a line between the cells and the words

    def draw(self) -> None:
        """Title, tokens, a row a depth, words."""
        self._title()
        for depth in range(self.depths.start, self.depths.stop):
            y = 2 + (depth - self.depths.start) * self.lines
            here = depth == self.depth
            name = f"L{depth - 1}" if depth else "before" if self.gutter > len("before") else "in"
            style = self.palette.accent if here else self.palette.muted
            self.canvas.put(0, y, text.cut(name, self.gutter - 1), style)
            for position in range(self.columns.start, self.columns.stop):
                self._cell(y, depth, position)
        y = 2 + self.depths.length + self.is_airy
        for parts in self.words:
            say(self.canvas, 0, y, parts)
            y += 1
        if self.lists:
            self._list(y)
        self._hits()

    def _title(self) -> None:
        canvas, count = self.canvas, len(self.found.now.best[0])
        shown, notes = self.columns, _legend(self.look.shows, canvas.unit)
        dropped = self.scene.play.dropped
        part = f"tokens {shown.start + dropped}-{shown.stop - 1 + dropped} of {count + dropped}"
        whole = [BETWEEN.join([note, part]) for note in notes] if shown.groups < count else []
        canvas.title(Storyboard.title, first_that_fits([*whole, *notes, ""], canvas.beside(Storyboard.title)))
        for position in range(shown.start, shown.stop):
            label = self.scene.play.labels[position]
            style = self.palette.accent if position == self.row else self.palette.muted
            canvas.put(self._x(position), 1, text.cut(label, shown.size - 1), style)

    def _x(self, position: int) -> int:
        return self.gutter + (position - self.columns.start) * self.columns.size

    def _column(self) -> int:
        """Cells of a column: as wide as what stands near the cursor, or near the newest token, needs."""
        first, best = max(self.row - NEAR, 0), self.found.now.best[:, : self.row + NEAR]
        said = {(int(best[depth, row]), int(row)) for depth, row in np.argwhere(best >= 0) if row >= first}
        labels = [*starmap(self.scene.next_label, said), *self.scene.play.labels[first : self.row + NEAR]]
        return max(min(max(map(cell_len, labels), default=1) + 2, MOST, self.canvas.width - self.gutter), LEAST)

    def _cell(self, y: int, depth: int, position: int) -> None:
        """The token, and where there is a line for it its number, or what stood there before a switch."""
        canvas, now, before = self.canvas, self.found.now, self.found.before
        x, wide = self._x(position), self.columns.size - 1
        token = int(now.best[depth, position])
        if token < 0:
            broken = position in now.known
            canvas.put(x, y, "?" if broken else "·", self.palette.contrast if broken else self.palette.faint)
            return
        was = -1 if before is None else int(before.best[depth, position])
        differs = was >= 0 and was != token
        here = depth == self.depth and position == self.row
        style = self.palette.cursor if here and canvas.focused else self._shade(depth, position)
        if here:
            canvas.put(x - 1, y, "▸", self.palette.accent)
        mark = "≠" if differs else ""
        label, number = mark + self.scene.next_label(token, position), self._number(depth, position)
        canvas.put(x, y, text.fit(label, wide), style)
        if self.lines > 1:
            canvas.put(x, y + 1, text.fit(f"░{self.scene.next_label(was, position)}" if differs else "", wide), style)
        if self.lines > 1 and not differs or cell_len(label) + 1 + cell_len(number) <= wide:
            canvas.right(x + wide, y + (self.lines > 1 and not differs), text.cut(number, wide), style)

    def _shade(self, depth: int, position: int) -> Style:
        now, shows = self.found.now, self.look.shows
        if shows == "chance":
            share = float(now.best_p[depth, position])
        elif shows == "kl":
            share = float(np.exp2(-now.kl[depth, position]))
        else:
            rank = int(now.rank[depth, position])
            if not rank:
                return self.palette.muted
            share = 1 - float(np.log(rank) / np.log(max(self.scene.play.model.vocab_size, 2)))
        return self.palette.shade(share * LOUDEST)

    def _number(self, depth: int, position: int) -> str:
        now, shows = self.found.now, self.look.shows
        if shows == "chance":
            return numbers.short_weight(float(now.best_p[depth, position]))
        if shows == "kl":
            return numbers.bits(float(now.kl[depth, position]), self.canvas.unit)
        rank = int(now.rank[depth, position])
        return f"{rank:,}" if rank else numbers.ABSENT

    def _hits(self) -> None:
        dropped, last = self.scene.play.dropped, len(self.found.now.best) - 1
        columns, depths = self.columns, self.depths

        def click(dx: int, dy: int) -> partial[InsideView]:
            position, depth = columns.entries(dx, dx).start, depths.entries(dy, dy).start
            return partial(_go_to, position=position + dropped, depth=depth, last=last)

        self.canvas.grid_hit(self.gutter, 2, columns.length, depths.length, click)

    # below ---------------------------------------------------------------------------------------------------------

    def _words(self) -> list[list[Part]]:
        """When it was decided, with and without the switches, and the cell."""
        scene, found, palette, width = self.scene, self.found, self.palette, self.canvas.width
        told = [(verdict(found.now, self.row, scene.next_label), palette.strong)]
        if found.before is not None:
            told.append((f"░ before: {verdict(found.before, self.row, scene.next_label)}", palette.muted))
        lines: list[list[Part]] = [[(line, style)] for words, style in told for line in wrap(words, width)]
        return lines + over_lines(self._place(), width)

    def _place(self) -> list[Part]:
        """The cell under the cursor in numbers."""
        now, depth, row, palette, unit = self.found.now, self.depth, self.row, self.palette, self.canvas.unit
        token = int(now.best[depth, row])
        if token < 0:
            return [(f"{depth_words(depth)}: {'no numbers' if row in now.known else WAIT}", palette.muted)]
        parts = [
            (f"{depth_words(depth)} '{self.scene.next_label(token)}' {_two(now.best_p[depth, row])}", palette.text)
        ]
        rank = int(now.rank[depth, row])
        if rank:
            came = self.scene.play.labels[row + 1]
            parts.append((f"'{came}', which came, is number {rank:,} here ({_two(now.p[depth, row])})", palette.text))
        return [*parts, (f"{numbers.bits(float(now.kl[depth, row]), unit)} {unit.name} from the end", palette.muted)]

    def _list(self, y: int) -> None:
        """The five likeliest tokens of the cell, each with its bar; with a switch on also what it was."""
        now = self._chances(self.scene.play.known.now)
        intact = self._chances(self.scene.play.known.intact) if self.found.before is not None else None
        tokens = [int(token) for token in ranked(np.nan_to_num(now), LIKELIEST)]
        labels = [text.cut(self.scene.next_label(token), MOST) for token in tokens]
        wide = max(map(cell_len, labels))
        for token, label in zip(tokens, labels, strict=True):
            p = float(now[token])
            x = self.canvas.put(2, y, f"{text.fit(label, wide)}  {numbers.fixed(p, 3)}  ", self.palette.text)
            if intact is not None:
                x = self.canvas.put(x, y, f"░{numbers.fixed(float(intact[token]), 3)}  ", self.palette.muted)
            cells = max(min(self.canvas.width - x, WIDEST), 0)
            self.canvas.put(x, y, bar(p, cells, visible=p >= VISIBLE), self.palette.bar(p))
            y += 1

    def _chances(self, of: Trace) -> Any:
        """The probabilities (V,) in the cell under the cursor."""
        model = self.scene.play.model
        if self.depth == model.config.n_layer:
            return softmax(of.logits[self.row])
        return softmax(read_out(model, streams(of)[self.depth, self.row][None], of.switches)[0])
