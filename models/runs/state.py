"""Everything a run needs to go on as if it had never stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.ops import Array


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A run after `step` steps, as NumPy arrays and JSON.

    `weights` are the learned numbers as they are held while learning (float32), `optimiser` its moments, by any flat
    names; `values` the rest: generator states, the place in the data, seconds so far, the best loss and its step, and
    the environment (threads, torch, processor, processes) in which going on is exact.
    """

    step: int
    weights: Mapping[str, Array]
    optimiser: Mapping[str, Array]
    values: Mapping[str, Any]
