"""The panes of Play. To add one: a file beside this one, a line among the imports, and its name in layout.py."""

from __future__ import annotations

from models.lists import imported
from playground.kit.pane import Pane
from playground.looking.panes.heads import Heads as Heads
from playground.looking.panes.model_line import ModelLine as ModelLine
from playground.looking.panes.next_token import NextToken as NextToken
from playground.looking.panes.prompt import Prompt as Prompt
from playground.looking.panes.switches import Switches as Switches
from playground.looking.scene import Scene
from playground.looking.session import Session
from playground.play.panes.attention import Attention as Attention
from playground.play.panes.bigram import BigramPane as BigramPane
from playground.play.panes.cell import Cell as Cell
from playground.play.panes.grid import Grid as Grid
from playground.play.panes.row import Row as Row

ALL: tuple[type[Pane[Scene, Session]], ...] = imported(globals(), Pane, "title")
