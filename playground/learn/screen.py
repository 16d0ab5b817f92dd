"""The Learn screen: the list of lessons, from which one is begun."""

from __future__ import annotations

from functools import cached_property

from playground.kit.described import Acts
from playground.kit.screen import PaneScreen
from playground.learn import layout
from playground.learn.catalogue import every, named
from playground.learn.host import Learner
from playground.learn.keys import KEYS
from playground.learn.panes import ALL
from playground.learn.scene import LearnScene, LearnView


class Learn(PaneScreen[LearnScene, LearnView]):
    """Choose a lesson, or a challenge."""

    app: Learner
    ARRANGEMENT = layout.ARRANGEMENT
    PANES = ALL
    TABLE = KEYS
    FIRST = "lessons"

    def __init__(self) -> None:
        super().__init__()
        self.view = LearnView(self.first_left())

    @cached_property
    def acts(self) -> Acts:
        """Nothing but what every screen has: Enter begins."""
        return self.shared

    @property
    def scene(self) -> LearnScene:
        """Everything the panes draw from."""
        walk = self.app.walk
        return LearnScene(self.view, every(), self.app.store.learned, walk.task.key if walk is not None else "")

    def first_left(self) -> int:
        """The first that was not walked through yet."""
        tasks = every()
        return next((at for at, task in enumerate(tasks) if task.key not in self.app.store.learned), 0)

    def on_mount(self) -> None:
        """The list has the keys; where a lesson was asked for by its number it begins."""
        self.go_to("lessons")
        if self.app.lesson is not None:  # once this screen stands there to go back to
            self.call_after_refresh(self.app.teach, named(self.app.lesson))

    def enter(self) -> None:
        """Begin it; to that which is open one goes back."""
        task, walk = self.scene.task, self.app.walk
        if walk is not None and walk.task is task:
            self.app.show(task.start.screen)
        else:
            self.app.teach(task)
