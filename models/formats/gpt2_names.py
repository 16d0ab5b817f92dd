"""What the weights of a GPT-2 are called, with whatever other programs put before or beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable

# before all names: torch.compile's, DistributedDataParallel's, those of a model in a model
PREFIX = re.compile(r"(?:(?:_orig_mod|module|model|transformer)\.)+")
MASK = re.compile(r"h\.\d{1,4}\.attn\.(masked_)?bias")  # the causal mask, in old files; computed here
HEAD = re.compile(r"(v_head|value_head|score|classifier|multiple_choice_head|qa_outputs)\..+")  # for other tasks
LINEAR = re.compile(r"h\.\d{1,4}\.(attn\.c_attn|attn\.c_proj|mlp\.c_fc|mlp\.c_proj)\.weight")


def plain(name: str) -> str:
    """A name without what stands before it."""
    return PREFIX.sub("", name, count=1) if PREFIX.match(name) else name


def own(name: str) -> str | None:
    """What a tensor of a file is called here; None for one that is passed over."""
    name = plain(name)
    return None if MASK.fullmatch(name) or HEAD.fullmatch(name) else name


def heads(names: Iterable[str]) -> list[str]:
    """Which of these are heads for other tasks: their names, without what stands before them or after the first dot."""
    return sorted({found[1] for name in names if (found := HEAD.fullmatch(plain(name)))})
