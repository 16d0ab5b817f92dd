"""What each ability needs: a probe is asked again with one part of the model switched off at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.gpt import GPT, GPTConfig
from models.lenses.probes import Probe
from models.switches import AttentionOff, HeadOff, LayerSwitch, MaskOff, MLPLinear, MLPOff, PositionsOff, Switch

Switches = tuple[Switch, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A probe's score without a part of the model."""

    name: str
    switches: Switches
    score: float


def contrasts(config: GPTConfig) -> dict[str, Switches]:
    """The large cuts, each an argument about what a transformer needs; not of what the model grew up without."""
    found: dict[str, Switches] = {
        "without positions": (PositionsOff(),),
        "with the mask open": (MaskOff(),),
        "with linear MLPs": tuple(MLPLinear.everywhere(config)),
        "without MLPs": tuple(MLPOff.everywhere(config)),
        "without attention": tuple(AttentionOff.everywhere(config)),
    }
    return {name: switches for name, switches in found.items() if not switches[0].idle_in(config)}


def singles(config: GPTConfig, *kinds: type[LayerSwitch]) -> dict[str, Switches]:
    """One head, one layer's attention or one layer's MLP at a time, or only these, named as the switch is written."""
    each: Iterator[Switch] = (
        switch for kind in kinds or (HeadOff, AttentionOff, MLPOff, MLPLinear) for switch in kind.everywhere(config)
    )
    return {str(switch): (switch,) for switch in each if not switch.idle_in(config)}


def sweep(model: GPT, probe: Probe, cuts: Iterable[tuple[str, Switches]] | None = None) -> tuple[Cut, ...]:
    """The probe's score under each of the cuts (every large and every single one), what hurts most first.

    A probe of the weights alone has no cuts.
    """
    if probe.of_weights:
        return ()
    if cuts is None:
        cuts = (contrasts(model.config) | singles(model.config)).items()
    found = (Cut(name, switches, probe.measure(model, switches).score) for name, switches in cuts)
    return tuple(sorted(found, key=lambda cut: cut.score))
