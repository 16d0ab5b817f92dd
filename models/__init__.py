"""Everything that learns or is measured; it knows no screen and serves a notebook as well.

>>> import models
>>> m = models.load("shakespeare-char")
>>> t = models.trace(m, "To be")
>>> t.blocks[0].pattern.shape  # heads, rows that look, columns looked at; NumPy
(4, 5, 5)
>>> t = models.extend(m, t, m.tokenizer.continued(",")[0])
>>> t = models.trace(m, "To be", [models.parse("head-off:0.2"), models.parse("mask-off")])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.errors import UserError
    from models.gpt import GPT, GPTConfig
    from models.model_folders import available, folder, load, load_any, save
    from models.switches import parse
    from models.tracing import BlockTrace, Trace, extend, trace

__all__ = [
    "GPT",
    "BlockTrace",
    "GPTConfig",
    "Trace",
    "UserError",
    "available",
    "extend",
    "folder",
    "load",
    "load_any",
    "parse",
    "save",
    "trace",
]

# imported when first asked for, so that what needs no NumPy does not wait for it
_HOMES = {
    "errors": ("UserError",),
    "gpt": ("GPT", "GPTConfig"),
    "model_folders": ("available", "folder", "load", "load_any", "save"),
    "switches": ("parse",),
    "tracing": ("BlockTrace", "Trace", "extend", "trace"),
}


def __getattr__(name: str) -> Any:
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
