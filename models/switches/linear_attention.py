"""Softmax off: attention by a kernel whose sums can be kept, so that its cost does not grow with the text."""

from models.ops import Array
from models.switches.edits import Here
from models.switches.switch import Switch


class LinearAttention(Switch):
    """The exponential of a score s in softmax replaced by 1 + s + s²/2 (Katharopoulos et al. 2020; Arora et al. 2024).

    That is a product of features of q and of k: their sums over the text can be kept in the place of keys and values.
    """

    slug = "linear-attention"
    title = "softmax"
    says = "The exponential becomes 1 + s + s²/2: cheap in long texts, but no head can look at one place alone."
    sites = frozenset({"scores"})
    parts = frozenset({"attention", "softmax"})
    aimed = True  # it stands with windows and strides, which have no place on the board

    def edit(self, value: Array, here: Here) -> Array:
        """The logarithm of the kernel, which softmax takes back; what is hidden stays so."""
        hidden = value == -float("inf")
        return here.ops.where(hidden, value, here.ops.log(here.ops.where(hidden, 1.0, here.ops.kernel(value))))
