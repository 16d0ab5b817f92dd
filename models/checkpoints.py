"""Model folders in the Hugging Face GPT-2 layout, in and out; every fault of a folder is one sentence.

- config.json: sizes and choices (formats/gpt2_config.py)
- model.safetensors: the weights, or shards of them and an index (formats/safetensors.py)
- tokenizer.json: the tokenizer (tokenizers.py)
- training.json: how the model came to be, and the SHA-256 of the weights
- README.md: the model card
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from models.errors import UserError
from models.formats import folder as folders
from models.formats import gpt2_config, safetensors
from models.formats.files import read_json, shown
from models.gpt import GPT, GPTConfig, weight_shapes
from models.ops import NUMPY, Array
from models.tokenizers import Tokenizer

PRETRAINED = Path(__file__).parent / "pretrained"
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
MAX_JSON = 4 << 20
DIGEST = "weights_sha256"  # in training.json
PREFIX = "transformer."  # what GPT2LMHeadModel puts before all names but lm_head.weight
MASK = re.compile(r"h\.\d{1,4}\.attn\.(masked_)?bias")  # the causal mask, in old files; computed here
SHARD = re.compile(r"[\w-][\w.-]*\.safetensors")
PICKLES = re.compile(r".*\.(bin|pt|pth|ckpt|pkl)")
ROUNDING = 0.005  # of a number up to 1 stored as bfloat16


def available() -> list[str]:
    """The names of the bundled models."""
    return sorted(path.parent.name for path in PRETRAINED.glob("*/config.json"))


def load(name_or_folder: str | os.PathLike[str], dtype: str = "float32") -> GPT:
    """A bundled model by its name, or the model in a folder; its numbers as "float32" or "float64".

    Nothing in a folder is run, and memory stays within a small multiple of the files' sizes. A name of a bundled
    model wins over a folder called the same; write ./name for the folder. Raises UserError in one sentence for
    anything that is missing, damaged or not handled.
    """
    assert dtype in ("float32", "float64")
    where = folder(name_or_folder)
    config = _read_config(where / "config.json")
    training = read_json(where / "training.json", MAX_JSON) if _exists(where / "training.json") else {}
    weights = _read_weights(where, config, dtype, training.pop(DIGEST, None))
    tokenizer = Tokenizer.load(where) if _exists(where / "tokenizer.json") else None
    if tokenizer is not None and not _fit(tokenizer, config):
        sizes = f"{tokenizer.vocab_size:,} tokens, the model {config.vocab_size:,}"
        raise UserError(f"{shown(where / 'tokenizer.json')} has {sizes} - use the tokenizer it was trained with")
    return GPT(config, weights, tokenizer, where.resolve().name, training)


def save(model: GPT, folder: str | os.PathLike[str], dtype: str = "float32", card: str = "") -> None:
    """Write the model's folder as a whole, its weights stored as "float16", "float32" or "float64".

    transformers computes the same from it, also for what GPT-2 does not have: absent positions and biases become
    zeros, sinusoidal positions a table. `card` is the text of README.md. Replaces an earlier model folder; other
    files in it stay. Raises UserError if the folder is something else, or cannot be written; then nothing changed.
    """
    assert {name: np.shape(weight) for name, weight in model.weights.items()} == weight_shapes(model.config)
    assert model.tokenizer is None or _fit(model.tokenizer, model.config)

    def write(fresh: Path) -> None:
        _check_replaceable(Path(folder))
        digest = safetensors.write(fresh / WEIGHTS, _gpt2_weights(model), dtype, {"format": "pt"})
        _write_json(fresh / "config.json", gpt2_config.write(asdict(model.config)))
        _write_json(fresh / "training.json", {**model.training, DIGEST: digest})
        (fresh / "README.md").write_text(card or _card(model), encoding="utf-8")
        if model.tokenizer is not None:
            model.tokenizer.save(fresh)

    folders.replace(Path(folder), write)


def folder(name_or_folder: str | os.PathLike[str]) -> Path:
    """The folder of a bundled model or the given one; UserError if there is none."""
    if isinstance(name_or_folder, str) and name_or_folder in available():
        return PRETRAINED / name_or_folder
    path = Path(name_or_folder)
    if not _exists(path):
        with suppress(OSError, ValueError):
            folders.recover(path)  # a save killed between two renames
    if _exists(path, of=os.path.isdir):
        return path
    if _exists(path):
        raise UserError(f"{shown(path)} is not a folder - give the folder with config.json and {WEIGHTS} in it")
    bundled = ", ".join(available()) or "none"
    raise UserError(f"there is no model {shown(repr(str(path)))} - give a folder or a bundled model: {bundled}")


def _exists(path: Path, of: Any = os.path.lexists) -> bool:
    try:
        return bool(of(path))
    except ValueError:  # a NUL in the name
        return False


def _read_config(file: Path) -> GPTConfig:
    settings = gpt2_config.read(read_json(file, MAX_JSON), shown(file))
    try:
        return GPTConfig(**settings)
    except UserError as error:
        raise UserError(f"{shown(file)}: {error} - correct it") from None


class _Part(NamedTuple):
    """A file with weights: what its header says, and which of its tensors are GPT-2's under which of its names."""

    file: Path
    header: safetensors.Header
    names: dict[str, str]


