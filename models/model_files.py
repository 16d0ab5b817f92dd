"""A model folder, whatever model is in it: its files, in and out as a whole; every fault is one sentence.

- config.json: sizes and choices
- model.safetensors: the weights, or shards of them and an index (formats/safetensors.py);
  or pytorch_model.bin, the same of another format (formats/torch_files.py)
- tokenizer.json: the tokenizer (tokenizers.py); or what stands for it (formats/tokenizer_files.py)
- training.json: how the model came to be, and what each file is (formats/digests.py)
- README.md: the model card
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from models.errors import UserError
from models.formats import digests, places, safetensors, tensor_names, tokenizer_files, torch_files
from models.formats.files import read_json, shown, shown_value
from models.formats.whole_folders import OWN, replace
from models.ops import Array
from models.run_layout import RunFolder
from models.tokenizers import Tokenizer
from models.unknown import listed

WEIGHTS = digests.WEIGHTS
CONFIG, TOKENIZER = tokenizer_files.CONFIG, tokenizer_files.TOKENIZER
LM_HEAD = "lm_head.weight"  # the unembedding, where it is not the embedding again
MAX_JSON = 4 << 20
# what a container may take, in bytes: control groups of the second version and of the first
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
# the weights: in one file, or in shards of such names, which an index lists; the first that is there
LAYOUTS = (
    (WEIGHTS, "model.safetensors.index.json", re.compile(r"[\w-][\w.-]*\.safetensors")),
    ("pytorch_model.bin", "pytorch_model.bin.index.json", re.compile(r"[\w-][\w.-]*\.bin")),
)

Shapes = Mapping[str, tuple[int, ...]]
Name = Callable[[str], str | None]  # of a tensor in a file, to what it is called here; None for one passed over


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What a folder holds beside config.json: weights by name, the tokenizer, and what training.json says."""

    weights: dict[str, Array]
    tokenizer: Tokenizer | None
    training: dict[str, Any]
    passed_over: tuple[str, ...] = ()  # tensors that are not read


class Beside(Protocol):
    """What may lie beside a model in its folder, in a file of its own: see `baselines`."""

    def file(self, folder: str | os.PathLike[str]) -> Path:
        """Where."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it."""


def name_of(folder: Path) -> str:
    """What its model is called: as the folder, or as the run whose model it is."""
    real = folder.resolve()
    run = RunFolder(real.parent)
    return run.path.name if real == run.model and os.path.lexists(run.about) else places.called(real)


def has_weights(folder: Path) -> bool:
    """Whether there are weights in it, however they are kept."""
    return any(os.path.lexists(folder / name) for whole, index, _ in LAYOUTS for name in (whole, index))


def read_config(folder: Path) -> dict[str, Any]:
    """What its config.json says, unchecked; UserError if it has none, or one that cannot be read."""
    if not os.path.lexists(folder / CONFIG):
        raise UserError(f"{shown(folder)} has no {CONFIG}", f"give the folder with {CONFIG} and {WEIGHTS} in it")
    return read_json(folder / CONFIG, MAX_JSON)


def read(folder: Path, shapes: Shapes, optional: Shapes, dtype: str, own_name: Name) -> Contents:
    """The rest of a folder: weights of exactly these `shapes`, perhaps those of `optional`, as "float32" or "float64".

    `own_name` says what a tensor of the file is called here, or None for one that is passed over. The first axis of
    "wte.weight" is the size of the vocabulary, which the tokenizer must fit. Raises UserError for anything missing,
    damaged or of another size, and for a SHA-256 that is not the one in training.json.
    """
    training, wanted = digests.split(folder)
    parts = [_part(file, _header(file), own_name) for file in _weight_files(folder)]
    what = shown(folder / WEIGHTS)
    _check_tensors(parts, shapes, optional, what, CONFIG)
    with ThreadPoolExecutor(1) as beside:  # the system reads, while Python looks through the tokens
        weights_read = beside.submit(_weights, parts, shapes, dtype, what, wanted)
        try:
            tokenizer = tokenizer_in(folder, shapes["wte.weight"][0])
        finally:
            weights = weights_read.result()  # what is wrong with them is said first
    passed_over = [name for part in parts for name in part.header.entries if name not in part.names]
    return Contents(weights, tokenizer, training, tuple(passed_over))


def read_weights(
    file: Path, header: torch_files.Header, shapes: Shapes, optional: Shapes, dtype: str, own_name: Name, sizes: str
) -> dict[str, Array]:
    """The weights alone, as `read` gives them, of a file that is no folder's; its `sizes` say what is needed."""
    parts = [_part(file, header, own_name)]
    _check_tensors(parts, shapes, optional, header.what, sizes)
    return _weights(parts, shapes, dtype, header.what)


