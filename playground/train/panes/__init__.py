"""The panes of the Train screen. Each is a file of its own and a line in `ALL`."""

from playground.kit.pane import Pane
from playground.train.panes.layers import Layers
from playground.train.panes.loss import Loss
from playground.train.panes.positions import Positions
from playground.train.panes.progress import Progress
from playground.train.panes.run_line import RunLine
from playground.train.panes.runs import Runs
from playground.train.panes.samples import Samples
from playground.train.panes.timeline import Timeline
from playground.train.panes.watch import Watch
from playground.train.scene import TrainScene, TrainView

ALL: tuple[type[Pane[TrainScene, TrainView]], ...] = (
    RunLine,
    Loss,
    Timeline,
    Watch,
    Samples,
    Positions,
    Layers,
    Runs,
    Progress,
)
