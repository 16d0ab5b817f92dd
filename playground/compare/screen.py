"""The Compare screen: the models of Play, the truth and the counted ones, side by side on one text."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from models.contract import LanguageModel
from models.sampling import Sampler
from playground.compare import scene as views
from playground.compare.comparer import Asked, Comparer, Found, Met, Said, Scored, Written
from playground.compare.keys import EDITING, KEYS
from playground.compare.layout import arrangement
from playground.compare.lineup import TRUTH
from playground.compare.panes import ALL
from playground.compare.scene import Compared, CompareScene, CompareView, go_to, see
from playground.kit.dialogs import Ask
from playground.kit.keys import Key, bindings
from playground.kit.layout import Arrangement
from playground.kit.screen import Acts, PaneScreen
from playground.kit.worker import Failed
from playground.play.host import Host, Opened
from playground.play.prompts import draft_of, written
from playground.play.session import Session

SCORES = frozenset({"scoreboard", "context"})  # panes that are about held-out text


class Compare(PaneScreen[CompareScene, CompareView]):
    """The GPT that is open in Play, and other models, on one text."""

    app: Host
    PANES = ALL
    TABLE = KEYS
    EDITING = EDITING
    BINDINGS = bindings(press=KEYS, press_editing=EDITING)
    FIRST = "bars"

    def __init__(self) -> None:
        super().__init__(arrangement())
        self.view = CompareView()
        self.opened: Opened | None = None  # what is compared
        self.taken: str | None = None  # the text that came from Play
        self.models: Mapping[str, LanguageModel] = {}
        self.sampler = Sampler()
        self.file: Path | None = None  # to score on
        self.results: Compared | None = None
        self.scored = Scored(None, "")
        self.continuations: Mapping[str, tuple[int, ...]] = {}

    @cached_property
    def acts(self) -> Acts:
        """What the keys do: most are functions of the view."""
        return {
            **self.shared,
            "wrong": lambda: self.see(views.find_next(self.scene, "wrong")),
            "wrong_back": lambda: self.see(views.find_next(self.scene, "wrong", -1)),
            "win": lambda: self.see(views.find_next(self.scene, "wins")),
            "win_back": lambda: self.see(views.find_next(self.scene, "wins", -1)),
            "pair": lambda: self.see(views.next_pair(self.scene)),
            "pair_back": lambda: self.see(views.next_pair(self.scene, -1)),
            "shows": lambda: self.see(views.next_shown(self.view)),
            "seed_down": lambda: self.see(views.reseed(self.view, -1)),
            "seed_up": lambda: self.see(views.reseed(self.view)),
            "measure": self.measure,
            "file": self.ask_file,
            "search": self.ask_search,
            "larger": lambda: self.see(views.enlarge(self.view, 1)),
            "smaller": lambda: self.see(views.enlarge(self.view, -1)),
            "turn_back": lambda: self.see(views.turn_back(self.view)),
            "first": lambda: self.see(go_to(self.view, 0)),
            "last": lambda: self.see(go_to(self.view, None)),
            "release": self.release,
        }

    @property
    def scene(self) -> CompareScene:
        """Everything the panes draw from."""
        view, gpt = self.view, self.opened.model if self.opened else None
        return CompareScene(
            view,
            gpt.tokenizer if gpt else None,
            view.tokens,
            view.text,
            view.problem,
            self.models,
            gpt.name if gpt else "",
            gpt.config.lacks if gpt else (),
            self.results,
            self.scored.scoreboard,
            self.scored.context_use,
            self.scored.held_out,
            self.scored.is_done,
            self.continuations,
            self.waits,
        )

    @property
    def waits(self) -> str:
        """What is being computed."""
        asked: Asked = self.asked or Asked()
        if not self.models:
            return "reading the models"
        if asked.tokens and (self.results is None or self.results.tokens != asked.tokens):
            return "comparing"
        if asked.onward and len(self.continuations) < len(self.models):
            return "writing"
        return "scoring" if asked.scores and not self.scored.is_done else ""

    @property
    def arrangement(self) -> Arrangement:
        """What the truth knows has a place where there is a truth, and the text while it is typed."""
        return arrangement(TRUTH in self.models, self.draft is not None)

    @property
    def draft(self) -> tuple[str, int] | None:
        """The text that is being typed, and the caret."""
        return None if self.view.caret is None else (self.view.text, self.view.caret)

    # what Play has ---------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The text has the keys: left and right go along it."""
        self.go_to("strips")

    def on_screen_resume(self) -> None:
        """Play may have another model or another text by now."""
        opened = self.app.opened
        if opened is None:
            return
        session, view = self.app.session, self.view
        if opened is not self.opened:
            self.meet(opened)
            view = see(view, seed=session.seed, place=None, leads="", against="", caret=None)
        text = draft_of(session, opened.model)
        if text != self.taken:
            self.taken, self.sampler = text, session.sampler
            view = go_to(self.read(view, text), None)
        self.view = view
        self.follow()

    def meet(self, opened: Opened) -> None:
        """Compare this one from now on."""
        self.opened, self.taken, self.models = opened, None, {}
        self.results, self.continuations = None, {}
        self.file, self.scored = None, Scored(None, "")
        self.employ(Comparer(opened.model, opened.beside, opened.folder).work)

    def read(self, view: CompareView, text: str) -> CompareView:
        """The view of this text; of one the model cannot read, what it can is compared."""
        assert self.opened is not None
        found = written(Session(self.opened.model.name), self.opened.model, text)
        return see(view, text=text, tokens=found.tokens, problem=found.problem)

    # the flow --------------------------------------------------------------------------------------------------

    def keep(self, view: CompareView, act: str) -> None:
        """A click that is not on the text while that is typed ends the typing."""
        before = self.view
        if act == "click" and self.draft is not None and view.caret == before.caret != len(before.text):
            view = see(view, caret=None)
        self.view = view
        if not view.tokens:
            self.results = None

    def wanted(self) -> Asked:
        """The text, what the models write on where that is on screen, and their scores."""
        shown, view = {*self.board.order}, self.view
        onward = view.tokens[: len(view.tokens) if view.place is None else view.place] if "writes" in shown else ()
        scores = view.scoring and bool(shown & SCORES)
        return Asked(view.tokens, onward, self.sampler, view.seed, scores, self.file)

    def forget(self, before: Asked | None, wanted: Asked) -> bool:
        """Continuations of another text, or drawn otherwise; what is compared stands until the answer comes."""
        if before is None or before.writing != wanted.writing:
            self.continuations = {}
        return False

    def hear(self, asked: Asked, content: Said) -> None:
        """The comparer has something; what is no longer wanted is dropped."""
        if isinstance(content, Met):
            self.models = content.models
            self.follow()
        elif isinstance(content, Found) and content.results.tokens == self.view.tokens:
            self.results = content.results
        elif isinstance(content, Written) and asked.writing == self.asked.writing:
            self.continuations = content.continuations
        elif isinstance(content, Scored) and content.file == self.file:
            self.scored = content
        elif isinstance(content, Failed):
            self.app.tell(content.problem)
            if asked.file == self.file and self.scored.scoreboard is None:
                self.file = None  # nothing to be read there: what the model has, as before
                self.scored = Scored(None, "")
                self.follow()

    @property
    def usable(self) -> Sequence[Key]:
        """The keys that do something now, for the footer."""
        scene, shown = self.scene, self.board.order
        without = set() if scene.found("wrong") else {"wrong"}
        without |= set() if scene.found("wins") else {"win"}
        without |= set() if len(scene.names) > 2 else {"pair"}
        without |= set() if SCORES & {*shown} else {"measure", "file"}
        return [key for key in KEYS if key.action not in without]

    # keys ------------------------------------------------------------------------------------------------------

    def begin_typing(self) -> CompareView | None:
        """The caret at the end of the text."""
        return None if self.opened is None else see(self.view, caret=len(self.view.text))

    def typed(self, text: str, caret: int) -> CompareView:
        """The text is another: everything follows as it is typed."""
        view = self.view if text == self.view.text else self.read(self.view, text)
        return see(go_to(view, None), caret=caret)

    def typing_ended(self) -> CompareView:
        """Back to looking."""
        return see(self.view, caret=None)

    def release(self) -> None:
        """Cursors of grid and tree first, then the place in the text."""
        free = views.let_go(self.view)
        self.see(free if free != self.view else go_to(self.view, None))

    def measure(self) -> None:
        """Score, and see it, or pause."""
        if not SCORES & {*self.board.order}:
            self.go_to("scoreboard")
        else:
            self.see(views.measure(self.view))

    def ask_file(self) -> None:
        """Score on a file; on what the model offers where none is named."""

        def named(name: str | None) -> None:
            if name is None:
                return
            # pathlib's raises where there is no such person
            self.file = Path(os.path.expanduser(name.strip())) if name.strip() else None
            self.scored = Scored(self.file, "")
            self.view = see(self.view, scoring=True)
            if not SCORES & {*self.board.order}:
                self.go_to("scoreboard")
            self.follow()

        shown = str(self.file) if self.file else ""
        self.app.push_screen(Ask("Score on the last tenth of a text file", "nothing: what the model has", shown), named)

    def ask_search(self) -> None:
        """Find tokens in the grid."""

        def found(search: str | None) -> None:
            if search is not None:
                self.see(views.look_for(self.view, search))

        self.go_to("grid")
        self.app.push_screen(Ask("Find in the bigram's grid", "a token, or its beginning", self.view.search), found)