def tokenizer_in(folder: Path, vocab_size: int) -> Tokenizer | None:
    """The tokenizer in a folder, for a model of so many tokens; None without one, UserError for another model's."""
    file = tokenizer_files.find(folder)
    if file is None:
        return None
    tokenizer = Tokenizer.load(folder)
    if not fit(tokenizer, vocab_size):
        sizes = f"{tokenizer.vocab_size:,} tokens, the model {vocab_size:,}"
        raise UserError(f"{shown(file)} has {sizes}", "use the tokenizer it was trained with")
    return tokenizer.limited(vocab_size)


def write(
    folder: str | os.PathLike[str],
    config: Mapping[str, Any],
    contents: Contents,
    dtype: str,
    card: str,
    beside: Iterable[Beside] = (),
    new: bool = False,
) -> None:
    """Write a folder as a whole, the weights stored as "float16", "float32" or "float64", and what is to lie beside.

    Replaces an earlier model folder, unless it is to be a `new` one; other files in it stay. Raises UserError if the
    folder is something else, or cannot be written; then nothing changed.
    """

    def fill(fresh: Path) -> None:
        _check_replaceable(Path(folder))
        safetensors.write(fresh / WEIGHTS, contents.weights, dtype, {"format": "pt"})
        (fresh / CONFIG).write_text(json.dumps(config, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        # the card may name a file whose name is no text
        (fresh / "README.md").write_text(card, encoding="utf-8", errors="backslashreplace")
        if contents.tokenizer is not None:
            contents.tokenizer.save(fresh)
        for each in beside:
            each.save(each.file(fresh))
        known = _staying(Path(folder)) | digests.of(fresh)
        (fresh / digests.ABOUT).write_bytes(digests.written(contents.training, known))

    replace(Path(folder), fill, new)


def card(name: str, kind: str, settings: Mapping[str, Any], n_parameters: int, training: Mapping[str, Any]) -> str:
    """A plain model card, for a model that comes without one: Markdown."""
    rows = [f"| {setting} | {value} |" for setting, value in settings.items()]
    facts = [f"- {fact}: {shown(value, 200)}" for fact, value in training.items()]
    table = ["| setting | value |", "|---|---|", *rows, f"| parameters | {n_parameters:,} |"]
    return "\n".join([f"# {shown(name)}", "", kind, "", *table, "", *facts, ""])


def fit(tokenizer: Tokenizer, vocab_size: int) -> bool:
    """As many tokens as the model has; or it has some to spare, up to a round size that trains faster; or too few."""
    spare = vocab_size - tokenizer.vocab_size
    if spare <= 0:  # tokens that were added when it had learned, and others left out
        return 2 * vocab_size > tokenizer.vocab_size
    return vocab_size % 8 == 0 and spare < max(128, vocab_size // 32)


class _Part(NamedTuple):
    """A file with weights: what its header says, and what those of its tensors that are read are called here."""

    file: Path
    header: safetensors.Header | torch_files.Header
    names: dict[str, str]


def _staying(folder: Path) -> dict[str, str]:
    """The digests of what stays in a folder that is replaced: another's files, which may lie beside a model."""
    with suppress(UserError):
        names = set(os.listdir(folder)) if os.path.isdir(folder) else set()
        return {name: each for name, each in digests.read(folder).items() if name in names and not OWN.fullmatch(name)}
    return {}


def _weights(
    parts: list[_Part], shapes: Shapes, dtype: str, what: str, wanted: Mapping[str, str] | None = None
) -> dict[str, Array]:
    _check_memory(shapes, dtype, what)
    weights: dict[str, Array] = {}
    for part in parts:
        weights |= _read_part(part, dtype, (wanted or {}).get(part.file.name))
    safetensors.check_finite(weights, what)
    return weights


def _read_part(part: _Part, dtype: str, digest: str | None) -> dict[str, Array]:
    if isinstance(part.header, torch_files.Header):
        if digest:
            digests.check(part.header.what, digest, digests.of_file(part.file))
        return torch_files.read_data(part.file, part.header, part.names, dtype)
    if not digest:  # who does not ask does not wait
        return safetensors.read_data(part.file, part.header, part.names, dtype)
    with digests.Hashing(part.header.raw) as hashing:
        found = safetensors.read_data(part.file, part.header, part.names, dtype, hashing.update)
        digests.check(part.header.what, digest, hashing.hexdigest())
    return found


def _weight_files(folder: Path) -> list[Path]:
    for whole, index, shard in LAYOUTS:
        if os.path.lexists(folder / whole):
            return [folder / whole]
        if os.path.lexists(folder / index):
            return _shards(folder / index, shard)
    raise UserError(f"{shown(folder)} has no {WEIGHTS}", "give a folder with a GPT-2 in it")


def _shards(index: Path, name: re.Pattern[str]) -> list[Path]:
    table = read_json(index, MAX_JSON).get("weight_map")
    if not isinstance(table, dict) or not table:
        raise UserError(f"{shown(index)} is damaged: it has no weight_map", "copy it again")
    for shard in table.values():
        if not isinstance(shard, str) or not name.fullmatch(shard):
            fault = f"{shown(index)} names a file outside the folder or of another kind: {shown_value(shard)}"
            raise UserError(fault, "do not trust this folder")
    files = [index.parent / shard for shard in sorted(set(table.values()))]
    for file in files:
        if _header(file).entries.keys() != {name for name, shard in table.items() if shard == file.name}:
            raise UserError(f"{shown(file)} holds other tensors than {index.name} says", "copy the folder again")
    return files


def _header(file: Path) -> safetensors.Header | torch_files.Header:
    return torch_files.read_header(file) if file.suffix == ".bin" else safetensors.read_header(file)


def _part(file: Path, header: safetensors.Header | torch_files.Header, own_name: Name) -> _Part:
    found: dict[str, str] = {}
    for name in header.entries:
        if (own := own_name(name)) is None:
            continue
        if own in found:
            what = f"{shown(file)} has {shown(found[own])} and {shown(name)}, which are the same weight"
            raise UserError(what, "keep one of the two")
        found[own] = name
    return _Part(file, header, {name: own for own, name in found.items()})


def _check_tensors(parts: list[_Part], shapes: Shapes, optional: Shapes, what: str, sizes: str) -> None:
    found = {own: part.header.entries[name] for part in parts for name, own in part.names.items()}
    if len(found) < sum(len(part.names) for part in parts):
        raise UserError(f"{what}: a tensor is in two files", "copy the folder again")
    needed = {**shapes, **{name: shape for name, shape in optional.items() if name in found}}
    every = [name for part in parts for name in part.header.entries]
    tensor_names.check_whole(every, what)
    heads = tensor_names.heads(every)
    if heads and LM_HEAD in needed.keys() - found.keys():
        fault = f"{what} has a head for another task than writing, {listed(heads)}, and no {LM_HEAD}"
        raise UserError(fault, "give the model that it was made from")
    safetensors.match(found, needed, what, sizes)
    for name, entry in found.items():
        if entry.shape != needed[name]:
            differ = f"has the shape {entry.shape}, but {sizes} says {needed[name]}"
            raise UserError(f"{what}: {name} {differ}", "check both")
        if entry.dtype not in safetensors.FLOATS:
            raise UserError(f"{what}: {name} holds {entry.dtype}, not floating-point weights", "convert it to F32")


def headers(folder: Path) -> list[safetensors.Header | torch_files.Header]:
    """What its files of weights say they hold; UserError as in `read`."""
    return [_header(file) for file in _weight_files(folder)]


def memory(headers: Iterable[safetensors.Header | torch_files.Header]) -> int:
    """How many bytes the weights in such files take as float32."""
    return _bytes([each.shape for header in headers for each in header.entries.values()], "float32")


def of_memory(need: int) -> str:
    """How much of this machine's memory so many bytes are, in words."""
    return f"needs {need / 2**30:,.1f} GiB of memory, this machine has {machine() / 2**30:,.1f}"


def _bytes(shapes: Iterable[tuple[int, ...]], dtype: str) -> int:
    return np.dtype(dtype).itemsize * sum(map(math.prod, shapes))


def machine() -> int:
    """How many bytes of memory this machine has, or the container in it may take."""
    given = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in LIMITS:
        with suppress(OSError, ValueError):  # none, or "max"
            given.append(int(file.read_bytes()))
    return min(given)


def _check_memory(shapes: Shapes, dtype: str, what: str) -> None:
    need = _bytes(shapes.values(), dtype)
    if need > machine():
        raise UserError(f"{what} {of_memory(need)}", "choose a smaller model")


def _check_replaceable(folder: Path) -> None:
    if not os.path.lexists(folder):
        return
    if not os.path.isdir(folder):
        raise UserError(f"{shown(folder)} is not a folder", "choose another place to save")
    if any(folder.iterdir()) and not os.path.lexists(folder / CONFIG):
        raise UserError(f"{shown(folder)} holds something else than a model", "choose a new or empty folder")
