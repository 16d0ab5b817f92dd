"""A screen that does what it is told only while it stands: not before its widgets are there, not once it goes."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.dom import DOMNode
from textual.screen import Screen

Answer = TypeVar("Answer")


def stays(node: DOMNode) -> bool:
    """Whether neither the node nor anything it stands in is being taken away."""
    return node.is_attached and not any(each._pruning or each._closing for each in node.ancestors_with_self)


class Standing(Screen[Answer]):
    """Keys come in bursts, and the one before may have opened or closed a screen that has not heard of it yet."""

    @property
    def stands(self) -> bool:
        """Whether all its widgets are there, and stay for now."""
        return self.is_mounted and stays(self)

    async def _on_resize(self, event: events.Resize) -> None:
        """A size that the terminal no longer has is passed over.

        A screen of Textual that is laid out tells itself the size it was laid out in. With two sizes on their way, and
        drawing held up, so that they are not taken together, each of them calls for the other, for ever.
        """
        if event.size != self.app.size:
            event.prevent_default()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing that a key does needs half a screen."""
        return super().check_action(action, parameters) if self.stands else False
