"""The Play screen: keys and clicks become Sessions, Sessions become Results in the engine, panes draw both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from textual.message import Message
from textual.timer import Timer

from models import sampling
from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT
from models.switches import check
from playground.kit import editor
from playground.kit.board import PlayBoard, Typing
from playground.kit.dialogs import Help
from playground.kit.keys import EDITING, KEYS, bindings, key_table
from playground.kit.pane import Picture
from playground.kit.screen import PaneScreen
from playground.play import asking
from playground.play import session as sessions
from playground.play.acts import ACTS
from playground.play.engine import Continued, Engine, Failed, Passed
from playground.play.layout import PANES, STAGES
from playground.play.prompts import draft_of, opening, written
from playground.play.scene import Results, Scene
from playground.play.session import History, Session, look

if TYPE_CHECKING:
    from playground.app import Playground

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # tokens a second
PATIENCE = 0.1  # seconds after which the new session is drawn with the old results
FLOWING = frozenset({"type", "run"})  # acts that follow themselves are undone together
ALWAYS = frozenset(
    {"quit", "help", "theme", "model"} | {key.action for key in KEYS if "screen" in key.action}
)  # what can be pressed before a model is there


class Said(Message):
    """Something came from the engine's thread."""

    def __init__(self, engine: Engine, content: Passed | Continued | Failed) -> None:
        self.engine, self.content = engine, content
        super().__init__()


