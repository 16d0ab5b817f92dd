"""What panes say in the place of what is not there, so that all say it alike."""

from __future__ import annotations

from playground.looking.scene import Scene

NO_TEXT = "type a prompt: press e"
COMPUTING = "computing ..."
NO_COUNTS = "this model has no counts beside it: one that is trained in Train (F3) has them"


def no_results(scene: Scene) -> str:
    """Why there are none: they are on their way, or there is no text."""
    return COMPUTING if scene.session.tokens else NO_TEXT
