"""Every head of every layer as a thumbnail, and the board on which they are switched off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np
from rich.style import Style

from models.lenses.inside.sweep import Lost, Part
from models.measures import Effect
from models.ops import Array
from models.switches import AttentionOff, HeadOff, HeadScale, MLPLinear, MLPOff, Switch
from models.switches.edits import acting
from models.tracing import Trace
from models.units import Unit
from playground.cells import cell_len, crop
from playground.kit import heatmap, numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import BETWEEN, first_that_fits, fitting
from playground.kit.heatmap import Axis
from playground.kit.palette import LEVELS
from playground.looking.effects import distance
from playground.looking.panes import attending
from playground.looking.panes.attending import PatternPane
from playground.looking.panes.head_kinds import Kind, measured
from playground.looking.scene import Scene, Swept
from playground.looking.session import Session, choose_head, toggle
from playground.looking.switching import head_label, head_switch, toggle_head

DIM = 0.35  # of its shade, what a head that is not heard still shows
MATTERS, NIL = 0.1, 0.005  # bits: from which on a part is marked, and under which two decimals tell nothing
MLP_STATES: dict[type[Switch], str] = {MLPOff: "✕ off", MLPLinear: "linear"}
FIGURE, BECOMES = 4, 6  # cells that an effect needs, and a token
WIDE, HIGH = 3, 2  # cells a thumbnail has at least, so that one can tell what it shows


@dataclass(frozen=True, slots=True)
class Board:
    """Which layers and heads are shown, and where: `wide` x `high` cells a thumbnail, every `across` and `down`."""

    layers: range
    heads: range
    x: int
    y: int
    wide: int
    high: int
    across: int
    down: int
    a_page: tuple[int, int]  # layers and heads on each page but the last
    labelled: bool  # each thumbnail has a line of its own above it
    mlp: int | None  # where the column of the MLPs begins

    def corner(self, layer: int, head: int) -> tuple[int, int]:
        """Of the thumbnail; its label is on the line above."""
        x = self.x + (head - self.heads.start) * self.across
        return x, self.y + (layer - self.layers.start) * self.down + self.labelled


class Heads(PatternPane):
    """All heads small; the chosen one marked; what is off marked as well."""

    name = "heads"
    title = "Heads"
    help = (
        "Every head of the model: a row of thumbnails is a layer, each thumbnail one head's attention, rows looking at "
        "columns as in the large one. Arrows or a click choose a head. Enter silences the chosen one or lets it speak; "
        "so does a click on its name. A click on L0, L1 ... switches all attention of that layer, a click on mlp its "
        "MLP. Switched off: ✕; says the same everywhere: μ; looks at everything alike: =, at the one before: ←, at the "
        "first: «; scaled: ◐. Dim thumbnails are not heard. The word beside a name is what the head mostly does in "
        "this text: prev looks one token back, 2 back two, self at the token itself, first at the first token, spread "
        "at much of what it may see; the number of the chosen one stands on top. Where not all have "
        "room, page up and page down (⇞⇟) turn the pages, and arrows go on from one to the next.\n\n"
        "While nothing is written, each head and each MLP is switched off in turn. The number on a thumbnail says how "
        "far that moves what is said after the token looked at, in bits (I: in nats), and → which token is then the "
        "likeliest; ! marks what matters most, and where there is no room • what matters at all. In the colour of "
        "warnings it is what a switch that is on costs by itself. G goes to the head that matters most, E lists them "
        "all. Until you choose a head, the one that matters most is shown large."
    )

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Trace, dict[tuple[object, ...], Array]] = WeakKeyDictionary()
        self._kinds: WeakKeyDictionary[Trace, dict[int, list[Kind]]] = WeakKeyDictionary()
        self._a_page = 1 << 30, 1 << 30  # layers and heads on a page of the last picture

    def show(self, scene: Scene, canvas: Canvas) -> None:
        """The board, row by row."""
        board = _board(scene, canvas.width, canvas.height)
        self._a_page = board.a_page
        canvas.title(self.title, self._note(scene, board, canvas.beside(self.title), canvas.unit))
        if not board.labelled and board.y > 1:
            _head_numbers(scene, canvas, board)
        for layer in board.layers:
            _layer_label(scene, canvas, board, layer)
            for head in board.heads:
                self._thumbnail(scene, canvas, board, layer, head)
                self._label(scene, canvas, board, layer, head)
            _mlp(scene, canvas, board, layer)

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """To the head beside, above or below, or on another page."""
        view, config = scene.session.view, scene.model.config
        if abs(dy) > 1 and self._pages(scene)[1] > 1:
            dx, dy = self._turned(scene, 1 if dy > 0 else -1)
        layer = max(0, min(view.layer + dy, config.n_layer - 1))
        head = max(0, min(view.head + dx, config.n_head - 1))
        return scene.session if (layer, head) == (view.layer, view.head) else choose_head(scene.session, layer, head)

    def _turned(self, scene: Scene, by: int) -> tuple[int, int]:
        """How many heads and layers away the same place is on the page after or before, as one reads them."""
        view, (layers, heads) = scene.session.view, self._a_page
        here, pages, across = self._pages(scene)
        y, x = divmod(max(0, min(here + by, pages - 1)), across)
        return (x - view.head // heads) * heads, (y - view.layer // layers) * layers

    def _pages(self, scene: Scene) -> tuple[int, int, int]:
        """The page of the chosen head, from 0, how many there are, and how many side by side."""
        view, config, (layers, heads) = scene.session.view, scene.model.config, self._a_page
        across = -(-config.n_head // heads)
        return view.layer // layers * across + view.head // heads, across * -(-config.n_layer // layers), across

    def enter(self, scene: Scene) -> Session:
        """The chosen head silenced, or heard again."""
        view = scene.session.view
        chosen = choose_head(scene.session, view.layer, view.head)
        return toggle_head(chosen, HeadOff.slug, view.layer, view.head)

    def _note(self, scene: Scene, board: Board, room: int, unit: Unit) -> str:
        view = scene.session.view
        pieces = [f"layer {view.layer} head {view.head}"]
        here, pages, _ = self._pages(scene)
        if pages > 1:
            page, left = _page_said(scene, board), room - len(pieces[0]) - len(BETWEEN)
            ways = f"{page} · PgUp PgDn", f"{page} ⇞⇟", f"page {here + 1}/{pages} ⇞⇟"
            pieces.append(first_that_fits(ways, left))
        kind = self._kind(scene, view.layer, view.head)
        if kind.says:
            short = f"{kind.name} {kind.value:.2f}" if kind.name else "mixed"
            long = f"{kind.name or 'mixed:'} {numbers.weight(kind.value)} {kind.says}"
            pieces.append(first_that_fits([long, short], room - len(pieces[0]) - 3))
        lost, own = _lost(scene, HeadOff(view.layer, view.head)), _own_cost(scene, view.layer, view.head)
        if own is not None:
            pieces.append(f"alone {distance(own, unit)}")
        elif lost is not None:
            pieces.append(f"off {distance(lost.effect, unit)}")
        return fitting(pieces, room)

    def _kind(self, scene: Scene, layer: int, head: int) -> Kind:
        kinds = self._kinds.setdefault(scene.shown, {})
        if layer not in kinds:
            block = scene.shown.blocks[layer]
            kinds[layer] = measured(block.pattern, block.visible)
        return kinds[layer][head]

    def _thumbnail(self, scene: Scene, canvas: Canvas, board: Board, layer: int, head: int) -> None:
        x, y = board.corner(layer, head)
        pictures, signed = self._pictures(scene, canvas, board, layer)
        picture = pictures[head]
        if not _is_heard(scene, layer, head):
            picture = _dimmed(picture, signed)
        heatmap.paint(canvas, x, y, picture, signed=signed)
        _effect(scene, canvas, board, layer, head)
        canvas.hit(x, y, board.wide, board.high, partial(choose_head, layer=layer, head=head))
        if (layer, head) == (scene.session.view.layer, scene.session.view.head):
            _frame(canvas, board, x, y)

    def _pictures(self, scene: Scene, canvas: Canvas, board: Board, layer: int) -> tuple[Array, bool]:
        """The images of a layer's heads (H rows columns), kept as long as their trace."""
        shown, signed = scene.shown, scene.differs
        high = board.high * heatmap.pixels_a_line(canvas.palette)
        made = self._made.setdefault(shown, {})
        key = (layer, signed, board.wide, high)
        if key not in made:
            rows, columns = Axis.filling(len(shown), high), Axis.filling(len(shown), board.wide)
            seen = attending.seen(scene, layer, slice(None))
            made[key] = heatmap.image(seen.values, seen.visible, rows, columns, signed=signed)
        return made[key], signed

    def _label(self, scene: Scene, canvas: Canvas, board: Board, layer: int, head: int) -> None:
        """A head's name, and its mark or kind; where there is no line for it, the mark on the thumbnail."""
        x, y = board.corner(layer, head)
        palette, view = canvas.palette, scene.session.view
        mark = _mark(scene, layer, head)
        if not board.labelled:
            if mark:
                canvas.put(x, y, mark[0], palette.contrast)
            return
        chosen = (layer, head) == (view.layer, view.head)
        end = canvas.put(x, y - 1, f"H{head}", palette.accent if chosen else palette.muted) + 1
        canvas.hit(x, y - 1, board.wide, 1, partial(toggle_head, kind=HeadOff.slug, layer=layer, head=head))
        word = mark or self._kind(scene, layer, head).name
        room = x + board.wide - end
        if cell_len(word) > room:
            word = word[:1] if mark else ""
        canvas.put(end, y - 1, word, palette.contrast if mark else palette.muted)