class Play(PaneScreen[PlayBoard]):
    """Type a prompt, step, look, switch, compare."""

    BOARD = PlayBoard
    TABLE = KEYS
    BINDINGS = bindings(press=KEYS, press_editing=EDITING)

    def __init__(self, prompt: str | None = None, start: Session | None = None) -> None:
        super().__init__()
        self.first_prompt = prompt
        self.model: GPT | None = None
        self.beside: Mapping[str, LanguageModel] = {}
        self.engine: Engine | None = None
        self.history = History(start or Session(""))
        self.results: Results | None = None
        self.answered = asyncio.Event()  # the engine has said something
        self.continuations: Mapping[str, tuple[int, ...]] = {}
        self.asked: tuple[Any, ...] = ()
        self.due_steps = 0
        self.speed = SPEEDS[3]
        self.running: Timer | None = None
        self.late: Timer | None = None
        self.pressed_at = 0.0
        self.frame_milliseconds = 0.0
        own: dict[str, Callable[[], object]] = {
            "step": self.step,
            "run": self.run_or_pause,
            "slower": partial(self.change_speed, -1),
            "faster": partial(self.change_speed, 1),
            "edit": self.edit,
            "undo": self.undo,
            "redo": self.redo,
            "save_set": partial(asking.save_set, self),
            "recall_set": partial(asking.recall_set, self),
            "model": partial(asking.choose_model, self),
        }
        self.own = self.shared(PANES) | own

    @classmethod
    def of(cls, app: Playground) -> Self:
        """With the prompt, switches, sampler and seed that the app was started with."""
        return cls(app.prompt, app.begin and app.begin())

    @property
    def session(self) -> Session:
        """What the person has chosen."""
        return self.history.now

    @property
    def scene(self) -> Scene:
        """Everything the panes draw from."""
        assert self.model is not None
        return Scene(
            self.session,
            self.model,
            self.beside,
            self.results,
            self.continuations,
            self.frame_milliseconds,
            self.running is not None,
            self.speed,
            self.app.store.sets,
        )

    # a model comes in ------------------------------------------------------------------------------------------

    def open(self, model: GPT, beside: Mapping[str, LanguageModel], prompt: str | None = None) -> None:
        """Start with this model: with the prompt asked for, or the text so far where the model can read it."""
        first = self.model is None and prompt is None
        wanted = prompt if prompt is not None else self.first_prompt if first else draft_of(self.session, self.model)
        if self.engine is not None:
            self.engine.stop()
        self.model, self.beside = model, beside
        self.results, self.continuations, self.asked = None, {}, ()
        engine = Engine(model, beside, lambda content: self.post_message(Said(engine, content)))
        self.engine = engine
        engine.start()
        start = replace(Session(model.name), sampler=self.session.sampler, seed=self.session.seed)
        try:
            start = replace(start, switches=check(self.session.switches, model.config))
        except UserError as error:
            self.app.tell(str(error))
        self.history = History(written(start, model, wanted if wanted is not None else opening(model)))
        self.ask()
        if first and self.first_prompt is None:
            self.edit()
            self.board.prompt.replaces = True
        elif first or prompt is not None:
            self.go_to("next")
        self.draw()

    def on_resize(self) -> None:
        """When the panes have their new places, see that none is lost."""
        self.call_after_refresh(self.settle)

    def on_unmount(self) -> None:
        """The thread goes with the screen."""
        if self.engine is not None:
            self.engine.stop()

    # the flow: do, ask, draw -----------------------------------------------------------------------------------

    def do(self, session: Session, act: str) -> None:
        """The person did something: remember it, ask for what it needs, draw."""
        if session == self.session:
            return
        before = self.session
        self.history = self.history.do(session, act, flows=act in FLOWING)
        self.follow(before)

    def see(self, session: Session, before: Session | None = None) -> None:
        """The same Session, seen or opened otherwise: nothing to undo."""
        before = before or self.session
        self.history = replace(self.history, now=session)
        self.follow(before)

    def follow(self, before: Session) -> None:
        """The Session changed: what else must."""
        caret = self.session.view.caret
        self.board.prompt.draft = None if caret is None else (draft_of(self.session, self.model), caret)
        if (before.view.caret is None) != (caret is None):
            self.refresh_bindings()
        if self.session.view.stage != before.view.stage:
            self.board.stage(self.session.view.stage)
            self.call_after_refresh(self.draw)
        if self.ask():
            self.late = self.late or self.set_timer(PATIENCE, self.draw)
        else:
            self.draw()

    def ask(self) -> bool:
        """Have the engine compute what is not there yet; whether there was anything."""
        if self.engine is None:
            return False
        onward = "bigram" in self.board.order
        session = self.session
        wanted = (session.tokens, session.switches, onward and (session.sampler, session.seed))
        if wanted == self.asked:
            return False
        passes = wanted[:2] != self.asked[:2]
        self.asked, self.continuations = wanted, {}
        self.engine.ask(session, continuations=onward)
        return passes

    def on_said(self, message: Said) -> None:
        """The engine has something; what is no longer wanted is dropped."""
        content = message.content
        now = self.session
        if message.engine is not self.engine or (content.session.tokens, content.session.switches) != self.asked[:2]:
            return
        if isinstance(content, Failed):
            self.app.tell(content.problem)
        elif isinstance(content, Continued):
            if (content.session.sampler, content.session.seed) == (now.sampler, now.seed):
                self.continuations = content.tokens
        else:
            self.results = content.results
        self.draw()
        self.answered.set()
        if self.due_steps:
            self.due_steps -= 1
            self.step()

    def draw(self) -> None:
        """Draw what is there now."""
        if self.late is not None:
            self.late.stop()
            self.late = None
        if self.model is None or not self.is_mounted:
            return
        self.board.draw(self.scene, self.app.palette_now())
        editing = self.session.view.caret is not None
        self.show_keys(EDITING if editing else KEYS)
        if self.pressed_at:
            self.frame_milliseconds = (time.perf_counter() - self.pressed_at) * 1e3
            self.pressed_at = 0.0

    @property
    def is_fresh(self) -> bool:
        """Whether the results are those of the session."""
        return self.results is not None and self.results.are_of(self.session)

    # keys and clicks -------------------------------------------------------------------------------------------

    def action_press(self, name: str) -> None:
        """A key of the table."""
        self.pressed_at = time.perf_counter()
        if name in ACTS:
            self.do(ACTS[name](self.scene), name)
        else:
            self.own[name]()

    def action_press_editing(self, name: str) -> None:
        """A key of the table, while the prompt is edited."""
        if name in ("done", "leave"):
            self.stop_editing()
        elif name in self.own:
            self.own[name]()
        else:
            key = next(key.keys for key in EDITING if key.action == name)
            edited = editor.edit(draft_of(self.session, self.model), self.session.view.caret or 0, key, None)
            if edited is not None:
                self.on_typing_edited(Typing.Edited(*edited))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys mean letters while the prompt is edited, and nothing before a model is there."""
        editing = self.session.view.caret is not None
        if action == "press_editing":
            return editing
        if action == "press":
            return not editing and (self.model is not None or parameters[0] in ALWAYS)
        return super().check_action(action, parameters)

    def on_picture_acted(self, message: Picture.Acted) -> None:
        """A click or the mouse passing."""
        self.pressed_at = time.perf_counter()
        session = message.act(self.session)
        if session.view.stage != self.session.view.stage:  # a tab: as its number key
            self.go_to(session.view.stage)
        else:
            self.do(session, "look" if message.hover else "click")

    def on_typing_edited(self, message: Typing.Edited) -> None:
        """The prompt is another: its tokens appear as it is typed."""
        assert self.model is not None
        self.pressed_at = time.perf_counter()
        session = self.session
        if message.text != (session.text or ""):
            session = written(session, self.model, message.text)
        self.do(look(session, caret=message.caret), "type")

    # writing ---------------------------------------------------------------------------------------------------

    def step(self, act: str = "step") -> None:
        """One token on; if the engine is still at work, as soon as it is done."""
        if not self.can_write():
            return
        if not self.is_fresh:
            self.due_steps += 1
        else:
            assert self.results is not None
            try:
                draw = sampling.draw_next(self.results.now, self.session.sampler, self.session.seed)
            except UserError as error:
                self.pause()
                self.app.tell(str(error))
                return
            self.do(sessions.step(self.session, draw.token), act)

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
            self.running = self.set_interval(1 / self.speed, self.run_on)
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
        place = SPEEDS.index(self.speed) + by
        self.speed = SPEEDS[max(0, min(place, len(SPEEDS) - 1))]
        if self.running is not None:
            self.running.stop()
            self.running = self.set_interval(1 / self.speed, self.run_on)
        self.draw()

    def edit(self) -> None:
        """Type in the prompt, its whole text."""
        self.pause()
        self.go_to("prompt")
        self.see(self.editable(self.session))

    def editable(self, session: Session) -> Session:
        """The session with its whole text open, the caret at its end."""
        text = draft_of(session, self.model)
        return look(replace(session, text=text), caret=len(text), row=None)

    def stop_editing(self) -> None:
        """Back to stepping and looking; what is typed next is an act of its own."""
        self.history = self.history.rest()
        self.see(look(self.session, caret=None))
        self.go_to("next")

    def undo(self) -> None:
        """The Session before the last act."""
        self.travel(self.history.undo())

    def redo(self) -> None:
        """The Session that was undone last."""
        self.travel(self.history.redo())

    def travel(self, history: History) -> None:
        """To another Session of the history; who edits goes on editing, and nothing writes on by itself."""
        self.pause()
        before, self.history = self.session, history
        editing = before.view.caret is not None
        self.see(self.editable(history.now) if editing else look(history.now, caret=None), before)

    # moving about ----------------------------------------------------------------------------------------------

    def move(self, dx: int, dy: int) -> None:
        """An arrow key, for the focused pane."""
        pane = self.board.focused_pane
        if pane is not None:
            self.do(pane.move(self.scene, dx, dy), "look")

    def enter(self) -> None:
        """Enter, for the focused pane."""
        pane = self.board.focused_pane
        if pane is not None:
            self.do(pane.enter(self.scene), f"enter in {pane.name}")

    def go_to(self, name: str) -> None:
        """Give a pane the keys, and a place if it has none."""
        order = self.board.order
        if order and name not in order:
            self.do(look(self.session, stage=name), "look")
        self.set_focus(self.board.pane(name), scroll_visible=False)

    def settle(self) -> None:
        """At another size: the changing place holds what has no other, and the pane with the keys stays on screen."""
        order, pane = self.board.order, self.board.focused_pane
        if "attention" in order and self.session.view.stage not in STAGES:
            self.see(look(self.session, stage="attention"))
        if order and pane is not None and pane.name not in order:
            self.go_to(pane.name)
        self.ask()  # a pane that is now on screen may want more

    def explain(self) -> None:
        """What the focused pane shows, and every key."""
        pane = self.board.focused_pane or self.board.prompt.pane
        self.app.push_screen(Help(pane.title, pane.help, key_table((*KEYS, *EDITING), PANES)))
