"""A head made uniform over what it may see."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import HeadSwitch


class HeadUniform(HeadSwitch):
    """A head that looks at everything it may see with equal weight."""

    slug = "head-uniform"
    title = "head uniform"
    mark = "="
    done = "made uniform"
    does = "even out"
    says = (
        "The head looks at all it may see alike. If nothing changes, where it looked did not matter, only that it did."
    )
    sites = frozenset({"scores"})

    def edit(self, value: Array, here: Here) -> Array:
        """This head's visible scores all zero."""
        mine = value[..., self.head, :, :]
        return self.replace(value, here.ops.where(mine == -float("inf"), mine, 0.0), here.ops)
