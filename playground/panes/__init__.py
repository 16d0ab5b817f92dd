"""Every pane. To add one: a file beside this one, a line in `ALL`, and its place in `playground/layout.py`."""

from __future__ import annotations

from playground.panes.attention import Attention
from playground.panes.base import Pane, PaneWidget
from playground.panes.bigram import BigramPane
from playground.panes.cell import Cell
from playground.panes.grid import Grid
from playground.panes.heads import Heads
from playground.panes.next_token import NextToken
from playground.panes.prompt import Prompt
from playground.panes.row import Row
from playground.panes.status import Status
from playground.panes.switches import Switches
from playground.panes.tabs import Tabs

ALL: tuple[type[Pane], ...] = (
    Status,
    Prompt,
    NextToken,
    Heads,
    Tabs,
    Attention,
    Row,
    Cell,
    Switches,
    BigramPane,
    Grid,
)

__all__ = ["ALL", "Pane", "PaneWidget"]
