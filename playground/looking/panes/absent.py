"""What panes say in the place of what is not there, so that all say it alike."""

from __future__ import annotations

from playground.looking.scene import Scene

NO_TEXT = "type a prompt: press e"
COMPUTING = "computing ..."
COMPUTED = "the numbers are still being computed - press it again"
NO_COUNTS = "this model has no counts beside it: one that is trained in Train (F3) has them"


def no_results(scene: Scene) -> str:
    """Why there are none: they are on their way, or there is no text."""
    return COMPUTING if scene.session.tokens else NO_TEXT


def not_yet(scene: Scene) -> str:
    """Why a key finds none of this text; "" where there are some. Of an earlier text some may still be shown."""
    if not scene.session.tokens:
        return NO_TEXT
    return "" if scene.results is not None else COMPUTED
