"""What a GPT can be built with, and without, in words; apart from `gpt`, so that --help need not wait for NumPy."""

from __future__ import annotations

import re
from typing import Literal, get_args

from models.errors import UserError

Positions = Literal["learned", "sinusoidal", "none"]
Activation = Literal["gelu_new", "gelu", "relu", "none"]
Part = Literal["mask", "scale", "norm", "residual", "mlp", "attention"]
Store = Literal["float16", "float32", "float64"]  # the type of a model's numbers in its file
PARTS: tuple[Part, ...] = get_args(Part)
FULL, LINEAR = "full", "linear"
WINDOW = re.compile(r"window:([1-9][0-9]{0,6})")


def attention_of(words: str) -> tuple[int, bool]:
    """The window, 0 for none, and whether it is linear: of "full", "window:8" or "linear"; UserError for any other."""
    found = WINDOW.fullmatch(words)
    if not found and words not in (FULL, LINEAR):
        fault = f"must be {FULL}, window:N (N places in sight, 1 or more) or {LINEAR}, not {words[:20]!r}"
        raise UserError(fault, setting="attention")
    return int(found[1]) if found else 0, words == LINEAR


def attention_in_words(window: int, linear: bool) -> str:
    """The reverse; both of a model that has both, which is no choice of training."""
    named = [f"window:{window}"] if window else []
    return " ".join([LINEAR, *named] if linear else named or [FULL])
