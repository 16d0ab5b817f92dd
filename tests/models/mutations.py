"""JSON with one thing in it changed, as damage or malice would."""

from __future__ import annotations

import copy
import random
from typing import Any

VALUES: list[Any] = [None, True, -1, 0, 7, 2**32, 2**63, 1.5, "", "x", "\x00", [], {}, [[]], {"type": "Sequence"}]


def mutated(value: Any, rng: random.Random) -> Any:
    """The JSON value with one thing somewhere in it replaced, dropped, or doubled."""
    value = copy.deepcopy(value)
    node: Any = value
    key: Any = None
    parent: Any = None
    while isinstance(node, dict | list) and node and (parent is None or rng.random() < 0.8):
        parent, key = node, rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        node = parent[key]
    act = rng.randrange(3)
    if act == 0:
        parent[key] = rng.choice(VALUES)
    elif act == 1:
        del parent[key]
    elif isinstance(parent, list):
        parent.append(node)
    else:
        parent[str(key) + rng.choice(["", " ", "\u0120", "é"])] = node
    return value
