"""Layer norm off: every part reads the stream as it is."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch

_READS = {"ln_1": "resid_pre", "ln_2": "resid_mid", "ln_final": "resid_post"}


class NormOff(Switch):
    """No centring, no scaling, no learned gain, anywhere."""

    slug = "norm-off"
    title = "layer norm"
    says = "Every part reads the raw stream. The sizes it was trained for are gone: scores and bars go to extremes."
    sites = frozenset(_READS)
    parts = frozenset({"norm"})

    def edit(self, value: Array, here: Here) -> Array:
        """What went into the norm."""
        return here.seen[_READS[here.site]]
