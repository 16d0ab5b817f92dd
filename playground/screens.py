"""The screens, in the order of their keys. To add one: a file beside this, and a line in `ALL`; it is imported late."""

from __future__ import annotations

from playground.kit.pane_app import Place

PLAY, TRAIN = "playground.play", "playground.train"

ALL: tuple[Place, ...] = (
    Place("play", "f2", "To Play: take a model apart while it runs.", f"{PLAY}.screen", "Play", True, f"{PLAY}.finds"),
    Place(
        "train", "f3", "To Train: let a model learn, and watch it.", f"{TRAIN}.screen", "Train", False, f"{TRAIN}.finds"
    ),
    Place("compare", "f4", "To Compare: models side by side.", "playground.compare.screen", "Compare", True),
    Place("inside", "f5", "To Inside: why it said that.", "playground.inside.screen", "Inside", True),
    Place("learn", "f6", "To Learn: lessons that end in an act.", "playground.learn.screen", "Learn", True),
)
NAMES = tuple(place.name for place in ALL)
