"""What all screens of panes share: from a key to a view, from a view to a request, from an answer to a picture."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.timer import Timer

from playground.kit import editor
from playground.kit.aside import Aside
from playground.kit.board import Board, Typing
from playground.kit.canvas import GoTo, Press
from playground.kit.choosing import Choose
from playground.kit.described import Acts, Described
from playground.kit.dialogs import Help
from playground.kit.keybar import KeyBar, ScreenRow
from playground.kit.keys import PROGRAM, bindings, digit, key_table
from playground.kit.notice_line import NoticeLine
from playground.kit.pane import Pane, Picture, Scene, View
from playground.kit.worker import Worker

MOVES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1), "page_up": (0, -10), "page_down": (0, 10)}
PATIENCE = 0.1  # seconds after which a new view is drawn with the old answers, where a screen waits for new ones
SOON = 0.03  # seconds within which an answer came, if it is worth waiting for the next


class PaneScreen(Described[Scene, View]):
    """A board of panes, and everything that is the same for all of them; what is not, a screen says of itself."""

    AUTO_FOCUS: ClassVar[str | None] = ""  # not whatever comes first among the widgets: a screen says who has the keys

    def __init_subclass__(cls, **options: bool) -> None:
        """Its tables are its bindings."""
        cls.BINDINGS = bindings(press=cls.TABLE, press_editing=cls.EDITING)
        super().__init_subclass__(**options)

    def __init__(self) -> None:
        super().__init__()
        self.worker: Worker[Any, Any] | None = None
        self.pieces: deque[tuple[Worker[Any, Any], Any, Any]] = deque()  # of answers, that nobody has heard yet
        self.had_keys = ""  # the pane that has the keys, or had them last
        self.before_typing = ""  # the pane that had them then
        self.pressed_at = 0.0
        self.frame_milliseconds = 0.0  # from the last key to its picture
        self.late: Timer | None = None
        self.asked_at = 0.0  # when something was asked for that is waited for, if it has no answer yet
        self.took = 0.0  # seconds until the last of those was answered
        self.is_behind = False  # whether something was said that is not drawn yet

    # the frame -------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The names of the screens, panes, footer and notices."""
        yield ScreenRow()
        yield Board(self.PANES, self.ARRANGEMENT, self.FIRST)
        yield KeyBar()
        yield NoticeLine()

    @property
    def board(self) -> Board:
        """All panes."""
        return self.query_one(Board)

    @property
    def shared(self) -> Acts:
        """What the keys do that every screen has."""
        return {
            **{f"pane_{name}": partial(self.go_to, name) for name in self.ARRANGEMENT.panes},
            **{f"screen_{place.name}": partial(self.app.show, place.name) for place in self.app.PLACES},
            "screen_before": partial(self.app.show_beside, -1),
            "screen_after": partial(self.app.show_beside, 1),
            **{name: partial(self.move, *by) for name, by in MOVES.items()},
            "enter": self.enter,
            "edit": self.edit,
            "jump": self.jump,
            "next_pane": partial(self.turn, 1),
            "previous_pane": partial(self.turn, -1),
            "theme": self.app.next_theme,
            "unit": self.app.other_unit,
            "starts": self.app.show_starts,
            "help": self.explain,
            "quit": self.app.leave,
        }

    def on_screen_resume(self) -> None:
        """What happened while another screen was shown is drawn."""
        self.draw()

    def on_screen_suspend(self) -> None:
        """What is on top is the picture of the last key: the next one here is not."""
        self.pressed_at = 0.0

    def on_unmount(self) -> None:
        """The thread goes with the screen."""
        self.dismiss_worker()

    @on(Board.Resized)
    def make_room(self) -> None:
        """When the panes have their new places, see that none is lost; a notice may stand where it takes one."""
        self.call_after_refresh(self.query_one(NoticeLine).show)  # what came with it has its own place by then
        self.call_after_refresh(self.settle)

    def let_go(self) -> None:
        """What was shown is closed: hold nothing of it; a screen that is not shown is drawn anew when it is."""
        for picture in self.query(Picture):
            picture.forget()

    # the flow: see, ask, hear, draw ----------------------------------------------------------------------------

    def see(self, view: View, act: str = "look") -> None:
        """The person did something, or looks elsewhere."""
        if view == self.view:
            return
        typing = self.draft is not None
        self.keep(view, act)
        self.follow()
        if typing != (self.draft is not None):
            self.refresh_bindings()

    def see_else(self, view: View, otherwise: str) -> None:
        """Look there; if one does already, say this."""
        if view == self.view:
            self.app.say(otherwise)
        self.see(view)

    def follow(self) -> None:
        """The view, or what is known, is another: what else must be."""
        board = self.board
        if board.text is not None:
            board.text.draft, board.text.apart, board.text.is_broken = self.draft, self.apart, self.is_broken
        self.rearrange()
        if self.ask():
            self.late = self.late or self.set_timer(PATIENCE, self.draw)
        else:
            self.draw()

    def rearrange(self) -> None:
        """Give the panes the places that they have by now."""
        if self.is_mounted and self.board.rearrange(self.arrangement):
            self.call_after_refresh(self.settle)

    def ask(self) -> bool:
        """Have the worker compute what is not there yet; whether the picture should wait for it a moment."""
        wanted = self.wanted() if self.worker is not None else None
        if wanted is None or wanted == self.asked:
            return False
        before, self.asked = self.asked, wanted
        waits = self.forget(before, wanted)
        if waits:
            self.asked_at = time.perf_counter()
        assert self.worker is not None
        self.worker.ask(wanted)
        return waits and self.took <= SOON

    def employ(self, work: Callable[[Any], Any]) -> None:
        """A worker in the place of the one before."""
        self.dismiss_worker()
        self.worker, self.asked = Worker(type(self).__name__, work, self.hand_over), None
        self.worker.start()

    def hand_over(self, *piece: Any) -> None:
        """In the worker's thread: a piece waits here; a message is held by the screen until the next one."""
        self.pieces.append(piece)
        self.call_later(self.hear_pieces)

    def hear_pieces(self) -> None:
        """Hear all that was handed over."""
        while self.pieces:
            self.said(*self.pieces.popleft())

    def dismiss_worker(self) -> None:
        """Nobody computes any more, and nothing is waited for."""
        if self.worker is not None:
            self.worker.stop()
        self.worker = self.asked = None

    def said(self, worker: Worker[Any, Any], request: Any, content: Any) -> None:
        """A piece of an answer; what comes from a worker of before is dropped."""
        if worker is self.worker:
            if self.asked_at:
                self.took, self.asked_at = time.perf_counter() - self.asked_at, 0.0
            self.hear(request, content)
            self.app.tidying.heard()
            if not self.is_behind:
                self.is_behind = True
                self.call_later(self.draw_heard)

    def draw_heard(self) -> None:
        """What has been said by now: pieces that come faster than they can be drawn are drawn together."""
        self.is_behind = False
        self.rearrange()
        self.draw()
        self.app.learned(self)

    def draw(self) -> None:
        """Draw what is there now."""
        if self.late is not None:
            self.late.stop()
            self.late = None
        if not self.is_mounted or not self.is_current:
            return
        scene, palette = self.scene, self.app.palette_now()
        if scene is None:
            return
        self.board.draw(scene, palette, self.app.unit)
        self.query_one(ScreenRow).name_screens(self.app.PLACES, type(self).__name__, palette)
        self.draw_foot()
        if self.pressed_at:
            self.frame_milliseconds = (time.perf_counter() - self.pressed_at) * 1e3
            self.pressed_at = 0.0
        self.app.drawn()

    def way_back(self) -> Callable[[], None]:
        """What brings the screen back to how it is now: its view, the pane on its stage, and who has the keys."""
        view, stage, focused = self.view, self.board.placing.stage, self.focused

        def back() -> None:
            self.view = view
            self.board.stage(stage)
            self.set_focus(focused, scroll_visible=False)
            self.follow()
            self.refresh_bindings()

        return back

    def draw_foot(self) -> None:
        """The keys that matter now, and what the pane shows that has the keys."""
        pane, focused = self.board.focused, self.focused
        keys = focused.keys if isinstance(focused, Aside) and focused.keys else self.usable
        bar = self.query_one(KeyBar)
        bar.about = () if pane is None else (pane.in_short, pane.gist)
        bar.show([key for key in keys if key.footer], self.app.palette_now())

    # keys and clicks -------------------------------------------------------------------------------------------

    def action_press(self, name: str) -> None:
        """A key of the table."""
        self.pressed_at = time.perf_counter()
        self.trying(self.acts[name])

    def in_turn(self, act: Callable[[], object]) -> None:
        """Do what a key, a click or the wheel does; a screen where something is due does that first."""
        act()

    def action_press_editing(self, name: str) -> None:
        """A key of the table, while the text is typed."""
        if name in ("done", "leave"):
            self.go_to(self.BACK or self.before_typing)
        elif name in self.acts:
            self.action_press(name)
        elif self.draft is not None:
            key = next(key.keys for key in self.EDITING if key.action == name)
            edited = editor.edit(*self.draft, key, None, apart=self.apart)
            if edited is not None:
                self.see(self.typed(*edited), "type")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys mean letters while a text is typed, and only the program's do something before there is a scene."""
        if action in ("press", "press_editing") and not (self.stands and self.query(Board)):
            return False  # one of a burst, whose screen is not there yet, or no longer
        if action == "press_editing":
            return self.draft is not None
        if action == "press":
            own = any(key.action == parameters[0] and key.group == PROGRAM for key in self.TABLE)
            return self.draft is None and (own or self.scene is not None)
        return super().check_action(action, parameters)

    def on_picture_acted(self, message: Picture.Acted) -> None:
        """A click, or the mouse passing."""
        self.pressed_at = time.perf_counter()
        if isinstance(message.act, GoTo):
            self.go_to(message.act.pane)
        elif isinstance(message.act, Press):
            self.action_press(message.act.action)
        elif message.hover:
            self.see(message.act(self.view))
        else:
            self.in_turn(lambda: self.see(message.act(self.view), "click"))

    def on_picture_pointed(self, message: Picture.Pointed) -> None:
        """What the word under the mouse means, at the foot."""
        self.query_one(KeyBar).tell(self.app.GLOSSARY.get(message.word.casefold(), ""))

    def on_descendant_focus(self) -> None:
        """Another pane has the keys."""
        if self.query(Board) and (pane := self.board.focused) is not None and pane.name in self.board.panes:
            self.had_keys = pane.name
        if self.query(KeyBar) and self.scene is not None:
            self.draw_foot()

    def on_picture_turned(self, message: Picture.Turned) -> None:
        """The wheel, over any pane."""
        self.pressed_at = time.perf_counter()
        self.in_turn(partial(self.turn_wheel, message))

    def turn_wheel(self, message: Picture.Turned) -> None:
        """What the wheel does in the pane it is over."""
        scene = self.scene
        if scene is not None:
            self.see(message.pane.wheel(scene, message.by))

    def on_click(self) -> None:
        """Elsewhere than in the text that is typed, it ends that: keys are for the pane that was clicked."""
        if self.draft is not None and self.focused is not self.board.text:
            self.see(self.typing_ended())

    def on_typing_edited(self, message: Typing.Edited) -> None:
        """The text is another: everything follows as it is typed."""
        self.pressed_at = time.perf_counter()
        self.see(self.typed(message.text, message.caret), message.act)
        if message.replaces:
            self.app.say("this stands in the place of the paste before, which could not be read")

    def on_paste(self, event: events.Paste) -> None:
        """Text pasted where none is typed begins a text of its own."""
        self.edit()
        if self.draft is not None and self.board.text is not None:
            self.board.text.replaces = True
            self.board.text.on_paste(event)

    def pane_for_keys(self) -> Pane[Any, Any] | None:
        """The pane that a key is for; what stands beside the panes gives it to the one that had the keys last."""
        if self.board.focused is None and self.had_keys:
            self.go_to(self.had_keys)
        return self.board.focused

    def move(self, dx: int, dy: int) -> None:
        """An arrow key, for the focused pane."""
        scene, pane = self.scene, self.pane_for_keys()
        if scene is not None:
            self.see(pane.move(scene, dx, dy) if pane is not None else scene.moved(dx, dy))

    def enter(self) -> None:
        """Enter, for the focused pane."""
        scene, pane = self.scene, self.board.focused
        if scene is not None and pane is not None:
            self.see(pane.enter(scene), f"enter in {pane.name}")

    def edit(self) -> None:
        """Type the text."""
        view, text = self.begin_typing(), self.board.text
        if view is None or text is None:
            return
        pane = self.board.focused
        had_keys = pane.name if pane is not None and pane.name in self.board.panes else self.had_keys
        self.before_typing = had_keys or self.board.panes[0]
        self.see(view)
        self.set_focus(text, scroll_visible=False)

    def go_to(self, name: str) -> None:
        """Give a pane the keys, and a place if it has none; keys are no letters any more."""
        if self.draft is not None:
            self.see(self.typing_ended())
        if self.board.order and name not in self.board.order:
            self.board.stage(name)
            self.ask()  # a pane that is now on screen may want more
            self.draw()
            self.call_after_refresh(self.draw)
        self.set_focus(self.board.picture(name), scroll_visible=False)

    def settle(self) -> None:
        """The pane with the keys stays on screen, and one that has come may want more."""
        self.rearrange()
        order, pane = self.board.order, self.board.focused
        if order and pane is not None and pane.name in self.board.panes and pane.name not in order:
            self.go_to(pane.name)
        self.ask()
        self.draw()

    def turn(self, by: int) -> None:
        """To the pane after or before the focused one, in reading order."""
        order, name = self.board.order, self.focused.id if self.focused else None
        place = order.index(name) + by if name in order else 0
        if order:  # none where the terminal is too small
            self.go_to(order[place % len(order)])

    def jump(self) -> None:
        """To a pane by some of its name."""
        titles = {kind.name: kind.title for kind in self.PANES}
        names = self.board.panes
        options = [(name, f"{digit(names, name):>1} {name}", titles[name]) for name in names]
        self.consult(Choose("Go to a pane", options), self.go_to)

    def explain(self) -> None:
        """What the focused pane shows, and every key."""
        pane = self.board.focused or self.board.picture(self.had_keys or self.board.panes[0]).pane
        self.open_dialog(Help(pane.title, pane.help, key_table((*self.TABLE, *self.EDITING), self.board.panes)))
