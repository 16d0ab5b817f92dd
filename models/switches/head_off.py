"""A head silenced: it writes zero."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import HeadSwitch


class HeadOff(HeadSwitch):
    """A silenced head writes zero (Michel et al. 2019, "Are Sixteen Heads Really Better than One?")."""

    slug = "head-off"
    title = "head off"
    mark = "✕"
    done = "silenced"
    does = "silence"
    says = "The head writes nothing. Nothing changes: others know the same. Something breaks: you found its head."
    sites = frozenset({"z"})

    def edit(self, value: Array, here: Here) -> Array:
        """This head's z zero."""
        return self.replace(value, 0, here.ops)
