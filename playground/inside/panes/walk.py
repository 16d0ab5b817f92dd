"""The walk: one token through every part of the model, a stop each."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from rich.style import Style

from models.errors import check_index
from models.gpt import GPTConfig
from models.lenses.inside import walk
from models.lenses.inside.at_stop import Key, Place, Value
from models.lenses.inside.walk import Stop
from models.measures import ranked
from models.ops import Array
from models.switches import (
    AttentionOff,
    HeadOff,
    Input,
    MaskOff,
    MLPLinear,
    MLPOff,
    NormOff,
    PositionsOff,
    ResidualOff,
    ScaleOff,
    Switch,
    number,
)
from models.switches.input_vector import typed_into
from playground import text
from playground.cells import cell_len, wrap
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.inside.stops_in_words import SHOWN, counted_sum, is_vector, switched_in, ways_of
from playground.kit import heatmap, numbers
from playground.kit.bar import bar
from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown, fitting, headline
from playground.looking.session import look
from playground.looking.switching import set_input, toggle

LIST = 17  # cells of the list of stops
BESIDE = 56  # cells from which on it stands beside the stop
STRIP = 16  # cells of a vector's picture
LABEL = 12  # cells of a token
ENTRY = 8  # cells of a number in the table of all
WHOLE = {"pos_embed": PositionsOff(), "ln_1": NormOff(), "ln_2": NormOff(), "ln_final": NormOff(), "scores": ScaleOff()}
WHOLE |= {"visible": MaskOff(), "resid_mid": ResidualOff(), "resid_post": ResidualOff()}
VECTOR = re.compile(r"[-+\s\d.,=eE]*\d[-+\s\d.,=eE]*")  # numbers as they are typed for one; no stop is called so
ADDS = ("pos_embed", "resid_mid", "resid_post")  # where something is added to the stream


@dataclass(frozen=True)
class WalkLook:
    """Which stop, its layer being Play's, and whether all of its numbers are shown."""

    name: str = "token"
    all_numbers: bool = False


