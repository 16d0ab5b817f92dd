"""A run as a person sees it: a progress bar."""

from __future__ import annotations

import time
from contextlib import suppress

from models.runs.events import Event, Measured, Scored, Started, Stepped, Warned, Working
from models.units import BITS
from playground.kit.numbers import clock, percent
from playground.text import visible

PATIENCE = 0.5  # seconds


class Bar:
    """A progress bar with loss, tokens a second and the time left on standard error; a line for every measurement."""

    def __init__(self) -> None:
        """Set it up."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = ("{task.fields[step]}", "{task.fields[loss]}", "{task.fields[speed]}", "{task.fields[left]}")
        self.made = time.monotonic()
        self.console = Console(stderr=True, highlight=False)
        self.thing = "token"
        self.progress = Progress(
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            *(TextColumn(column, markup=False) for column in columns),
            console=self.console,
        )
        self.task = self.progress.add_task("", total=1.0, step="", loss="", speed="", left="")

    def __enter__(self) -> Bar:
        """Draw from the first event on."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last state on the screen."""
        with suppress(OSError):
            if self.progress.live.is_started:
                self.progress.stop()

    @property
    def is_seen(self) -> bool:
        """Whether there is a terminal to draw it on."""
        return self.console.is_terminal

    def prepare(self, doing: str, share: float) -> None:
        """Move the bar while no step is made; before the first, once that takes long enough to be wondered at."""
        with suppress(OSError):
            if not self.progress.live.is_started:
                if time.monotonic() - self.made < PATIENCE:
                    return
                self.progress.start()
            self.progress.update(self.task, completed=share, step=doing, loss="", speed="", left="")

    def clear(self) -> None:
        """Take it off the screen, for what is said in its place."""
        self.progress.remove_task(self.task)

    def show(self, event: Event) -> None:
        """Move the bar, or print what is worth a line."""
        with suppress(OSError):  # a terminal that was closed does not end the run, its signal does
            self._show(event)

    def _show(self, event: Event) -> None:
        match event:
            case Started():
                self.thing = event.thing
                self.progress.update(self.task, completed=0, step="")
                self.progress.start()
                onward = f" from step {event.step:,}" if event.step else ""
                unknown = "" if event.unknown is None else f", {percent(event.unknown)} of them <unk>"
                self._say(f"{event.parameters:,} parameters learn from {material(event.tokens)}{unknown}{onward}")
            case Stepped():
                self._move(event)
            case Measured():
                mark = "  best" if event.best else ""
                times = f"step {event.step:>7,}  {clock(event.seconds)}"
                loss, sampled = event.loss * BITS.nat, event.held_out * BITS.nat
                self._say(f"{times}  train {loss:.4f}  sampled {sampled:.4f} bits a {self.thing}{mark}")
            case Working():
                self.prepare(event.doing, event.share)
            case Scored():
                self._scored(event)
            case Warned():
                self._say(f"note: {event.says}")

    def _scored(self, event: Scored) -> None:
        """The held-out loss, and on the same tokens those of who only counts."""
        others = {**event.rivals, **({"floor": event.floor} if event.floor is not None else {})}
        held_against = ", ".join(f"{name} {nats * BITS.nat:.3f}" for name, nats in others.items())
        self.progress.update(self.task, completed=1.0, step="measured")
        self._say(f"held-out loss {event.held_out.said()}")
        self._say(f"on the same tokens: {held_against}")

    def _move(self, event: Stepped) -> None:
        self.progress.update(
            self.task,
            completed=event.progress,
            step=f"step {event.step:,}",
            loss=f"train {event.loss * BITS.nat:.3f} bits",
            speed=f"{event.tokens_per_second:,.0f} tokens/s",
            left=f"{clock(event.seconds_left)} left",
        )

    def _say(self, sentence: str) -> None:
        self.console.print(visible(sentence), markup=False, soft_wrap=True)


def material(tokens: int) -> str:
    """What a run learns from, if that many tokens; 0 where they are made."""
    return f"{tokens:,} tokens" if tokens else "texts made as they are needed"
