"""Runs known to be good, each a function: its docstring says what it is, and below that how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import cleandoc

from models.errors import UserError
from models.runs.config import TrainConfig


def tiny() -> TrainConfig:
    """Small enough to watch. Long enough to beat a bigram.

    Five seconds.
    """
    return TrainConfig(
        n_layer=2, n_head=2, n_embd=64, block_size=64,
        batch=16, steps=300, lr=2e-2, warmup=20, schedule="flat", eval_every=50,
    )  # fmt: skip


def small() -> TrainConfig:
    """NanoGPT's sizes for a CPU.

    A minute and a half on one core with AMX, some two without.
    """
    return TrainConfig(n_layer=4, n_head=4, n_embd=128, block_size=64, batch=24, steps=1200, lr=1e-2)


def shakespeare() -> TrainConfig:
    """As shakespeare-char. It is bundled, and these are its sizes.

    About an hour on two cores with AMX.
    """
    return TrainConfig(
        n_embd=256, block_size=256, steps=None, minutes=60, lr=8e-3, warmup=100, dropout=0.125, eval_every=150
    )


def little_world() -> TrainConfig:
    """As little-world. It is bundled, and these settings are for that world's words.

    About eight minutes of one core.
    """
    return TrainConfig(
        n_layer=3, n_head=4, n_embd=96, block_size=96, positions_start="sinusoids",
        batch=16, steps=7000, lr=1e-2, lr_rest=0.3, schedule="flat", eval_every=250, seed=1,
    )  # fmt: skip


def digits() -> TrainConfig:
    """Digits, pixel by pixel. Pictures of 8 x 8, as the bundled model draws them.

    A minute and a half of one core.
    """
    return TrainConfig(
        n_layer=3, n_head=4, n_embd=64, block_size=66,
        batch=32, steps=1200, lr=6e-3, lr_rest=0.3, dropout=0.2, schedule="flat", eval_every=100, seed=1,
    )  # fmt: skip


def overfit() -> TrainConfig:
    """It learns a text by heart. A short one.

    Four seconds.
    """
    return TrainConfig(
        n_layer=2, n_head=2, n_embd=64, block_size=32, batch=8, steps=400, lr=2e-2, warmup=20, eval_every=50
    )


def no_mask() -> TrainConfig:
    """As tiny, it sees ahead. A loss far below what anyone can know, and useless for writing."""
    return replace(tiny(), without=("mask",))


def no_attention() -> TrainConfig:
    """As tiny, without attention. All it can use is the last token, as a bigram does, and that token's place."""
    return replace(tiny(), without=("attention",))


def no_positions() -> TrainConfig:
    """As tiny, without positions. Only the causal mask tells it what came first."""
    return replace(tiny(), positions="none")


def linear_mlp() -> TrainConfig:
    """As tiny, its MLPs linear. They are without their nonlinearity."""
    return replace(tiny(), activation="none")


def gru() -> TrainConfig:
    """A recurrent network. As tiny, with as many parameters in the transformer's place.

    Twice the time of tiny.
    """
    return replace(tiny(), model="gru")


ALL = (tiny, small, shakespeare, little_world, digits, overfit, no_mask, no_attention, no_positions, linear_mlp, gru)
PRESETS: dict[str, Callable[[], TrainConfig]] = {function.__name__.replace("_", "-"): function for function in ALL}


def about(name: str) -> tuple[str, str]:
    """What a preset is, and how long it takes where that was measured; a sentence each."""
    says, _, takes = cleandoc(PRESETS[name].__doc__ or "").partition("\n\n")
    return says, takes


def preset(name: str) -> TrainConfig:
    """The preset of that name; UserError if there is none."""
    if name not in PRESETS:
        raise UserError(f"there is no preset {name!r}", f"the presets are {', '.join(PRESETS)}")
    return PRESETS[name]()
