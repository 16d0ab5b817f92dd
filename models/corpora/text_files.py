"""Which files make up a text: one, several, or all the text files of a folder; and what tells that they changed."""

from __future__ import annotations

import hashlib
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from models.corpora.text import PIECE, read_pieces
from models.errors import UserError
from models.formats.files import changed, refusing, shown

MAX_FILES = 100_000
BEGUN_PIECES, BEGUN_FILES = 4, 200  # looked at in a short look: of a text, of a folder


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that was read to its end."""

    path: str  # absolute
    name: str  # in its folder
    bytes: int
    modified: int  # nanoseconds, as the file system says
    characters: int
    sha256: str  # of its text in UTF-8, without a byte order mark
    closed: bool  # ends with a line end


def find(paths: Sequence[str | os.PathLike[str]]) -> list[tuple[Path, str, bool]]:
    """Every file named, and every file in a folder named: its absolute path, its name, whether it may be left out.

    Only a folder's may; they come sorted by name, those of folders inside included. Hidden ones are passed over, links
    to folders not followed. Raises UserError for a folder that cannot be looked into.
    """
    found: list[tuple[Path, str, bool]] = []
    for path in map(Path, paths):
        if not os.path.isdir(path):
            found.append((Path(os.path.abspath(path)), path.name, False))
            continue
        with refusing(f"{shown(path)} cannot be read", "check the folder"):
            inside = sorted(_inside(path))
        if len(inside) > MAX_FILES:
            raise UserError(f"{shown(path)} holds more than {MAX_FILES:,} files", "name a smaller folder")
        found += [(Path(os.path.abspath(path / name)), name, True) for name in inside]
    return found


def _inside(folder: Path) -> Iterator[str]:
    def fail(error: OSError) -> None:
        raise error

    for here, folders, files in os.walk(folder, onerror=fail):
        folders[:] = (name for name in folders if not name.startswith("."))
        yield from (os.path.relpath(os.path.join(here, name), folder) for name in files if not name.startswith("."))


def survey(
    paths: Sequence[str | os.PathLike[str]], progress: Callable[[float], object] = lambda share: None
) -> tuple[list[TextFile], dict[str, str]]:
    """Read all the files once: those that hold text, and for each other file of a folder, by name, why it does not.

    Raises UserError for a file that was named itself and is no text, and if there is no text at all.
    """
    there = find(paths)
    total, done = max(sum(_size(path) for path, _, _ in there), 1), 0
    found: list[TextFile] = []
    skipped: dict[str, UserError] = {}

    def moved(read: int) -> None:
        progress(min((done + read) / total, 1.0))

    for path, name, optional in there:
        try:
            found.append(read_through(path, name, moved, shown(name if optional else path)))
        except UserError as error:
            if not optional:
                raise
            skipped[name] = error
        done += _size(path)
    if not found:
        what = f"there is no text in {_names(paths)}"
        raise next(iter(skipped.values())).at(what) if skipped else UserError(what, "give a text file")
    return found, {name: str(error) for name, error in skipped.items()}


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first few million bytes of texts: enough to judge them by."""

    text: str
    bytes: int  # of all of them
    count: int

    @property
    def share(self) -> float:
        """How much of it all is there; byte order marks are no part of a text."""
        there = len(self.text.encode())
        return 1.0 if there + len(BOM_UTF8) * self.count >= self.bytes else there / self.bytes


def beginning(paths: Sequence[str | os.PathLike[str]]) -> Beginning:
    """Read the beginning of the first text, or of many small ones; UserError as `survey` has it."""
    sample, size, count = "", 0, 0
    wrong: UserError | None = None
    for path, _, optional in islice(find(paths), BEGUN_FILES):
        try:
            with refusing(f"{shown(path)} cannot be read", "choose another"):
                pieces = list(islice(read_pieces(path), BEGUN_PIECES if not sample else 1))
        except UserError as error:
            if not optional:
                raise
            wrong = wrong or error
            continue
        sample += "".join(pieces) if len(sample) < BEGUN_PIECES * PIECE else ""
        size += _size(path)
        count += 1
    if not count:
        raise wrong or UserError(f"there is no text in {_names(paths)}", "give a text file")
    return Beginning(sample, size, count)


def _names(paths: Sequence[str | os.PathLike[str]]) -> str:
    return ", ".join(shown(Path(path)) for path in paths)


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0


def read_through(path: Path, name: str, moved: Callable[[int], object] = lambda read: None, what: str = "") -> TextFile:
    """Read a text file to its end, a piece at a time; UserError naming `what`, or the path, if it is none.

    `moved` is told how many bytes have been read.
    """
    digest, read, characters, last = hashlib.sha256(), 0, 0, ""
    for text in read_pieces(path, what=what):
        content = text.encode()
        digest.update(content)
        characters, read, last = characters + len(text), read + len(content), text[-1:] or last
        moved(read)
    with refusing(f"{what or shown(path)} cannot be read", "try again when nothing changes it"):
        status = os.stat(path)
    return TextFile(
        str(path), name, status.st_size, status.st_mtime_ns, characters, digest.hexdigest(), last in ("\n", "\r")
    )


def texts(
    files: Sequence[TextFile], progress: Callable[[float], object] = lambda share: None
) -> Iterator[tuple[TextFile, Iterator[str]]]:
    """Each file and its text in pieces; a line end is added to one that has none at its end, but not to the last.

    Raises UserError for a file that is not what it was when it was surveyed.
    """
    total, done = max(sum(each.characters for each in files), 1), 0

    def pieces(file: TextFile) -> Iterator[str]:
        nonlocal done
        for text in read_pieces(file.path):
            yield text
            done += len(text)
            progress(done / total)
        if not _same(file):
            raise changed(shown(Path(file.path)))
        if not file.closed and file is not files[-1]:
            yield "\n"

    return ((file, pieces(file)) for file in files)


def digest(files: Sequence[TextFile]) -> str:
    """Of one file its own; of several, the SHA-256 of the list that `sha256sum` would print of them."""
    if len(files) == 1:
        return files[0].sha256
    return hashlib.sha256("".join(f"{each.sha256}  {each.name}\n" for each in files).encode()).hexdigest()


def check_unchanged(files: Sequence[TextFile]) -> None:
    """UserError if a file holds another text than it did; one that is gone is not missed."""
    for file in files:
        if os.path.exists(file.path) and not _same(file) and _text_of(file) != file.sha256:
            what = f"{shown(Path(file.path))} is not the text this run was started on: its SHA-256 differs"
            raise UserError(what, "put the old text back, or start a new run")


def _same(file: TextFile) -> bool:
    """Whether the file system knows of no change."""
    try:
        status = os.stat(file.path)
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (file.bytes, file.modified)


def _text_of(file: TextFile) -> str:
    try:
        return read_through(Path(file.path), file.name).sha256
    except UserError:
        return "no text"
