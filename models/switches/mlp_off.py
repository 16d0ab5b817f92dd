"""The MLP of a layer off."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import LayerSwitch


class MLPOff(LayerSwitch):
    """The layer's MLP adds nothing; its attention goes on."""

    slug = "mlp-off"
    title = "MLP off"
    says = "Nothing is looked up in this layer. The first layer's usually hurts most; facts live in the middle ones."
    sites = frozenset({"mlp_out"})
    parts = frozenset({"mlp"})

    def edit(self, value: Array, here: Here) -> Array:
        """Zero."""
        return here.ops.zeros(tuple(value.shape), value)
