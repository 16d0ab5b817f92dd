"""Score scaling off: q . k is not divided by the square root of the head's width."""

import math

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch


class ScaleOff(Switch):
    """Unscaled scores (the 1 / sqrt(D) of Vaswani et al. 2017, section 3.2.1, undone)."""

    slug = "scale-off"
    title = "score scaling"
    says = "q . k is not divided by the root of D. Every head gets too sure: rows shrink to one bright cell."
    sites = frozenset({"scores"})
    parts = frozenset({"scale", "attention"})

    def edit(self, value: Array, here: Here) -> Array:
        """Times sqrt(D)."""
        return value * math.sqrt(here.seen["q"].shape[-1])
