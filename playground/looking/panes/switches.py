"""The board of everything that can be switched off, and what it did."""

from __future__ import annotations

import math
from functools import partial

from rich.style import Style

from models.switches import HeadSwitch, Padding, ValuedSwitch, number
from models.units import Unit
from playground import text
from playground.cells import wrap
from playground.kit.canvas import Canvas
from playground.kit.flow import BETWEEN, first_shown, first_that_fits, sentences
from playground.kit.flow import fitting as fitted
from playground.kit.pane import Pane
from playground.looking.effects import costs_alone, each_alone, where_to_look
from playground.looking.panes.absent import COMPUTING
from playground.looking.panes.next_token import moved
from playground.looking.panes.switch_board import (
    COLUMN_LINES,
    LAYER_WIDTH,
    LIST_WIDTH,
    OFF,
    ON,
    Item,
    column_head,
    fitting,
    head_x,
    items,
    layer_columns,
    nearest,
    others,
    width_of,
)
from playground.looking.scene import Scene
from playground.looking.session import Session, look
from playground.looking.switching import (
    HEAD_KINDS,
    clear_switches,
    head_label,
    invert_heads,
    padded,
)


def _items(scene: Scene) -> tuple[Item, ...]:
    return items(scene.model.config, others(scene.session))


class Switches(Pane[Scene, Session]):
    """Every switch for the model at hand, as one board; Enter turns the one under the cursor."""

    name = "switches"
    title = "Switches"
    gist = "What can be switched off"
    help = (
        "Every part of the model that can be switched off while it runs. At the left what belongs to the whole model;"
        " at the right a row for each layer: its heads, then its attention, its MLP and its nonlinearity. A part is on,"
        " as trained, or OFF. Enter turns the switch under the cursor.\n\n"
        "A head can be silenced (✕: it writes nothing), replaced by its average over the text (μ), or made to look at"
        " everything alike (=), at the one before (←) or at the first («), or turned down to half (◐): choose which "
        "above the heads, then press Enter on a head.\n\n"
        "Neurons and other small places have no place on the board: what is on of them stands below the list, and "
        "Enter takes it back.\n\n"
        "Padding marks the place looked at; nobody attends to it.\n\n"
        "The first line says what all switches together did after the token looked at: how far the probabilities moved"
        " (KL divergence: 0 is not at all), and whether another token is now the likeliest. Below it stands what each"
        " of several costs by itself, which need not add up, and whose"
        " attention they changed most: a head that is silenced looks where it looked, who reads what it wrote may not."
    )

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """Effect, board, and a sentence about the switch under the cursor."""
        ways, style = _effect(scene, canvas)
        top = 1
        if canvas.height >= 12:
            canvas.put(0, 1, text.fit(first_that_fits(ways, canvas.width), canvas.width), style)
            top = 2
        alone = first_that_fits(each_alone(scene, canvas.unit), canvas.width)
        if canvas.height >= 14 and alone:
            canvas.put(0, top, text.fit(alone, canvas.width), canvas.palette.contrast)
            top += 1
        if canvas.height >= 16 and scene.session.switches:
            where = first_that_fits(where_to_look(scene), canvas.width)
            canvas.put(0, top, text.fit(where, canvas.width), canvas.palette.muted)
            top += 1
        board = fitting(scene.model.config, others(scene.session), canvas.width)
        index = _cursor(scene)
        says, below, tall = _explained(scene, board[index], canvas.unit), canvas.height - top, _lines(board)
        room = max(below - tall, below // 5)
        lines = _whole(says, canvas.width, room)
        tall = min(tall, below - min(len(lines), room))
        drawn = _Board(scene, canvas, top, tall)
        drawn.draw()
        _head_line(scene, canvas, ways if canvas.height < 12 else [], drawn.part)
        y = top + tall
        y += 1 if canvas.height - y > len(lines) else 0
        _say(canvas, y, lines, board[index].name)
        _spell(scene, canvas, y + len(lines) + 1)

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """To the nearest item in that direction."""
        board = _items(scene)
        index = _cursor(scene)
        for _ in range(max(abs(dx), abs(dy))):
            index = nearest(board, index, (dx > 0) - (dx < 0), (dy > 0) - (dy < 0))
        return look(scene.session, item=index)

    def enter(self, scene: Scene) -> Session:
        """Turn the switch under the cursor."""
        return _items(scene)[_cursor(scene)].press(scene.session, scene.row)


def _cursor(scene: Scene) -> int:
    return max(0, min(scene.session.view.item, len(_items(scene)) - 1))


def _pressed(session: Session, item: Item, index: int, position: int) -> Session:
    return item.press(look(session, item=index), position)


def needed(scene: Scene | None, width: int) -> int:
    """How many lines show every switch, with the title and a sentence."""
    return 0 if scene is None else _lines(fitting(scene.model.config, others(scene.session), width)) + 2


def _lines(board: tuple[Item, ...]) -> int:
    return max(item.y for item in board) + 1


def _head_line(scene: Scene, canvas: Canvas, ways: list[str], part: str) -> None:
    """What the switches did, if it stands there, or how many are thrown and what acts on all; the layers in sight."""
    on = len(scene.session.switches)
    acts = (("clear", clear_switches), ("invert heads", partial(invert_heads, config=scene.model.config)))
    x = canvas.width - sum(len(words) + 2 for words, _ in acts)
    room = canvas.beside(Switches.title) if ways or x < 16 else x - len(Switches.title) - 2
    said = first_that_fits(ways or [f"{on} thrown" if on else ""], room - len(part) - len(BETWEEN))
    canvas.title(Switches.title, fitted([*filter(None, (said, part))], room))
    if ways and on:
        canvas.put(len(Switches.title) + 1, 0, said, canvas.palette.contrast)
    if ways or x < 16:
        return
    for name, act in acts:
        canvas.put(x, 0, f" {name} ", canvas.palette.muted)
        canvas.hit(x, 0, len(name) + 2, 1, act)
        x += len(name) + 2


def _effect(scene: Scene, canvas: Canvas) -> tuple[list[str], Style]:
    """What the switches did after the row looked at, in one line; the longest way to say it first."""
    palette, results = canvas.palette, scene.results
    if results is None and scene.session.tokens:
        return [COMPUTING], palette.muted
    if results is None:
        return ["type a prompt to see what a switch does: press e", "type a prompt first: press e"], palette.muted
    if not scene.session.switches:
        return ["nothing is switched off: the model as it was trained", "nothing is switched off"], palette.muted
    effect = scene.effect
    if effect is None:
        return [COMPUTING], palette.muted
    if math.isnan(effect.kl):
        says = "the scores are not a number any more"
        return [f"{says}: the values have blown up", says], palette.contrast
    parts = [words for words, _ in moved(scene, canvas)]
    return [BETWEEN.join(parts), parts[0]], palette.contrast


def _explained(scene: Scene, item: Item, unit: Unit) -> str:
    """Name of an item, what it costs by itself where it is thrown, and its explanation."""
    done = item.thrown(scene.session)
    alone = "" if done is None else costs_alone(scene, done, unit)
    if item.part == "head":
        kind = type(done) if done else HEAD_KINDS[scene.session.view.kind]
        what = kind.title.removeprefix("head ")
        what += f" {number(done.value)}" if isinstance(done, ValuedSwitch) else ""
        says = f"{what if done else f'as trained; ⏎ {what}'}. {kind.says}"
    elif issubclass(item.kind, Padding) and scene.results is not None:
        does = "unmarks" if scene.row in padded(scene.session) else "marks"
        says = f"⏎ {does} place {scene.row} '{scene.labels[scene.row]}'. {item.kind.says}"
    else:
        says = item.kind.says if item.one is None else f"⏎ takes it back. {item.kind.says}"
    return f"{item.name}: {alone}{says}"


def _whole(says: str, width: int, room: int) -> list[str]:
    """As many whole sentences, wrapped, as there are lines for; the first one where there is no room for any."""
    every = sentences(says)
    tries = [wrap(" ".join(every[:count]), width) for count in range(len(every), 0, -1)]
    return next((lines for lines in tries if len(lines) <= room), tries[-1])


def _say(canvas: Canvas, y: int, lines: list[str], name: str) -> None:
    """The sentence, its name strong; a last line that has no room for the rest ends in an ellipsis."""
    left = canvas.height - y
    shown = lines[: max(left, 0)]
    if shown and left < len(lines):
        words = shown[-1] if len(shown[-1]) + 2 <= canvas.width else shown[-1].rpartition(" ")[0]
        shown[-1] = f"{words} …"
    for row, line in enumerate(shown):
        canvas.put(0, y + row, line, canvas.palette.muted)
    if shown:
        canvas.put(0, y, shown[0][: len(name)], canvas.palette.strong)


def _spell(scene: Scene, canvas: Canvas, y: int) -> None:
    """Where there is room: what is on, as the command line writes it."""
    if not scene.session.switches:
        return
    words = " ".join(f"--switch\xa0{switch}" for switch in scene.session.switches)  # never broken inside
    for row, line in enumerate(wrap(words, canvas.width, hyphens=False)):
        canvas.put(0, y + row, line.replace("\xa0", " "), canvas.palette.muted)


class _Board:
    """The items on a canvas, from row `top`, `height` rows; list and layers each scroll around the cursor."""

    def __init__(self, scene: Scene, canvas: Canvas, top: int, height: int) -> None:
        self.scene, self.canvas, self.palette = scene, canvas, canvas.palette
        self.config = scene.model.config
        self.items = fitting(scene.model.config, others(scene.session), canvas.width)
        self.roomy = self.items == items(self.config, others(scene.session), True, canvas.width)
        self.columns_at = max(item.y for item in self.items if item.part == "kind") + 1
        self.layers_at = self.columns_at + COLUMN_LINES
        self.index = _cursor(scene)
        self.top, self.height = top, height
        here = self.items[self.index]
        self.on = frozenset(scene.session.switches)
        self.marks = {(each.layer, each.head): each.mark for each in self.on if isinstance(each, HeadSwitch)}
        self.shift = 0
        if width_of(self.items) > canvas.width and not here.in_list:
            self.shift = max(LIST_WIDTH, here.x + here.width - canvas.width)
        listed = sum(item.in_list for item in self.items)
        above = 0 if here.in_list else here.y - self.layers_at
        self.first_listed = first_shown(here.y - 1 if here.in_list else 0, listed, height - 1)
        self.first_layer = first_shown(above, self.config.n_layer, height - self.layers_at)

    @property
    def layers(self) -> range:
        """Those in sight."""
        room = max(self.height - self.layers_at, 0)
        return range(self.first_layer, min(self.first_layer + room, self.config.n_layer))

    @property
    def part(self) -> str:
        """Which layers those are, in words; "" where they are all."""
        seen, count = self.layers, self.config.n_layer
        return f"L{seen.start}-{seen.stop - 1} of {count}" if 0 < len(seen) < count else ""

    def draw(self) -> None:
        """Heads of the columns, then every item that has a place."""
        self._headings()
        position = self.scene.row
        for index, item in enumerate(self.items):
            y = self._y(item)
            x = item.x - self.shift
            if y is None or (item.in_list and self.shift):
                continue
            label, style = self._look(item)
            if index == self.index:
                style = self.palette.cursor if self.canvas.focused else self.palette.shade(0.3)
            self.canvas.put(x, y, label, style)
            act = partial(_pressed, item=item, index=index, position=position)
            wide = item.width + 1  # the gap after it is its own as well: a larger target
            self.canvas.hit(x, y, wide, 1, act)
            self.canvas.hit(x, y, wide, 1, partial(look, item=index), on_hover=True)

    def _y(self, item: Item) -> int | None:
        """The canvas row of an item, None while it is scrolled away."""
        y, first = item.y, 0
        if item.in_list:
            first, y = 1, y - self.first_listed
        elif item.part != "kind":
            first, y = self.layers_at, y - self.first_layer
        return self.top + y if first <= y < self.height else None

    def _headings(self) -> None:
        canvas, muted, x = self.canvas, self.palette.muted, self.shift
        if not x:
            self._put(0, 0, "parts", muted)
        if head_x(self.config.n_head, self.roomy) > LIST_WIDTH + LAYER_WIDTH + 4:
            self._put(head_x(0, self.roomy) - x, self.columns_at, "head", muted)
        for head in range(self.config.n_head):
            at = head_x(head, self.roomy) - x
            self._put(at, self.columns_at + 1, str(head % 10), muted)
            if head >= 10:
                self._put(at, self.columns_at, str(head // 10), muted)
        for kind, at, _ in layer_columns(self.config, self.roomy):
            for row, word in enumerate(column_head(kind), self.columns_at):
                self._put(at - x, row, word, muted)
        for layer in self.layers:
            y = self.top + self.layers_at + layer - self.first_layer
            canvas.right(LIST_WIDTH + LAYER_WIDTH - 1 - x, y, f"L{layer}", muted)
        self._arrows()

    def _arrows(self) -> None:
        """Where the board goes on beyond what is in sight."""
        accent, layers, beyond = self.palette.accent, self.layers, width_of(self.items) - self.shift > self.canvas.width
        self._put(self.canvas.width - 1, self.columns_at, "→" if beyond else "", accent)
        self._put(0, self.columns_at, "←" if self.shift else "", accent)
        if layers:
            x, y = LIST_WIDTH + LAYER_WIDTH - 1 - self.shift, self.layers_at
            self._put(x, y, "↑" if layers.start else "", accent)
            self._put(x, y + len(layers) - 1, "↓" if layers.stop < self.config.n_layer else "", accent)

    def _put(self, x: int, y: int, words: str, style: Style) -> None:
        if y < self.height:
            self.canvas.put(x, self.top + y, words, style)

    def _look(self, item: Item) -> tuple[str, Style]:
        """What an item looks like."""
        palette = self.palette
        if item.part == "kind":
            chosen = item.kind.slug == self.scene.session.view.kind
            assert issubclass(item.kind, HeadSwitch)
            return head_label(item.kind), palette.accent if chosen else palette.muted
        if item.part == "head":
            mark = self.marks.get((item.layer, item.head))
            return (mark, palette.contrast) if mark else ("·", palette.text)
        if item.one is not None:
            return text.fit(item.one.label, item.width), palette.contrast
        if issubclass(item.kind, Padding):  # the one that adds something
            marked = padded(self.scene.session)
            label = f"{'ON' if marked else 'no':<4}{item.kind.title} {Padding(marked).where}"
            return text.fit(label, item.width), palette.contrast if marked else palette.text
        is_off = item.switch in self.on
        state, style = (OFF, palette.contrast) if is_off else (ON, palette.text)
        if item.part == "layer":
            return f"{state:^{item.width}}", style if is_off else palette.muted
        return text.fit(f"{state:<4}{item.kind.title}", item.width), style
