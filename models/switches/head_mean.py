"""A head replaced by its mean over positions."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import HeadSwitch


class HeadMean(HeadSwitch):
    """A head replaced by its mean over the positions of this text: it still speaks, but says the same everywhere."""

    slug = "head-mean"
    title = "head mean"
    mark = "μ"
    done = "averaged"
    does = "average"
    says = "The head says its average everywhere. A gentler cut than off: only what it knew about this place is lost."
    sites = frozenset({"z"})
    keeps_past = False  # a new token moves the mean
    by_row = False

    def edit(self, value: Array, here: Here) -> Array:
        """This head's z, averaged over T."""
        return self.replace(value, value[..., self.head, :, :].mean(-2)[..., None, :], here.ops)
