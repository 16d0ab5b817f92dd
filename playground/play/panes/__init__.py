"""Every pane. To add one: a file beside this one, a line in `ALL`, and its place in `playground/play/layout.py`."""

from __future__ import annotations

from playground.kit.pane import Pane, PaneWidget
from playground.play.panes.attention import Attention
from playground.play.panes.bigram import BigramPane
from playground.play.panes.cell import Cell
from playground.play.panes.grid import Grid
from playground.play.panes.heads import Heads
from playground.play.panes.model_line import Status
from playground.play.panes.next_token import NextToken
from playground.play.panes.prompt import Prompt
from playground.play.panes.row import Row
from playground.play.panes.switches import Switches
from playground.play.panes.tabs import Tabs

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
