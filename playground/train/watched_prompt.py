"""The prompt that is shown to every snapshot: one the model can read, until the person has typed another."""

from __future__ import annotations

from models.tokenizers import Tokenizer
from playground.kit.described import Acts
from playground.kit.dialogs import Ask
from playground.kit.screen import PaneScreen
from playground.looking.prompts import all_known, mended
from playground.looking.scene import Scene
from playground.train.scene import TrainScene, TrainView

NEW_LINE = "⏎"  # in the one line where the prompt is typed, as tokens are drawn


class WatchedPrompt:
    """What the person `typed`, None while that is nothing; and what is shown under the chosen run."""

    def __init__(self, screen: PaneScreen[TrainScene, TrainView]) -> None:
        self.screen = screen
        self.typed: str | None = None

    @property
    def acts(self) -> Acts:
        """What the keys do to it."""
        return {"edit": self.ask, "mend": self.mend}

    @property
    def shown(self) -> Scene | None:
        """What the chosen run makes of it, as far as that is known."""
        scene = self.screen.scene
        seen = scene.watch.get(scene.view.run) if scene is not None else None
        return seen.scene if seen is not None else None

    @property
    def tokenizer(self) -> Tokenizer | None:
        """Of the chosen run."""
        return self.shown.model.tokenizer if self.shown is not None else None

    @property
    def text(self) -> str:
        """As it can be edited."""
        if self.typed is not None:
            return self.typed
        return self.tokenizer.decode(self.shown.session.tokens) if self.tokenizer and self.shown else ""

    def ask(self) -> None:
        """Type it."""

        def typed(prompt: str) -> None:
            self.watch(prompt.replace(NEW_LINE, "\n") or None)

        title = f"The prompt to watch; {NEW_LINE} is a new line"
        self.screen.consult(Ask(title, "nothing: one it can read", self.text.replace("\n", NEW_LINE)), typed)

    def mend(self) -> None:
        """What the chosen run does not know of it is written as the nearest that it knows."""
        text = mended(self.tokenizer, self.text) if self.tokenizer else self.text
        if text == self.text:
            self.screen.app.say(all_known("prompt"))
            return
        self.watch(text)

    def watch(self, prompt: str | None) -> None:
        """This one under the snapshots; None for one that each of them can read."""
        self.typed = prompt
        self.screen.follow()
