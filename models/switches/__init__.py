"""Everything that can be switched in a pass. To add one: a file beside this one, and a line among the imports."""

from __future__ import annotations

from collections.abc import Iterable

from models.errors import UserError
from models.gpt import GPTConfig
from models.lists import imported
from models.switches.edge_off import EdgeSwitch as EdgeSwitch
from models.switches.of_weights import WeightSwitch as WeightSwitch
from models.switches.of_weights import under as under
from models.switches.switch import HeadSwitch as HeadSwitch
from models.switches.switch import LayerSwitch as LayerSwitch
from models.switches.switch import NeuronSwitch as NeuronSwitch
from models.switches.switch import Switch as Switch
from models.switches.switch import UnitSwitch as UnitSwitch
from models.switches.switch import ValuedSwitch as ValuedSwitch
from models.switches.switch import number as number
from models.switches.switch import value_of as value_of

# in the order in which they are listed, and act where several do; who imports one here has added it
# isort: off
from models.switches.weight_bits import WeightBits as WeightBits  # the weights first: all others act in what they make
from models.switches.weight_noise import WeightNoise as WeightNoise
from models.switches.input_vector import Input as Input
from models.switches.patched import Patched as Patched  # before all that is off: what is off stays so
from models.switches.rewritten import Rewritten as Rewritten
from models.switches.head_off import HeadOff as HeadOff
from models.switches.head_mean import HeadMean as HeadMean
from models.switches.head_uniform import HeadUniform as HeadUniform
from models.switches.head_pinned import HeadPrevious as HeadPrevious
from models.switches.head_pinned import HeadFirst as HeadFirst
from models.switches.head_scale import HeadScale as HeadScale
from models.switches.edge_off import EdgeZero as EdgeZero
from models.switches.edge_off import EdgeOff as EdgeOff
from models.switches.attention_off import AttentionOff as AttentionOff
from models.switches.mlp_off import MLPOff as MLPOff
from models.switches.mlp_linear import MLPLinear as MLPLinear
from models.switches.neuron import NeuronScale as NeuronScale
from models.switches.neuron import NeuronSet as NeuronSet
from models.switches.neuron import NeuronOff as NeuronOff
from models.switches.causal_mask import MaskOff as MaskOff
from models.switches.positions_off import PositionsOff as PositionsOff
from models.switches.norm_off import NormOff as NormOff
from models.switches.residual_off import ResidualOff as ResidualOff
from models.switches.scale_off import ScaleOff as ScaleOff
from models.switches.low_rank import LowRank as LowRank
from models.switches.padding import Padding as Padding
from models.switches.window import Window as Window
from models.switches.window import Strided as Strided
from models.switches.linear_attention import LinearAttention as LinearAttention
from models.switches.apart import Apart as Apart
from models.switches.apart import HeadApart as HeadApart
# isort: on

ALL: tuple[type[Switch], ...] = imported(globals(), Switch, "slug")


def parse(text: str) -> Switch:
    """The switch written as `slug` or `slug:where`; UserError names what exists."""
    slug, _, where = text.strip().partition(":")
    for kind in ALL:
        if kind.slug == slug:
            return kind.at(where)
    simplest = sorted(ALL, key=lambda kind: kind.aimed)  # those that are written shortest first
    raise UserError(f"there is no switch {slug!r}", f"there are {', '.join(kind.slug for kind in simplest)}")


def check(switches: Iterable[Switch], config: GPTConfig) -> tuple[Switch, ...]:
    """The switches in their one order, each once; UserError if the model has no such place."""
    unique = set(switches)
    for switch in unique:
        switch.check(config)
    return tuple(sorted(unique, key=lambda switch: (ALL.index(type(switch)), switch)))
