"""What programs put before the names of a model's tensors, and beside them, whatever the model."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.errors import UserError

# before all names: torch.compile's, DistributedDataParallel's, those of a model in a model
BEFORE = ("_orig_mod", "module", "model", "transformer", "gpt_neox")
HEADS = ("v_head", "value_head", "score", "classifier", "multiple_choice_head", "qa_outputs")  # for other tasks
PREFIX, HEAD = re.compile(rf"(?:(?:{'|'.join(BEFORE)})\.)+"), re.compile(rf"({'|'.join(HEADS)})\..+")
# beside the packed numbers of a weight: GPTQ's and AWQ's, bitsandbytes', FP8's
QUANTISED = re.compile(r".+\.(qweight|qzeros|g_idx|absmax|quant_map|quant_state\..+|SCB|weight_scale(_inv)?)")


def plain(name: str) -> str:
    """A name without what stands before it."""
    return PREFIX.sub("", name, count=1) if PREFIX.match(name) else name


def own(name: str, unread: re.Pattern[str]) -> str | None:
    """The same of a tensor that is read; None for a head, or what is `unread` of its family."""
    name = plain(name)
    return None if unread.fullmatch(name) or HEAD.fullmatch(name) else name


def heads(names: Iterable[str]) -> list[str]:
    """Which of these are heads for other tasks: their names, without what stands before them or after the first dot."""
    return sorted({found[1] for name in names if (found := HEAD.fullmatch(plain(name)))})


def check_whole(names: Iterable[str], what: str) -> None:
    """UserError naming `what`, the file, where such tensors are parts of quantised weights."""
    if any(map(QUANTISED.fullmatch, names)):
        raise quantised(what)


def quantised(what: str, how: str = "") -> UserError:
    """Say of a file that its weights were rounded to a few bits."""
    return UserError(
        f"{what} has weights that are quantised{how}", "give the model in 16 or 32 bits that it was made from"
    )
