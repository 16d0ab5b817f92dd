"""The board of switches: where each stands, which the cursor goes to next, and what pressing does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from models.gpt import GPTConfig
from models.switches import ALL, HeadOff, LayerSwitch, Padding, Switch, UnitSwitch
from playground.cells import cell_len
from playground.looking.session import Session, look
from playground.looking.switching import HEAD_KINDS, head_label, head_switch, toggle, toggle_head, toggle_padding

SHORT = {"attention off": ("", "attn"), "MLP off": ("", "MLP"), "MLP linear": ("non-", "lin")}  # the parts, as named
COLUMN_LINES = 2  # of the columns' heads, between the kinds and the layers
ON, OFF = "on", "OFF"  # of a part of the model
LIST_WIDTH = 19
KINDS_WIDTH = 23  # of what is done to heads, at least
WIDE = 1000
LAYER_WIDTH = 4
# the first of the items, a line each: what is switched in the whole model
WHOLE = tuple(kind for kind in ALL if not issubclass(kind, LayerSwitch) and not kind.aimed)


@dataclass(frozen=True, slots=True)
class Item:
    """One place of the board that the cursor can be on, where it stands, and what it switches."""

    part: Literal["model", "on", "kind", "head", "layer"]
    kind: type[Switch]
    x: int
    y: int
    width: int
    layer: int = 0
    head: int = 0
    one: Switch | None = None  # the very one that is on, where the board has no place for all of its kind
    above: int = 0  # where the cursor goes when that is switched back

    @property
    def name(self) -> str:
        """What it is, in words."""
        if self.part == "head":
            return f"layer {self.layer} head {self.head}"
        if self.one is not None:
            return self.one.label
        return f"{self.kind.title}, layer {self.layer}" if self.part == "layer" else self.kind.title

    @property
    def in_list(self) -> bool:
        """Whether it stands at the left, of the whole model or for want of a place."""
        return self.part in ("model", "on")

    def press(self, session: Session, position: int) -> Session:
        """Switch it; padding marks the position looked at, -1 where there is no text."""
        if self.part == "kind":
            return look(session, kind=self.kind.slug)
        if self.part == "head":
            return toggle_head(session, session.view.kind, self.layer, self.head)
        if issubclass(self.kind, Padding):
            return toggle_padding(session, position) if position >= 0 else session
        after = toggle(session, self.switch)
        return after if self.one is None else look(after, item=self.above)

    def thrown(self, session: Session) -> Switch | None:
        """The switch that is on there; None where none is."""
        if self.part == "head":
            return head_switch(session.switches, self.layer, self.head)
        if issubclass(self.kind, Padding):  # one for all the positions that are marked
            return next((each for each in session.switches if isinstance(each, Padding)), None)
        return self.switch if self.part != "kind" and self.switch in session.switches else None

    @property
    def switch(self) -> Switch:
        """The switch of a layer, of the whole model, or the very one."""
        if self.one is not None:
            return self.one
        return self.kind.at(str(self.layer) if self.part == "layer" else "")


@lru_cache(maxsize=8)
def items(
    config: GPTConfig, others: tuple[Switch, ...] = (), roomy: bool = True, width: int = WIDE
) -> tuple[Item, ...]:
    """Every item: the list at the left, the board at the right in reading order, then the others that are on.

    roomy: heads stand apart; width: of the pane, the words of what is done to heads wrap in it.
    """
    out = [Item("model", kind, 0, y, LIST_WIDTH - 2) for y, kind in enumerate(WHOLE, 1)]
    apart, close = (_kinds(max(width - LIST_WIDTH, KINDS_WIDTH), gap) for gap in (2, 1))
    kinds = close if close[-1].y < apart[-1].y else apart
    out += kinds
    columns, top = layer_columns(config, roomy), kinds[-1].y + 1 + COLUMN_LINES
    for layer in range(config.n_layer):
        y = top + layer
        out += [Item("head", HeadOff, head_x(head, roomy), y, 1, layer, head) for head in range(config.n_head)]
        out += [Item("layer", kind, x, y, wide, layer) for kind, x, wide in columns]
    above = len(WHOLE) - 1
    for y, one in enumerate(others, len(WHOLE) + 1):
        out.append(Item("on", type(one), 0, y, LIST_WIDTH - 2, one=one, above=above))
        above = len(out) - 1
    return tuple(out)


def _kinds(room: int, gap: int) -> list[Item]:
    """What can be done to a head, over as many lines as that takes."""
    out: list[Item] = []
    x = y = 0
    for kind in HEAD_KINDS.values():
        width = cell_len(head_label(kind))
        if x + width > room:
            x, y = 0, y + 1
        out.append(Item("kind", kind, LIST_WIDTH + x, y, width))
        x += width + gap
    return out


def others(session: Session) -> tuple[Switch, ...]:
    """Those that are on and have no place of their own on the board."""
    return tuple(switch for switch in session.switches if switch.aimed)


def fitting(config: GPTConfig, aimed: tuple[Switch, ...], width: int) -> tuple[Item, ...]:
    """The items as they stand in a pane of this width."""
    board = items(config, aimed, True, width)
    return board if width_of(board) <= width else items(config, aimed, False, width)


def item_of(config: GPTConfig, switch: Switch) -> int:
    """Which of the items throws the switch of a layer."""
    board = items(config)
    return next(n for n, item in enumerate(board) if item.part == "layer" and item.switch == switch)


def nearest(board: tuple[Item, ...], index: int, dx: int, dy: int) -> int:
    """The nearest item that way; up and down stay in the list or in the board."""
    here = board[index]
    if dx:
        there = [i for i, item in enumerate(board) if (item.x - here.x) * dx > 0]
    else:
        there = [i for i, item in enumerate(board) if (item.y - here.y) * dy > 0 and item.in_list == here.in_list]
    return min(there, key=lambda i: (abs(board[i].y - here.y), abs(board[i].x - here.x)), default=index)


def head_x(head: int, roomy: bool) -> int:
    """The column of a head."""
    return LIST_WIDTH + LAYER_WIDTH + head * (2 if roomy else 1)


def layer_columns(config: GPTConfig, roomy: bool) -> list[tuple[type[Switch], int, int]]:
    """Kind, x and width of each column behind the heads."""
    x = head_x(config.n_head - 1, roomy) + 3
    out: list[tuple[type[Switch], int, int]] = []
    for kind in ALL:
        if issubclass(kind, LayerSwitch) and not issubclass(kind, UnitSwitch):
            width = max(map(len, (*column_head(kind), OFF)))
            out.append((kind, x, width))
            x += width + 1
    return out


def column_head(kind: type[Switch]) -> tuple[str, str]:
    """The part that is on or off there, in two short words, one above the other."""
    first, _, second = kind.title.partition(" ")
    return SHORT.get(kind.title, (first[:4], second[:4]))


def width_of(board: tuple[Item, ...]) -> int:
    """The columns that the items take."""
    return max(item.x + item.width for item in board)
