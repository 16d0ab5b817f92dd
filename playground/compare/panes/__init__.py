"""The panes of Compare. To add one: a file beside this one, a line among the imports, and its name in layout.py."""

from __future__ import annotations

from models.lists import imported
from playground.compare.panes.bars import Bars as Bars
from playground.compare.panes.bigram_grid import Grid as Grid
from playground.compare.panes.context import Context as Context
from playground.compare.panes.knows import Knows as Knows
from playground.compare.panes.lineup_line import LineupLine as LineupLine
from playground.compare.panes.paths import Paths as Paths
from playground.compare.panes.scoreboard import Scoreboard as Scoreboard
from playground.compare.panes.strips import Strips as Strips
from playground.compare.panes.typed import Typed as Typed
from playground.compare.panes.wins import Wins as Wins
from playground.compare.panes.writes import Writes as Writes
from playground.compare.panes.wrong import Wrong as Wrong
from playground.compare.scene import CompareScene, CompareView
from playground.kit.pane import Pane

ALL: tuple[type[Pane[CompareScene, CompareView]], ...] = imported(globals(), Pane, "title")
