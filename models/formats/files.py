"""The door for files. In: regular ones only, sizes capped, JSON strict. Out: whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import reprlib
import secrets
import shlex
import shutil
import stat
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import Any, BinaryIO, NoReturn

from models.errors import UserError, cut, printable

MAX_DEPTH = 32  # nesting of JSON
PATH = 240  # characters of a path that are shown
PLAIN = re.compile(r"[\w@%+=:,./-]+")  # a word that a shell takes as it is
_BRIEF = reprlib.Repr()
_BRIEF.maxlevel, _BRIEF.maxstring, _BRIEF.maxlong, _BRIEF.maxother = 5, PATH, PATH, PATH
ADDRESS = re.compile(r"[A-Za-z][\w+.-]+://.*", re.DOTALL)  # of something that is not on this machine


def shown(name: object, limit: int = 80) -> str:
    """A name from a file or a person, safe in a message: control characters escaped, the middle of long ones cut.

    A path, which has to be a Path, is written as a shell reads it, so that it can be pasted.
    """
    is_path = isinstance(name, PurePath)
    return cut(quoted(name), PATH) if is_path else cut(printable(str(name)), limit)


def shown_value(value: object, limit: int = 80) -> str:
    """The same of a value as Python writes it, no deeper than can be read: one of a pickle may have no end."""
    return shown(_BRIEF.repr(value), limit)


def quoted(word: object) -> str:
    """A path or another word of a command as a shell reads it: whole, and what cannot be printed written out."""
    text = str(word)
    if PLAIN.fullmatch(text):
        return text
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(c if c.isprintable() and c not in "\\'" else _in_bytes(c) for c in text) + "'"


def _in_bytes(c: str) -> str:
    """A character by its bytes, as a shell reads them between $' and '; half a pair is none of a path."""
    known = c if "\udc80" <= c <= "\udcff" or not "\ud800" <= c <= "\udfff" else "\ufffd"
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(known))


def check_local(given: object) -> None:
    """UserError for what is no path but an address; before it becomes a Path, which would lose a slash of it."""
    if ADDRESS.fullmatch(str(given)):
        what = f"{shown(str(given), PATH)} is an address, and nothing is downloaded"
        raise UserError(what, "download it yourself, and give the file or folder")


# how other things that are put where a file should be begin
_KNOWN = {
    b"version https://git-lfs": ("is a Git LFS pointer, not the file itself", "run git lfs pull"),
    b"<!doctype": ("is a web page, not the file itself", "download it again"),
    b"<html": ("is a web page, not the file itself", "download it again"),
    b"GGUF": ("is a GGUF file, not safetensors", "use the original model folder"),
    b"PK\x03\x04": ("is a zip file, perhaps a PyTorch checkpoint, not safetensors", "name it pytorch_model.bin again"),
    b"\x1f\x8b": ("is compressed with gzip", "unpack it first"),
    b"\x89HDF": ("is an HDF5 file, not safetensors", "convert it to safetensors"),
    **dict.fromkeys(
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        ("is a pickle, which is never opened because it could run code", "convert it to safetensors"),
    ),
}


def known_as(start: bytes) -> tuple[str, str] | None:
    """What a file is instead, and what to do, judged by its first bytes; None if they are not known."""
    start = start.lstrip()[:32]
    return next((known for magic, known in _KNOWN.items() if start.lower().startswith(magic.lower())), None)


def reason(error: OSError | ValueError) -> str:
    """What the system says, without numbers or paths."""
    return (getattr(error, "strerror", None) or "not a usable file name").lower()


@contextmanager
def refusing(what: str, do: str) -> Iterator[None]:
    """UserError where the system refuses what is done here: `what` cannot be, its reason, and what to do."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{what}: {reason(error)}", do) from None


