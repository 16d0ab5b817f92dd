"""The residual path off: each part replaces the stream instead of adding to it."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch


class ResidualOff(Switch):
    """The stream is no longer carried past attention and MLP."""

    slug = "residual-off"
    title = "residual path"
    says = "Each part overwrites the stream instead of adding to it. The token itself is lost in the first layer."
    sites = frozenset({"resid_mid", "resid_post"})
    parts = frozenset({"residual"})

    def edit(self, value: Array, here: Here) -> Array:
        """Only what the part wrote; the stream where there is no such part."""
        return here.seen.get("attn_out" if here.site == "resid_mid" else "mlp_out", value)
