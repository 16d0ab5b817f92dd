"""The vectors of words, and how near one lies to another."""

from __future__ import annotations

import numpy as np

from models.gpt import GPT
from models.ops import Array


def embedding(model: GPT) -> Array:
    """The vector of every token: (V C) float64."""
    return np.asarray(model.weights["wte.weight"], np.float64)


def units(vectors: Array) -> Array:
    """The vectors (.. C) with length 1; one of length 0 stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return vectors / np.where(lengths == 0, 1.0, lengths)


def nearness(wanted: Array, vectors: Array, given: Array | None = None) -> Array:
    """The cosine of each wanted vector (Q C) with each of the others (N C): (Q N).

    Those `given` in the question (Q G) are left out: -inf.
    """
    lengths = np.sqrt(np.einsum("nc,nc->n", vectors, vectors))
    found = units(wanted) @ vectors.T / np.where(lengths == 0, 1.0, lengths)
    if given is not None:
        np.put_along_axis(found, given, -np.inf, -1)
    return found
