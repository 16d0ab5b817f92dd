"""Switches that change the weights of a pass: it is that of another model, and all other switches act in that."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from weakref import WeakValueDictionary

from models.gpt import GPT
from models.ops import Array
from models.switches.edits import Edit
from models.switches.switch import Switch

Weights = Mapping[str, Array]


@dataclass(frozen=True, order=True)
class WeightSwitch(Switch):
    """Changes every matrix, the embedding's among them; biases and what norms multiply with stay as they are."""

    of_weights = True
    aimed = True
    sites = frozenset()
    parts = frozenset()

    @abstractmethod
    def changed(self, name: str, matrix: Array) -> Array:
        """What becomes of the matrix of that name, in its type."""

    def in_weights(self, weights: Weights) -> Weights:
        """All of a model's weights, as they are under the switch."""
        return {name: self.changed(name, each) if each.ndim == 2 else each for name, each in weights.items()}


# kept as long as a pass holds them; a model holds the one it was made of, so that its id stays its own
_made: WeakValueDictionary[tuple[int, tuple[Edit, ...]], GPT] = WeakValueDictionary()


def under(model: GPT, edits: Iterable[Edit]) -> GPT:
    """The model that a pass under these edits is one of: as it was trained, unless some of them change its weights."""
    trained, acting = model.as_trained, tuple(each for each in edits if isinstance(each, WeightSwitch))
    if not acting:
        return trained
    found = _made.get((id(trained), acting))
    if found is None:
        weights = reduce(lambda weights, switch: switch.in_weights(weights), acting, trained.weights)
        found = _made[id(trained), acting] = replace(trained, weights=weights, origin=trained)
    return found
