"""What a GPT can be built with, and without, by name; apart from `gpt`, so that --help need not wait for NumPy."""

from __future__ import annotations

from typing import Literal, get_args

Positions = Literal["learned", "sinusoidal", "none"]
Activation = Literal["gelu_new", "gelu", "relu", "none"]
Part = Literal["mask", "scale", "norm", "residual", "mlp", "attention"]
Store = Literal["float16", "float32", "float64"]  # the type of a model's numbers in its file
PARTS: tuple[Part, ...] = get_args(Part)
