"""What the commands write: safe text, columns, JSON and files."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from models.errors import UserError
from models.formats import records
from playground.cells import cell_len, wrap
from playground.text import fit, visible

if TYPE_CHECKING:
    from models.tracing import Trace

DAMAGED = "not numbers (NaN or infinite): the weights are damaged, or too large"


def say(text: str = "", *, end: str = "\n") -> None:
    """Print foreign text: only newlines pass as they are."""
    print(visible(text, keep="\n"), end=end)


def pour(pieces: Iterable[bytes]) -> None:
    """Write what is no report but a text itself: its bytes, as they come."""
    if sys.stdout is None:  # closed from the start
        return
    sys.stdout.flush()
    for piece in pieces:
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def note(sentence: str) -> None:
    """One sentence beside the output, on standard error."""
    print("note:", visible(sentence), file=sys.stderr)


def note_numbers(*passes: Trace) -> None:
    """Say once where figures of a pass stop being numbers, if they do."""
    import numpy as np

    places = [(f"layer {at}", block.resid_post) for each in passes for at, block in enumerate(each.blocks)]
    places += [("the scores", each.logits) for each in passes]
    wrong = [place for place, values in places if not np.isfinite(values).all()]
    if wrong:
        note(f"from {wrong[0]} on figures are {DAMAGED}")


class Table:
    """Rows under a header, or, where a line may not be so wide, each as a sentence."""

    def __init__(self, headers: Sequence[str], widths: Sequence[int], columns: int | None = None) -> None:
        """Widths are those of `row`; None is as wide as needed."""
        needed = sum(map(abs, widths)) + 2 * (len(widths) - 1)
        self.headers, self.widths, self.wide = headers, widths, max(columns or 0, 20)
        self.fits = columns is None or needed <= columns
        if self.fits:
            say(row(headers, widths))

    def line(self, *cells: str) -> None:
        """One row."""
        if self.fits:
            say(row(cells, self.widths))
            return
        rest = ", ".join(f"{head} {cell}".strip() for head, cell in zip(self.headers[1:], cells[1:], strict=True))
        say("\n".join(wrap(f"{cells[0]}: {rest}", self.wide, after="  ")))


def columns() -> int | None:
    """How wide a line may be; None where no terminal is written to: a file or a pipe is as wide as needed."""
    return shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else None


def row(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line of a table: a positive width is padded to the right, a negative one to the left."""
    parts = (fit(cell, wide) if wide > 0 else _right(cell, -wide) for cell, wide in zip(cells, widths, strict=True))
    return "  ".join(parts).rstrip()


def _right(cell: str, wide: int) -> str:
    return " " * (wide - cell_len(cell)) + cell


def emit(thing: object) -> None:
    """Print one JSON object, null for no number; whatever is no ASCII is escaped, so it is safe on any terminal."""
    print(json.dumps(records.plain(thing), allow_nan=False))


def deliver(out: str | None, write: Callable[[IO[bytes]], None]) -> None:
    """Have the file `out` written, whole or not at all, or standard output if it is None or "-".

    Devices and pipes are written to as they are. UserError if it fails.
    """
    from models.formats.files import reason, shown, write_whole

    if out is None or out == "-":
        sys.stdout.flush()
        write(sys.stdout.buffer)
        return
    target = os.path.realpath(out)
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            with open(target, "wb") as device:
                write(device)
        else:
            write_whole(Path(target), write)
    except OSError as error:
        what = f"{shown(Path(out))} cannot be written: {reason(error)}"
        raise UserError(what, "choose another place with --out") from None


def deliver_text(out: str | None, lines: Iterable[str]) -> None:
    """The same for lines of text, made safe."""
    if out is None or out == "-":
        for line in lines:
            say(line)
    else:
        deliver(out, lambda file: file.writelines((visible(line) + "\n").encode() for line in lines))
