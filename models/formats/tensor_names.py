"""What programs put before the names of a model's tensors, and beside them, whatever the model."""

from __future__ import annotations

import re
from collections.abc import Iterable

# before all names: torch.compile's, DistributedDataParallel's, those of a model in a model
PREFIX = re.compile(r"(?:(?:_orig_mod|module|model|transformer|gpt_neox)\.)+")
HEAD = re.compile(r"(v_head|value_head|score|classifier|multiple_choice_head|qa_outputs)\..+")  # for other tasks


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
