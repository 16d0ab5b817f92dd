"""All attention of a layer off."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import LayerSwitch


class AttentionOff(LayerSwitch):
    """The layer's attention adds nothing; its MLP goes on."""

    slug = "attention-off"
    title = "attention off"
    says = "No place hears from another in this layer. Off in every layer, only the last token decides: a bigram."
    sites = frozenset({"attn_out"})
    parts = frozenset({"attention"})

    def edit(self, value: Array, here: Here) -> Array:
        """Zero."""
        return here.ops.zeros(tuple(value.shape), value)
