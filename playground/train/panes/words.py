"""How the Train panes speak of a run: its state, its sizes, and its place among others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len, chop_cells
from rich.style import Style

from playground import text
from playground.kit.palette import Palette
from playground.train.record import Record, State

NO_RUN = "no run yet: n starts one"
CHOSEN = "●"
LETTERS = "abcd"  # marks of the overlaid runs, in their order

STATES: dict[State, tuple[str, str]] = {
    "waiting": ("…", "starting"),
    "running": ("▶", "running"),
    "paused": ("‖", "paused"),
    "stopped": ("■", "stopped"),
    "done": ("✓", "done"),
    "died": ("✗", "died"),
}


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


def without(record: Record) -> str:
    """What the model grows up without; empty where it has everything."""
    return f"without {', '.join(record.lacks)}" if record.lacks else ""


@lru_cache(maxsize=16)
def wrapped(foreign: str, width: int) -> tuple[str, ...]:
    """A text made visible, in lines of at most so many cells, broken at spaces where there are any."""
    lines = text.visible(foreign, keep="\n").strip("\n").split("\n")
    return tuple(part for line in lines for part in _broken(line, max(width, 1)))


def _broken(line: str, width: int) -> Iterator[str]:
    start = 0
    while len(line) - start > width or cell_len(line[start:]) > width:
        head = chop_cells(line[start : start + width + 1], width)[0] if width > 1 else line[start]
        cut = head.rfind(" ") + 1 or len(head)
        yield line[start : start + cut]
        start += cut
    if start < len(line) or not line:
        yield line[start:]
