"""The panes of the Compare screen. Each is a file of its own and a line in `ALL`."""

from playground.compare.panes.bars import Bars
from playground.compare.panes.bigram_grid import Grid
from playground.compare.panes.context import Context
from playground.compare.panes.knows import Knows
from playground.compare.panes.lineup_line import LineupLine
from playground.compare.panes.paths import Paths
from playground.compare.panes.scoreboard import Scoreboard
from playground.compare.panes.strips import Strips
from playground.compare.panes.typed import Typed
from playground.compare.panes.wins import Wins
from playground.compare.panes.writes import Writes
from playground.compare.panes.wrong import Wrong
from playground.compare.scene import CompareScene, CompareView
from playground.kit.pane import Pane

ALL: tuple[type[Pane[CompareScene, CompareView]], ...] = (
    LineupLine,
    Typed,
    Strips,
    Bars,
    Knows,
    Wins,
    Wrong,
    Scoreboard,
    Context,
    Writes,
    Paths,
    Grid,
)
