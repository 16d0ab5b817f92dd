"""The Play screen: keys and clicks become Sessions, Sessions become Results in the engine, panes draw both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

from models.baselines import Baseline
from models.errors import UserError
from models.gpt import GPT
from models.tokenizers import Tokenizer
from playground.kit.described import Acts
from playground.kit.keys import PROGRAM, Key
from playground.kit.layout import MARGIN, Arrangement
from playground.kit.screen import PaneScreen
from playground.kit.worker import Failed
from playground.looking.edges import looked_at
from playground.looking.engine import Asked, Continued, Engine, Found, Passed
from playground.looking.host import Host, Opened
from playground.looking.model_picker import pick
from playground.looking.panes.prompt import filled
from playground.looking.panes.switches import needed
from playground.looking.prompts import MEND, draft_of, unread_words, written
from playground.looking.scene import Results, Scene
from playground.looking.session import History, Session, look
from playground.play.acts import ACTS
from playground.play.another_model import begun
from playground.play.finding_token import FindingToken
from playground.play.keys import EDITING, KEYS
from playground.play.layout import RIGHT, arrangement
from playground.play.mattering import Mattering
from playground.play.panes import ALL
from playground.play.panes.attention import Attention, fits
from playground.play.panes.bigram import BigramPane
from playground.play.past_texts import PastTexts
from playground.play.saved_sets import SavedSets
from playground.play.shelf import Shelf
from playground.play.told import other_line, told
from playground.play.why import why
from playground.play.writing import Writing

FLOWING = frozenset({"type", "run"})  # acts that follow themselves are undone together
TYPES = frozenset({"edit", "jump"})  # acts after which the next key is a letter
AT_ONCE = TYPES | {"release"} | {key.action for key in KEYS if key.group == PROGRAM}  # wait for nothing that is due


class Play(PaneScreen[Scene, Session]):
    """Type a prompt, step, look, switch, compare."""

    app: Host
    ARRANGEMENT = arrangement()
    PANES = ALL
    TABLE = KEYS
    EDITING = EDITING
    FIRST, BACK = "attention", "next"

    def __init__(self) -> None:
        super().__init__()
        self.engine: Engine | None = None
        self.shelf = Shelf(self.app.kept)
        self.history = History(self.app.begin() if self.app.begin else Session(""))
        self.results: Results | None = None
        self.answered = asyncio.Event()  # the engine has said something
        self.continuations: Mapping[str, tuple[int, ...]] = {}
        self.mattering = Mattering(self)
        self.withholds = False  # what mattered: a lesson asks, and has it found out once it was answered
        self.writing = Writing(self, self.rest)
        self.past_texts = PastTexts(self, self.app)
        self.saved_sets = SavedSets(self, self.app)
        self.finding = FindingToken(self)

    @cached_property
    def acts(self) -> Acts:
        """What the keys do: to the Session, to its history, and to the run."""
        return {
            **self.shared,
            **{name: partial(self.act, name) for name in ACTS},
            **self.writing.acts,
            "branch": self.to_branch,
            **self.past_texts.acts,
            **self.mattering.acts,
            "zoom": self.zoom,
            "undo": self.undo,
            "redo": self.redo,
            **self.saved_sets.acts,
            **self.finding.acts,
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
    def model(self) -> GPT | None:
        """The one in use."""
        return self.shelf.now.model if self.shelf.now else None

    @property
    def beside(self) -> Mapping[str, Baseline]:
        """What counting says beside it, by slug."""
        return self.shelf.now.beside if self.shelf.now else {}

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
            self.mattering.swept,
            self.mattering.moved_in(self.results),
            self.mattering.costs,
            self.mattering.worth,
            frame_milliseconds=self.frame_milliseconds,
            held=self.app.kept.nbytes + self.model.nbytes,
            running=self.writing.runs,
            speed=self.writing.speed,
        )

    @property
    def arrangement(self) -> Arrangement:
        """As many lines as the prompt fills, at this width, and as all switches need."""
        return arrangement(filled(self.scene, self.board.size.width - 2 * MARGIN), needed(self.scene, RIGHT))

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

    def on_mount(self) -> None:
        """The pane of patterns has the keys, unless a key of the same burst has gone to another."""
        if self.focused is None:
            self.go_to(self.FIRST)

    def on_screen_resume(self) -> None:
        """There is time again to find out what mattered."""
        if self.scene is not None:
            self.ask()

    # a model comes in ------------------------------------------------------------------------------------------

    def open(self, opened: Opened, prompt: str | None = None) -> None:
        """Go on with this model: with the prompt asked for, or the text so far where the model can read it."""
        self.writing.due.clear()
        self.writing.pause()
        first = self.model is None
        asked = self.app.prompt if first and prompt is None else prompt
        session, notices = begun(self.session, self.model, opened.model, asked)
        session = replace(session, opening=self.shelf.add(opened))
        self.history = History(session) if first else self.history.do(session, "open")
        self.take_up()
        self.follow()
        for notice in notices:
            self.app.tell(notice)
        if first and asked is None:
            self.edit()
            assert self.board.text is not None
            self.board.text.replaces = True
        elif first or prompt is not None:
            self.go_to("next")
        self.refresh_bindings()

    def lend(self, opened: Opened, session: Session) -> None:
        """Go on with this model and session for a while; what was before comes back by the `way_back` of before."""
        self.writing.due.clear()
        self.writing.pause()
        self.history = History(replace(session, opening=self.shelf.add(opened)))
        self.take_up()
        self.follow()
        self.refresh_bindings()

    def way_back(self) -> Callable[[], None]:
        """With its model, and with all that can be undone."""
        history, opened, base = self.history, self.app.opened, super().way_back()

        def back() -> None:
            self.writing.due.clear()
            self.writing.pause()
            is_other = self.app.opened is not opened
            self.history = history
            if is_other:
                self.take_up()
            base()

        return back

    def withhold(self, withholds: bool) -> None:
        """Whether what mattered stays untold."""
        if withholds != self.withholds:
            self.withholds = withholds
            self.follow()

    def take_up(self) -> None:
        """The model of the session is another: it is the app's as well, and a worker of its own computes."""
        self.app.opened = opened = self.shelf.take(self.session.opening)
        self.app.let_go()
        self.results, self.continuations = None, {}
        if self.engine is not None:
            self.app.kept.forget(self.engine.traces)
        self.engine = Engine(opened.model, opened.beside, self.app.kept)
        self.employ(self.engine.work)

    # the flow --------------------------------------------------------------------------------------------------

    def action_press(self, name: str) -> None:
        """A key of the table, in its turn; the key that lets go lets go first of what is due."""
        if name == "release" and self.writing.due:
            self.writing.due.clear()
            self.app.say("what was still to be done is left undone")
        elif name in AT_ONCE:
            self.press(name)
        else:
            self.in_turn(partial(self.press, name))

    def in_turn(self, act: Callable[[], object]) -> None:
        """Do it after what is due."""
        self.writing.in_turn(act)

    def press(self, name: str) -> None:
        """What a key does; one that did nothing says why."""
        before = self.session, self.focused, self.writing.speed, self.history
        super().action_press(name)
        if before == (self.session, self.focused, self.writing.speed, self.history) and self.scene is not None:
            reason = why(self.scene, name, self.board.focused.name if self.board.focused else "")
            if reason:
                self.app.say(reason)

    @property
    def is_broken(self) -> bool:
        """Whether the text has a character that the model has never seen."""
        return self.session.problem is not None

    @property
    def usable(self) -> Sequence[Key]:
        """All keys; the one that mends a text only where the model cannot read it all."""
        text, scene = self.session.text, self.scene
        mends = self.is_broken or (text is not None and scene is not None and unread_words(scene.tokenizer, text))
        return [key for key in super().usable if mends or key.action != MEND.action]

    def keep(self, view: Session, act: str) -> None:
        """Looking around is not remembered; acts are."""
        if act == "look":
            self.view = view
        else:
            self.mattering.throw(view)
            self.history = self.history.do(view, act, flows=act in FLOWING)

    def rest(self) -> None:
        """What flowed is over: the same again is another act."""
        self.history = self.history.rest()

    def wanted(self) -> Asked:
        """Both passes, the continuations while they are on screen, and what mattered while nothing is written."""
        session, mattering = self.session, self.mattering
        onward = (session.sampler, session.seed) if BigramPane.name in self.board.order else None
        looks = session.tokens and not self.writing.runs and not self.withholds
        row, is_here = session.row if looks else None, self.is_current
        edges = looked_at(session) if is_here and row is not None and mattering.sees_edges else None
        lists = mattering.lists_wanted
        return Asked(session.tokens, session.switches, onward, session.view.baseline, row, edges, lists, is_here)

    def forget(self, before: Asked | None, wanted: Asked) -> bool:
        """What was of another text, or drawn otherwise, goes; only results are waited for."""
        if before is None or before.continued != wanted.continued:
            self.continuations = {}
        self.mattering.forget(before, wanted)
        self.writing.failed = ""
        return before is None or before.results != wanted.results

    def hear(self, asked: Asked, content: Found | Failed) -> None:
        """The engine has something; what is no longer wanted is dropped."""
        if asked.results != self.asked.results:
            return
        if isinstance(content, Failed):
            self.writing.failed = "" if self.is_fresh else content.problem
            self.writing.due.clear()
            self.app.tell(content.problem)
        elif isinstance(content, Passed):
            self.results = content.results
        elif not isinstance(content, Continued):
            self.mattering.hear(asked, content)
        elif asked.continued == self.asked.continued:
            self.continuations = content.tokens
        self.answered.set()
        if self.writing.due:
            self.call_later(self.writing.take_turns)

    @property
    def is_fresh(self) -> bool:
        """Whether the results are those of the session."""
        return self.scene is not None and self.scene.is_fresh

    def act(self, name: str) -> None:
        """One of the acts that are functions of the scene."""
        scene = self.scene
        assert scene is not None
        self.see(ACTS[name](scene), name)

    def begin_typing(self) -> Session:
        """The whole text open; the person's own, where the model has begun with another. Nothing due writes into it."""
        self.writing.due.clear()
        self.writing.pause()
        if self.session.aside is not None:
            assert self.model is not None
            own = written(self.session, self.model, self.session.aside)
            self.history = self.history.do(replace(own, aside=None), "aside")
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
            session = replace(written(session, self.model, text), aside=None)
        return look(session, caret=caret)

    def typing_ended(self) -> Session:
        """Back to stepping and looking; what is typed next is an act of its own, and the text is remembered."""
        self.past_texts.remember()
        self.rest()
        return look(self.session, caret=None)

    def mend(self) -> None:
        """What the model does not know of the text is written as the nearest that it knows."""
        self.act("mend")

    def to_branch(self) -> None:
        """The line of text left last."""
        before = self.session
        self.act("branch")
        if before.branches:
            self.app.say(other_line(before, self.session, self.tokenizer))

    def undo(self) -> None:
        """To the session before the last act."""
        if not self.history.past:
            self.app.say("nothing is left to undo")
            return
        before, act = self.history.past[-1]
        self.travel(self.history.undo(), f"undone: {told(before, self.session, act, self.tokenizer)}")

    def redo(self) -> None:
        """To the session that was undone last."""
        if not self.history.future:
            self.app.say("nothing is left to do again")
            return
        after, act = self.history.future[0]
        self.travel(self.history.redo(), f"redone: {told(self.session, after, act, self.tokenizer)}")

    def travel(self, history: History, says: str) -> None:
        """To another session of the history; where one looks stays, who types goes on typing, and nothing runs on."""
        if not self.shelf.holds(history.now.opening):
            raise UserError(f"{history.now.model} is no longer kept in memory", "open it again (o)")
        self.writing.pause()
        before, typing, self.history = self.session, self.draft is not None, history
        if before.opening != history.now.opening:
            self.take_up()
        self.view = self.editable(history.now) if typing else look(history.now, caret=None)
        self.follow()
        self.app.say(says)

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's."""
        assert self.scene is not None
        return self.scene.tokenizer

    def zoom(self) -> None:
        """The whole attention pattern, or cell by cell, where it does not fit."""
        picture, scene = self.board.picture(Attention.name), self.scene
        assert scene is not None
        if Attention.name not in self.board.order:
            self.app.tell("the attention pattern is not on screen - press 4")
        elif scene.results is None or (picture.canvas is not None and fits(scene, picture.canvas)):
            self.app.say("the whole pattern is on screen, cell by cell: there is nothing to zoom")
        else:
            self.act("zoom")

    # dialogs ---------------------------------------------------------------------------------------------------

    def choose_model(self) -> None:
        """Open another model."""
        pick(self, self.app, "Open a model", lambda offer: self.app.open_model(offer.opens))
