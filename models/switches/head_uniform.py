"""A head made uniform over what it may see."""

from __future__ import annotations

from collections.abc import Mapping

from models.ops import Array, Ops
from models.switches.switch import HeadSwitch


class HeadUniform(HeadSwitch):
    """A head that looks at everything it may see with equal weight."""

    slug = "head-uniform"
    title = "head uniform"
    mark = "="
    done = "made uniform"
    says = (
        "The head looks at all it may see alike. If nothing changes, where it looked did not matter, only that it did."
    )
    sites = frozenset({"scores"})
    parts = frozenset({"attention"})

    def edit(self, site: str, value: Array, seen: Mapping[str, Array], ops: Ops) -> Array:
        """This head's visible scores all zero."""
        mine = value[..., self.head, :, :]
        return self.replace(value, ops.where(mine == -float("inf"), mine, 0.0), ops)
