"""The panes of the Train screen. Each is a file of its own and a line in `ALL`."""

from playground.panes.train.base import TrainPane
from playground.panes.train.layers import Layers
from playground.panes.train.loss import Loss
from playground.panes.train.positions import Positions
from playground.panes.train.progress import Progress
from playground.panes.train.runs import Runs
from playground.panes.train.samples import Samples
from playground.panes.train.status import Status
from playground.panes.train.tabs import Tabs
from playground.panes.train.timeline import Timeline
from playground.panes.train.watch import Watch

ALL: tuple[type[TrainPane], ...] = (Status, Loss, Timeline, Watch, Samples, Positions, Layers, Runs, Progress, Tabs)
