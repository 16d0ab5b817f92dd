"""The nonlinearity of a layer's MLP off."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import LayerSwitch


class MLPLinear(LayerSwitch):
    """The layer's MLP without its bend: two matrices that could have been one."""

    slug = "mlp-linear"
    title = "MLP linear"
    says = "No bend between the MLP's two matrices. If the text falls apart, it was the bend that did the work."
    sites = frozenset({"mlp_act"})
    parts = frozenset({"mlp", "nonlinearity"})

    def edit(self, value: Array, here: Here) -> Array:
        """What went into the activation; of a gated MLP, all that the bent numbers let through a part of."""
        let_through = here.seen.get("mlp_pre_linear")
        return here.seen["mlp_pre"] if let_through is None else let_through