def _read_weights(folder: Path, config: GPTConfig, dtype: str, digest: object) -> dict[str, Array]:
    what = shown(folder / WEIGHTS)
    parts = [_part(file) for file in _weight_files(folder)]
    _check_tensors(parts, config, what)
    _check_memory(config, dtype, what)
    weights: dict[str, Array] = {}
    for file, header, names in parts:
        check = digest is not None and file.name == WEIGHTS
        found, found_digest = safetensors.read_data(file, header, names, dtype, check)
        if check and digest != found_digest:
            fault = f"{what} is damaged, or was changed: its SHA-256 is not the {DIGEST} in training.json"
            raise UserError(f"{fault} - copy it again, or take that line out")
        weights |= found
    safetensors.check_finite(weights, what)
    return _own_weights(weights, config, what)


def _weight_files(folder: Path) -> list[Path]:
    if _exists(folder / WEIGHTS):
        return [folder / WEIGHTS]
    if _exists(folder / INDEX):
        return _shards(folder)
    pickle = next((entry.name for entry in os.scandir(folder) if PICKLES.fullmatch(entry.name)), None)
    if pickle:
        fault = f"{shown(folder)} has its weights in {shown(pickle)}, which could run code and is never opened"
        raise UserError(f"{fault} - convert it to {WEIGHTS}")
    raise UserError(f"{shown(folder)} has no {WEIGHTS} - give a folder with a GPT-2 in it")


def _shards(folder: Path) -> list[Path]:
    table = read_json(folder / INDEX, MAX_JSON).get("weight_map")
    if not isinstance(table, dict) or not table:
        raise UserError(f"{shown(folder / INDEX)} is damaged: it has no weight_map - copy it again")
    for shard in table.values():
        if not isinstance(shard, str) or not SHARD.fullmatch(shard):
            fault = f"{shown(folder / INDEX)} names a file outside the folder or of another kind: {shown(repr(shard))}"
            raise UserError(f"{fault} - do not trust this folder")
    files = [folder / shard for shard in sorted(set(table.values()))]
    for file in files:
        found = safetensors.read_header(file).entries.keys()
        if found != {name for name, shard in table.items() if shard == file.name}:
            raise UserError(f"{shown(file)} holds other tensors than {INDEX} says - copy the folder again")
    return files


def _part(file: Path) -> _Part:
    header = safetensors.read_header(file)
    names = {name: name.removeprefix(PREFIX) for name in header.entries}
    names = {name: plain for name, plain in names.items() if not MASK.fullmatch(plain)}
    if len(set(names.values())) < len(names):
        twice = next(name for name, plain in names.items() if name != plain and plain in names)
        raise UserError(f"{shown(file)} has {shown(twice)} with and without {PREFIX!r} - keep one of the two")
    return _Part(file, header, names)


