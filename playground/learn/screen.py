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
        self.begun = ""  # the key of the lesson that was begun from here, and had not been walked through before

    @cached_property
    def acts(self) -> Acts:
        """Nothing but what every screen has: Enter begins."""
        return self.shared

    @property
    def scene(self) -> LearnScene:
        """Everything the panes draw from."""
        walk = self.app.walk
        return LearnScene(self.view, every(), self.app.store.learned, walk.task.key if walk is not None else "")

    def first_left(self, after: int = 0) -> int:
        """The first that was not walked through yet, from there on or else of all."""
        left = [at for at, task in enumerate(every()) if task.key not in self.app.store.learned]
        return next((at for at in left if at >= after), left[0] if left else 0)

    def on_screen_resume(self) -> None:
        """Whoever has walked through the lesson that they began comes to the next."""
        if self.app.walk is None and self.begun in self.app.store.learned:
            self.begun = ""
            self.see(LearnView(self.first_left(self.view.at)))

    def on_mount(self) -> None:
        """The list has the keys; where a lesson was asked for by its number it begins."""
        self.go_to("lessons")
        if self.app.lesson is not None:
            self.see(LearnView(every().index(named(self.app.lesson))))
            self.call_after_refresh(self.enter)  # once this screen stands there to go back to

    def enter(self) -> None:
        """Begin it; to that which is open one goes back."""
        task, walk = self.scene.task, self.app.walk
        if walk is not None and walk.task is task:
            self.app.show(task.start.screen)
        else:
            self.begun = "" if task.key in self.app.store.learned else task.key
            self.app.teach(task)