class Walk(InsidePane[Stop]):
    """One stop after the other."""

    name = "walk"
    title = "Walk"
    gist = "One token's way, stop by stop"
    help = (
        "The token under the cursor on its way through the model, one stop at a time, with the numbers that it really "
        "has there (Vaswani et al. 2017; Radford et al. 2019). Up and down walk back and on, Enter goes to the same "
        "stop one layer deeper and backspace one layer up; left and right take another token. Head and column are "
        "those of Play: f takes the name of a stop, 'head 2' or 'column 4'. In and out are what a stop reads and gives:"
        " name, shape, numbers, and for a vector its length; ⊕ marks where something is added to the stream. Below, how"
        " one of the numbers came about, and the largest of them; v shows all. x switches off what the stop does. At"
        " the embedding f takes other numbers for the token's vector too: all of them, or 2=0.5 for number 2 alone."
    )
    asking = "Go to which stop? scores, 1.scores, head 2, column 4"
    asking_numbers = "Its numbers, or 0=0.5 for one of them; or which stop?"
    idle = "there is nothing further that way"

    def asks(self, scene: InsideScene) -> Hashable:
        """The stop and its place: a stop costs a product of matrices over the text, all of them a whole pass."""
        view = scene.view.session.view
        column = None if view.column is None else max(0, view.column - scene.play.dropped)
        if column is not None and column >= scene.play.length:
            column = None
        session = scene.view.session
        return here(scene), Place(max(scene.row, 0), view.head, column, session.sampler, session.seed)

    def find(self, subject: Subject, asked: Any) -> Iterator[Stop]:
        """That stop."""
        key, place = asked
        yield walk.stop(subject.now, place, key)

    def draw_found(self, scene: InsideScene, found: Stop, canvas: Canvas) -> None:
        """The list of stops where there is room, and beside it the one."""
        route = walk.route(scene.play.model.config)
        at = f"stop {route.index(found.key) + 1} of {len(route)}"
        where = [f"'{text.cut(scene.play.labels[scene.row], LABEL)}'", *_where(scene, found.key), at]
        headline(canvas, self.title, where)
        left = LIST if canvas.width >= BESIDE else 0
        part = canvas.part(canvas.width - left, canvas.height - 1, canvas.focused)
        _draw_stop(scene, found, part)
        canvas.paste(part, left, 1)
        if left:
            _draw_list(scene, found.key, canvas)

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """Up and down along the stops, left and right along the text."""
        if not dy:
            return scene.moved(dx, dy)
        route = walk.route(scene.play.model.config)
        at = route.index(here(scene)) + dy
        return go(route[max(0, min(at, len(route) - 1))], scene.view)

    def enter(self, scene: InsideScene) -> InsideView:
        """The same stop, a layer deeper."""
        return _deeper(scene, 1)

    def back(self, scene: InsideScene) -> InsideView:
        """The same stop, a layer up."""
        return _deeper(scene, -1)

    def otherwise(self, scene: InsideScene) -> InsideView:
        """All numbers, or the largest."""
        seen = scene.view.look(WalkLook)
        return scene.view.looking(replace(seen, all_numbers=not seen.all_numbers))

    def question(self, scene: InsideScene) -> str:
        """Where a vector is shown that can be another, its numbers are asked for as well."""
        return self.asking if _vector_here(scene) is None else self.asking_numbers

    def told(self, scene: InsideScene, words: str) -> InsideView:
        """A stop by its name, that of the layer looked at first; another head or column; or a vector, where it is."""
        config, session = scene.play.model.config, scene.view.session
        vector = _vector_here(scene)
        if vector is not None and VECTOR.fullmatch(words):
            return _with_vector(scene, typed_into(vector, words))
        number = re.fullmatch(r"\s*(head|column|h|c)\s*(\d{1,6})\s*", words.lower())
        if number is not None:
            what, at = ("head", "column")[number[1][0] == "c"], int(number[2])
            count = config.n_head if what == "head" else scene.play.length + scene.play.dropped
            check_index(what, at, count)
            return scene.view.with_session(look(session, **{what: at}))
        found = walk.find(config, words)
        return go(next((key for key in found if key.layer == session.view.layer), found[0]), scene.view)

    def suggestion(self, scene: InsideScene) -> str:
        """Where one is; the numbers there, where they can be others: the first alone of more than a line takes."""
        vector = _vector_here(scene)
        if vector is None:
            return str(here(scene))
        return ", ".join(map(number, vector)) if len(vector) <= SHOWN else f"0={number(vector[0])}"

    def put_in(self, scene: InsideScene) -> InsideView:
        """What the stop does, off or on again; a token's vector zero, or again its own."""
        vector = _vector_here(scene)
        if vector is not None:
            is_own = not any(isinstance(s, Input) and s.position == scene.row for s in scene.view.session.switches)
            return _with_vector(scene, (0.0,) * len(vector) if is_own else None)
        switch = switch_at(here(scene), scene.view.session.view.head)
        if switch is None or not scene.view.session.tokens:
            return scene.view
        return scene.view.with_session(toggle(scene.view.session, switch))


def here(scene: InsideScene) -> Key:
    """The stop looked at; the first, where the model lacks it."""
    config = scene.play.model.config
    name, layer = scene.view.look(WalkLook).name, min(scene.view.session.view.layer, config.n_layer - 1)
    route = walk.route(config)
    return next((key for key in route if key.name == name and key.layer in (None, layer)), route[0])


def go(key: Key, view: InsideView) -> InsideView:
    """To that stop; Play's layer comes along."""
    seen = replace(view.look(WalkLook), name=key.name)
    session = view.session if key.layer is None else look(view.session, layer=key.layer)
    return view.looking(seen).with_session(session)


def switch_at(key: Key, head: int) -> Switch | None:
    """What switches off what a stop does; None where nothing does."""
    layer = key.layer or 0
    if key.name in ("qkv", "pattern", "z"):
        return HeadOff(layer, head)
    if key.name == "attn_out":
        return AttentionOff(layer)
    if key.name in ("mlp_pre", "mlp_out"):
        return MLPOff(layer)
    return MLPLinear(layer) if key.name == "mlp_act" else WHOLE.get(key.name)


