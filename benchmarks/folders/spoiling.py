"""Ways to damage a folder. Each takes a folder and a source of chance, and says in a few words what it did."""

from __future__ import annotations

import json
import os
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.folders import pickled

Spoil = Callable[[Path, Random, list[Path]], str]

LONG = "x" * 10_000
# JSON, as it stands in a file
VALUES = (
    "null", "true", "false", "-1", "0", "1", "3", "0.5", "2147483648", "9223372036854775808", "1" + "0" * 400, "1e999",
    "-0.0", "1e-320", "3e38", "NaN", "Infinity", '""', '"x"', '"\\u001b]0;x\\u0007"', '"\\ud800"', '"../../outside"',
    '"/dev/zero"', json.dumps(LONG), "[]", "{}", "[0]", "[[[[[[[[]]]]]]]]", "[" * 40 + "]" * 40, "[" * 99_999,
    '{"a": 1, "a": 2}', json.dumps({LONG: 1}), "[" + "1," * 5_000 + "1]", "'", "",
)  # fmt: skip
NAMES = (
    "a\x1b[2Jb",
    "\udcff",
    "x" * 200,
    "model.safetensors.part",
    "best-000000020",
    "pytorch_model.bin",
    ".lock",
    "-",
)


def spoil(folder: Path, chance: Random, others: list[Path]) -> list[str]:
    """One to three ways, one after the other; what was done."""
    ways = WAYS + (spoiled_pickle,) * (len(WAYS) if _file(folder, chance, *pickled.ENDS) else 0)
    return [chance.choice(ways)(folder, chance, others) for _ in range(chance.choice((1, 1, 1, 2, 3)))]


