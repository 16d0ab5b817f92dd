"""The panes of Learn. To add one: a file beside this one, a line among the imports, and its name in layout.py."""

from __future__ import annotations

from models.lists import imported
from playground.kit.pane import Pane
from playground.learn.panes.about import About as About
from playground.learn.panes.lessons import Lessons as Lessons
from playground.learn.scene import LearnScene, LearnView

ALL: tuple[type[Pane[LearnScene, LearnView]], ...] = imported(globals(), Pane, "title")
