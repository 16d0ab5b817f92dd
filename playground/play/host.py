"""What the screens ask of the playground: the model that is open, what is remembered, and to open another model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playground.kit.kept import Kept
from playground.kit.pane_app import PaneApp
from playground.settings import Settings

if TYPE_CHECKING:  # the app draws its first frame before NumPy is there
    from models.baselines import Baseline
    from models.gpt import GPT
    from playground.play.session import Session


@dataclass(frozen=True, eq=False)
class Opened:
    """A model in memory, what counting says beside it, and the folder that it came from."""

    model: GPT
    beside: Mapping[str, Baseline]
    folder: Path


class Host(PaneApp):
    """The app as its screens know it."""

    store: Settings  # what is remembered from one start to the next
    prompt: str | None  # to begin with
    begin: Callable[[], Session] | None  # switches, sampler and seed to begin with
    kept: Kept  # what was computed, for as long as there is room
    runs: Path  # the folder of the runs
    opened: Opened | None = None

    @property
    def session(self) -> Session:
        """What the person has chosen in Play."""
        raise NotImplementedError

    def open_model(self, name: str, called: str | None = None, prompt: str | None = None, then: str = "play") -> object:
        """Read a model folder beside the drawing, and go to the screen `then` with it."""
        raise NotImplementedError

    def keep(self, store: Settings) -> None:
        """Go on with what is remembered now; a disk that refused is said, and nothing else is lost."""
        self.store = store
        if store.problem:
            self.tell(store.problem)
