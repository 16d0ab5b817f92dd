"""Tensors as PyTorch's pickles describe them: part of a storage, whose numbers lie elsewhere in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.formats import pickles
from models.formats.safetensors import TYPES, convert
from models.ops import Array

REBUILD = "torch._utils._rebuild_tensor_v2"
STORAGES = {
    "torch.FloatStorage": "F32", "torch.DoubleStorage": "F64", "torch.HalfStorage": "F16",
    "torch.BFloat16Storage": "BF16", "torch.LongStorage": "I64", "torch.IntStorage": "I32", "torch.ShortStorage": "I16",
    "torch.CharStorage": "I8", "torch.ByteStorage": "U8", "torch.BoolStorage": "BOOL",
}  # fmt: skip
WHOLE = ((), (None,))  # before torch 1.6 a storage could be a part of another
DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32")  # as they stand among settings


@dataclass(frozen=True, slots=True)
class Tensor:
    """Some of the numbers of a storage: of a type, from `start` on, in steps; no two places are the same number."""

    dtype: str
    shape: tuple[int, ...]
    steps: tuple[int, ...]
    storage: str
    start: int

    def turned(self) -> Tensor:
        """The same with its axes the other way round."""
        return replace(self, shape=self.shape[::-1], steps=self.steps[::-1])


def array(tensor: Tensor, content: Array, dtype: Any) -> Array:
    """A tensor's numbers, of the bytes of its storage, as `dtype`."""
    kind = np.dtype(TYPES[tensor.dtype])
    numbers = content[: content.size // kind.itemsize * kind.itemsize].view(kind)[tensor.start :]
    steps = [step * kind.itemsize for step in tensor.steps]
    seen = np.lib.stride_tricks.as_strided(numbers, tensor.shape, steps)
    return convert(np.asarray(seen, order="C"), tensor.dtype, dtype)


def rebuilt(given: tuple[Any, ...]) -> Tensor:
    """What torch's _rebuild_tensor_v2 is given: a storage, the first place in it, sizes and steps, and more."""
    if not 6 <= len(given) <= 7 or not isinstance(given[0], pickles.Elsewhere):
        raise pickles.Fault("a tensor is made of something else than a storage, sizes and steps")
    start, shape, steps = given[1:4]
    dtype, storage = _storage(given[0].id)
    if not _sizes((start,)) or not _sizes(shape) or not _sizes(steps) or len(shape) != len(steps):
        raise pickles.Fault("a tensor has sizes and steps that are none")
    below = 1
    for step, count in sorted(zip(steps, shape, strict=True)):
        if count > 1:
            if step < below:
                raise pickles.Fault("a tensor has one number in two places")
            below = step * count
    return Tensor(dtype, shape, steps, storage, start)


def _storage(stored: Any) -> tuple[str, str]:
    """The type of a storage's numbers and its name, of what a pickle says of it."""
    if not (isinstance(stored, tuple) and len(stored) in (5, 6) and stored[0] == "storage") or stored[5:] not in WHOLE:
        raise pickles.Fault("a tensor is not of a storage")
    kind, name = stored[1:3]
    if not isinstance(kind, pickles.Name) or kind.name not in STORAGES or type(name) is not str:
        raise pickles.Fault("a tensor is not of a storage")
    return STORAGES[kind.name], name


def _sizes(value: Any) -> bool:
    """Whether it is a row of sizes, none of them nothing."""
    if not isinstance(value, tuple) or len(value) > 8:
        return False
    return all(type(each) is int and 0 <= each < 1 << 40 for each in value)


def _parameter(given: tuple[Any, ...]) -> Any:
    if not given or not isinstance(given[0], Tensor):
        raise pickles.Fault("a parameter is made of something else than a tensor")
    return given[0]


CALLS: Mapping[str, pickles.Call] = {
    **pickles.PLAIN,
    REBUILD: rebuilt,
    "torch._utils._rebuild_parameter": _parameter,
    "torch.Size": lambda given: given[0] if given else (),
    "torch.device": lambda given: "device",
    **dict.fromkeys((*STORAGES, *(f"torch.{name}" for name in DTYPES)), lambda given: None),
}
