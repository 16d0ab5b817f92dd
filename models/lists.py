"""The list of what a package has: its imports are the list, so that adding one thing to it takes one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def imported(names: Mapping[str, Any], base: type[Any], mark: str) -> tuple[Any, ...]:
    """The classes of that base that a package (its `globals()`) imports, in their order.

    What others are made from is not among them: it does not say its own `mark`, the name of an attribute.
    """
    classes = [each for each in names.values() if isinstance(each, type) and issubclass(each, base)]
    return tuple(each for each in classes if mark in vars(each))
