"""Positions off: nothing is added, or turned, to say where a token stands."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch


class PositionsOff(Switch):
    """The position embedding is zero, or the angle by which rotary positions turn."""

    slug = "positions-off"
    title = "positions"
    says = (
        "Tokens no longer know where they stand. Heads that looked one step back lose their way: watch the diagonals."
    )
    sites = frozenset({"pos_embed", "angles"})
    parts = frozenset({"positions"})

    def edit(self, value: Array, here: Here) -> Array:
        """Zero."""
        return here.ops.zeros(tuple(value.shape), value)
