"""How the Play screen writes: a step, or a run of them at a speed, and what has to wait until the engine is done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from textual.timer import Timer

from models import sampling
from models.errors import UserError
from playground.kit import numbers
from playground.kit.described import Acts
from playground.kit.screen import PaneScreen
from playground.looking import session as sessions
from playground.looking.prompts import MENDS
from playground.looking.scene import Results, Scene
from playground.looking.session import Session

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # tokens a second


class Writing:
    """Token after token, each where the pass over the text before it is there; `rested` hears that a run is over."""

    def __init__(self, screen: PaneScreen[Scene, Session], rested: Callable[[], object]) -> None:
        self.screen, self.rested = screen, rested
        self.due: deque[Callable[[], object]] = deque()  # a step that waits for the engine, and what came after it
        self.failed = ""  # why the engine has no results for the session
        self.speed = SPEEDS[3]
        self.timer: Timer | None = None
        self.repeats = False  # the run goes round in a circle, which was said

    @property
    def acts(self) -> Acts:
        """What the keys do that write."""
        return {
            "step": self.step,
            "run": self.run_or_pause,
            "slower": partial(self.change_speed, -1),
            "faster": partial(self.change_speed, 1),
        }

    @property
    def runs(self) -> bool:
        """Whether it writes by itself."""
        return self.timer is not None

    @property
    def fresh(self) -> Results | None:
        """What is there to go on from; None while the results are of another text than the session's."""
        scene = self.screen.scene
        return scene.results if scene is not None and scene.is_fresh else None

    def in_turn(self, act: Callable[[], object]) -> None:
        """Do it, after what is due: what a person does happens in the order in which they did it."""
        if self.due:
            self.due.append(act)
        else:
            act()

    def take_turns(self) -> None:
        """Do what is due, up to the next step that has to wait for the engine."""
        while self.due and (self.fresh or not self.screen.view.tokens):
            self.due.popleft()()

    def step(self, act: str = "step") -> None:
        """One token on; if the engine is still at work, as soon as it is done."""
        if not self.can_write():
            return
        if self.failed:
            self.screen.app.tell(self.failed)
            return
        if (fresh := self.fresh) is None:
            self.due.appendleft(self.step)
            return
        session = self.screen.view
        try:
            draw = sampling.draw_next(fresh.now, session.sampler, session.seed)
        except UserError as error:
            self.pause()
            self.screen.app.tell(str(error))
        else:
            self.screen.see(sessions.step(session, draw.token), act)
            if act == "run":
                self.look_at_end()

    def look_at_end(self) -> None:
        """Stop a run where the model ends its text; say once of a greedy one that it goes round in a circle."""
        assert self.screen.scene is not None
        session, tokenizer = self.screen.view, self.screen.scene.tokenizer
        written = session.tokens[session.typed :]
        if tokenizer.end == session.tokens[-1]:
            self.pause()
            last = self.screen.scene.label(session.tokens[-1])
            self.screen.app.say(f"the model ends its text here, with {last} - r goes on")
        elif session.sampler.temperature == 0 and not self.repeats and (length := sampling.cycle(written)):
            self.repeats = True
            self.screen.app.say(f"greedy, and it ends in {numbers.again(length)} - T raises the temperature")

    def can_write(self) -> bool:
        """Whether there is a text to go on from; where there is none it is said, and what was typed stays."""
        problem = self.screen.view.problem
        wrong = None if problem is None else f"{problem} - {MENDS}"
        if wrong is None and not self.screen.view.tokens:
            wrong = "there is no text to go on from - type a prompt first (e)"
        if wrong is not None:
            self.pause()
            self.screen.app.tell(wrong)
        return wrong is None

    def run_or_pause(self) -> None:
        """Write token after token at the chosen speed, or stop."""
        if self.runs:
            self.pause()
        elif self.can_write():
            self.timer, self.repeats = self.screen.set_interval(1 / self.speed, self.run_on), False
            self.screen.draw()

    def run_on(self) -> None:
        """One token of a run; a slow pass is waited for, not queued."""
        if self.fresh:
            self.step("run")

    def pause(self) -> None:
        """End a run; the next is an act of its own."""
        if self.timer is not None:
            self.timer.stop()
            self.timer = None
            self.rested()
            self.screen.ask()
            self.screen.draw()

    def change_speed(self, by: int) -> None:
        """Another speed, also in the middle of a run."""
        self.speed = SPEEDS[max(0, min(SPEEDS.index(self.speed) + by, len(SPEEDS) - 1))]
        if self.timer is not None:
            self.timer.stop()
            self.timer = self.screen.set_interval(1 / self.speed, self.run_on)
        self.screen.draw()
