"""A head that must look at one place, whatever it asks for."""

from abc import abstractmethod

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import HeadSwitch


class HeadPinned(HeadSwitch):
    """All attention of a head given to one place a row; a row that may not look there looks at nothing."""

    sites = frozenset({"scores"})

    @abstractmethod
    def pinned(self, rows: Array) -> Array:
        """The position that each of these (T) looks at: (T)."""

    def edit(self, value: Array, here: Here) -> Array:
        """This head's scores hidden but for that place, which stays hidden if it was."""
        columns = here.ops.positions(0, value.shape[-1], value)  # S
        place = self.pinned(columns[-value.shape[-2] :])  # T
        mine = value[..., self.head, :, :]
        return self.replace(value, here.ops.where(place[:, None] == columns, mine, -float("inf")), here.ops)


class HeadPrevious(HeadPinned):
    """A head that looks at the position before; the first position looks at itself."""

    slug = "head-previous"
    title = "head prev"
    mark = "←"
    done = "turned one back"
    does = "look back with"
    says = "The head looks one token back, whatever it asks for. If nothing changes, that is all it ever did."

    def pinned(self, rows: Array) -> Array:
        """The one before."""
        return rows - (rows > 0)


class HeadFirst(HeadPinned):
    """A head that looks at the first position alone."""

    slug = "head-first"
    title = "head first"
    mark = "«"
    done = "turned to the first"
    does = "look at the first with"
    says = "The head looks at the first token alone: where a head rests that has nothing to do. Does it rest here?"

    def pinned(self, rows: Array) -> Array:
        """The first."""
        return rows * 0
