"""The panes of the Compare screen. Each is a file of its own and a line in `ALL`."""

from playground.panes.compare.bars import Bars
from playground.panes.compare.base import ComparePane
from playground.panes.compare.context import Context
from playground.panes.compare.grid import Grid
from playground.panes.compare.knows import Knows
from playground.panes.compare.paths import Paths
from playground.panes.compare.scoreboard import Scoreboard
from playground.panes.compare.status import Status
from playground.panes.compare.strips import Strips
from playground.panes.compare.tabs import Tabs
from playground.panes.compare.typed import Typed
from playground.panes.compare.wins import Wins
from playground.panes.compare.writes import Writes
from playground.panes.compare.wrong import Wrong

ALL: tuple[type[ComparePane], ...] = (
    Status,
    Typed,
    Strips,
    Tabs,
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
