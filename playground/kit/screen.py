"""What all screens of panes share: a table of keys, a footer, a palette, and moving from pane to pane."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, Self, TypeVar

from textual.app import ComposeResult
from textual.screen import Screen

from playground import screens
from playground.kit.board import Board
from playground.kit.keybar import KeyBar
from playground.kit.keys import Key

if TYPE_CHECKING:
    from playground.app import Playground


B = TypeVar("B", bound=Board)


class PaneScreen(Screen[None], Generic[B]):
    """A board of panes whose keys stand in `TABLE`; `own` says what those do that are not in the screen's acts."""

    app: Playground
    AUTO_FOCUS = None
    BOARD: type[B]
    TABLE: ClassVar[Sequence[Key]]
    own: dict[str, Callable[[], object]]

    @classmethod
    def of(cls, app: Playground) -> Self:
        """The screen as this app wants it."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Panes and footer."""
        # Board takes its panes and places; each screen's own kind brings them along
        yield self.BOARD()  # type: ignore[call-arg]
        yield KeyBar()

    @property
    def board(self) -> B:
        """All panes."""
        return self.query_one(self.BOARD)

    def shared(self, panes: Sequence[str]) -> dict[str, Callable[[], object]]:
        """What the keys do that every screen has."""
        to_panes = {f"pane_{name}": partial(self.go_to, name) for name in panes}
        to_screens = {f"screen_{name}": partial(self.change_screen, name) for name in screens.NAMES}
        return (
            to_panes
            | to_screens
            | {
                "left": partial(self.move, -1, 0),
                "right": partial(self.move, 1, 0),
                "up": partial(self.move, 0, -1),
                "down": partial(self.move, 0, 1),
                "page_up": partial(self.move, 0, -10),
                "page_down": partial(self.move, 0, 10),
                "enter": self.enter,
                "next_pane": partial(self.turn, 1),
                "previous_pane": partial(self.turn, -1),
                "screen_before": partial(self.change_screen, -1),
                "screen_after": partial(self.change_screen, 1),
                "theme": lambda: self.app.next_theme(),
                "help": self.explain,
                "quit": lambda: self.app.leave(),
            }
        )

    def action_press(self, name: str) -> None:
        """A key of the table."""
        self.own[name]()

    def explain(self) -> None:
        """What the focused pane shows, and every key."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what is there now."""
        raise NotImplementedError

    def move(self, dx: int, dy: int) -> None:
        """An arrow key, for the focused pane."""
        raise NotImplementedError

    def enter(self) -> None:
        """Enter, for the focused pane."""
        raise NotImplementedError

    def go_to(self, name: str) -> None:
        """Give a pane the keys, and a place if it has none."""
        raise NotImplementedError

    async def left(self) -> None:
        """The app is about to end: what must be kept is."""

    def change_screen(self, to: str | int) -> None:
        """To a screen by its name, or so many after this one."""
        if isinstance(to, int):
            here = next(at for at, place in enumerate(screens.ALL) if place.kind == type(self).__name__)
            to = screens.NAMES[(here + to) % len(screens.NAMES)]
        self.app.show(to)

    def turn(self, by: int) -> None:
        """To the pane after or before the focused one, in reading order."""
        order, name = self.board.order, self.focused.id if self.focused else None
        place = order.index(name) + by if name in order else 0
        if order:  # none where the terminal is too small
            self.go_to(order[place % len(order)])

    def show_keys(self, keys: Sequence[Key]) -> None:
        """In the footer, those that are for it."""
        self.query_one(KeyBar).show([key for key in keys if key.footer], self.app.palette_now())

    def commands(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """The table for the command palette: title, words, act."""
        for key in self.TABLE:
            yield (
                f"{key.label[:1].upper()}{key.label[1:]}",
                f"{key.words} ({key.written})",
                partial(self.action_press, key.action),
            )
