"""What the screens ask of the playground: the model that is open, what is remembered, and to open another model."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from playground.kit.kept import Kept
from playground.kit.pane_app import PaneApp
from playground.settings import Settings

if TYPE_CHECKING:  # the app draws its first frame before NumPy is there
    from models.baselines import Baseline
    from models.gpt import GPT
    from playground.kit.keys import Key
    from playground.looking.scene import Scene
    from playground.looking.session import Session


@dataclass(frozen=True, eq=False)
class Opened:
    """A model in memory, what counting says beside it, and the folder that it came from."""

    model: GPT
    beside: Mapping[str, Baseline]
    folder: Path


class Sessions(Protocol):
    """What another screen asks of the one that has the session: what it is, and to do something to it."""

    @property
    def session(self) -> Session:
        """What the person has chosen."""

    @property
    def scene(self) -> Scene | None:
        """The session and its passes; None while no model is open."""

    @property
    def draft(self) -> tuple[str, int] | None:
        """The prompt that is being typed, and the caret."""

    @property
    def apart(self) -> bool:
        """Whether every character of it has a cell of its own."""

    @property
    def is_broken(self) -> bool:
        """Whether it has a character that the model has never seen."""

    @property
    def usable(self) -> Sequence[Key]:
        """The keys that do something now."""

    def see(self, view: Session, act: str = "look") -> None:
        """Go on with this session."""

    def begin_typing(self) -> Session:
        """The session with its prompt open."""

    def typed(self, text: str, caret: int) -> Session:
        """The session with this prompt."""

    def typing_ended(self) -> Session:
        """The session with its prompt closed."""

    def undo(self) -> None:
        """Back to before the last act."""

    def redo(self) -> None:
        """To the session that was undone last."""

    def mend(self) -> None:
        """What the model does not know of the prompt is written as the nearest that it knows."""


class Host(PaneApp):
    """The app as its screens know it."""

    store: Settings  # what is remembered from one start to the next
    prompt: str | None  # to begin with
    begin: Callable[[], Session] | None  # switches, sampler and seed to begin with
    kept: Kept  # what was computed, for as long as there is room
    runs: Path  # the folder of the runs
    opened: Opened | None = None

    @property
    @abstractmethod
    def play(self) -> Sessions:
        """The Play screen, whose text and switches others show as well."""

    @property
    @abstractmethod
    def session(self) -> Session:
        """What the person has chosen in Play."""

    @abstractmethod
    def open_model(self, name: str, called: str | None = None, prompt: str | None = None, then: str = "play") -> object:
        """Read a model folder beside the drawing, and go to the screen `then` with it."""

    @abstractmethod
    def let_go(self) -> None:
        """Another model is open: no screen holds anything of the one before."""

    def keep(self, store: Settings) -> None:
        """Go on with what is remembered now; a disk that refused is said, and nothing else is lost."""
        self.store = store
        if store.problem:
            self.tell(store.problem)
