"""Ways to damage a pickle, by itself or in a checkpoint of PyTorch's, whose checksums are made right again."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

ENDS = (".pkl", ".pt", ".bin")
NAMES = (
    b"os\nsystem", b"posix\nmkdir", b"builtins\neval", b"builtins\ngetattr", b"torch\nload", b"torch._utils\n_rebuild",
    b"collections\nOrderedDict.fromkeys", b"argparse\nNamespace", b"numpy\nones", b"\x1b]0;x\x07\nx", b"\xff\n\xff",
    b"torch.storage\n_load_from_bytes", b"torch\nQInt8Storage", b"torch\nDoubleStorage", b"x" * 5000 + b"\nx",
)  # fmt: skip
NUMBERS = (b"K\xff", b"J\xff\xff\xff\x7f", b"J\xff\xff\xff\xff", b"\x8a\x08" + b"\xff" * 7 + b"\x7f", b"N", b"K\x00")
BOMBS = (
    b"r\xff\xff\xff\xff", b"](" * 400_000, b"]q\x00" + b"h\x00a" * 300_000, b"}" * 999_000, b"N" * 1_200_000,
    b"cargparse\nNamespace\nq\x00" + b"h\x00)\x81" * 330_000, b"]q\x00" + b"(h\x00h\x00tq\x00" * 150_000,
    b"X" + struct.pack("<I", 31 << 20) + b"x" * (31 << 20), b"X\xff\xff\xff\xff", b"\x95" + b"\xff" * 8,
    b"\x8a\xff" + b"\x7f" * 255,
)  # fmt: skip


def damage(content: bytes, name: str, chance: Random, marker: Path) -> bytes:
    """The file with something in it damaged, `name` as its own; a pickle that is run makes the folder `marker`."""
    if not content.startswith(b"PK"):
        return _pickle(content, chance, marker)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    main = next(each for each in parts if each.endswith("data.pkl"))
    method = zipfile.ZIP_STORED
    act = chance.randrange(10)
    if act < 7:
        parts[main] = _pickle(parts[main], chance, marker)
    elif act == 7:
        each = chance.choice(list(parts))
        parts[each] = chance.choice((b"", parts[each][:-1], parts[each] * 2, chance.randbytes(99)))
    elif act == 8:
        each = chance.choice(list(parts))
        parts[chance.choice((f"{each}x", f"../{each}", each.upper(), f"\x1b{each}", main))] = parts.pop(each)
    else:
        method = zipfile.ZIP_DEFLATED
        parts[main] += bytes(20 << 20)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for each, part in parts.items():
            archive.writestr(each, part)
    return packed.getvalue()


def _pickle(content: bytes, chance: Random, marker: Path) -> bytes:
    return chance.choice(WAYS)(content, chance, marker)


class _Evil:
    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.marker,)


def _runs(content: bytes, chance: Random, marker: Path) -> bytes:
    """Something to run, alone or before the rest."""
    evil = pickle.dumps(_Evil(marker), chance.choice((0, 2, 4, 5)))
    return chance.choice((evil, content[:2] + evil[2:-1] + b"0" + content[2:], content[:-1] + evil[2:-1] + b"."))


def _asks(content: bytes, chance: Random, marker: Path) -> bytes:
    """Another name where one stands."""
    places = [at for at in range(len(content)) if content[at : at + 1] == b"c" and b"\n" in content[at + 1 : at + 60]]
    if not places:
        return content[:2] + b"c" + chance.choice(NAMES) + b"\n" + content[2:]
    at = chance.choice(places)
    end = content.find(b"\n", content.find(b"\n", at) + 1)
    return content[:at] + b"c" + chance.choice(NAMES) + content[end:]


def _numbers(content: bytes, chance: Random, marker: Path) -> bytes:
    """Another number where one stands."""
    places = [at for at in range(len(content)) if content[at : at + 1] in b"KM"]
    at = chance.choice(places) if places else 2
    width = 2 if content[at : at + 1] == b"K" else 3
    return content[:at] + chance.choice(NUMBERS) + content[at + width :]


def _bomb(content: bytes, chance: Random, marker: Path) -> bytes:
    """What takes memory or time, somewhere."""
    at = chance.choice((2, len(content) - 1, chance.randrange(2, len(content))))
    return content[:at] + chance.choice(BOMBS) + content[at:]


def _bytes(content: bytes, chance: Random, marker: Path) -> bytes:
    """Some bytes, cuts and repetitions."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at, act = chance.randrange(len(damaged)), chance.randrange(4)
        if act < 2:
            damaged[at] ^= 1 << chance.randrange(8)
        elif act == 2:
            del damaged[at : at + chance.randrange(1, 20)]
            damaged += b"."
        else:
            damaged[at:at] = damaged[at : at + chance.randrange(1, 200)]
    return bytes(damaged)


WAYS: tuple[Callable[[bytes, Random, Path], bytes], ...] = (
    _runs,
    _asks,
    _asks,
    _numbers,
    _numbers,
    _bomb,
    _bytes,
    _bytes,
)
