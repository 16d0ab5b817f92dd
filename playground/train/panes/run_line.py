"""One line about the run."""

from __future__ import annotations

from typing import Any

from playground import text
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, say_what_fits
from playground.kit.palette import Palette
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
        say_what_fits(canvas, _parts(scene.view.run, scene.record, canvas.palette))


def _parts(name: str, record: Record, palette: Palette) -> list[tuple[int, Part]]:
    """What there is to say, from left to right; the larger the number, the sooner it is left out."""
    glyph, word = words.STATES[record.state]
    of = f" of {record.config.steps:,}" if record.config and record.config.steps else ""
    parts: list[tuple[int, Part]] = [
        (1, (text.visible(name), palette.strong)),
        (0, (f"{glyph} {word}", words.state_style(palette, record.state))),
        (2, (f"step {record.step:,}{of}", palette.text)),
    ]
    if record.problem:
        parts.append((3, (text.visible(record.problem), palette.contrast)))
    if record.lacks:
        parts.append((4, (words.without(record), palette.contrast)))
    if record.measured:
        parts.append((5, (f"held-out {numbers.nats(record.measured[-1].held_out)}", palette.accent)))
    if record.stepped and record.is_alive:
        parts.append((6, (f"{numbers.clock(record.stepped.seconds_left)} left", palette.text)))
        parts.append((7, (f"{numbers.large(record.stepped.tokens_per_second)} tokens/s", palette.muted)))
    if words.sizes(record):
        parts.append((8, (words.sizes(record), palette.muted)))
    return parts
