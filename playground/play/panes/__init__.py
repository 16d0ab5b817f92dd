"""The panes of the Play screen. To add one: a file beside this one, a line in `ALL`, and its place in the layout."""

from __future__ import annotations

from playground.kit.pane import Pane
from playground.play.panes.attention import Attention
from playground.play.panes.bigram import BigramPane
from playground.play.panes.cell import Cell
from playground.play.panes.grid import Grid
from playground.play.panes.heads import Heads
from playground.play.panes.model_line import ModelLine
from playground.play.panes.next_token import NextToken
from playground.play.panes.prompt import Prompt
from playground.play.panes.row import Row
from playground.play.panes.switches import Switches
from playground.play.scene import Scene
from playground.play.session import Session

ALL: tuple[type[Pane[Scene, Session]], ...] = (
    ModelLine,
    Prompt,
    NextToken,
    Heads,
    Attention,
    Row,
    Cell,
    Switches,
    BigramPane,
    Grid,
)
