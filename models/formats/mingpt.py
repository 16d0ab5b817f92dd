"""The state_dict of a GPT alone, as minGPT (https://github.com/karpathy/minGPT) saves it: names and shapes.

All but the number of heads can be seen in the shapes. That stands in minGPT's config.json beside the file, or among the
hyper-parameters that Lightning, which trains models of others, saves beside a state_dict; or in the table of minGPT's
models, where a depth and a width are those of one of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.formats import gpt2_config, tensor_names, torch_files
from models.formats.checkpoint import WRITER, Checkpoint, linear_turned
from models.formats.files import read_json, shown
from models.formats.pickles import Record
from models.formats.torch_tensors import Tensor

CONFIG, MAX_CONFIG = "config.json", 1 << 20
MIN, NANO, HF = "minGPT", "nanoGPT", "transformers"  # whose GPT it can be
LAYER = re.compile(r"h\.\d{1,4}\.")
# minGPT's models, from gpt-nano to gpt2-xl: layers, heads, width
MODELS = (
    (3, 3, 48), (4, 4, 128), (6, 6, 192), (8, 16, 512), (12, 12, 768), (24, 16, 1024), (36, 20, 1280), (48, 25, 1600),
)  # fmt: skip


def read(header: torch_files.Header, folder: Path) -> Checkpoint | None:
    """The model in a file that says little but its weights; UserError where it does not say enough of it."""
    table = torch_files.weights_in(header.value)
    if not isinstance(table, dict) or not any(_plain(name) == "wte.weight" for name in table):
        return None
    beside = {} if table is header.value else header.value
    header = torch_files.with_tensors(header, table)
    found = {_plain(name): each for name, each in header.entries.items()}
    sizes, writer = _sizes(found, header.what), _writer(found)
    settings = sizes | {
        "n_head": _heads(folder, beside.get("hyper_parameters"), sizes, header.what),
        "bias": "ln_f.bias" in found,
        "tied": found.get("lm_head.weight", found["wte.weight"]) == found["wte.weight"],
        "activation": "gelu" if writer == NANO else "gelu_new",  # nanoGPT's is the exact one
    }
    steps = beside.get("global_step")
    training = {WRITER: writer} | ({"steps": steps} if type(steps) is int else {})
    return Checkpoint(header if writer == HF else linear_turned(header), settings, "the rest of it", training)


def _plain(name: object) -> str:
    return tensor_names.plain(name) if isinstance(name, str) else ""


def _sizes(found: Mapping[str, Tensor], what: str) -> dict[str, int]:
    """What the shapes say."""
    for name in ("wte.weight", "wpe.weight"):
        if name not in found or len(found[name].shape) != 2:
            raise UserError(f"{what} has no table {name} of vectors", "give the weights of a GPT")
    layers = {int(name.split(".")[1]) for name in found if LAYER.match(name)}
    (vocab_size, width), (block_size, _) = found["wte.weight"].shape, found["wpe.weight"].shape
    sizes = {"vocab_size": vocab_size, "block_size": block_size, "n_layer": len(layers), "n_embd": width}
    return {name: gpt2_config.size(sizes, name, gpt2_config.SIZES[name][1], what) for name in sizes}


def _writer(found: Mapping[str, Tensor]) -> str:
    """Whose GPT it is: transformers' has (in, out) for torch's (out, in), and minGPT keeps its mask."""
    attention, width = found.get("h.0.attn.c_attn.weight"), found["wte.weight"].shape[1]
    if attention is not None and attention.shape == (width, 3 * width):
        return HF
    return MIN if "h.0.attn.bias" in found else NANO


def _heads(folder: Path, beside: Any, sizes: Mapping[str, int], what: str) -> int:
    """How many heads, as its config.json says, or the settings beside it, or as minGPT's models of these sizes have."""
    file = folder / CONFIG
    at_hand = os.path.lexists(file)
    settings = _settings(read_json(file, MAX_CONFIG) if at_hand else beside)
    if settings.get("n_head") is not None:
        return gpt2_config.size(settings, "n_head", gpt2_config.SIZES["n_head"][1], shown(file) if at_hand else what)
    known = {(layers, width): heads for layers, heads, width in MODELS}
    heads = known.get((sizes["n_layer"], sizes["n_embd"]))
    if heads is None:
        do = f'put {CONFIG} beside it, with {{"model": {{"n_head": ...}}}} in it'
        raise UserError(f"{what} holds weights alone, which do not say how many heads there are", do)
    return heads


def _settings(said: Any) -> Mapping[str, Any]:
    """The table that has the heads: what is said, or what stands in it under "model" or "config"."""
    table = _table(said)
    inside = (_table(table.get(name)) for name in ("model", "config"))
    return next((each for each in inside if "n_head" in each), table)


def _table(value: Any) -> Mapping[str, Any]:
    value = value.fields if isinstance(value, Record) else value
    return value if isinstance(value, dict) else {}
