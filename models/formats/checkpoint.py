"""What a format makes of a file of PyTorch's in which a program left a GPT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.formats import gpt2_names, tensor_names, torch_files

WRITER = "written by"  # which program, among what is known of the training


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors, the settings of a GPTConfig, and what the file says beside: of training, and what is not known."""

    header: torch_files.Header
    settings: Mapping[str, Any]
    sizes: str  # what of the file says its sizes
    training: Mapping[str, Any]
    notes: Mapping[str, Any] = field(default_factory=dict)  # settings that change nothing here
    data_set: str = ""  # the name of the folder that holds its meta.pkl


def linear_turned(header: torch_files.Header) -> torch_files.Header:
    """The same with the weights of linear layers as GPT-2 has them, (in, out); torch's are (out, in)."""
    linear = {name for name in header.entries if gpt2_names.LINEAR.fullmatch(tensor_names.plain(name))}
    return replace(header, entries={n: each.turned() if n in linear else each for n, each in header.entries.items()})
