"""The Play screen: keys and clicks become Sessions, Sessions become Results in the engine, panes draw both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, partial

from textual.timer import Timer

import models
from models import sampling
from models.baselines import Baseline
from models.errors import UserError
from models.gpt import GPT
from models.switches import check, parse
from playground.kit import numbers
from playground.kit.dialogs import Ask, Choose
from playground.kit.keys import bindings
from playground.kit.screen import Acts, PaneScreen
from playground.kit.worker import Failed
from playground.play import session as sessions
from playground.play.acts import ACTS
from playground.play.engine import Asked, Continued, Engine, Passed
from playground.play.host import Host
from playground.play.keys import EDITING, KEYS
from playground.play.layout import ARRANGEMENT
from playground.play.panes import ALL
from playground.play.panes.bigram import BigramPane
from playground.play.prompts import draft_of, opening, written
from playground.play.scene import Results, Scene
from playground.play.session import History, Session, decide_anew, look

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # tokens a second
FLOWING = frozenset({"type", "run"})  # acts that follow themselves are undone together


class Play(PaneScreen[Scene, Session]):
    """Type a prompt, step, look, switch, compare."""

    app: Host
    PANES = ALL
    TABLE = KEYS
    EDITING = EDITING
    BINDINGS = bindings(press=KEYS, press_editing=EDITING)
    FIRST, BACK = "attention", "next"

    def __init__(self) -> None:
        super().__init__(ARRANGEMENT)
        self.model: GPT | None = None
        self.engine: Engine | None = None
        self.beside: Mapping[str, Baseline] = {}
        self.history = History(self.app.begin() if self.app.begin else Session(""))
        self.results: Results | None = None
        self.answered = asyncio.Event()  # the engine has said something
        self.continuations: Mapping[str, tuple[int, ...]] = {}
        self.due_steps = 0
        self.speed = SPEEDS[3]
        self.running: Timer | None = None
        self.repeats = False  # the run goes round in a circle, which was said

    @cached_property
    def acts(self) -> Acts:
        """What the keys do: to the Session, to its history, and to the run."""
        return {
            **self.shared,
            **{name: partial(self.act, name) for name in ACTS},
            "step": self.step,
            "run": self.run_or_pause,
            "slower": partial(self.change_speed, -1),
            "faster": partial(self.change_speed, 1),
            "undo": lambda: self.travel(self.history.undo()),
            "redo": lambda: self.travel(self.history.redo()),
            "save_set": self.save_set,
            "recall_set": self.recall_set,
            "model": self.choose_model,
        }

    @property
    def view(self) -> Session:
        """What the person has chosen, and where they look."""
        return self.history.now

    @view.setter
    def view(self, session: Session) -> None:
        self.history = replace(self.history, now=session)

    session = view

    @property
    def scene(self) -> Scene | None:
        """Everything the panes draw from."""
        if self.model is None:
            return None
        return Scene(
            self.session,
            self.model,
            self.beside,
            self.results,
            self.continuations,
            frame_milliseconds=self.frame_milliseconds,
            held=self.app.kept.nbytes + self.model.nbytes,
            running=self.running is not None,
            speed=self.speed,
        )

    @property
    def draft(self) -> tuple[str, int] | None:
        """The prompt that is being typed, and the caret."""
        caret = self.session.view.caret
        return None if caret is None else (draft_of(self.session, self.model), caret)

    @property
    def apart(self) -> bool:
        """Where every character is a token, the caret stands on marks as well."""
        tokenizer = self.model.tokenizer if self.model is not None else None
        return tokenizer is not None and tokenizer.kind == "char"

    # a model comes in ------------------------------------------------------------------------------------------

    def open(self, model: GPT, beside: Mapping[str, Baseline], prompt: str | None = None) -> None:
        """Start with this model: with the prompt asked for, or the text so far where the model can read it."""
        first = self.model is None and prompt is None
        wanted = prompt if prompt is not None else self.app.prompt if first else draft_of(self.session, self.model)
        self.model, self.beside = model, beside
        self.results, self.continuations = None, {}
        if self.engine is not None:
            self.app.kept.forget(self.engine.traces)
        self.engine = Engine(model, beside, self.app.kept)
        self.employ(self.engine.work)
        start = look(Session(model.name), baseline=self.session.view.baseline)
        start = replace(start, sampler=self.session.sampler, seed=self.session.seed)
        try:
            start = replace(start, switches=check(self.session.switches, model.config))
        except UserError as error:
            self.app.tell(str(error))
        self.history = History(written(start, model, wanted if wanted is not None else opening(model)))
        self.follow()
        if first and self.app.prompt is None:
            self.edit()
            assert self.board.text is not None
            self.board.text.replaces = True
        elif first or prompt is not None:
            self.go_to("next")
        self.refresh_bindings()

    # the flow --------------------------------------------------------------------------------------------------

    def keep(self, view: Session, act: str) -> None:
        """Looking around is not remembered; acts are."""
        if act == "look":
            self.view = view
        else:
            self.history = self.history.do(view, act, flows=act in FLOWING)

    def wanted(self) -> Asked:
        """Both passes, and the continuations while they are on screen."""
        session = self.session
        onward = (session.sampler, session.seed) if BigramPane.name in self.board.order else None
        return Asked(session.tokens, session.switches, onward, session.view.baseline)

    def forget(self, before: Asked | None, wanted: Asked) -> bool:
        """The continuations were of another text, or drawn otherwise; only results are waited for."""
        self.continuations = {}
        return before is None or before.results != wanted.results

    def hear(self, asked: Asked, content: Passed | Continued | Failed) -> None:
        """The engine has something; what is no longer wanted is dropped."""
        if asked.results != self.asked.results:
            return
        if isinstance(content, Failed):
            self.app.tell(content.problem)
        elif isinstance(content, Passed):
            self.results = content.results
        elif asked == self.asked:
            self.continuations = content.tokens
        self.answered.set()
        if self.due_steps:
            self.due_steps -= 1
            self.call_later(self.step)

    @property
    def is_fresh(self) -> bool:
        """Whether the results are those of the session."""
        return self.results is not None and self.results.are_of(self.session)

    def act(self, name: str) -> None:
        """One of the acts that are functions of the scene."""
        scene = self.scene
        assert scene is not None
        self.see(ACTS[name](scene), name)

    # writing ---------------------------------------------------------------------------------------------------

    def step(self, act: str = "step") -> None:
        """One token on; if the engine is still at work, as soon as it is done."""
        if not self.can_write():
            return
        if not self.is_fresh:
            self.due_steps += 1
            return
        assert self.results is not None
        try:
            draw = sampling.draw_next(self.results.now, self.session.sampler, self.session.seed)
        except UserError as error:
            self.pause()
            self.app.tell(str(error))
        else:
            self.see(sessions.step(self.session, draw.token), act)
            if act == "run":
                self.look_at_end()

    def look_at_end(self) -> None:
        """Stop a run where the model ends its text; say once of a greedy one that it goes round in a circle."""
        session, tokenizer = self.session, self.model.tokenizer if self.model else None
        written = session.tokens[session.typed :]
        if tokenizer is not None and tokenizer.end == session.tokens[-1]:
            self.pause()
            self.app.say(f"the model ends its text here, with {tokenizer.token(session.tokens[-1])} - r goes on")
        elif session.sampler.temperature == 0 and not self.repeats and (length := sampling.cycle(written)):
            self.repeats = True
            self.app.say(f"greedy, and it ends in {numbers.again(length)} - T raises the temperature")

    def can_write(self) -> bool:
        """Whether there is a text to go on from; where there is none it is said, and what was typed stays."""
        wrong = self.session.problem
        if wrong is None and not self.session.tokens:
            wrong = "there is no text to go on from - type a prompt first (e)"
        if wrong is not None:
            self.pause()
            self.app.tell(wrong)
        return wrong is None

    def run_or_pause(self) -> None:
        """Write token after token at the chosen speed, or stop."""
        if self.running is not None:
            self.pause()
        elif self.can_write():
            self.running, self.repeats = self.set_interval(1 / self.speed, self.run_on), False
            self.draw()

    def run_on(self) -> None:
        """One token of a run; a slow pass is waited for, not queued."""
        if self.is_fresh:
            self.step("run")

    def pause(self) -> None:
        """End a run, and forget the steps still due; the next run is an act of its own."""
        self.due_steps = 0
        if self.running is not None:
            self.running.stop()
            self.running = None
            self.history = self.history.rest()
            self.draw()

    def change_speed(self, by: int) -> None:
        """Another speed, also in the middle of a run."""
        self.speed = SPEEDS[max(0, min(SPEEDS.index(self.speed) + by, len(SPEEDS) - 1))]
        if self.running is not None:
            self.running.stop()
            self.running = self.set_interval(1 / self.speed, self.run_on)
        self.draw()

    def begin_typing(self) -> Session:
        """The whole text open."""
        self.pause()
        return self.editable(self.session)

    def editable(self, session: Session) -> Session:
        """The session with its whole text open, the caret at its end."""
        text = draft_of(session, self.model)
        return look(replace(session, text=text), caret=len(text), row=None)

    def typed(self, text: str, caret: int) -> Session:
        """The prompt is another: its tokens appear as it is typed."""
        assert self.model is not None
        session = self.session
        if text != (session.text or ""):
            session = written(session, self.model, text)
        return look(session, caret=caret)

    def typing_ended(self) -> Session:
        """Back to stepping and looking; what is typed next is an act of its own."""
        self.history = self.history.rest()
        return look(self.session, caret=None)

    def travel(self, history: History) -> None:
        """To another Session of the history; who edits goes on editing, and nothing writes on by itself."""
        self.pause()
        typing, self.history = self.draft is not None, history
        self.view = self.editable(history.now) if typing else look(history.now, caret=None)
        self.follow()

    # dialogs ---------------------------------------------------------------------------------------------------

    def save_set(self) -> None:
        """Save the switches that are on under a name."""
        switches = tuple(map(str, self.session.switches))
        if not switches:
            raise UserError("no switch is on", "switch something off first, then save it")
        ask = Ask("Save these switches as", "a name", check=_a_name)
        self.consult(ask, lambda name: self.app.keep(self.app.store.with_set(name, switches)))

    def recall_set(self) -> None:
        """Switch to a saved set; one with a switch for a place this model does not have is refused."""
        sets = self.app.store.sets
        if not sets:
            raise UserError("no set is saved yet", "switch something off and press n")

        def chosen(name: str) -> None:
            assert self.model is not None
            switches = check(map(parse, sets[name]), self.model.config)
            self.see(decide_anew(self.session, switches=switches), "recall")

        def forget(name: str) -> None:
            self.app.keep(self.app.store.without_set(name))

        options = [(name, name, ", ".join(switches)) for name, switches in sets.items()]
        self.consult(Choose("Recall a set of switches", options, forget), chosen)

    def choose_model(self) -> None:
        """Open another bundled model."""
        options = [(name, name, "") for name in models.available()]
        self.consult(Choose("Open a model", options), self.app.open_model)


def _a_name(value: str) -> str | None:
    return None if value.strip() else "a set needs a name - type at least one letter"
