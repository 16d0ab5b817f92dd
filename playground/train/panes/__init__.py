"""The panes of Train. To add one: a file beside this one, a line among the imports, and its name in layout.py."""

from __future__ import annotations

from models.lists import imported
from playground.kit.pane import Pane
from playground.train.panes.by_place import ByPlace as ByPlace
from playground.train.panes.layers import Layers as Layers
from playground.train.panes.loss import Loss as Loss
from playground.train.panes.progress import Progress as Progress
from playground.train.panes.run_line import RunLine as RunLine
from playground.train.panes.runs import Runs as Runs
from playground.train.panes.samples import Samples as Samples
from playground.train.panes.skills import Skills as Skills
from playground.train.panes.timeline import Timeline as Timeline
from playground.train.panes.watch import Watch as Watch
from playground.train.scene import TrainScene, TrainView

ALL: tuple[type[Pane[TrainScene, TrainView]], ...] = imported(globals(), Pane, "title")
