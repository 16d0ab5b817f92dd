"""How a norm reads a vector: what lenses need of it to go through it, forward and back."""

from __future__ import annotations

import numpy as np

from models.gpt import GPTConfig
from models.ops import Array


def centred(config: GPTConfig, x: Array) -> Array:
    """(.. C) less its mean, which only layer norm takes off."""
    return x - x.mean(-1, keepdims=True) if config.norm == "layer" else x


def spread(config: GPTConfig, x: Array) -> Array:
    """What (.. C) is divided by once it is centred: (.. 1)."""
    x = centred(config, x)
    return np.sqrt((x * x).mean(-1, keepdims=True) + config.eps)
