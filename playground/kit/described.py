"""What a screen of panes says of itself: its scene, panes and keys, what its worker is asked, what answers mean."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic

from playground.kit.asking import Asking
from playground.kit.keys import Key
from playground.kit.layout import Arrangement
from playground.kit.pane import Pane, Scene, View
from playground.kit.worker import Failed

Acts = dict[str, Callable[[], object]]


class Described(Asking, Generic[Scene, View]):
    """`TABLE` names its keys and `acts` what they do; `EDITING` are those while a text is typed.

    A screen says what its `scene` is, how a view is kept, what it would ask of its worker, and what it does with the
    answers. `PaneScreen` does the rest. (mypy holds what is abstract: the metaclass is Textual's, not abc's.)
    """

    ARRANGEMENT: ClassVar[Arrangement]  # where the panes stand at first
    PANES: ClassVar[Sequence[type[Pane[Any, Any]]]]
    TABLE: ClassVar[Sequence[Key]]
    EDITING: ClassVar[Sequence[Key]] = ()
    FIRST: ClassVar[str]  # the pane in the changing place at first
    BACK: ClassVar[str] = ""  # the pane that has the keys after typing; the one that had them before if empty

    view: View

    def __init__(self) -> None:
        super().__init__()
        self.asked: Any = None  # of the worker, last

    @property
    @abstractmethod
    def scene(self) -> Scene | None:
        """Everything the panes draw from; None while there is nothing to draw."""

    @property
    @abstractmethod
    def acts(self) -> Acts:
        """What the keys do, by their actions."""

    @property
    def arrangement(self) -> Arrangement:
        """Where the panes stand by now."""
        return self.ARRANGEMENT

    @property
    def draft(self) -> tuple[str, int] | None:
        """The text that is being typed, and the caret; None while none is."""
        return None

    @property
    def apart(self) -> bool:
        """Whether every character of the text that is typed has a cell of its own, marks of letters as well."""
        return False

    @property
    def is_broken(self) -> bool:
        """Whether the text that is typed cannot be read as it is."""
        return False

    @property
    def usable(self) -> Sequence[Key]:
        """The keys that do something now, while a text is typed or while none is."""
        return self.TABLE if self.draft is None else self.EDITING

    def keep(self, view: View, act: str) -> None:
        """This is the view from now on."""
        self.view = view

    def wanted(self) -> Any:
        """What the worker is to answer for this view, comparable; None for nothing."""
        return None

    def forget(self, before: Any, wanted: Any) -> bool:
        """Let go of what another request makes wrong; whether it is worth a moment to wait for the answer."""
        return False

    def hear(self, request: Any, content: Any) -> None:
        """A piece of an answer, or that there will be none."""
        if isinstance(content, Failed) and request == self.asked:
            self.app.tell(content.problem)

    def begin_typing(self) -> View | None:
        """The view with the text open; None where there is no text to type."""
        return None

    def typed(self, text: str, caret: int) -> View:
        """The view with this text; as it is where there is none to type."""
        return self.view

    def typing_ended(self) -> View:
        """The view with the text closed."""
        return self.view

    def hear_of(self, other: object) -> None:
        """Another screen has learned something."""

    async def left(self) -> None:
        """The app is about to end: what must be kept is."""