def open_regular(path: Path, cap: int, what: str = "") -> tuple[BinaryIO, int]:
    """The file opened for reading, and its size; never waits on a FIFO, never opens a device or a folder.

    Raises UserError if there is no such regular file, it cannot be read, or it is longer than `cap` bytes; it is called
    `what` then, or by its path.
    """
    what = what or shown(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise UserError(f"{what} cannot be read: {reason(error)}", "check the path") from None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= cap:
        return os.fdopen(descriptor, "rb"), status.st_size
    os.close(descriptor)
    if stat.S_ISREG(status.st_mode):
        raise UserError(f"{what} has {status.st_size:,} bytes, more than the {cap:,} read here", "check the path")
    raise UserError(f"{what} is not a regular file", "only plain files are read")


def read_bytes(path: Path, cap: int, what: str = "") -> bytes:
    """The whole of a regular file of at most `cap` bytes, called `what` or by its path in a UserError."""
    what = what or shown(path)
    file, size = open_regular(path, cap, what)
    with file:
        content = read_exactly(file, size, what)
        check_end(file, what)
    return content


def read_unmarked(path: Path, cap: int, what: str = "") -> bytes:
    """The same of a text in UTF-8, without the mark that some editors put before all of it."""
    return read_bytes(path, cap, what).removeprefix(BOM_UTF8)


def read_exactly(file: BinaryIO, count: int, what: str) -> bytes:
    """The next `count` bytes of an open file; UserError naming `what` if there are fewer."""
    with refusing(f"{what} cannot be read", "copy the file again"):
        content = file.read(count)
    if len(content) != count:
        raise changed(what)
    return content


def read_at(file: BinaryIO, start: int, count: int, what: str) -> bytes:
    """`count` bytes of an open file from `start` on; UserError naming `what` if there are fewer."""
    with refusing(f"{what} cannot be read", "copy the file again"):
        file.seek(start)
    return read_exactly(file, count, what)


def check_end(file: BinaryIO, what: str) -> None:
    """UserError naming `what` if an open file goes on where it should end."""
    with refusing(f"{what} cannot be read", "copy the file again"):
        more = file.read(1)
    if more:
        raise changed(what)


def fill(file: BinaryIO, buffer: memoryview, what: str) -> None:
    """Read the next bytes of an open file into the buffer; UserError naming `what` if there are too few."""
    with refusing(f"{what} cannot be read", "copy the file again"):
        # open() gives a reader that has readinto; the BinaryIO it is typed as has not
        count = file.readinto(buffer)  # type: ignore[attr-defined]  # BinaryIO lacks what every file we open has
    if count != len(buffer):
        raise changed(what)


def changed(what: str) -> UserError:
    """A file is not the size, or no longer the one, that it was when it was opened."""
    return UserError(f"{what} changed while it was read", "try again when nothing writes to it")


def write_whole(path: Path, write: Callable[[BinaryIO], object], mode: int = 0o666) -> None:
    """Have `write` fill a file beside this one, force it to disk, and put it in this one's place.

    The permissions are `mode` less the umask. Raises OSError, ValueError for a name that is none, or what `write`
    raises; then nothing has changed.
    """
    fresh = path.with_name(f".{secrets.token_hex(8)}.part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(descriptor)
        os.replace(fresh, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh)
        raise
    sync(path.parent)


def names_in(folder: str | os.PathLike[str]) -> list[str]:
    """What lies in a folder; nothing where there is none, or it cannot be looked into."""
    with suppress(OSError, ValueError):
        return os.listdir(folder)
    return []


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a folder is there: not a link to one, which may lead anywhere."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def remove(path: Path) -> None:
    """Take away whatever has that name, a folder with all in it; OSError if it cannot be, not if it is gone.

    Looked at before anything is opened: a FIFO would be waited on for ever. Of a link only the link goes.
    """
    with suppress(FileNotFoundError):  # somebody else was quicker
        if is_folder(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


def open_own(path: Path, flags: int) -> int:
    """A file of our own opened to be written, made if it is missing; OSError if something else has its name.

    No link is followed, which may lead anywhere, and nothing but a regular file is opened.
    """
    flags |= os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags, 0o644)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EEXIST, "something that is no file has its name")


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(folder: Path) -> None:
    """The same for a folder and the files in it."""
    for each in (*folder.iterdir(), folder):
        sync(each)


def read_json(path: Path, cap: int, what: str = "") -> dict[str, Any]:
    """The object a JSON file holds; UserError as in `read_bytes` and `parse_json`."""
    return parse_json(read_unmarked(path, cap, what), what or shown(path))


def parse_json(content: bytes, what: str) -> dict[str, Any]:
    """The object in `content`; a name given twice, NaN, deep nesting and endless numbers are refused.

    Raises UserError naming `what`, the file the bytes come from, and the fault.
    """
    if known := known_as(content):
        raise UserError(f"{what} {known[0]}", known[1])
    try:
        value = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_constant, parse_int=_integer)
    except RecursionError:
        raise UserError(f"{what} is nested too deeply", "the file is damaged") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{what} is not UTF-8 text at byte {error.start:,}", "the file is damaged") from None
    except ValueError as error:
        raise UserError(f"{what} is not valid JSON: {shown(error)}", "the file is damaged") from None
    if not isinstance(value, dict):
        raise UserError(f"{what} does not hold a JSON object", "the file is damaged")
    if _deeper(value, MAX_DEPTH):
        raise UserError(f"{what} is nested too deeply", "the file is damaged")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = next(name for name, _ in pairs if times[name] > 1)
        raise ValueError(f"the name {twice[:40]!r} appears twice")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _deeper(value: dict[str, Any], levels: int) -> bool:
    inner: list[Any] = [value]  # what holds more, level by level
    for _ in range(levels):
        held = (each.values() if isinstance(each, dict) else each for each in inner)
        inner = [each for some in held for each in some if isinstance(each, (dict, list))]
    return bool(inner)
