"""The keys of the Learn screen."""

from __future__ import annotations

from playground import screens
from playground.kit.keys import Key, program, to_panes
from playground.learn.layout import PANES

KEYS: tuple[Key, ...] = (
    Key("enter", "enter", "begin", "Begin the lesson under the cursor.", "Learn", True, "⏎"),
    *to_panes(PANES),
    *program(screens.ALL),
)
