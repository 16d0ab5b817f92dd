"""The panes of Inside. To add one: a file beside this one, a line among the imports, and its name in layout.py."""

from __future__ import annotations

from models.lists import imported
from playground.inside.panes.memories import Memories as Memories
from playground.inside.panes.of_play import PromptOfPlay as PromptOfPlay
from playground.inside.panes.of_play import StatusOfPlay as StatusOfPlay
from playground.inside.panes.of_play import SwitchesOfPlay as SwitchesOfPlay
from playground.inside.panes.patch import Patching as Patching
from playground.inside.panes.senses import Senses as Senses
from playground.inside.panes.storyboard import Storyboard as Storyboard
from playground.inside.panes.texts import Texts as Texts
from playground.inside.panes.walk import Walk as Walk
from playground.inside.panes.who import WhoSaidIt as WhoSaidIt
from playground.inside.panes.words import Words as Words
from playground.inside.scene import InsideScene, InsideView
from playground.kit.pane import Pane

ALL: tuple[type[Pane[InsideScene, InsideView]], ...] = imported(globals(), Pane, "title")
