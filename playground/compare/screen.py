"""The Compare screen: the models of Play, the truth and the counted ones, side by side on one text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from models.baselines.gru import GRU
from models.errors import UserError
from models.gpt import GPT
from models.sampling import Sampler
from playground.compare import guests
from playground.compare import scene as views
from playground.compare.comparer import Asked, Comparer, Met, Refused, Said
from playground.compare.keys import EDITING, KEYS
from playground.compare.layout import arrangement, strips_place
from playground.compare.lineup import TRUTH
from playground.compare.panes import ALL
from playground.compare.panes.strips import filled
from playground.compare.scene import Compared, CompareScene, CompareView, Finds, Scored, go_to, see
from playground.kit import numbers, paths
from playground.kit.board import Board
from playground.kit.described import Acts
from playground.kit.dialogs import Ask
from playground.kit.keys import Key
from playground.kit.layout import Arrangement
from playground.kit.screen import PaneScreen
from playground.kit.worker import Failed
from playground.looking.engine import Continued
from playground.looking.host import Host
from playground.looking.model_picker import Offer, pick
from playground.looking.prompts import MEND, all_known, draft_of, mended_at, unread_words, written
from playground.looking.session import Session

SCORES = frozenset({"scoreboard", "context"})  # panes that are about held-out text
LISTS = frozenset({"wins", "wrong"})  # panes that list places, of one model against another


class Compare(PaneScreen[CompareScene, CompareView]):
    """The GPT that is open in Play, and other models, on one text."""

    app: Host
    ARRANGEMENT = arrangement()
    PANES = ALL
    TABLE = KEYS
    EDITING = EDITING
    FIRST = "bars"

    def __init__(self) -> None:
        super().__init__()
        self.view = CompareView()
        self.taken: str | None = None  # the text that came from Play
        self.sampler = Sampler()
        self.known = CompareScene()  # the models, and what was found so far; under any view
        self.guests: tuple[GPT | GRU, ...] = ()  # that the person put beside

    @cached_property
    def acts(self) -> Acts:
        """What the keys do: most are functions of the view."""
        return {
            **self.shared,
            "wrong": partial(self.find, "wrong", 1),
            "wrong_back": partial(self.find, "wrong", -1),
            "win": partial(self.find, "wins", 1),
            "win_back": partial(self.find, "wins", -1),
            "pair": partial(self.hold, 1),
            "pair_back": partial(self.hold, -1),
            "shows": lambda: self.see(views.next_shown(self.view)),
            "seed_down": partial(self.reseed, -1),
            "seed_up": partial(self.reseed, 1),
            "score": self.score,
            "measure": self.measure,
            "model": self.offer_models,
            "file": self.ask_file,
            "search": self.ask_search,
            "larger": partial(self.enlarge, 1),
            "smaller": partial(self.enlarge, -1),
            "turn_back": self.turn_back,
            "first": lambda: self.see(go_to(self.view, 0)),
            "last": lambda: self.see(go_to(self.view, None)),
            "release": self.release,
            "mend": self.mend,
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
        if not self.is_fresh(asked.tokens):
            return "comparing"
        if asked.onward and len(known.continuations) < len(known.models):
            return "writing"
        return "scoring" if asked.scores and not known.scored.is_done else ""

    def is_fresh(self, tokens: tuple[int, ...]) -> bool:
        """Whether what is known is of this text; of none there is nothing to know."""
        results = self.known.results
        return not tokens or (results is not None and results.tokens == tokens)

    @property
    def arrangement(self) -> Arrangement:
        """What the truth knows has a place where there is a truth, and the text while it is typed."""
        most = strips_place(self.board.size)
        lines = filled(self.scene, most.width, most.height)
        return arrangement(TRUTH in self.known.models, self.draft is not None, lines)

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
        self.take_text()

    def hear_of(self, other: object) -> None:
        """Another model or text as well while this screen is shown: a lesson begins on it, or goes on."""
        scene = self.app.play.scene
        if scene is None or scene.running or not (self.stands and self.query(Board)):
            return
        if scene.model is not self.known.gpt or draft_of(scene.session, scene.model) != self.taken:
            self.take_text()

    def take_text(self) -> None:
        """Go on with the model that Play has, and with its text where that is another."""
        opened = self.app.opened
        if opened is None:
            return
        session, view = self.app.session, self.view
        if opened.model is not self.known.gpt:
            self.taken, self.known, self.guests = None, CompareScene(gpt=opened.model), ()
            self.employ(Comparer(opened.model, opened.beside, opened.folder).work)
            view = see(view, seed=session.seed, place=None, leads="", against="", caret=None, scoring=True)
        text = draft_of(session, opened.model)
        if text != self.taken:
            self.taken, self.sampler = text, session.sampler
            view = go_to(self.read(view, text), None)
        self.view = view
        self.follow()

    def let_go(self) -> None:
        """All models as well, unless they are about the one that is open."""
        super().let_go()
        if self.app.opened is None or self.known.gpt is not self.app.opened.model:
            self.taken, self.known, self.guests = None, CompareScene(), ()
            self.dismiss_worker()

    def way_back(self) -> Callable[[], None]:
        """With its models, those that the person put beside among them, and all that was found."""
        known, guests, taken, sampler, base = self.known, self.guests, self.taken, self.sampler, super().way_back()
        opened = self.app.opened

        def back() -> None:
            if opened is not None and known.gpt is not None and self.known.gpt is not known.gpt:
                self.employ(Comparer(opened.model, opened.beside, opened.folder).work)
            self.known, self.guests, self.taken, self.sampler = known, guests, taken, sampler
            base()

        return back

    def read(self, view: CompareView, text: str) -> CompareView:
        """The view of this text; of one the model cannot read, what it can is compared."""
        assert self.known.gpt is not None
        gpt = self.known.gpt
        found = written(Session(gpt.name), gpt, text)
        unread = unread_words(gpt.tokenizer, text) if gpt.tokenizer else ""
        return see(view, text=text, tokens=found.tokens, problem=found.problem, unread=unread)

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
        return Asked(view.tokens, onward, self.sampler, view.seed, scores, self.known.scored.file, self.guests)

    def forget(self, before: Asked | None, wanted: Asked) -> bool:
        """Continuations of another text, or drawn otherwise; what is compared stands until the answer comes."""
        if before is None or before.writing != wanted.writing:
            self.known = replace(self.known, continuations={})
        return False

    def hear(self, asked: Asked, content: Said) -> None:
        """The comparer has something; what is no longer wanted is dropped."""
        known, file = self.known, self.known.scored.file
        if asked.guests != self.guests:
            return
        if isinstance(content, Met):
            self.known = replace(known, models=content.models)
            self.follow()
        elif isinstance(content, Compared) and content.tokens == self.view.tokens:
            self.known = replace(known, results=content)
        elif isinstance(content, Continued) and asked.writing == self.asked.writing:
            self.known = replace(known, continuations=content.tokens)
        elif isinstance(content, Scored) and content.file == file:
            self.known = replace(known, scored=content)
        elif isinstance(content, Refused):
            self.app.tell(content.problem)
        elif isinstance(content, Failed):
            self.app.tell(content.problem)
            if file is not None and asked.file == file and known.scored.scoreboard is None:
                self.known = replace(known, scored=Scored())  # no such file: what the model has, as before
            else:
                self.view = see(self.view, scoring=False)  # nothing comes until it is asked for again
            self.follow()

    @property
    def usable(self) -> Sequence[Key]:
        """The keys that do something now, for the footer."""
        scene, scored = self.scene, self.shows_scores
        useful = {"wrong": scene.found("wrong"), "win": scene.found("wins"), "pair": len(scene.names) > 2}
        useful |= {"score": scored, "file": scored, "measure": scored and not self.known.scored.is_done}
        useful[MEND.action] = bool(self.view.problem or self.view.unread)
        return [key for key in super().usable if useful.get(key.action, True)]

    @property
    def shows_scores(self) -> bool:
        """Whether a pane about held-out text is on screen."""
        return not SCORES.isdisjoint(self.board.order)

    # keys ------------------------------------------------------------------------------------------------------

    def begin_typing(self) -> CompareView | None:
        """The caret at the end of the text."""
        return None if self.known.gpt is None else see(self.view, caret=len(self.view.text))

    def typed(self, text: str, caret: int) -> CompareView:
        """The text is another: everything follows as it is typed; not where the model has gone in the meantime."""
        if self.known.gpt is None:
            return self.view
        view = self.view if text == self.view.text else self.read(self.view, text)
        return see(go_to(view, None), caret=caret)

    def mend(self) -> None:
        """What the model does not know of the text is written as the nearest that it knows."""
        gpt, view = self.known.gpt, self.view
        if gpt is None or gpt.tokenizer is None:
            return
        text, caret = mended_at(gpt.tokenizer, view.text, view.caret)
        if text == view.text:
            self.app.say(all_known())
            return
        self.see(see(go_to(self.read(view, text), None), caret=caret))

    @property
    def is_broken(self) -> bool:
        """Whether the text has a character that the model has never seen."""
        return self.view.problem is not None

    def typing_ended(self) -> CompareView:
        """Back to looking."""
        return see(self.view, caret=None)

    def find(self, which: Finds, by: int) -> None:
        """The next place of a list, or why there is none."""
        scene = self.scene
        if not self.is_fresh(self.view.tokens):
            raise UserError("the models still read the text", "press it again")
        if not scene.found(which):
            what = "is nowhere wrong" if which == "wrong" else f"saves nothing over {scene.against or 'another'}"
            raise UserError(f"{scene.leads or 'no model'} {what} in this text", "type another text (e)")
        self.see_else(views.find_next(scene, which, by), f"that is the {'last' if by > 0 else 'first'} of them")

    def hold(self, by: int) -> None:
        """Other models in the lists of places; said where no list shows it."""
        if len(self.scene.names) < 2:
            raise UserError("there is no other model to hold it against", "put one beside (o)")
        self.see(views.next_pair(self.scene, by))
        if LISTS.isdisjoint(self.board.order):
            self.app.say(f"{self.scene.leads} against {self.scene.against}, in wins and wrong")

    def reseed(self, by: int) -> None:
        """Another seed; said where nothing that is written shows it."""
        self.see(views.reseed(self.view, by))
        if "writes" not in self.board.order:
            self.app.say(f"seed {self.view.seed}, for what the models write")

    def enlarge(self, by: int) -> None:
        """The grid's cells, in sight."""
        most = "large" if by > 0 else "small"
        self.see_else(views.enlarge(self.view, by), f"the grid's cells are as {most} as they get")
        self.go_to("grid")

    def turn_back(self) -> None:
        """The tree's root is the token before it again."""
        if not self.view.followed:
            raise UserError(
                "the tree of paths begins at the place looked at", "Enter on one of its branches follows it"
            )
        self.see(views.turn_back(self.view))

    def enter(self) -> None:
        """Enter, for the focused pane, if it has a use for it."""
        before = self.view
        super().enter()
        if self.view == before:
            self.app.say("there is nothing to choose here")

    def release(self) -> None:
        """Cursors of grid and tree first, then the place in the text."""
        free = views.let_go(self.view)
        free = free if free != self.view else go_to(self.view, None)
        self.see_else(free, "it follows the end of the text already")

    def score(self) -> None:
        """Score, and see it; it goes on by itself."""
        if self.shows_scores and self.view.scoring:
            done = f"all is scored, over {numbers.counted(self.texts, 'text')}"
            self.app.say(done if self.known.scored.is_done else "scoring goes on; space pauses it")
        self.see(see(self.view, scoring=True))
        self.bring_scores()

    def bring_scores(self) -> None:
        """A pane about held-out text is on screen."""
        if not self.shows_scores:
            self.go_to("scoreboard")

    def measure(self) -> None:
        """Score, or pause."""
        if self.shows_scores and not self.known.scored.is_done:
            self.see(views.measure(self.view))
        else:
            self.score()

    @property
    def texts(self) -> int:
        """How many held-out texts were read."""
        board = self.known.scored.scoreboard
        return board.texts if board else 0

    def offer_models(self) -> None:
        """Another model to look at: beside the open one where it reads the same tokens, else in its place."""
        title = "Put a model beside, or open one that reads other tokens"
        pick(self, self.app, title, self.invite, recurrent=True, beside={guest.name for guest in self.guests})

    def invite(self, offer: Offer) -> None:
        """Read it; one that is beside already is taken away."""
        name, others = offer.name, tuple(guest for guest in self.guests if guest.name != offer.name)
        if len(others) < len(self.guests):
            self.seat(others)
            return
        read = partial(guests.read, offer.opens, name, self.known.tokenizer)
        self.do_beside(read, partial(self.welcome, offer.opens, name))

    def welcome(self, folder: str, name: str, model: GPT | GRU | None) -> None:
        """It was read; None: it cannot stand beside the open one."""
        if model is None:
            self.app.open_model(folder, name, then="compare")
        else:
            self.seat((*self.guests, model))

    def seat(self, guests: tuple[GPT | GRU, ...]) -> None:
        """These are beside the models that are there anyway: everything is found anew."""
        self.guests = guests
        self.known = CompareScene(gpt=self.known.gpt, scored=Scored(self.known.scored.file))
        self.follow()

    def ask_file(self) -> None:
        """Score on a file; on what the model offers where none is named."""

        def named(name: str) -> None:
            file = Path(paths.meant(name)) if name.strip() else None
            self.known = replace(self.known, scored=Scored(file))
            self.view = see(self.view, scoring=True)
            self.bring_scores()
            self.follow()

        shown = str(self.known.scored.file or "")
        self.consult(Ask("Score on the last tenth of a text file", "nothing: what the model has", shown), named)

    def ask_search(self) -> None:
        """Find tokens in the grid."""
        self.go_to("grid")
        ask = Ask("Find in the bigram's grid", "a token, or its beginning", self.view.search)
        self.consult(ask, lambda search: self.see(views.look_for(self.view, search)))
