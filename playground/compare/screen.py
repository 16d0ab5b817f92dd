"""The Compare screen: the models of Play, the truth and the counted ones, side by side on one text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from models.sampling import Sampler
from playground.compare import scene as views
from playground.compare.comparer import Asked, Comparer, Met, Said
from playground.compare.keys import EDITING, KEYS
from playground.compare.layout import arrangement
from playground.compare.lineup import TRUTH
from playground.compare.panes import ALL
from playground.compare.scene import Compared, CompareScene, CompareView, Scored, go_to, see
from playground.kit.dialogs import Ask
from playground.kit.keys import Key, bindings
from playground.kit.layout import Arrangement
from playground.kit.screen import Acts, PaneScreen
from playground.kit.worker import Failed
from playground.play.engine import Continued
from playground.play.host import Host
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
        self.taken: str | None = None  # the text that came from Play
        self.sampler = Sampler()
        self.known = CompareScene()  # the models, and what was found so far; under any view

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
        return replace(self.known, view=self.view, waits=self.waits)

    @property
    def waits(self) -> str:
        """What is being computed."""
        asked: Asked = self.asked or Asked()
        known = self.known
        if not known.models:
            return "reading the models"
        if asked.tokens and (known.results is None or known.results.tokens != asked.tokens):
            return "comparing"
        if asked.onward and len(known.continuations) < len(known.models):
            return "writing"
        return "scoring" if asked.scores and not known.scored.is_done else ""

    @property
    def arrangement(self) -> Arrangement:
        """What the truth knows has a place where there is a truth, and the text while it is typed."""
        return arrangement(TRUTH in self.known.models, self.draft is not None)

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
        if opened.model is not self.known.gpt:
            self.taken, self.known = None, CompareScene(gpt=opened.model)
            self.employ(Comparer(opened.model, opened.beside, opened.folder).work)
            view = see(view, seed=session.seed, place=None, leads="", against="", caret=None, scoring=True)
        text = draft_of(session, opened.model)
        if text != self.taken:
            self.taken, self.sampler = text, session.sampler
            view = go_to(self.read(view, text), None)
        self.view = view
        self.follow()

    def read(self, view: CompareView, text: str) -> CompareView:
        """The view of this text; of one the model cannot read, what it can is compared."""
        assert self.known.gpt is not None
        found = written(Session(self.known.gpt.name), self.known.gpt, text)
        return see(view, text=text, tokens=found.tokens, problem=found.problem)

    # the flow --------------------------------------------------------------------------------------------------

    def keep(self, view: CompareView, act: str) -> None:
        """Of no text there are no results."""
        self.view = view
        if not view.tokens:
            self.known = replace(self.known, results=None)

    def wanted(self) -> Asked:
        """The text, what the models write on where that is on screen, and their scores."""
        view = self.view
        onward = view.tokens[: view.place] if "writes" in self.board.order else ()
        scores = view.scoring and self.shows_scores
        return Asked(view.tokens, onward, self.sampler, view.seed, scores, self.known.scored.file)

    def forget(self, before: Asked | None, wanted: Asked) -> bool:
        """Continuations of another text, or drawn otherwise; what is compared stands until the answer comes."""
        if before is None or before.writing != wanted.writing:
            self.known = replace(self.known, continuations={})
        return False

    def hear(self, asked: Asked, content: Said) -> None:
        """The comparer has something; what is no longer wanted is dropped."""
        known, file = self.known, self.known.scored.file
        if isinstance(content, Met):
            self.known = replace(known, models=content.models)
            self.follow()
        elif isinstance(content, Compared) and content.tokens == self.view.tokens:
            self.known = replace(known, results=content)
        elif isinstance(content, Continued) and asked.writing == self.asked.writing:
            self.known = replace(known, continuations=content.tokens)
        elif isinstance(content, Scored) and content.file == file:
            self.known = replace(known, scored=content)
        elif isinstance(content, Failed):
            self.app.tell(content.problem)
            if asked.file == file and known.scored.scoreboard is None:
                self.known = replace(known, scored=Scored())  # no such file: what the model has, as before
                self.follow()

    @property
    def usable(self) -> Sequence[Key]:
        """The keys that do something now, for the footer."""
        scene, scored = self.scene, self.shows_scores
        useful = {"wrong": scene.found("wrong"), "win": scene.found("wins"), "pair": len(scene.names) > 2}
        useful |= {"measure": scored, "file": scored}
        return [key for key in KEYS if useful.get(key.action, True)]

    @property
    def shows_scores(self) -> bool:
        """Whether a pane about held-out text is on screen."""
        return not SCORES.isdisjoint(self.board.order)

    # keys ------------------------------------------------------------------------------------------------------

    def begin_typing(self) -> CompareView | None:
        """The caret at the end of the text."""
        return None if self.known.gpt is None else see(self.view, caret=len(self.view.text))

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
        if self.shows_scores:
            self.see(views.measure(self.view))
        else:
            self.go_to("scoreboard")

    def ask_file(self) -> None:
        """Score on a file; on what the model offers where none is named."""

        def named(name: str) -> None:
            # pathlib's raises where there is no such person
            file = Path(os.path.expanduser(name.strip())) if name.strip() else None
            self.known = replace(self.known, scored=Scored(file))
            self.view = see(self.view, scoring=True)
            if not self.shows_scores:
                self.go_to("scoreboard")
            self.follow()

        shown = str(self.known.scored.file or "")
        self.consult(Ask("Score on the last tenth of a text file", "nothing: what the model has", shown), named)

    def ask_search(self) -> None:
        """Find tokens in the grid."""
        self.go_to("grid")
        ask = Ask("Find in the bigram's grid", "a token, or its beginning", self.view.search)
        self.consult(ask, lambda search: self.see(views.look_for(self.view, search)))
