"""What the weights of a GPT-2 are called."""

from __future__ import annotations

import re

from models.formats import tensor_names

MASK = re.compile(r"h\.\d{1,4}\.attn\.(masked_)?bias")  # the causal mask, in old files; computed here
LINEAR = re.compile(r"h\.\d{1,4}\.(attn\.c_attn|attn\.c_proj|mlp\.c_fc|mlp\.c_proj)\.weight")


def own(name: str) -> str | None:
    """What a tensor of a file is called here; None for one that is passed over."""
    return tensor_names.own(name, MASK)
