"""What the pane of memories knows, and where the person looks in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from models.lenses.inside.neurons import By, Firing, Neurons
from models.ops import Array
from models.switches import NeuronSwitch
from playground.inside.scene import InsideView
from playground.looking.session import Session, choose_head

LISTED = 64  # neurons, by what they add
FIRED = 32  # and by activation: all of these are switched off in turn
TEXTS = 40  # that fire one most


@dataclass(frozen=True)
class Look:
    """Where the person looks among the neurons."""

    all_layers: bool = True  # otherwise those of the layer that Play looks at as well
    by: By = "adds"
    line: int = 0  # of the list
    on: tuple[int, int] | None = None  # the neuron there: the cursor stays on it, wherever it comes to stand
    token: int | None = None  # that was typed; None for the answer
    inside: tuple[int, int] | None = None  # the neuron gone into: its layer and number
    text: int = 0  # of those that fire it
    opening: int = 0  # of the model whose neurons and tokens these are


def look_of(view: InsideView) -> Look:
    """Where the person looks; another model's neurons and tokens are others."""
    here, opening = view.look(Look), view.session.opening
    return here if here.opening == opening else Look(opening=opening)


class Words(NamedTuple):
    """The tokens a neuron raises most, and those it lowers most, each with what an activation of one adds to it."""

    raises: Sequence[tuple[int, float]]
    lowers: Sequence[tuple[int, float]]


@dataclass(frozen=True, eq=False)
class Seen:
    """The neurons; by their number among them what those in the list write; and what fires the one gone into."""

    neurons: Neurons
    words: Mapping[int, Words]
    switched: Sequence[int] = ()  # those that a switch acts on, which stand first
    here: Array | None = None  # T, the activations of the one gone into over the text
    fires: Firing | None = None  # None as long as nothing was read
    read: str = ""  # what was read

    def listed(self, by: By) -> Sequence[int]:
        """Which neurons are in the list, in its order: by effect, only such as were switched off by now."""
        order = self.neurons.ranked(by, FIRED if by == "activation" else LISTED)
        known = np.isfinite(self.neurons.off_bits)
        ranked = [at for at in order if at in self.words and (by != "effect" or known[at])]
        return [*dict.fromkeys([*self.switched, *ranked])]

    def place(self, at: int) -> tuple[int, int]:
        """Layer and number of a neuron."""
        layer, neuron = self.neurons.places[at]
        return int(layer), int(neuron)

    def cursor(self, look: Look) -> int:
        """The line of the list that the cursor is on; -1 where there is none."""
        order = self.listed(look.by)
        on = next((line for line, at in enumerate(order) if self.place(at) == look.on), look.line)
        return min(max(on, 0), len(order) - 1)


def switch_at(session: Session, layer: int, neuron: int) -> NeuronSwitch | None:
    """What is done to this neuron; None where it is left as it is."""
    mine = (each for each in session.switches if isinstance(each, NeuronSwitch))
    return next((each for each in mine if (each.layer, each.neuron) == (layer, neuron)), None)


def layer_shown(view: InsideView) -> int:
    """The layer whose neurons are listed; -1 for all."""
    return -1 if look_of(view).all_layers else view.session.view.layer


def in_layer(layer: int, view: InsideView) -> InsideView:
    """The neurons of one layer; of all, for -1."""
    view = view.looking(replace(look_of(view), all_layers=layer < 0, line=0, on=None))
    session = view.session
    return view if layer < 0 else view.with_session(choose_head(session, layer, session.view.head))
