"""One neuron of an MLP off, set, or scaled: the smallest part of a model that can be switched.

Geva et al. 2020, "Transformer Feed-Forward Layers Are Key-Value Memories": a neuron is a memory. What goes into it says
when it fires, and what comes out is written to the stream as often as it fired.
"""

from dataclasses import dataclass

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import NeuronSwitch, ValuedSwitch, number


class _ValuedNeuron(ValuedSwitch, NeuronSwitch):
    """Does to a neuron what a number says."""

    @property
    def label(self) -> str:
        """The neuron, and the number."""
        return f"{super().label} {number(self.value)}"


@dataclass(frozen=True, order=True)
class NeuronScale(_ValuedNeuron):
    """A neuron's activation times a number."""

    slug = "neuron-scale"
    title = "neuron scaled"
    mark = "×"
    done = "scaled"
    does = "scale"
    says = "The neuron fires so many times as much, wherever it fires. Turned up, it says its own words everywhere."
    value: float = 2.0

    def edit(self, value: Array, here: Here) -> Array:
        """Its activation times the number."""
        return self.replace(value, value[..., self.neuron] * self.value, here.ops)


@dataclass(frozen=True, order=True)
class NeuronSet(_ValuedNeuron):
    """A neuron that fires at one strength, whatever it reads."""

    slug = "neuron-set"
    title = "neuron set"
    mark = "="
    done = "set"
    does = "set"
    says = "The neuron fires so much at every place. The words it writes come up, or go down, in every text."
    value: float = 3.0

    def edit(self, value: Array, here: Here) -> Array:
        """Its activation the number."""
        return self.replace(value, self.value, here.ops)


class NeuronOff(NeuronSwitch):
    """A neuron that never fires: its activation is zero, so it writes nothing."""

    slug = "neuron-off"
    title = "neuron off"
    mark = "✕"
    done = "silenced"
    does = "silence"
    says = "The neuron never fires. One of thousands: a fact is seldom lost with one, but its own words grow rarer."

    def edit(self, value: Array, here: Here) -> Array:
        """Its activation zero."""
        return self.replace(value, 0, here.ops)
