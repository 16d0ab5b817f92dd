"""One line about the run."""

from __future__ import annotations

from typing import Any

from models.runs.measurement import UNFAIR
from playground import text
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, say_what_fits
from playground.kit.pane import Pane
from playground.train.panes import words
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView


class RunLine(Pane[TrainScene, TrainView]):
    """Which run, how it stands, how fast it goes, when it ends."""

    name = "status"
    title = "Status"
    help = "The chosen run: its state, how far it is, how fast it goes and how long it still takes."

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The run."""
        return scene.view.run, scene.record

    def draw(self, scene: TrainScene, canvas: Canvas) -> None:
        """The parts that fit, in their places; the least important go first."""
        if scene.record is None:
            canvas.put(0, 0, "no run", canvas.palette.muted)
            return
        say_what_fits(canvas, _parts(scene.view.run, scene.record, canvas))


def _parts(name: str, record: Record, canvas: Canvas) -> list[tuple[int, Part]]:
    """What there is to say, from left to right; the larger the number, the sooner it is left out."""
    (glyph, word), told, palette = words.STATES[record.state], words.facts(record, canvas.unit), canvas.palette
    parts: list[tuple[int, Part]] = [
        (1, (text.visible(name), palette.strong)),
        (0, (f"{glyph} {word}", words.state_style(palette, record.state))),
        (2, (f"step {told['step']}", palette.text)),
        (3, (text.visible(record.problem), palette.contrast)),
    ]
    if "without" in told:
        parts.append((4, (f"without {told['without']}", palette.contrast)))
    kind = "held-out" if "held-out" in told else "sampled"
    if kind in told:
        parts.append((5, (f"{kind} {told[kind]} {told.get('losses in', '')}".rstrip(), palette.accent)))
    if record.looks_ahead and kind in told:
        parts.append((4, (UNFAIR, palette.contrast)))
    parts.append((1, (words.doing(record), palette.strong)))
    if "left" in told and not record.working:
        parts += [(6, (f"{told['left']} left", palette.text)), (7, (told["speed"], palette.muted))]
    parts.append((8, (words.sizes(record), palette.muted)))
    return [each for each in parts if each[1][0]]