def _vector_here(scene: InsideScene) -> tuple[float, ...] | None:
    """The vector of the token where it is shown and can be another, each number as short as it reads back."""
    if here(scene).name != "embed" or scene.subject is None:
        return None
    return tuple(float(str(each)) for each in scene.subject.now.embed[scene.row])


def _with_vector(scene: InsideScene, vector: tuple[float, ...] | None) -> InsideView:
    """With another vector for the token looked at, None for its own; UserError for one that is too long or short."""
    if vector is not None:
        Input(scene.row, vector).check(scene.play.model.config)
    if vector == _vector_here(scene):
        return scene.view
    return scene.view.with_session(set_input(scene.view.session, scene.row, vector))


def _deeper(scene: InsideScene, by: int) -> InsideView:
    key, config = here(scene), scene.play.model.config
    if key.layer is None or not 0 <= key.layer + by < config.n_layer:
        return scene.view
    return go(Key(key.name, key.layer + by), scene.view)


def _where(scene: InsideScene, key: Key) -> list[str]:
    if key.layer is None:
        return [walk.title(key)]
    in_head = key.name in ("qkv", "scores", "visible", "pattern", "z")
    head = [f"head {scene.view.session.view.head}"] if in_head else []
    return [walk.title(key), f"layer {key.layer}", *head]


# the list of stops ---------------------------------------------------------------------------------------------


def _draw_list(scene: InsideScene, now: Key, canvas: Canvas) -> None:
    """The way through the model, the layer of now unfolded: each stop can be clicked."""
    config = scene.play.model.config
    lines = _folded(config, now.layer if now.layer is not None else scene.view.session.view.layer)
    rows, at = canvas.height - 1, lines.index(now)
    first = first_shown(at, len(lines), rows)
    for y, key in enumerate(lines[first : first + rows], 1):
        _line(key, key == now, canvas, y)


def _folded(config: GPTConfig, layer: int) -> list[Key]:
    """The stops outside the layers and those of one layer; of every other its first."""
    layer, seen, out = min(layer, config.n_layer - 1), set[int](), list[Key]()
    for key in walk.route(config):
        if key.layer in (None, layer) or key.layer not in seen:
            out.append(key)
        if key.layer is not None:
            seen.add(key.layer)
    return out


def _line(key: Key, now: bool, canvas: Canvas, y: int) -> None:
    palette = canvas.palette
    canvas.put(0, y, "▸" if now else " ", palette.accent)
    canvas.put(1, y, "⊕" if key.name in ADDS else "│", palette.muted)
    words = walk.title(key) if key.layer is None else f"L{key.layer} {walk.title(key)}"
    canvas.put(3, y, text.cut(words, LIST - 4), palette.accent if now else palette.muted)
    canvas.hit(0, y, LIST - 1, 1, partial(go, key))


# one stop ------------------------------------------------------------------------------------------------------


def _draw_stop(scene: InsideScene, stop: Stop, canvas: Canvas) -> None:
    """The sentence, what goes in and comes out, the arithmetic; the numbers in the room that is left."""
    palette, width, gap = canvas.palette, max(canvas.width, 1), canvas.height > 14
    y = _write(canvas, 0, wrap(stop.says, width), palette.strong)
    if switched := switched_in(stop):
        y = _write(canvas, y, wrap(switched, width), palette.contrast)
    y += gap
    for name, values in (("in", stop.reads), ("out", stop.gives)):
        for value in values:
            _value(name, value, canvas, y)
            y += 1
    y += gap
    for each in stop.sums:
        lines = wrap(counted_sum(each, stop.switched), width, after="  ")
        y = _write(canvas, y, lines, palette.text if each.holds else palette.contrast)
    if stop.facts:
        y = _write(canvas, y, [fitting([_fact(each) for each in stop.facts.items()], width)], palette.muted)
    if stop.gives:
        _numbers(scene, stop, canvas, y + gap)


def _write(canvas: Canvas, y: int, lines: Iterable[str], style: Style) -> int:
    """Lines below each other; the y after them."""
    for line in lines:
        canvas.put(0, y, line, style)
        y += 1
    return y


def _fact(of: tuple[str, float]) -> str:
    name, value = of
    return f"{name} {numbers.precise(value) if value % 1 else f'{value:,.0f}'}"


