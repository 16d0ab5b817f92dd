"""How the Train panes speak of a run: its state, its sizes, and its place among others."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator
from functools import lru_cache

from rich.style import Style

from models.runs.events import Started, Stepped
from models.units import Unit
from playground import text
from playground.cells import Cell, cells
from playground.kit import numbers
from playground.kit.canvas import Canvas, Press
from playground.kit.flow import nothing
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.train.record import Record, State
from playground.train.scene import TrainScene, TrainView
from playground.train.settling import Settled

CHOSEN = "●"
LETTERS = "abcd"  # marks of the pinned runs, in their order
LEARNED = "◇"  # where it began to say of the prompt what it says now
OTHER = "·"  # and of those that are not
SAMPLED, UNFAIR_MARK = "~", "†"  # of a loss: on a sample, while it learned; of who sees the answers

STATES: dict[State, tuple[str, str]] = {
    "waiting": ("…", "starting"),
    "running": ("▶", "running"),
    "paused": ("‖", "paused"),
    "stopped": ("■", "stopped"),
    "done": ("✓", "done"),
    "died": ("✗", "died"),
}


def letter(view: TrainView, name: str) -> str:
    """The letter of a pinned run, which it keeps while it is chosen; empty for any other."""
    return LETTERS[view.pinned.index(name)] if name in view.pinned else ""


def mark(view: TrainView, name: str) -> str:
    """How the panes tell a run they show from others: the chosen one from the pinned ones with their letters."""
    return CHOSEN if name == view.run else letter(view, name)


def learned_in_words(moment: Settled) -> str:
    """Since when it says what it says now."""
    return f"{LEARNED} '{moment.token}' first since {moment.step:,}"


class RunPane(Pane[TrainScene, TrainView]):
    """A pane that shows the chosen run."""

    without = "no run yet: n starts one"

    def draw(self, scene: TrainScene, canvas: Canvas) -> None:
        """The run, or that there is none."""
        if scene.record is None:
            self.draw_none(canvas)
            canvas.hit(0, 1, canvas.width, canvas.height - 1, Press("new"))
        else:
            self.draw_run(scene, scene.record, canvas)

    def draw_none(self, canvas: Canvas) -> None:
        """While there is no run."""
        nothing(canvas, self.title, self.without)

    def wheel(self, scene: TrainScene, by: int) -> TrainView:
        """Through time, where there is nothing to scroll."""
        return scene.scrubbed(by)

    @abstractmethod
    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """The whole picture of the run, its title line included."""


def state_style(palette: Palette, state: State) -> Style:
    """Running is on, died is wrong."""
    return palette.accent if state == "running" else palette.contrast if state == "died" else palette.text


def sizes(record: Record) -> str:
    """The model in a few words: 4 layers × 4 heads × 128 wide."""
    config = record.config
    if config is None:
        return ""
    if config.model == "gru":
        return "recurrent (GRU)"
    return f"{config.n_layer} layers × {config.n_head} heads × {config.n_embd} wide"


def compact(record: Record) -> str:
    """The same in the shortest way: 4×4×128."""
    config = record.config
    if config is None:
        return ""
    return "GRU" if config.model == "gru" else f"{config.n_layer}×{config.n_head}×{config.n_embd}"


def loss(record: Record, unit: Unit) -> str:
    """What a list tells of how good it is: the held-out loss, or before that is measured the lowest sampled one."""
    nats = record.scored.held_out.nats if record.scored else record.best.held_out if record.best else None
    if nats is None:
        return numbers.ABSENT
    marks = (UNFAIR_MARK if record.looks_ahead else "") + ("" if record.scored else SAMPLED)
    return marks + numbers.loss(nats, unit)


def doing(record: Record) -> str:
    """What it does while it makes no steps, and how much of that is done."""
    return f"{record.working.doing} {numbers.percent(record.share)}" if record.working else ""


def facts(record: Record, unit: Unit) -> dict[str, str]:
    """All that is known of its course, numbers by their labels, the most important first."""
    config, best, started, scored = record.config, record.best, record.started, record.scored
    told = {"step": f"{record.step:,}" + (f" of {config.steps:,}" if config and config.steps else "")}
    told["held-out"] = plus_minus(scored.held_out.nats, scored.held_out.error, unit) if scored else ""
    last = record.measured[-1] if record.measured else None
    told["sampled"] = plus_minus(last.held_out, last.error, unit) if last else ""
    told["best sampled"] = f"{numbers.loss(best.held_out, unit)} at {best.step:,}" if best else ""
    told["losses in"] = f"{unit.name} a {started.thing}" if started and (last or scored) else ""
    if started and started.unknown_held_out is not None:
        told["<unk>"] = f"{numbers.percent(started.unknown_held_out)} of held-out"
    if record.stepped:
        left = record.stepped.seconds_left * (1 - record.share if record.working else 1)
        told |= _course(record.stepped, started, unit)
        told["left"] = numbers.clock(left) if record.is_alive else ""
    told["without"] = ", ".join(record.lacks)
    if started:
        told["parameters"] = numbers.large(started.parameters)
        told["text"] = f"{numbers.large(started.tokens)} tokens"
        told["vocabulary"] = f"{started.vocab_size:,}"
    told["model"] = compact(record)
    told["goes on from"] = text.visible(started.started_from) if started else ""
    told["saved"] = f"step {record.saved:,}" if record.saved is not None else ""
    return {label: number for label, number in told.items() if number}


def plus_minus(nats: float, error: float, unit: Unit) -> str:
    """A loss, and how sure it is."""
    return numbers.loss(nats, unit) + (f" ± {numbers.loss(error, unit)}" if math.isfinite(error) else "")


def _course(stepped: Stepped, started: Started | None, unit: Unit) -> dict[str, str]:
    """What the last step tells."""
    share = stepped.operations_per_second / started.peak if started and started.peak > 0 else math.nan
    return {
        "train": numbers.loss(stepped.loss, unit),
        "time": numbers.clock(stepped.seconds),
        "left": "",  # in its place
        "speed": f"{numbers.large(stepped.tokens_per_second)} tokens/s",
        "arithmetic": numbers.large(stepped.operations_per_second, "FLOP/s"),
        "share of peak": numbers.percent(share),
        "memory": numbers.large(stepped.memory, "B"),
        "learning rate": f"{stepped.rate:.2e}",
        "gradient": numbers.fixed(stepped.norm, 3, numbers.BROKEN),
        "learned from": f"{numbers.large(stepped.tokens)} tokens",
        "passes": f"{stepped.tokens / started.tokens:.2f}" if started and started.tokens else "",
    }


@lru_cache(maxsize=16)
def wrapped(foreign: str, width: int) -> tuple[str, ...]:
    """A text made visible, in lines of at most so many cells, broken at spaces where there are any."""
    lines = text.visible(foreign, keep="\n").strip("\n").split("\n")
    return tuple(part for line in lines for part in _broken(line, max(width, 1)))


def _broken(line: str, width: int) -> Iterator[str]:
    kept: list[Cell] = []
    used = cut = 0  # cut: behind the last blank
    for cell in cells(line):
        if kept and used + cell[1] > width:
            cut = cut or len(kept)
            yield "".join(shown for shown, _ in kept[:cut])
            kept, cut = kept[cut:], 0
            used = sum(wide for _, wide in kept)
        kept.append(cell)
        used += cell[1]
        cut = len(kept) if cell[0] == " " else cut
    yield "".join(shown for shown, _ in kept)
