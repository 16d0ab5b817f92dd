"""All that is known of the run's course, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from rich.style import Style

from models.runs.measurement import UNFAIR
from playground import text
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import fitting
from playground.train.panes import words
from playground.train.panes.words import RunPane
from playground.train.record import Record
from playground.train.scene import TrainScene

COLUMN = 30  # cells of a label and its number, at least
LABEL = 14


class Progress(RunPane):
    """A bar, and what the run costs and reaches."""

    name = "progress"
    title = "Progress"
    gist = "How far it is, and at what cost"
    help = (
        "How far the run is, what it has reached and what it costs. The held-out loss is that of the best model, "
        "measured at the end as it is stored; sampled losses are measured on the way, on fewer tokens. ± is the "
        "standard error: two times in three, all of the text would give a loss no further away. tokens/s is how fast "
        "it learns; the share of peak is how much of the machine's arithmetic that uses, against the fastest large "
        "product it could do. Passes is how often it has seen its text. The gradient is that of the last step, before "
        "it is clipped."
    )

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The run."""
        return scene.view.run, scene.record

    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """Title, bar, facts in columns, and what is wrong below."""
        glyph, word = words.STATES[record.state]
        canvas.title(self.title, fitting([f"{glyph} {word}", text.visible(scene.view.run)], canvas.width - 10))
        said = _said(record, canvas)
        y = 1
        if canvas.height > 3:
            _bar(record, canvas)
            y = 2
        _columns(canvas, y, max(canvas.height - y - len(said), 0), words.facts(record, canvas.unit))
        for below, (line, style) in enumerate(said, canvas.height - len(said)):
            canvas.put(0, below, line, style)


def _bar(record: Record, canvas: Canvas) -> None:
    palette = canvas.palette
    share = 1.0 if record.state == "done" else record.share
    word = f" {words.doing(record) or numbers.percent(share)}"
    wide = max(canvas.width - len(word), 1)
    done = round(share * wide)
    canvas.put(0, 1, "━" * done, palette.accent)
    canvas.put(done, 1, "─" * (wide - done), palette.faint)
    canvas.put(wide, 1, word, palette.strong)


def _columns(canvas: Canvas, top: int, tall: int, facts: Mapping[str, str]) -> None:
    """Down the first column, then the next; what does not fit is left out."""
    if tall < 1:
        return
    count = max(min(canvas.width // COLUMN, -(-len(facts) // tall)), 1)
    down = min(-(-len(facts) // count), tall)
    wide = canvas.width // count
    palette = canvas.palette
    styles = {
        "step": palette.strong,
        "held-out": palette.accent,
        "sampled": palette.accent,
        "left": palette.strong,
        "without": palette.contrast,
    }
    for at, (label, number) in enumerate(islice(facts.items(), down * count)):
        x, y = at // down * wide, top + at % down
        start = LABEL if wide >= LABEL + 6 else min(len(label) + 1, wide // 2)
        canvas.put(x, y, text.cut(label, start - 1), palette.muted)
        canvas.put(x + start, y, text.cut(number, wide - start - (count > 1)), styles.get(label, palette.text))


def _said(record: Record, canvas: Canvas) -> list[tuple[str, Style]]:
    """What is wrong, and the last warning, in lines; at most a third of the pane."""
    warning = record.warnings[-1].says if record.warnings else ""
    unfair = UNFAIR if record.looks_ahead else ""
    said = (
        (record.problem, canvas.palette.contrast),
        (unfair, canvas.palette.contrast),
        (warning, canvas.palette.muted),
    )
    lines = [(line, style) for told, style in said if told for line in words.wrapped(told, canvas.width)]
    return lines[: canvas.height // 3]
