"""The Inside screen: Play's text, cursor and switches, and what they say of the parts of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from models.switches import MaskOff
from playground.inside.finder import Answer, Wish, Wishes, find
from playground.inside.keys import EDITING, KEYS
from playground.inside.layout import arrangement
from playground.inside.panes import ALL
from playground.inside.panes.pane_kinds import Acted, InsidePane
from playground.inside.scene import InsideScene, InsideView
from playground.kit.board import Board
from playground.kit.described import Acts
from playground.kit.dialogs import Ask
from playground.kit.keys import Key
from playground.kit.layout import MARGIN, Arrangement
from playground.kit.screen import PaneScreen
from playground.kit.worker import Failed
from playground.looking import session as sessions
from playground.looking import switching
from playground.looking.host import Host
from playground.looking.model_picker import pick
from playground.looking.panes.prompt import filled
from playground.looking.prompts import MEND, begun_as_learned
from playground.looking.session import Session


class Inside(PaneScreen[InsideScene, InsideView]):
    """Why did it say that?"""

    app: Host
    ARRANGEMENT = arrangement()
    PANES = ALL
    TABLE = KEYS
    EDITING = EDITING
    FIRST = "story"

    def __init__(self) -> None:
        super().__init__()
        self.view = InsideView()
        self.answers: dict[str, Answer] = {}  # the newest, by pane
        self.types = False  # the prompt is typed here, and not in Play
        self.finders = {kind.name: kind() for kind in ALL if issubclass(kind, InsidePane)}

    @cached_property
    def acts(self) -> Acts:
        """What the keys do: most ask the focused pane."""
        return {
            **self.shared,
            "back": partial(self.of_pane, "back"),
            "otherwise": partial(self.of_pane, "otherwise"),
            "put_in": partial(self.of_pane, "put_in", "switch"),
            "larger": partial(self.of_pane, "larger"),
            "smaller": partial(self.of_pane, "smaller"),
            "find": self.ask_words,
            "begin": self.begin,
            "mask": partial(self.of_session, lambda session: sessions.toggle(session, MaskOff())),
            "clear": partial(self.of_session, switching.clear_switches),
            "release": partial(self.of_session, sessions.release),
            "mend": lambda: self.in_play(self.app.play.mend),
            "undo": lambda: self.in_play(self.app.play.undo),
            "redo": lambda: self.in_play(self.app.play.redo),
            "model": self.choose_model,
        }

    @property
    def scene(self) -> InsideScene | None:
        """Everything the panes draw from."""
        of_play = self.app.play.scene
        if of_play is None:
            return None
        folder = self.app.opened.folder if self.app.opened else None
        scene = InsideScene(self.view, replace(of_play, session=self.view.session), folder=folder)
        return replace(scene, found=self._found(scene), waits=any(self._missing(self._wishes(scene))))

    def _found(self, scene: InsideScene) -> Mapping[str, Any]:
        """What is known for the wishes of now."""
        known = ((wish, self.answers.get(wish.pane)) for wish in self._wishes(scene))
        return {wish.pane: answer.content for wish, answer in known if answer is not None and answer.wish == wish}

    def _wishes(self, scene: InsideScene) -> Sequence[Wish]:
        """What the panes on screen ask, the one that has the keys first: no key of its waits for another's work."""
        results, focused = scene.play.results, self.board.focused
        if results is None:
            return []
        names = [name for name in self.board.order if name in self.finders]
        names.sort(key=lambda name: focused is None or name != focused.name)
        asked = ((name, self.finders[name].asks(scene)) for name in names)
        return [Wish(name, results, each) for name, each in asked if each is not None]

    def _missing(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """Those whose answer is not known as a whole."""
        known = {answer.wish for answer in self.answers.values() if answer.is_whole}
        return tuple(wish for wish in wishes if wish not in known)

    @property
    def arrangement(self) -> Arrangement:
        """As many lines as the prompt fills, at this width."""
        return arrangement(filled(self.app.play.scene, self.board.size.width - 2 * MARGIN))

    @property
    def draft(self) -> tuple[str, int] | None:
        """The prompt that is being typed, and the caret."""
        return self.app.play.draft if self.types and self.view.session == self.app.session else None

    @property
    def apart(self) -> bool:
        """As in Play."""
        return self.app.play.apart

    @property
    def is_broken(self) -> bool:
        """As in Play."""
        return self.app.play.is_broken

    @property
    def usable(self) -> Sequence[Key]:
        """All keys; the one that mends a text only where there is something to mend."""
        mends = MEND.action in {key.action for key in self.app.play.usable}
        return [key for key in super().usable if mends or key.action != MEND.action]

    def hear_of(self, other: object) -> None:
        """Play has computed the passes of its session."""
        if other is self.app.play and self.stands and self.query(Board):
            self.take_session()

    def let_go(self) -> None:
        """What was found of the model before as well."""
        super().let_go()
        self.answers, self.asked = {}, None

    def choose_model(self) -> None:
        """Open another model, for Play as well."""
        pick(self, self.app, "Open a model", lambda offer: self.app.open_model(offer.opens, then="inside"))

    # the session is Play's -------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The first pane has the keys, unless a key of the same burst has gone to another."""
        if self.focused is None:
            self.go_to(self.FIRST)

    def on_descendant_focus(self) -> None:
        """What the pane that has the keys now asks is answered first."""
        if self.stands:
            self.ask()

    def on_screen_resume(self) -> None:
        """Play may have another text, or another model, by now."""
        if self.worker is None:
            self.employ(partial(find, self.finders))
        play = self.app.play
        if play.draft is not None and not self.types:  # who comes from typing looks on here
            play.see(play.typing_ended())
        self.take_session()

    def take_session(self) -> None:
        """Go on with what Play has."""
        self.view = self.view.with_session(self.app.session)
        self.follow()

    def look_from(self, looks: Iterable[object]) -> None:
        """Every pane looks as these say, at Play's session, and those that none is of as at first."""
        self.view = InsideView(self.app.session, {type(look): look for look in looks})
        self.follow()

    def keep(self, view: InsideView, act: str) -> None:
        """What the person did to the session is done in Play."""
        self.view = view
        if view.session != self.app.session:
            self.app.play.see(view.session, act)
            self.view = view.with_session(self.app.session)

    def in_play(self, act: Callable[[], None]) -> None:
        """A key of Play's."""
        act()
        self.take_session()

    def of_session(self, act: Callable[[Session], Session]) -> None:
        """Something is done to the session."""
        self.see(self.view.with_session(act(self.view.session)), "switch")

    def begin(self) -> None:
        """The text as texts began in training."""
        scene = self.scene
        if scene is not None:
            session = begun_as_learned(self.view.session, scene.play.model)
            if session == self.view.session:
                self.app.say("the text begins as in training, or nothing is known of how texts began there")
            self.see(self.view.with_session(session), "begin")

    def action_press_editing(self, name: str) -> None:
        """As on every screen; who goes to another has typed."""
        if name.startswith("screen_"):
            self.see(self.typing_ended())
        super().action_press_editing(name)

    def begin_typing(self) -> InsideView | None:
        """Play's text, open."""
        self.types = True
        return self.view.with_session(self.app.play.begin_typing())

    def typed(self, text: str, caret: int) -> InsideView:
        """The prompt is another."""
        return self.view.with_session(self.app.play.typed(text, caret))

    def typing_ended(self) -> InsideView:
        """Back to looking."""
        self.types = False
        return self.view.with_session(self.app.play.typing_ended())

    # the flow --------------------------------------------------------------------------------------------------

    def wanted(self) -> Wishes | None:
        """What the panes on screen ask and nobody has found."""
        scene = self.scene
        if scene is None or scene.subject is None:
            return None
        missing = self._missing(self._wishes(scene))
        if isinstance(self.asked, Wishes) and self._missing(self.asked.all) == missing != ():
            return self.asked  # the rest of what is in hand, which is not to begin again
        return Wishes(scene.subject, missing) if missing else None

    def forget(self, before: Wishes | None, wanted: Wishes) -> bool:
        """A moment is worth waiting for the answer."""
        return True

    def hear(self, asked: Wishes, content: Answer | Failed) -> None:
        """Something was found, or could not be."""
        if isinstance(content, Failed):
            super().hear(asked, content)
        else:
            self.answers[content.wish.pane] = content
            if content.problem:
                self.app.tell(content.problem)

    # keys ------------------------------------------------------------------------------------------------------

    def pane(self) -> tuple[InsideScene, InsidePane[Any]] | None:
        """The scene and the focused pane, where it is one of this screen's own."""
        scene, focused = self.scene, self.pane_for_keys()
        return None if scene is None or not isinstance(focused, InsidePane) else (scene, focused)

    def of_pane(self, act: str, kind: str = "look") -> None:
        """A key that every pane has its own use for."""
        here = self.pane()
        if here is None:
            self.app.say("that key is for the panes below the text: tab goes to one")
            return
        scene, pane = here
        acted: Acted = getattr(pane, act)
        view = acted(scene)
        if view == self.view:
            self.app.say(pane.idle)
        self.see(view, kind)

    def enter(self) -> None:
        """Enter, for the focused pane; one of this screen's own says why where it has no use for it."""
        if self.pane() is None:
            super().enter()
        else:
            self.of_pane("enter", "switch")

    def ask_words(self) -> None:
        """The words that the focused pane asks for."""
        here = self.pane()
        question = here[1].question(here[0]) if here is not None else ""
        if here is None or not question:
            self.app.say("this pane asks for no words")
            return
        scene, pane = here
        dialog = Ask(question, value=pane.suggestion(scene))
        self.consult(dialog, lambda words: self.see(pane.told(scene, words), "find"))
