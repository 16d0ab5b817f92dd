"""Everything that can be switched in a pass. To add one: a file beside this one, and a line in `ALL`."""

from __future__ import annotations

from collections.abc import Iterable

from models.errors import UserError
from models.gpt import GPTConfig
from models.switches.attention_off import AttentionOff
from models.switches.causal_mask import MaskOff
from models.switches.head_mean import HeadMean
from models.switches.head_off import HeadOff
from models.switches.head_uniform import HeadUniform
from models.switches.mlp_linear import MLPLinear
from models.switches.mlp_off import MLPOff
from models.switches.norm_off import NormOff
from models.switches.padding import Padding
from models.switches.positions_off import PositionsOff
from models.switches.residual_off import ResidualOff
from models.switches.scale_off import ScaleOff
from models.switches.switch import HeadSwitch, LayerSwitch, Switch

ALL: tuple[type[Switch], ...] = (
    HeadOff,
    HeadMean,
    HeadUniform,
    AttentionOff,
    MLPOff,
    MLPLinear,
    MaskOff,
    PositionsOff,
    NormOff,
    ResidualOff,
    ScaleOff,
    Padding,
)

__all__ = [
    "ALL",
    "AttentionOff",
    "HeadMean",
    "HeadOff",
    "HeadSwitch",
    "HeadUniform",
    "LayerSwitch",
    "MLPLinear",
    "MLPOff",
    "MaskOff",
    "NormOff",
    "Padding",
    "PositionsOff",
    "ResidualOff",
    "ScaleOff",
    "Switch",
    "check",
    "parse",
]


def parse(text: str) -> Switch:
    """The switch written as `slug` or `slug:where`; UserError names what exists."""
    slug, _, where = text.strip().partition(":")
    for kind in ALL:
        if kind.slug == slug:
            return kind.at(where)
    raise UserError(f"there is no switch {slug!r}", f"there are {', '.join(kind.slug for kind in ALL)}")


def check(switches: Iterable[Switch], config: GPTConfig) -> tuple[Switch, ...]:
    """The switches in their one order, each once; UserError if the model has no such place."""
    unique = set(switches)
    for switch in unique:
        switch.check(config)
    return tuple(sorted(unique, key=lambda switch: (ALL.index(type(switch)), switch)))
