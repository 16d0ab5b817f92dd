"""Where one looks in the pane of patching: at which other text, which picture, which line of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from models.gpt import GPTConfig
from playground.inside.scene import InsideView

Shows = Literal["parts", "heads", "rewriting"]

SHOWN: dict[Shows, str] = {
    "parts": "stream, attention and MLP",
    "heads": "single heads",
    "rewriting": "the fact rewritten",
}


@dataclass(frozen=True)
class PatchLook:
    """The other text, which of the pictures is shown, and the line of it that the cursor is on."""

    other: str = ""
    shows: Shows = "parts"
    line: int | None = None  # None: the one that says most

    def of(self, config: GPTConfig) -> Shows:
        """The picture that is shown of such a model."""
        return self.shows if self.shows in shown(config) else "parts"


def shown(config: GPTConfig) -> list[Shows]:
    """The pictures there are of such a model."""
    lacks = {"heads": not config.has("attention"), "rewriting": not config.has("mlp")}
    return [shows for shows in SHOWN if not lacks.get(shows)]


def on_line(view: InsideView, line: int) -> InsideView:
    """The cursor on that line."""
    return view.looking(replace(view.look(PatchLook), line=line))
