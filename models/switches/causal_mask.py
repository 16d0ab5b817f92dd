"""The causal mask off: every position may look at every position, later ones too."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch


class MaskOff(Switch):
    """Open the causal mask."""

    slug = "mask-off"
    title = "causal mask"
    says = "Every place may look ahead. Surprise rises all the same: nobody taught it to read what comes after."
    sites = frozenset({"visible"})
    parts = frozenset({"mask", "attention"})
    keeps_past = False  # a new token is seen by every earlier row

    def edit(self, value: Array, here: Here) -> Array:
        """All true."""
        return value | True
