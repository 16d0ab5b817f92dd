"""The screens, in the order of their keys. To add one: a folder beside this, and a line in `ALL`. Imported late."""

from __future__ import annotations

from playground.kit.pane_app import Place

P, T, L = "playground.play", "playground.train", "playground.learn"

ALL: tuple[Place, ...] = (
    Place("play", "f2", "To Play: take a model apart while it runs.", f"{P}.screen", "Play", True, f"{P}.finds"),
    Place("train", "f3", "To Train: let a model learn, and watch it.", f"{T}.screen", "Train", finds=f"{T}.finds"),
    Place("compare", "f4", "To Compare: models side by side.", "playground.compare.screen", "Compare", True),
    Place("inside", "f5", "To Inside: why it said that.", "playground.inside.screen", "Inside", True),
    Place("learn", "f6", "To Learn: lessons that end in an act.", f"{L}.screen", "Learn", True, f"{L}.finds"),
)
NAMES = tuple(place.name for place in ALL)