def _value(name: str, value: Value, canvas: Canvas, y: int) -> None:
    """One line: whether in or out, its name, its shape, the first numbers, and its picture where there is room."""
    palette = canvas.palette
    canvas.put(0, y, name, palette.muted)
    x = canvas.put(4, y, f"{value.name}  ", palette.accent if name == "out" else palette.text)
    ways = ways_of(value)
    shape, told = next((way for way in ways if x + cell_len("  ".join(filter(None, way))) <= canvas.width), ways[-1])
    if shape:
        x = canvas.put(x, y, shape, palette.muted) + 2
    room = canvas.width - x
    if is_vector(value) and room - cell_len(told) > STRIP + 2:
        heatmap.strip(canvas, x, y, np.asarray(value.here, np.float64), STRIP)
        x += STRIP + 2
    canvas.put(x, y, told, palette.text)


def _numbers(scene: InsideScene, stop: Stop, canvas: Canvas, y: int) -> None:
    """The numbers that come out, the largest as bars, or all of them."""
    given = stop.gives[-1] if stop.key.name == "pos_embed" else stop.gives[0]
    if len(given.here) < 2:
        _token(scene, stop.key, int(given.here[0]), canvas, y)
    elif scene.view.look(WalkLook).all_numbers and is_vector(given):
        _table(given.here, canvas, y)
    else:
        _bars(scene, given, canvas, y)


def _token(scene: InsideScene, key: Key, token: int, canvas: Canvas, y: int) -> None:
    label = scene.label(token) if key.name == "token" else scene.next_label(token)
    canvas.put(0, y, text.cut(f"token {token} is '{label}'", canvas.width), canvas.palette.text)


def _bars(scene: InsideScene, given: Value, canvas: Canvas, y: int) -> None:
    """The largest numbers, each with what it belongs to; of a list by places in the order of the text."""
    kind, rows = given.letters[-1], max(canvas.height - y, 0)
    values = np.asarray(given.here, np.float64)
    known = np.where(np.isfinite(values), values, values[np.isfinite(values)].min(initial=0))
    size = known - known.min() if kind in "SV" and known.min() < 0 else np.abs(known)
    order = ranked(size, rows)
    shares = size / (size.max() or 1)
    for place in np.sort(order).tolist() if kind == "S" else order.tolist():
        _bar(scene, given, place, float(shares[place]), canvas, y)
        y += 1


def _bar(scene: InsideScene, given: Value, place: int, share: float, canvas: Canvas, y: int) -> None:
    """One number on its line."""
    kind, palette, play, wide = given.letters[-1], canvas.palette, scene.play, LABEL + 6
    name = {"F": f"neuron {place}", "V": f"{place:>5} {scene.next_label(place)}"}.get(kind, f"number {place}")
    style = palette.muted
    if kind == "S":
        name = f"{place + play.dropped:>5} {play.labels[place]}"
        style = palette.accent if place == play.column else style
        canvas.hit(0, y, canvas.width, 1, partial(_choose, place + play.dropped))
    value = given.here[place]
    told = numbers.precise(float(value)) if given.here.dtype != bool else "yes" if value else "no"
    canvas.put(0, y, text.cut(name, wide), style)
    canvas.right(wide + 10, y, told, palette.text)
    canvas.put(wide + 12, y, bar(share, canvas.width - wide - 12, visible=share > 0), palette.bar(share))


def _choose(column: int, view: InsideView) -> InsideView:
    return view.with_session(look(view.session, column=column))


def _table(values: Array, canvas: Canvas, y: int) -> None:
    """Every number on its shade, as many as there is room for, the first of each line counted."""
    across = max((canvas.width - 5) // ENTRY, 1)
    size = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    for down in range(canvas.height - y):
        first = down * across
        part = np.asarray(values[first : first + across], np.float64)
        if not part.size:
            return
        canvas.right(4, y + down, str(first), canvas.palette.muted)
        styles = heatmap.shades(canvas.palette, part / size, signed=True)
        for at, (value, style) in enumerate(zip(part.tolist(), styles, strict=True)):
            canvas.put(5 + at * ENTRY, y + down, f"{numbers.magnitude(value):>{ENTRY - 1}} ", style)
