"""Zip files that store what they hold as it is: their directory, checked as a whole before anything is read.

The format is PKWARE's APPNOTE.TXT. Read here rather than with `zipfile`, which makes a large object of every entry
before anything can be checked, unpacks what is packed, and takes two entries of one name or of the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from models.errors import UserError
from models.formats.files import read_at, shown

MAX_DIRECTORY = 8 << 20
HEAD, END, LARGE_END = struct.Struct("<4s4xH16xHH"), struct.Struct("<4s6xHIIH"), struct.Struct("<4s28xQQQ")
LOCATOR, ENTRY = struct.Struct("<4s4xQ4x"), struct.Struct("<4s4xHH4xIIIHHH8xI")
MANY, LARGE, LARGE_EXTRA = 0xFFFF, 0xFFFFFFFF, 1  # what stands where a number is too large, and where it is then
ENCRYPTED = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in a zip: its bytes [start, stop), their CRC-32 if it is known, and how they were changed, or ""."""

    start: int
    stop: int
    crc: int | None = None
    changed: str = ""


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the directory says of an entry: where its own header is, and the size of what follows that."""

    name: str
    offset: int
    size: int
    crc: int
    changed: str


def directory(file: BinaryIO, size: int, what: str) -> dict[str, Entry]:
    """What an open zip file of `size` bytes holds, by name.

    Raises UserError naming `what` if it does not hold together, or holds anything twice, or in bytes that belong to
    another entry.
    """
    count, length, start = _ends(file, size, what)
    if start + length > size or length > MAX_DIRECTORY:
        raise damaged(what, "its directory is larger than can be")
    listed = list(_listed(read_at(file, start, length, what), what))
    if len(listed) != count:
        raise damaged(what, f"its directory has {len(listed):,} entries and says {count:,}")
    found: dict[str, Entry] = {}
    end = 0
    for each in sorted(listed, key=lambda each: (each.offset, each.size)):
        if each.offset < end or each.name in found:
            raise damaged(what, f"its entry {shown(each.name)} is there twice, or in the bytes of another")
        found[each.name] = entry = _located(file, each, start, what)
        end = entry.stop
    return found


def check_stored(entries: Mapping[str, Entry], what: str) -> None:
    """UserError naming `what` and an entry that is not as it was put in."""
    for name, entry in entries.items():
        if entry.changed:
            fault = f"{what}: {shown(name)} is {entry.changed}, which is not read"
            raise UserError(fault, "save it with torch.save, as it is")


def damaged(what: str, fault: str) -> UserError:
    """A file that no program wrote like this."""
    return UserError(f"{what} is damaged: {fault}", "copy it again")


def _ends(file: BinaryIO, size: int, what: str) -> tuple[int, int, int]:
    """How many entries the directory has, how long it is, and where it begins."""
    at = size - END.size
    if at < 0:
        raise damaged(what, f"it is cut short, and has {size:,} bytes")
    magic, count, length, start, comment = END.unpack(read_at(file, at, END.size, what))
    if magic != b"PK\5\6" or comment:
        raise damaged(what, "it has no directory at its end, as if it were cut short")
    if count != MANY and LARGE not in (length, start):
        return count, length, start
    if at < LOCATOR.size + LARGE_END.size:
        raise damaged(what, "its directory is not where it should be")
    magic, place = LOCATOR.unpack(read_at(file, at - LOCATOR.size, LOCATOR.size, what))
    if magic != b"PK\6\7" or place > at - LOCATOR.size - LARGE_END.size:
        raise damaged(what, "its directory is not where it should be")
    magic, count, length, start = LARGE_END.unpack(read_at(file, place, LARGE_END.size, what))
    if magic != b"PK\6\6":
        raise damaged(what, "its directory is not where it should be")
    return count, length, start


def _listed(content: bytes, what: str) -> Iterator[_Listed]:
    at = 0
    while at < len(content):
        if at + ENTRY.size > len(content):
            raise damaged(what, "its directory ends inside an entry")
        magic, flags, method, crc, packed, size, n_name, n_extra, n_comment, offset = ENTRY.unpack_from(content, at)
        name = content[at + ENTRY.size : at + ENTRY.size + n_name].decode("utf-8", "replace")
        if magic != b"PK\1\2":
            raise damaged(what, "its directory holds something else than entries")
        changed = "encrypted" if flags & ENCRYPTED else "packed" if method else ""
        at += ENTRY.size + n_name
        if LARGE in (packed, size, offset):
            packed, size, offset = _large(content[at : at + n_extra], [size, packed, offset], what)
        if packed != size and not changed:
            raise damaged(what, f"{shown(name)} has two sizes")
        at += n_extra + n_comment
        yield _Listed(name, offset, packed, crc, changed)


def _large(extra: bytes, numbers: list[int], what: str) -> tuple[int, int, int]:
    """Packed size, size and offset of an entry, where one of them has more than 32 bits and stands in `extra`."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        content = extra[at + 4 : at + 4 + length]
        if kind == LARGE_EXTRA:
            fields = (number for (number,) in struct.iter_unpack("<Q", content[: len(content) // 8 * 8]))
            size, packed, offset = (next(fields, LARGE) if each == LARGE else each for each in numbers)
            return packed, size, offset
        at += 4 + length
    raise damaged(what, "an entry of its directory has no size")


def _located(file: BinaryIO, each: _Listed, limit: int, what: str) -> Entry:
    """Where an entry's bytes are: after its own header, and before the directory at `limit`."""
    if each.offset + HEAD.size > limit:
        raise damaged(what, f"its entry {shown(each.name)} lies outside the file")
    magic, method, n_name, n_extra = HEAD.unpack(read_at(file, each.offset, HEAD.size, what))
    start = each.offset + HEAD.size + n_name + n_extra
    if magic != b"PK\3\4" or bool(method) > bool(each.changed) or start + each.size > limit:
        raise damaged(what, f"its entry {shown(each.name)} lies outside the file, or is not where it should be")
    return Entry(start, start + each.size, each.crc, each.changed)
