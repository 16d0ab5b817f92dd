"""What the commands write: safe text, columns, JSON and files."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any

from playground.text import fit, visible, width


def say(text: str = "", *, end: str = "\n") -> None:
    """Print foreign text: only newlines pass as they are."""
    print(visible(text, keep="\n"), end=end)


def note(sentence: str) -> None:
    """One sentence beside the output, on standard error."""
    print("note:", visible(sentence), file=sys.stderr)


def row(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line of a table: a positive width is padded to the right, a negative one to the left."""
    parts = (fit(cell, wide) if wide > 0 else _right(cell, -wide) for cell, wide in zip(cells, widths, strict=True))
    return "  ".join(parts).rstrip()


def _right(cell: str, wide: int) -> str:
    return " " * (wide - width(cell)) + cell


def bits(value: float) -> str:
    """A surprise to two digits; an en dash where nothing was predicted."""
    return "–" if math.isnan(value) else f"{value:.2f}"


def probability(value: float) -> str:
    """Three digits, or the power of ten of a tiny one."""
    return f"{value:.3f}" if value >= 0.0005 or value == 0 else f"{value:.0e}"


def number(value: float) -> float | None:
    """For JSON, which has no infinity and no NaN: None for those."""
    return float(value) if math.isfinite(value) else None


def emit(thing: dict[str, Any]) -> None:
    """Print one JSON object; whatever is no ASCII is escaped, so it is safe on any terminal."""
    json.dump(thing, sys.stdout, allow_nan=False)
    print()


def deliver(out: str | None, write: Callable[[IO[bytes]], None]) -> None:
    """Have the file `out` written, or standard output if it is None or "-"."""
    if out is None or out == "-":
        sys.stdout.flush()
        write(sys.stdout.buffer)
    else:
        _write_file(out, write)


def deliver_text(out: str | None, lines: Iterable[str]) -> None:
    """The same for lines of text, made safe."""
    if out is None or out == "-":
        for line in lines:
            say(line)
    else:
        _write_file(out, lambda file: file.writelines((visible(line) + "\n").encode() for line in lines))


def _write_file(path: str, write: Callable[[IO[bytes]], None]) -> None:
    """Whole or not at all; UserError if that fails. Devices and pipes are written to as they are."""
    import tempfile

    from models.errors import UserError

    target = os.path.realpath(path)
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            with open(target, "wb") as device:
                write(device)
            return
        handle, fresh = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
            os.chmod(fresh, 0o666 & ~_umask())
            os.replace(fresh, target)
        except BaseException:
            os.unlink(fresh)
            raise
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror} - choose another place with --out") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
