"""The Compare screen: keys and clicks become CompareViews, a thread compares, panes draw what it found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from textual.message import Message

from models.contract import LanguageModel
from models.gpt import GPT
from models.sampling import Sampler
from playground.compare import comparer as engines
from playground.compare import scene as views
from playground.compare.board import CompareBoard
from playground.compare.company import TRUTH
from playground.compare.comparer import Asked, Engine, Failed, Found, Met, Scored, Written
from playground.compare.layout import PANES, TEXT, Arrangement
from playground.compare.panes.strips import Strips
from playground.compare.scene import Compared, CompareScene, CompareView, go_to, see
from playground.kit import editor
from playground.kit.board import Typing
from playground.kit.dialogs import Ask, Help
from playground.kit.keys import COMPARE, TYPING, Key, bindings, key_table
from playground.kit.pane import Picture
from playground.kit.screen import PaneScreen
from playground.play.prompts import draft_of, written
from playground.play.session import Session

if TYPE_CHECKING:
    from playground.app import Playground

SCORES = frozenset({"scoreboard", "context"})  # panes that need held-out text


class Said(Message):
    """Something came from the engine's thread."""

    def __init__(self, engine: Engine, content: engines.Said) -> None:
        self.engine, self.content = engine, content
        super().__init__()


class Compare(PaneScreen[CompareBoard]):
    """The GPT that is open in Play, and other models, on one text."""

    BOARD = CompareBoard
    TABLE = COMPARE
    BINDINGS = bindings(press=COMPARE, press_editing=TYPING)

    def __init__(self) -> None:
        super().__init__()
        self.view = CompareView()
        self.gpt: GPT | None = None
        self.engine: Engine | None = None
        self.models: Mapping[str, LanguageModel] = {}
        self.taken: str | None = None  # the text that came from Play
        self.text = ""
        self.tokens: tuple[int, ...] = ()
        self.problem: str | None = None
        self.sampler = Sampler()
        self.file: Path | None = None  # to score on
        self.results: Compared | None = None
        self.scored = Scored(None, "")
        self.continuations: Mapping[str, tuple[int, ...]] = {}
        self.asked = Asked()
        self.begun = False  # scores were shown, and so asked for, once
        self.left_for_text = "strips"  # the pane that had the keys before the text was typed
        self.own = self.shared(PANES) | {
            "edit": self.edit,
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

    @classmethod
    def of(cls, app: Playground) -> Self:
        """It takes model and text from Play whenever it is shown."""
        return cls()

    @property
    def scene(self) -> CompareScene:
        """Everything the panes draw from."""
        return CompareScene(
            self.view,
            self.gpt.tokenizer if self.gpt else None,
            self.tokens,
            self.text,
            self.problem,
            self.models,
            self.gpt.name if self.gpt else "",
            self.gpt.config.lacks if self.gpt else (),
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
        if not self.models:
            return "reading the models"
        if self.tokens and (self.results is None or self.results.tokens != self.tokens):
            return "comparing"
        if self.asked.onward and len(self.continuations) < len(self.models):
            return "writing"
        return "scoring" if self.asked.scores and not self.scored.is_done else ""

    @property
    def is_typed(self) -> bool:
        """Whether the text is being typed."""
        return self.view.caret is not None

    # what Play has ---------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The text has the keys: left and right go along it."""
        self.go_to("strips")

    def on_screen_resume(self) -> None:
        """Play may have another model or another text by now."""
        play = self.app.play
        if play.model is None:
            return
        text = draft_of(play.session, play.model)
        if play.model is not self.gpt:
            self.meet(play.model, play.beside)
            self.view = see(self.view, seed=play.session.seed, place=None, leads="", against="", caret=None)
            self.taken = None
        if text != self.taken:
            self.taken = text
            self.sampler = play.session.sampler
            self.write(text)
            self.see(go_to(self.view, None))
        self.follow()

    def meet(self, gpt: GPT, counted: Mapping[str, LanguageModel]) -> None:
        """Compare this one from now on."""
        if self.engine is not None:
            self.engine.stop()
        engine = Engine(gpt, counted, self.app.folder, lambda content: self.post_message(Said(engine, content)))
        self.gpt, self.engine, self.models = gpt, engine, {}
        self.results, self.continuations, self.asked = None, {}, Asked()
        self.file, self.scored, self.begun = None, Scored(None, ""), False
        engine.start()

    def write(self, text: str) -> None:
        """This is the text; of one the model cannot read, what it can is compared."""
        assert self.gpt is not None
        read = written(Session(self.gpt.name), self.gpt, text)
        self.text, self.tokens, self.problem = text, read.tokens, read.problem
        if not self.tokens:
            self.results = None

    def on_unmount(self) -> None:
        """The thread goes with the screen."""
        if self.engine is not None:
            self.engine.stop()

    # the flow: see, ask, draw ----------------------------------------------------------------------------------

    def see(self, view: CompareView) -> None:
        """The person looks elsewhere."""
        if view != self.view:
            self.view = view
            self.follow()

    def follow(self) -> None:
        """What was changed may need another arrangement, more from the engine, and another picture."""
        self.board.text.draft = None if self.view.caret is None else (self.text, self.view.caret)
        moved = self.board.stage(self.view.pane)
        moved |= self.board.rearrange(Arrangement(TRUTH in self.models, self.is_typed))
        self.ask()
        self.draw()
        if moved:
            self.refresh_bindings()
            self.call_after_refresh(self.settle)

    def ask(self) -> None:
        """Have the engine compute what is wanted now."""
        if self.engine is None:
            return
        shown = {*self.board.order}
        if shown & SCORES and not self.begun:
            self.begun, self.view = True, see(self.view, scoring=True)
        place = len(self.tokens) if self.view.place is None else self.view.place
        onward = self.tokens[:place] if "writes" in shown else ()
        scores = self.view.scoring and bool(shown & SCORES)
        asked = Asked(self.tokens, onward, self.sampler, self.view.seed, scores, self.file)
        if asked == self.asked:
            return
        if asked.writing != self.asked.writing:
            self.continuations = {}
        self.asked = asked
        self.engine.ask(asked)

    def on_said(self, message: Said) -> None:
        """The engine has something; what is no longer wanted is dropped."""
        content = message.content
        if message.engine is not self.engine:
            return
        if isinstance(content, Met):
            self.models = content.models
            self.follow()
        elif isinstance(content, Found) and content.results.tokens == self.tokens:
            self.results = content.results
        elif isinstance(content, Written) and content.asked.writing == self.asked.writing:
            self.continuations = content.continuations
        elif isinstance(content, Scored) and content.file == self.file:
            self.scored = content
        elif isinstance(content, Failed):
            self.app.tell(content.problem)
            if content.asked is not None and content.asked.file == self.file and self.scored.scoreboard is None:
                self.file = None  # nothing to be read there: what the model has, as before
                self.scored = Scored(None, "")
                self.follow()
        self.draw()

    def draw(self) -> None:
        """Draw what is there now."""
        if self.is_mounted and self.is_current:
            self.board.draw(self.scene, self.app.palette_now())
            self.show_keys(TYPING if self.is_typed else self.usable)

    @property
    def usable(self) -> list[Key]:
        """The keys that do something now, for the footer."""
        scene, shown = self.scene, self.board.order
        without = set() if scene.found("wrong") else {"wrong"}
        without |= set() if scene.found("wins") else {"win"}
        without |= set() if len(scene.names) > 2 else {"pair"}
        without |= set() if SCORES & {*shown} else {"measure", "file"}
        return [key for key in COMPARE if key.action not in without]

    # keys and clicks -------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys mean letters while the text is typed."""
        if action == "press_editing":
            return self.is_typed
        if action == "press":
            return not self.is_typed
        return super().check_action(action, parameters)

    def action_press_editing(self, name: str) -> None:
        """A key of the table, while the text is typed."""
        if name in ("done", "leave"):
            self.stop_typing()
        elif name in self.own:
            self.own[name]()
        else:
            key = next(key.keys for key in TYPING if key.action == name)
            edited = editor.edit(self.text, self.view.caret or 0, key, None)
            if edited is not None:
                self.on_typing_edited(Typing.Edited(*edited))

    def on_typing_edited(self, message: Typing.Edited) -> None:
        """The text is another: everything follows as it is typed."""
        if message.text != self.text:
            self.write(message.text)
        self.view = see(go_to(self.view, None), caret=message.caret)
        self.follow()

    def on_picture_acted(self, message: Picture.Acted) -> None:
        """A click or the mouse passing."""
        view = message.act(self.view)
        if self.is_typed and not message.hover and view.caret == self.view.caret != len(self.text):
            view = see(view, caret=None)
        if view.pane != self.view.pane:  # a tab: as its number key
            self.go_to(view.pane)
        else:
            self.see(view)

    def edit(self) -> None:
        """Type the text."""
        if self.gpt is None:
            return
        focused = self.focused.id if self.focused else None
        self.left_for_text = focused if focused in PANES else "strips"
        self.see(see(self.view, caret=len(self.text)))
        self.set_focus(self.board.pane(TEXT), scroll_visible=False)

    def stop_typing(self) -> None:
        """Back to looking."""
        self.see(see(self.view, caret=None))
        self.go_to(self.left_for_text)

    def move(self, dx: int, dy: int) -> None:
        """An arrow key, for the focused pane; sideways it is the text in most."""
        pane = self.board.focused_pane
        self.see(pane.move(self.scene, dx, dy) if pane is not None else self.scene.moved(dx))

    def enter(self) -> None:
        """Enter, for the focused pane."""
        pane = self.board.focused_pane
        if pane is not None:
            self.see(pane.enter(self.scene))

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
            self.scored, self.begun = Scored(self.file, ""), True
            self.view = see(self.view, scoring=True)
            if not SCORES & {*self.board.order}:
                self.go_to("scoreboard")
            self.follow()

        shown = str(self.file) if self.file else ""
        self.app.push_screen(Ask("Score on the last tenth of a text file", "nothing: what the model has", shown), named)

    def ask_search(self) -> None:
        """Find tokens in the grid."""

        def typed(search: str | None) -> None:
            if search is not None:
                self.see(views.look_for(self.view, search))

        self.go_to("grid")
        self.app.push_screen(Ask("Find in the bigram's grid", "a token, or its beginning", self.view.search), typed)

    def go_to(self, name: str) -> None:
        """Give a pane the keys, and a place if it has none."""
        order = self.board.order
        if order and name not in order:
            self.see(see(self.view, pane=name))
        self.set_focus(self.board.pane(name), scroll_visible=False)

    def settle(self) -> None:
        """At another size the pane with the keys stays on screen, and a pane that is now there may want more."""
        order, pane = self.board.order, self.board.focused_pane
        if order and pane is not None and pane.name in PANES and pane.name not in order:
            self.go_to(pane.name)
        self.ask()
        self.draw()

    def on_resize(self) -> None:
        """When the panes have their new places, see that none is lost."""
        self.call_after_refresh(self.settle)

    def explain(self) -> None:
        """What the focused pane shows, and every key."""
        pane = self.board.focused_pane or Strips()
        self.app.push_screen(Help(pane.title, pane.help, key_table((*COMPARE, *TYPING), PANES)))
