"""How a head's query, key and value came about: the matrix, and what norms and turns them in some models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import gpt
from models.lenses.inside.at_stop import Here, Sum
from models.lenses.inside.norms import spread
from models.ops import Array

MATRIX = "h.{}.attn.c_attn"


def sums(here: Here, name: str, d: int) -> Iterator[Sum]:
    """How number d of the head's "q", "k" or "v" came about, a step each."""
    config, given, x = here.config, float(here.value(name).here[d]), here.value("ln_1").here
    raw = gpt.projected(here.model, here.layer, x[None])["qkv".index(name)][_mine(here, name), 0]  # D
    column, matrix = _column(here, name) + d, MATRIX.format(here.layer)
    if name == "v" or not (config.rope or config.qk_norm):
        yield here.product(f"{name}[{d}], column {column}", x, matrix, column, given)
        return
    yield here.product(f"{name}[{d}] at first, column {column}", x, matrix, column, float(raw[d]))
    if config.qk_norm and config.has("norm"):
        normed = gpt.norm(here.model, f"h.{here.layer}.attn.ln_{name}", raw[None])[0]
        recorded = float(normed[d]) if config.rope else given
        yield _normed(here, name, d, np.asarray(raw, np.float64), recorded)
        raw = normed
    if config.rope:
        yield _turned(here, name, d, np.asarray(raw, np.float64), given)


def _mine(here: Here, name: str) -> int:
    """Which of the heads that have a query, or of those that have a key and a value, is looked at."""
    return here.head if name == "q" else here.head // (here.config.n_head // here.config.kv_heads)


def _column(here: Here, name: str) -> int:
    """The first of the matrix's columns that make the head's query, key or value."""
    config = here.config
    before = {"q": 0, "k": config.n_head, "v": config.n_head + config.kv_heads}[name]
    return (before + _mine(here, name)) * config.head_width


def _normed(here: Here, name: str, d: int, raw: Array, recorded: float) -> Sum:
    size, weight = float(spread(here.config, raw)[0]), float(here.model.weights[_norm_of(here, name)][d])
    given = raw[d] / size * weight
    return here.sum(f"{name}[{d}] normed", "{} / {} × {} = {}", [raw[d], size, weight], given, recorded, abs(given))


def _norm_of(here: Here, name: str) -> str:
    return f"h.{here.layer}.attn.ln_{name}.weight"


def _turned(here: Here, name: str, d: int, raw: Array, recorded: float) -> Sum:
    """The number and the one that it is a pair with, turned by the angle of its place."""
    half = here.block.angles.shape[-1]
    of = f"{name}[{d}], turned at place {here.row}"
    if d >= 2 * half:
        return here.sum(f"{name}[{d}], which does not turn", "{} = {}", [raw[d]], raw[d], recorded, abs(raw[d]))
    angle, pair = float(here.block.angles[here.row, d % half]), float(raw[d + half if d < half else d - half])
    sign = -1 if d < half else 1
    given = raw[d] * np.cos(angle) + sign * pair * np.sin(angle)
    form = "{} × cos({}) " + ("-" if sign < 0 else "+") + " {} × sin({}) = {}"
    return here.sum(of, form, [raw[d], angle, pair, angle], given, recorded, abs(raw[d]) + abs(pair))
