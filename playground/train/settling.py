"""Since when a run says what it says of its prompt now: the moment in which it learned that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SURE = 3  # snapshots in a row that say the same, at least


@dataclass(frozen=True, slots=True)
class Settling:
    """A prompt under all snapshots of a run; a prompt of None is one that the model can read."""

    run: str
    prompt: str | None
    snapshots: tuple[tuple[int, Path], ...]  # steps and folders, the oldest first


@dataclass(frozen=True, slots=True)
class Settled:
    """From this step on the likeliest next token is the one that it is at the newest snapshot."""

    step: int
    token: str  # safe to show; nothing where the choice was never another, or is too young to be called settled


def settled(asked: Settling, first_choice: Callable[[Path, str | None], str]) -> Iterator[Settled | None]:
    """The moment, once back from the newest snapshot another choice was found; None for each that says the same."""
    newest, count = "", 0
    for _, folder in reversed(asked.snapshots):
        choice = first_choice(folder, asked.prompt)
        newest = newest or choice
        if choice != newest:
            break
        count += 1
        yield None
    is_settled = SURE <= count < len(asked.snapshots)
    yield Settled(asked.snapshots[-count][0], newest) if is_settled else Settled(0, "")
