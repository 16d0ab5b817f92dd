"""Layer norm off: every part reads the stream as it is."""

from __future__ import annotations

from dataclasses import dataclass

from models.gpt import GPT
from models.ops import Array
from models.switches.edits import Edit, Here
from models.switches.switch import Switch

_NORMS = frozenset({"ln_1", "ln_2", "ln_final"})


@dataclass(frozen=True, eq=False)
class Raw(Edit):
    """What goes into each norm in the place of what comes out."""

    of_mlp: str  # the stream that the MLP's norm reads
    sites = _NORMS

    def edit(self, value: Array, here: Here) -> Array:
        """What went into the norm."""
        if here.site == "ln_2":
            return here.seen[self.of_mlp][..., -value.shape[-2] :, :]  # attention may read more rows than are asked for
        return here.seen["resid_pre" if here.site == "ln_1" else "resid_post"]


class NormOff(Switch):
    """No centring, no scaling, no learned gain of the stream; queries and keys that Qwen3 norms as well stay normed."""

    slug = "norm-off"
    title = "layer norm"
    says = "Every part reads the raw stream, not at the size it was trained for: bars go to extremes. "
    says += "Norms of q and k (Qwen3) stay."
    sites = _NORMS
    parts = frozenset({"norm"})

    def ready(self, model: GPT) -> Edit:
        """An edit that knows which stream the model's MLPs read."""
        return Raw(model.config.mlp_reads)
