"""A head turned down or up."""

from dataclasses import dataclass

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import HeadSwitch, ValuedSwitch


@dataclass(frozen=True, order=True)
class HeadScale(ValuedSwitch, HeadSwitch):
    """What a head finds, times a number: 0 silences it, 1 leaves it, 2 is twice as loud, -1 turns it round."""

    slug = "head-scale"
    title = "head scale"
    mark = "◐"
    done = "scaled"
    does = "scale"
    says = "The head writes so much of what it found: half here; head-scale:0.2=3 writes three times as much."
    sites = frozenset({"z"})
    value: float = 0.5

    def edit(self, value: Array, here: Here) -> Array:
        """This head's z times the number."""
        return self.replace(value, value[..., self.head, :, :] * self.value, here.ops)
