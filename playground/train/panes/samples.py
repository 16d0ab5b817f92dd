"""What the model writes at the place looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground import text
from playground.kit.canvas import Canvas
from playground.kit.flow import headline, nothing
from playground.train.panes import words
from playground.train.panes.words import RunPane
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, see


class Samples(RunPane):
    """A sample, over lines; up and down scroll."""

    name = "samples"
    title = "Sample"
    gist = "What it wrote when measured"
    help = (
        "What the model wrote when it was measured, always drawn with the same random numbers: at first noise, then "
        "words, then lines. Left and right show earlier and later ones, up and down scroll. A pinned "
        "run's stands below the chosen one's."
    )

    def __init__(self) -> None:
        self._width = 60  # of the last picture, and its lines: how far one can scroll
        self._tall = 10

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The samples of both runs at the place, and how far they are scrolled."""
        told = [(name, record.sample_at(scene.step)) for name, record in scene.shown.items()][:2]
        return told, scene.view.pinned, scene.record is None, scene.view.scroll

    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """As many lines as fit, from where it is scrolled to."""
        self._width, self._tall = canvas.width, max(canvas.height - 1, 1)
        sample = record.sample_at(scene.step)
        if sample is None:
            nothing(canvas, self.title, "it has written nothing yet")
            return
        lines = list(_lines(scene, canvas.width))
        first = min(scene.view.scroll, max(len(lines) - self._tall, 0))
        note = [f"step {sample.step:,}"]
        if len(lines) > self._tall:
            note.append(f"lines {first + 1}-{min(first + self._tall, len(lines))} of {len(lines)}")
        headline(canvas, self.title, note)
        for y, (line, is_head) in enumerate(lines[first : first + self._tall], 1):
            canvas.put(0, y, line, canvas.palette.contrast if is_head else canvas.palette.text)

    def move(self, scene: TrainScene, dx: int, dy: int) -> TrainView:
        """Through time, and through the lines."""
        if dx:
            return scene.scrubbed(dx)
        last = max(len(list(_lines(scene, self._width))) - self._tall, 0)
        return see(scene.view, scroll=max(0, min(min(scene.view.scroll, last) + dy, last)))

    def wheel(self, scene: TrainScene, by: int) -> TrainView:
        """Through the lines."""
        return self.move(scene, 0, by)


def _lines(scene: TrainScene, width: int) -> Iterator[tuple[str, bool]]:
    """The lines of the sample, then those of the pinned run's under a head line; which of them is that."""
    for name, record in list(scene.shown.items())[:2]:
        sample = record.sample_at(scene.step)
        if sample is not None:
            if name != scene.view.run:
                yield (
                    text.cut(f"{words.mark(scene.view, name)} {text.visible(name)}, step {sample.step:,}", width),
                    True,
                )
            yield from ((line, False) for line in words.wrapped(sample.text, width))
