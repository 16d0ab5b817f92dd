"""All that is known of the run's course, in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rich.style import Style

from playground import text
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import fitting, nothing
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.train.panes import words
from playground.train.panes.words import NO_RUN
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView

COLUMN = 30  # cells of a label and its number, at least
LABEL = 14

Fact = tuple[str, str, Style]  # label, number, style


class Progress(Pane[TrainScene, TrainView]):
    """A bar, and what the run costs and reaches."""

    name = "progress"
    title = "Progress"
    help = (
        "How far the run is, what it has reached and what it costs. tokens/s is how fast it learns; the share of peak "
        "is how much of the machine's arithmetic that uses, against the fastest large product it could do. Passes is "
        "how often it has seen its text. The gradient is that of the last step, before it is clipped."
    )

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The run."""
        return scene.view.run, scene.record

    def draw(self, scene: TrainScene, canvas: Canvas) -> None:
        """Title, bar, facts in columns, and what is wrong below."""
        record = scene.record
        if record is None:
            nothing(canvas, self.title, NO_RUN)
            return
        glyph, word = words.STATES[record.state]
        canvas.title(self.title, fitting([f"{glyph} {word}", text.visible(scene.view.run)], canvas.width - 10))
        said = _said(record, canvas)
        y = 1
        if canvas.height > 3:
            _bar(record, canvas)
            y = 2
        _columns(canvas, y, max(canvas.height - y - len(said), 0), _facts(record, canvas.palette))
        for below, (line, style) in enumerate(said, canvas.height - len(said)):
            canvas.put(0, below, line, style)


def _share(record: Record) -> float:
    if record.state == "done":
        return 1.0
    share = record.stepped.progress if record.stepped else 0.0
    return min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0


def _bar(record: Record, canvas: Canvas) -> None:
    palette, share = canvas.palette, _share(record)
    word = f" {numbers.percent(share)}"
    wide = max(canvas.width - len(word), 1)
    done = round(share * wide)
    canvas.put(0, 1, "━" * done, palette.accent)
    canvas.put(done, 1, "─" * (wide - done), palette.faint)
    canvas.put(wide, 1, word, palette.strong)


def _facts(record: Record, palette: Palette) -> list[Fact]:
    """The most important first."""
    started, stepped, config = record.started, record.stepped, record.config
    of = f" of {config.steps:,}" if config and config.steps else ""
    facts: list[Fact] = [("step", f"{record.step:,}{of}", palette.strong)]
    if record.measured:
        facts.append(("held-out", numbers.nats(record.measured[-1].held_out), palette.accent))
    if record.best:
        facts.append(("best", f"{numbers.nats(record.best.held_out)} at {record.best.step:,}", palette.text))
    if stepped:
        facts += _course(record, palette)
    if record.lacks:
        facts.append(("without", ", ".join(record.lacks), palette.contrast))
    if started:
        facts.append(("parameters", numbers.large(started.parameters), palette.text))
        facts.append(("text", f"{numbers.large(started.tokens)} tokens", palette.text))
        facts.append(("vocabulary", f"{started.vocab_size:,}", palette.text))
    if words.compact(record):
        facts.append(("model", words.compact(record), palette.text))
    if started and started.started_from:
        facts.append(("goes on from", text.visible(started.started_from), palette.text))
    if record.saved is not None:
        facts.append(("saved", f"step {record.saved:,}", palette.text))
    return facts


def _course(record: Record, palette: Palette) -> list[Fact]:
    """What the last step tells."""
    stepped, started = record.stepped, record.started
    assert stepped is not None
    left = [("left", numbers.clock(stepped.seconds_left), palette.strong)] if record.is_alive else []
    share = stepped.operations_per_second / started.peak if started and started.peak > 0 else math.nan
    passes = stepped.tokens / started.tokens if started and started.tokens else math.nan
    facts = [
        ("train", numbers.nats(stepped.loss), palette.text),
        ("time", numbers.clock(stepped.seconds), palette.text),
        *left,
        ("speed", f"{numbers.large(stepped.tokens_per_second)} tokens/s", palette.text),
        ("arithmetic", numbers.large(stepped.operations_per_second, "FLOP/s"), palette.text),
        ("share of peak", numbers.percent(share), palette.text),
        ("memory", numbers.large(stepped.memory, "B"), palette.text),
        ("learning rate", f"{stepped.rate:.2e}", palette.text),
        ("gradient", numbers.nats(stepped.norm), palette.text),
        ("learned from", f"{numbers.large(stepped.tokens)} tokens", palette.text),
    ]
    return facts + ([("passes", f"{passes:.2f}", palette.text)] if math.isfinite(passes) else [])


def _columns(canvas: Canvas, top: int, tall: int, facts: Sequence[Fact]) -> None:
    """Down the first column, then the next; what does not fit is left out."""
    if tall < 1:
        return
    count = max(min(canvas.width // COLUMN, -(-len(facts) // tall)), 1)
    down = min(-(-len(facts) // count), tall)
    wide = canvas.width // count
    for at, (label, number, style) in enumerate(facts[: down * count]):
        x, y = at // down * wide, top + at % down
        start = LABEL if wide >= LABEL + 6 else min(len(label) + 1, wide // 2)
        canvas.put(x, y, text.cut(label, start - 1), canvas.palette.muted)
        canvas.put(x + start, y, text.cut(number, wide - start - (count > 1)), style)


def _said(record: Record, canvas: Canvas) -> list[tuple[str, Style]]:
    """What is wrong, and the last warning, in lines; at most a third of the pane."""
    warning = record.warnings[-1].says if record.warnings else ""
    said = ((record.problem, canvas.palette.contrast), (warning, canvas.palette.muted))
    lines = [(line, style) for told, style in said if told for line in words.wrapped(told, canvas.width)]
    return lines[: canvas.height // 3]