def _check_tensors(parts: list[_Part], config: GPTConfig, what: str) -> None:
    found = {plain: header.entries[name] for _, header, names in parts for name, plain in names.items()}
    if len(found) < sum(len(part.names) for part in parts):
        raise UserError(f"{what}: a tensor is in two files - copy the folder again")
    needed = weight_shapes(_as_gpt2(config))
    if config.tied and "lm_head.weight" in found:
        needed["lm_head.weight"] = needed["wte.weight"]
    safetensors.match(found, needed, what)
    for name, entry in found.items():
        if entry.shape != needed[name]:
            shapes = f"has the shape {entry.shape}, but config.json says {needed[name]}"
            raise UserError(f"{what}: {name} {shapes} - check both files")
        if entry.dtype not in safetensors.FLOATS:
            raise UserError(f"{what}: {name} holds {entry.dtype}, not floating-point weights - convert it to F32")


def _check_memory(config: GPTConfig, dtype: str, what: str) -> None:
    need = np.dtype(dtype).itemsize * sum(math.prod(shape) for shape in weight_shapes(config).values())
    have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if need > have:
        sizes = f"needs {need / 2**30:,.1f} GiB of memory, this machine has {have / 2**30:,.1f}"
        raise UserError(f"{what} {sizes} - choose a smaller model")


def _as_gpt2(config: GPTConfig) -> GPTConfig:
    """The GPT-2 that computes the same: with a table of positions and all biases."""
    return replace(config, positions="learned", bias=True)


def _own_weights(weights: dict[str, Array], config: GPTConfig, what: str) -> dict[str, Array]:
    """Leave out what stands in for something the model does not have, once it is certain that it does."""
    if config.tied and not np.array_equal(weights.pop("lm_head.weight", weights["wte.weight"]), weights["wte.weight"]):
        raise UserError(f"{what}: lm_head.weight differs from wte.weight, but config.json ties them - check both files")
    own = weight_shapes(config)
    for name, shape in weight_shapes(_as_gpt2(config)).items():
        if name in own:
            continue
        stand_in = _stand_in(name, shape, config)
        if not np.allclose(weights[name], stand_in, rtol=0, atol=ROUNDING if stand_in.any() else 0):
            setting = f"positions = {config.positions}" if name == "wpe.weight" else "bias = false"
            raise UserError(f"{what}: {name} does not fit {setting} in config.json - take that line out to use it")
    return {name: weights[name] for name in own}


def _stand_in(name: str, shape: tuple[int, ...], config: GPTConfig) -> Array:
    """What makes GPT-2 compute the same as a model without that weight."""
    if name == "wpe.weight" and config.positions == "sinusoidal":
        return NUMPY.sinusoids(np.arange(shape[0]), shape[1], np.zeros((), np.float64))
    return np.zeros(shape)


def _gpt2_weights(model: GPT) -> dict[str, Array]:
    """The weights as GPT2LMHeadModel names them, with what stands in for parts the model does not have."""
    weights: dict[str, Array] = {}
    for name, shape in weight_shapes(_as_gpt2(model.config)).items():
        own = model.weights.get(name)
        full_name = name if name == "lm_head.weight" else PREFIX + name
        weights[full_name] = _stand_in(name, shape, model.config) if own is None else own
    return weights


def _fit(tokenizer: Tokenizer, config: GPTConfig) -> bool:
    """As many tokens as the model has; or the model has some to spare, up to a round size that trains faster."""
    spare = config.vocab_size - tokenizer.vocab_size
    return spare == 0 or 0 < spare < 128 and config.vocab_size % 64 == 0


def _check_replaceable(folder: Path) -> None:
    if not _exists(folder):
        return
    if not _exists(folder, of=os.path.isdir):
        raise UserError(f"{shown(folder)} is not a folder - choose another place to save")
    if any(folder.iterdir()) and not _exists(folder / "config.json"):
        raise UserError(f"{shown(folder)} holds something else than a model - choose a new or empty folder")


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _card(model: GPT) -> str:
    rows = [f"| {name} | {value} |" for name, value in asdict(model.config).items()]
    facts = [f"- {name}: {shown(value, 200)}" for name, value in model.training.items()]
    table = ["| setting | value |", "|---|---|", *rows, f"| parameters | {model.n_parameters:,} |"]
    return "\n".join([f"# {shown(model.name)}", "", "A GPT-2 in the Hugging Face layout.", "", *table, "", *facts, ""])
