"""Runs known to be good, each a function, with the time it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from models.errors import UserError
from models.runs.config import TrainConfig


def tiny() -> TrainConfig:
    """Five seconds: small enough to watch, and long enough to beat a bigram."""
    return TrainConfig(
        n_layer=2, n_head=2, n_embd=64, block_size=64,
        batch=16, steps=300, lr=2e-2, warmup=20, schedule="flat", eval_every=50,
    )  # fmt: skip


def small() -> TrainConfig:
    """A minute and a half on one core with AMX, some two without: nanoGPT's documented CPU sizes."""
    return TrainConfig(n_layer=4, n_head=4, n_embd=128, block_size=64, batch=24, steps=1200, lr=1e-2)


def shakespeare() -> TrainConfig:
    """About an hour on two cores with AMX: the sizes of the bundled shakespeare-char."""
    return TrainConfig(
        n_embd=256, block_size=256, steps=None, minutes=60, lr=8e-3, warmup=100, dropout=0.125, eval_every=150
    )


def little_world() -> TrainConfig:
    """About eight minutes of one core: the bundled little-world, for that world's words."""
    return TrainConfig(
        n_layer=3, n_head=4, n_embd=96, block_size=96, positions_start="sinusoids",
        batch=16, steps=7000, lr=1e-2, lr_rest=0.3, schedule="flat", eval_every=250, seed=1,
    )  # fmt: skip


def overfit() -> TrainConfig:
    """Four seconds: a model that learns a short text by heart."""
    return TrainConfig(
        n_layer=2, n_head=2, n_embd=64, block_size=32, batch=8, steps=400, lr=2e-2, warmup=20, eval_every=50
    )


def no_mask() -> TrainConfig:
    """As tiny, with the future in sight: a loss far below what anyone can know, and useless for writing."""
    return replace(tiny(), without=("mask",))


def no_attention() -> TrainConfig:
    """As tiny, without attention: all it can use is the last token, as a bigram does, and that token's place."""
    return replace(tiny(), without=("attention",))


def no_positions() -> TrainConfig:
    """As tiny, without positions: only the causal mask tells it what came first."""
    return replace(tiny(), positions="none")


def linear_mlp() -> TrainConfig:
    """As tiny, without the nonlinearity of its MLPs."""
    return replace(tiny(), activation="none")


def gru() -> TrainConfig:
    """As tiny, a recurrent network of as many parameters in the transformer's place; twice the time."""
    return replace(tiny(), model="gru")


ALL = (tiny, small, shakespeare, little_world, overfit, no_mask, no_attention, no_positions, linear_mlp, gru)
PRESETS: dict[str, Callable[[], TrainConfig]] = {function.__name__.replace("_", "-"): function for function in ALL}


def preset(name: str) -> TrainConfig:
    """The preset of that name; UserError if there is none."""
    if name not in PRESETS:
        raise UserError(f"there is no preset {name!r}", f"the presets are {', '.join(PRESETS)}")
    return PRESETS[name]()
