"""What a config.json says of rotary positions, in the words of any version of transformers."""

from __future__ import annotations

from typing import Any

from models.formats.families.settings import Settings
from models.gpt_config import GPTConfig, Rope

SCALING = ("default", "linear", "llama3")
MOST = 1 << 20  # positions of a context


def read(
    settings: Settings,
    head_width: int,
    base: str = "rope_theta",
    share: str = "partial_rotary_factor",
    turns: float = 1.0,
) -> Rope:
    """How a head's numbers are turned: `base` and `share` name the settings, `turns` is the share where none is given.

    UserError for a way to stretch them that is not handled, by its name.
    """
    now, before = settings.table("rope_parameters"), settings.table("rope_scaling")
    within = before or now or Settings({}, settings.what, settings.title)
    kind = within.get("rope_type") or within.get("type") or "default"
    within.get("type")
    if kind not in SCALING:
        within.refuse("rope_type", kind)
    theta = within.number("rope_theta", settings.number(base, 10_000.0))
    width = int(head_width * within.number("partial_rotary_factor", settings.number(share, turns)))
    factor = within.number("factor", 1.0) if kind != "default" else 1.0
    original, low, high = 0, 1.0, 4.0
    if kind == "llama3":
        original = within.size("original_max_position_embeddings", MOST)
        low, high = within.number("low_freq_factor", 1.0), within.number("high_freq_factor", 4.0)
    within.check_all_asked()
    return Rope(width, theta, factor, original, low, high)


def write(config: GPTConfig, turns: float) -> dict[str, Any]:
    """The reverse, as transformers 5 has it; `turns` is the share of a head's numbers that need not be told."""
    rope = config.rope
    if rope is None:
        return {}
    found: dict[str, Any] = {"rope_type": "default", "rope_theta": rope.base}
    if rope.width != turns * config.head_width:
        found["partial_rotary_factor"] = rope.width / config.head_width
    if rope.original:
        found |= {"rope_type": "llama3", "original_max_position_embeddings": rope.original}
        found |= {"low_freq_factor": rope.low, "high_freq_factor": rope.high}
    elif rope.factor != 1:
        found |= {"rope_type": "linear"}
    return {"rope_parameters": found | ({"factor": rope.factor} if rope.original or rope.factor != 1 else {})}
