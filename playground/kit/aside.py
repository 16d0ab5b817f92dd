"""What stands beside the panes of a screen: below them, and never covered by a notice."""

from __future__ import annotations

from collections.abc import Sequence

from playground.kit.keys import Key
from playground.kit.pane import Picture


class Aside(Picture):
    """A picture of its own; where it has `keys` it takes all keys, and the footer names these, not the screen's."""

    DEFAULT_CLASSES = "aside"

    keys: Sequence[Key] = ()
