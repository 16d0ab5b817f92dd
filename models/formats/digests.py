"""What the files of a model folder are, byte for byte: its training.json holds the SHA-256 of each.

Weights are checked where they are read anyway, all else once the model is there. Without a digest, as other programs
and earlier versions leave it, a file is read as it is. README.md has none, since people write in it, nor
tokenizer_config.json, which is for others.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from models.errors import UserError
from models.formats.files import open_regular, read_exactly, read_json, refusing, shown, write_whole

ABOUT = "training.json"
FIELD, EARLIER = "sha256", "weights_sha256"  # the second of the weights alone
WEIGHTS = "model.safetensors"
SMALL = re.compile(
    r"config\.json|tokenizer\.json|vocab\.json|merges\.txt|added_tokens\.json|\w[\w.-]*\.(safetensors|bin)\.index\.json",
    re.ASCII,
)
LARGE = re.compile(r"\w[\w.-]*\.(safetensors|bin)", re.ASCII)  # weights, and what was counted
MAX_ABOUT, MAX_SEALED = 4 << 20, 64 << 30
PIECE = 1 << 20  # bytes hashed at a time

Digests = dict[str, str]  # by the file's name


class Lost(UserError):
    """A file that has a digest is not there."""

    @classmethod
    def of(cls, file: Path) -> Lost:
        """Say so."""
        return cls(f"{shown(file)} is lost: {ABOUT} knows what it was", "copy it again, or say: playground models seal")


class Hashing:
    """A digest that is made in a thread of its own, of what one reads meanwhile: for a `with`."""

    def __init__(self, begin: bytes) -> None:
        self._hash = hashlib.sha256(begin)
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()

    def update(self, data: Any) -> None:
        """Go on with these bytes, which must stay as they are; what came before them is done by then."""
        self._wait()
        self._last = self._thread.submit(self._hash.update, data)

    def hexdigest(self) -> str:
        """That of all of it."""
        self._wait()
        return self._hash.hexdigest()

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()


def read(folder: Path) -> Digests:
    """What a folder's files should be; UserError if its training.json is damaged."""
    return split(folder)[1]


def split(folder: Path) -> tuple[dict[str, Any], Digests]:
    """What a folder's training.json says beside the digests, and these; nothing where there is no such file."""
    about = folder / ABOUT
    says = _says(about)
    earlier, found = says.pop(EARLIER, None), says.pop(FIELD, {})
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise UserError("is not a text for each file's name", "copy the file again", setting=FIELD, where=shown(about))
    return says, ({} if earlier is None else {WEIGHTS: str(earlier)}) | found


def check(what: str, wanted: str | None, found: str) -> None:
    """UserError naming `what`, a file, unless the digest found is the wanted one, or none is."""
    if wanted not in (None, found):
        fault = f"{what} is damaged, or was changed: its SHA-256 is not the one in {ABOUT}"
        raise UserError(fault, "copy it again, or, if it is right as it is, say so: playground models seal")


def of(folder: Path) -> Digests:
    """The digest of every file there that should have one."""
    names = sorted(name for name in os.listdir(folder) if SMALL.fullmatch(name) or LARGE.fullmatch(name))
    return {name: of_file(folder / name) for name in names if os.path.isfile(folder / name)}


def check_small(folder: Path) -> None:
    """UserError unless all in a folder that is neither weights nor counted is what its training.json says."""
    for name, wanted in read(folder).items():
        if SMALL.fullmatch(name):
            if not os.path.lexists(folder / name):
                raise Lost.of(folder / name)
            check(shown(folder / name), wanted, of_file(folder / name))


def of_file(path: Path) -> str:
    """Its digest; UserError if it is no regular file, or cannot be read."""
    file, size = open_regular(path, MAX_SEALED)
    hasher = hashlib.sha256()
    with file:
        for at in range(0, size, PIECE):
            hasher.update(read_exactly(file, min(PIECE, size - at), shown(path)))
    return hasher.hexdigest()


def seal(folder: Path) -> Digests:
    """Have training.json say what the files are by now, whatever it said; UserError if that cannot be."""
    about = folder / ABOUT
    says = _says(about)
    found = of(folder)
    with refusing(f"{shown(about)} cannot be written", "check the folder"):
        write_whole(about, lambda file: file.write(written(says, found)), 0o644)
    return found


def written(says: Mapping[str, Any], digests: Digests) -> bytes:
    """What training.json is to hold."""
    plain = {name: value for name, value in says.items() if name not in (FIELD, EARLIER)}
    return (json.dumps({**plain, FIELD: dict(digests)}, indent=2, allow_nan=False) + "\n").encode()


def _says(about: Path) -> dict[str, Any]:
    return read_json(about, MAX_ABOUT) if os.path.lexists(about) else {}