def _file(folder: Path, chance: Random, *ends: str) -> Path | None:
    """A regular file somewhere in the folder."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    found = [path for path in found if path.name.endswith(ends or ("",)) and path.stat().st_size < 1 << 24]
    return chance.choice(found) if found else None


def _put(file: Path, content: bytes) -> None:
    file.unlink()  # quicker than to empty it, and never through a link
    file.write_bytes(content)


def _named(file: Path, folder: Path, what: str) -> str:
    return f"{file.relative_to(folder)}: {what}"


def flip(folder: Path, chance: Random, others: list[Path]) -> str:
    """Some bits, cuts and repetitions."""
    file = _file(folder, chance)
    if file is None:
        return "nothing"
    content = bytearray(file.read_bytes())
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        at, act = chance.randrange(len(content) or 1), chance.randrange(6)
        if act < 3 and content:
            content[at] ^= 1 << chance.randrange(8)
        elif act == 3:
            del content[at : at + chance.randrange(1, 9)]
        elif act == 4:
            content[at:at] = content[at : at + chance.randrange(1, 9)]
        else:
            content[at : at + 16] = chance.randbytes(16)
    _put(file, bytes(content))
    return _named(file, folder, "some bytes")


def cut(folder: Path, chance: Random, others: list[Path]) -> str:
    """Its end, all of it, or more than there was."""
    file = _file(folder, chance)
    if file is None:
        return "nothing"
    content = file.read_bytes()
    at = chance.choice((0, chance.randrange(len(content) + 1), max(len(content) - 1, 0)))
    _put(file, chance.choice((content[:at], content[:at] + bytes(len(content) - at), content + bytes(9), content * 2)))
    return _named(file, folder, f"cut at {at}")


def hostile(folder: Path, chance: Random, others: list[Path]) -> str:
    """A value nobody expects somewhere in its JSON, or a name that is changed or twice."""
    file = _file(folder, chance, ".json", ".safetensors", ".jsonl")
    if file is None:
        return "nothing"
    whole = file.read_bytes()
    try:
        if file.suffix == ".json":
            _put(file, _json(whole, chance))
        elif file.suffix == ".jsonl":
            lines = whole.split(b"\n")
            at = chance.randrange(len(lines))
            _put(file, b"\n".join([*lines[:at], _json(lines[at], chance), *lines[at + 1 :]]))
        else:
            length = struct.unpack("<Q", whole[:8])[0]
            header = _json(whole[8 : 8 + length], chance)
            _put(file, struct.pack("<Q", len(header)) + header + whole[8 + length :])
    except (ValueError, struct.error, RecursionError):
        return "nothing"
    return _named(file, folder, "hostile JSON")


def _json(content: bytes, chance: Random) -> bytes:
    whole = json.loads(content)
    parent: Any = whole
    while isinstance(parent, dict | list) and parent:
        key = chance.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
        if not isinstance(parent[key], dict | list) or not parent[key] or chance.random() < 0.3:
            break
        parent = parent[key]
    else:
        return chance.choice(VALUES).encode()
    act, hole = chance.randrange(6), "\x00hole"
    if act == 0:
        del parent[key]
    elif act == 1 and isinstance(parent, dict):
        parent[chance.choice([f"{key}x", "\x1b[2J", "\ud800", LONG, "", f"transformer.{key}"])] = parent.pop(key)
    else:
        parent[key] = hole
    text = json.dumps(whole)
    if act == 2:
        text = text[:-1] + ", " + text[1:]
    return text.replace(json.dumps(hole), chance.choice(VALUES)).encode()


def gone(folder: Path, chance: Random, others: list[Path]) -> str:
    """A file or a folder is not there."""
    found = sorted(folder.rglob("*"))
    if not found:
        return "nothing"
    path = chance.choice(found)
    _away(path)
    return _named(path, folder, "gone")


def _away(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def replaced(folder: Path, chance: Random, others: list[Path]) -> str:
    """Something that is no file, or another file, stands in its place."""
    found = sorted(folder.rglob("*"))
    if not found:
        return "nothing"
    path = chance.choice(found)
    kind = chance.choice(("fifo", "fifo", "folder", "file", "outside", "loop", "nowhere", "endless", "full", "lock"))
    _away(path)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "file":
        path.write_bytes(chance.randbytes(chance.randrange(99)))
    else:
        leads = {"outside": "outside", "loop": str(path), "nowhere": "nowhere", "endless": "/dev/zero"}
        target = leads.get(kind, "/dev/full" if kind == "full" else "/proc/self/mem")
        path.symlink_to(folder.parent / "outside" if kind == "outside" else target)
    return _named(path, folder, f"a {kind}")


def exchanged(folder: Path, chance: Random, others: list[Path]) -> str:
    """Two files have changed places, or one is there twice, or is that of another folder."""
    one, two = _file(folder, chance), _file(folder, chance)
    if one is None or two is None:
        return "nothing"
    act = chance.randrange(3)
    if act == 0:
        first, second = one.read_bytes(), two.read_bytes()
        _put(one, second)
        _put(two, first)
    elif act == 1:
        _put(one, two.read_bytes())
    else:
        other = chance.choice(others)
        same = other / one.relative_to(folder)
        if not same.is_file():
            return "nothing"
        _put(one, same.read_bytes())
        return _named(one, folder, f"that of {other.name}")
    return f"{one.relative_to(folder)} and {two.relative_to(folder)}: " + ("exchanged" if act == 0 else "the same")


def strange(folder: Path, chance: Random, others: list[Path]) -> str:
    """Something more lies there, under a name that is like one of ours, or like none."""
    places = [folder, *sorted(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())]
    there = [path.name for path in folder.rglob("*")]
    place, process = chance.choice(places), chance.choice((1, os.getpid(), 4_194_305))
    like = chance.choice(there) if there else "x"
    ours = (
        f".{like}.{process}.saving", f".{like}.{process}.old", f".{like}.removing", f".{like}.part",
        "step-000000005.safetensors", "best-000000005.safetensors", "step-000000009", "ngram.safetensors",
    )  # fmt: skip
    path = place / chance.choice((*NAMES, *ours))
    if os.path.lexists(path):
        return "nothing"
    kind = chance.randrange(4)
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.mkdir()
    elif kind == 2:
        path.symlink_to(folder.parent / "outside")
    else:
        path.write_bytes(chance.randbytes(50))
    return f"{ascii(str(path.relative_to(folder)))}: added, kind {kind}"


def spoiled_pickle(folder: Path, chance: Random, others: list[Path]) -> str:
    """Something in a pickle, which would leave a mark outside if it were run."""
    file = _file(folder, chance, *pickled.ENDS)
    if file is None:
        return "nothing"
    try:
        _put(file, pickled.damage(file.read_bytes(), file.name, chance, folder.parent / "outside" / "ran"))
    except (zipfile.BadZipFile, StopIteration, IndexError, ValueError):
        return "nothing"  # damaged before
    return _named(file, folder, "something in its pickle")


WAYS: tuple[Spoil, ...] = (flip, flip, cut, hostile, hostile, hostile, gone, replaced, exchanged, strange)
