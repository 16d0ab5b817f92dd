"""nanoGPT's ckpt.pt (https://github.com/karpathy/nanoGPT): the weights and the arguments of its GPT.

Its linear layers are torch's, so the other way round. Its GELU is the exact one; checkpoints from before there was a
`bias` among the arguments are of a time when it was GPT-2's.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.formats import gpt2_config, torch_files
from models.formats.checkpoint import WRITER, Checkpoint, linear_turned
from models.formats.files import shown

ARGUMENTS = ("n_layer", "n_head", "n_embd", "block_size", "vocab_size", "bias", "dropout")
DATA_SET = re.compile(r"[\w-]{1,100}")  # so that it leads nowhere else


def read(header: torch_files.Header, folder: Path) -> Checkpoint | None:
    """The model in a file, if nanoGPT wrote it; UserError for an argument that is not handled."""
    value = header.value
    if not isinstance(value, dict) or not isinstance(value.get("model_args"), dict) or "model" not in value:
        return None
    arguments, what = value["model_args"], f"{header.what}: model_args"
    if strange := [name for name, each in arguments.items() if not isinstance(each, str | int | float | None)]:
        raise UserError(f"{shown(strange[0])} is no number", "the file is damaged", where=what)
    sizes = {name: gpt2_config.size(arguments, name, most, what) for name, (_, most) in gpt2_config.SIZES.items()}
    bias = arguments.get("bias", True)
    if type(bias) is not bool:
        raise UserError("is neither true nor false", "the file is damaged", setting="bias", where=what)
    others = gpt2_config.unknown(arguments, ARGUMENTS, what)
    settings = sizes | {"bias": bias, "activation": "gelu" if "bias" in arguments else "gelu_new", "tied": True}
    entries = torch_files.with_tensors(header, value["model"])
    return Checkpoint(linear_turned(entries), settings, "model_args", _facts(value), others, _data_set(value))


def _facts(value: dict[str, Any]) -> dict[str, Any]:
    step, loss = value.get("iter_num"), value.get("best_val_loss")
    facts: dict[str, Any] = {WRITER: "nanoGPT"}
    facts |= {"steps": step} if type(step) is int else {}
    return facts | ({"best_val_loss": loss} if type(loss) is float else {})


def _data_set(value: dict[str, Any]) -> str:
    """The folder under data/ that it learned from, and which holds its meta.pkl; "" where that is not said."""
    config = value.get("config")
    name = config.get("dataset") if isinstance(config, dict) else None
    return name if isinstance(name, str) and DATA_SET.fullmatch(name) else ""