def _is_heard(scene: Scene, layer: int, head: int) -> bool:
    """Whether what the head finds by its pattern is used, as much or as little of it as there may be.

    A switch on its scores or its pattern leaves that, one on its z does not, unless it only scales, or is aimed at one
    position.
    """
    switches, config = [each for each in scene.session.switches if not each.aimed], scene.model.config
    acts = [each for site in ("z", "attn_out") for each in acting(switches, config, site, layer, head)]
    return all(isinstance(each, HeadScale) and each.value for each in acts)


def _mark(scene: Scene, layer: int, head: int) -> str:
    """What is done to a head, as on the board of switches; empty where nothing is."""
    own = head_switch(scene.session.switches, layer, head)
    if own is not None:
        return head_label(type(own))
    return "" if _is_heard(scene, layer, head) else head_label(HeadOff)


def _dimmed(picture: Array, signed: bool) -> Array:
    zero = LEVELS - 1 if signed else 0
    return np.where(picture < 0, picture, zero + ((picture - zero) * DIM).astype(np.int16))


def _board(scene: Scene, width: int, height: int) -> Board:
    """Thumbnails with a line for their names where that fits, else under one line of numbers.

    All of them as long as each has WIDE x HIGH cells, or HIGH lines together with its name; else a page of them.
    """
    config, view = scene.model.config, scene.session.view
    x = len(f"L{config.n_layer - 1}") + 1 if width >= 16 else 0
    mlp = 7 if width >= x + config.n_head * 5 + 7 else 4 if width >= x + config.n_head * 3 + 4 else 0
    room = width - x - mlp + 1
    some_heads = _a_page(config.n_head, room // (WIDE + 1))
    across = max(room // some_heads, WIDE)
    all_fit = (height - 1) // config.n_layer >= HIGH
    labelled = across >= 6 and (all_fit or height > HIGH + 1)
    top = 2 if not labelled and height > 3 else 1
    some_layers = _a_page(config.n_layer, (height - top) // (HIGH + (labelled and not all_fit)))
    down = max((height - top) // some_layers, 1)
    layers, heads = _page(config.n_layer, some_layers, view.layer), _page(config.n_head, some_heads, view.head)
    wide = across - (2 if across >= 11 else 1)
    tallest = max(-(-wide // 2), 1) + labelled
    down = min(down, tallest + 1)
    high = min(down, tallest) - labelled
    place, a_page = x + len(heads) * across, (some_layers, some_heads)
    return Board(layers, heads, x, top, wide, max(high, 1), across, down, a_page, labelled, place if mlp else None)


def _a_page(count: int, room: int) -> int:
    """How many of them are on a page, if so many have room: all pages as full as can be."""
    pages = -(-count // max(room, 1))
    return -(-count // pages)


def _page(count: int, some: int, chosen: int) -> range:
    first = chosen // some * some
    return range(first, min(first + some, count))


def _page_said(scene: Scene, board: Board) -> str:
    """Which part of the board is on screen, where not all of it is."""
    config = scene.model.config
    every = (("L", board.layers, config.n_layer), ("H", board.heads, config.n_head))
    parts = [(f"{name}{shown[0]}-{shown[-1]}", count) for name, shown, count in every if len(shown) < count]
    if len({count for _, count in parts}) == 1:
        return " ".join(part for part, _ in parts) + f" of {parts[0][1]}"
    return ", ".join(f"{part} of {count}" for part, count in parts)


# what each part does to the next token ----------------------------------------------------------------------------


def _lost(scene: Scene, part: Part) -> Lost | None:
    return None if scene.swept is None else scene.swept.by_part.get(part)


def _is_most(swept: Swept, lost: Lost) -> bool:
    """Whether it is the head that matters most, or an MLP that matters more than all."""
    return swept.done and lost.effect.kl > 0 and (lost is swept.found[0] or lost.part == swept.head)


def _figure(scene: Scene, canvas: Canvas, lost: Lost, cells: int) -> tuple[str, Style]:
    """An effect in at most so many cells: marked if it is the largest, a mark alone where there is no more room."""
    assert scene.swept is not None
    palette, bits, most = canvas.palette, lost.effect.kl, _is_most(scene.swept, lost)
    style = palette.accent if most else palette.text if bits >= MATTERS else palette.muted
    if cells < FIGURE:
        return "!" if most else "•" if bits >= MATTERS else "", style
    return _digits(bits, canvas, cells, "!" if most else ""), style


def _own_cost(scene: Scene, layer: int, head: int) -> Effect | None:
    """What a head's own switch costs by itself; None where it has none, or nobody knows."""
    own = head_switch(scene.session.switches, layer, head)
    return None if own is None else scene.cost(own)


def _cost(own: Effect, canvas: Canvas, cells: int) -> tuple[str, Style]:
    """What a switch costs by itself, in at most so many cells."""
    return "" if cells < FIGURE else _digits(own.kl, canvas, cells), canvas.palette.contrast


def _digits(bits: float, canvas: Canvas, cells: int, mark: str = "") -> str:
    value = bits * canvas.unit.bit
    ways = ["0"] if bits < NIL else [numbers.fixed(value, digits, "?") for digits in (2, 1, 0)]
    return first_that_fits([mark + way for way in ways], cells)


def _becomes(scene: Scene, lost: Lost, cells: int) -> str:
    """The token that the answer turns into without the part, where it does and there is room."""
    if lost.effect.now == lost.effect.was or cells < BECOMES:
        return ""
    return f"→{crop(scene.next_label(lost.effect.now), cells - 1)}".rstrip()


def _effect(scene: Scene, canvas: Canvas, board: Board, layer: int, head: int) -> None:
    """In the upper right corner of a thumbnail, where a head may not look."""
    x, y = board.corner(layer, head)
    right, roomy = x + board.wide, board.high > 1
    own, lost = _own_cost(scene, layer, head), _lost(scene, HeadOff(layer, head))
    if own is not None:
        canvas.right(right, y, *_cost(own, canvas, board.wide if roomy else 1))
    if lost is None or own is not None:
        return
    figure, style = _figure(scene, canvas, lost, board.wide if roomy else 1)
    canvas.right(right, y, figure, style)
    if board.high > 2:
        canvas.right(right, y + 1, _becomes(scene, lost, board.wide), style)


def _frame(canvas: Canvas, board: Board, x: int, y: int) -> None:
    """Bars beside the chosen thumbnail."""
    for down in range(-board.labelled, board.high):
        canvas.put(x - 1, y + down, "▌" if board.labelled else "▐", canvas.palette.accent)
        if not board.labelled:
            canvas.put(x + board.wide, y + down, "▌", canvas.palette.accent)


def _head_numbers(scene: Scene, canvas: Canvas, board: Board) -> None:
    for head in board.heads:
        name = f"H{head}" if board.wide >= len(f"H{board.heads[-1]}") else str(head)
        chosen = head == scene.session.view.head
        style = canvas.palette.accent if chosen else canvas.palette.muted
        canvas.put(board.corner(board.layers[0], head)[0], board.y - 1, name, style)
    if board.mlp is not None:
        canvas.put(board.mlp, board.y - 1, "mlp", canvas.palette.muted)


def _layer_label(scene: Scene, canvas: Canvas, board: Board, layer: int) -> None:
    if not board.x:
        return
    palette, y = canvas.palette, board.corner(layer, board.heads[0])[1] - board.labelled
    off = AttentionOff(layer) in scene.session.switches
    chosen = layer == scene.session.view.layer
    canvas.put(0, y, f"L{layer}", palette.contrast if off else palette.accent if chosen else palette.muted)
    canvas.hit(0, y, board.x - 1, board.down, partial(toggle, switch=AttentionOff(layer)))


def _mlp(scene: Scene, canvas: Canvas, board: Board, layer: int) -> None:
    if board.mlp is None:
        return
    palette, y = canvas.palette, board.corner(layer, board.heads[0])[1] - board.labelled
    thrown = next((each for each in (MLPOff(layer), MLPLinear(layer)) if each in scene.session.switches), None)
    lost, room = _lost(scene, MLPOff(layer)), max(canvas.width - board.mlp, 0)
    state = MLP_STATES[type(thrown)] if thrown else "" if board.labelled or lost is not None else "on"
    style = palette.contrast if thrown else palette.muted
    bottom = y + board.down
    if board.labelled:
        canvas.put(board.mlp, y, "mlp", style)
        y += 1
    if state:
        canvas.put(board.mlp, y, crop(state, room).rstrip(), style)
    own = None if thrown is None else scene.cost(thrown)
    for at, (words, look) in enumerate(_mlp_effect(scene, canvas, own, lost, room), y + bool(state)):
        if at < bottom:
            canvas.put(board.mlp, at, words, look)
    y = bottom - board.down + board.labelled
    height = 2 if board.labelled else board.down
    canvas.hit(board.mlp, y - board.labelled, canvas.width - board.mlp, height, partial(toggle, switch=MLPOff(layer)))


def _mlp_effect(
    scene: Scene, canvas: Canvas, own: Effect | None, lost: Lost | None, cells: int
) -> list[tuple[str, Style]]:
    """What its `own` switch costs by itself; without one what is lost without it, and what the answer becomes."""
    if own is not None:
        return [_cost(own, canvas, cells)]
    if lost is None:
        return []
    figure, style = _figure(scene, canvas, lost, cells)
    return [(figure, style), (_becomes(scene, lost, cells), style)]
