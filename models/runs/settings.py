"""A setting, said once beside its field: type, range and words. Whoever shows, asks for or blames it does so from here.

Knows no NumPy: the command line's --help is made of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from models.errors import UserError


@dataclass(frozen=True, slots=True)
class Setting:
    """What there is to know of one field of a config; the fields after `typed` follow from its declaration."""

    says: str  # what it is, in a few words that name the unit
    least: float = -math.inf  # of a number
    most: float = math.inf
    above: float = -math.inf  # as the least, but not included
    empty: str = ""  # what None means, where it may be None
    meanings: Mapping[str, str] = field(default_factory=dict)  # of its choices
    group: str = ""  # of settings, which begins with the one that names it
    option: str = ""  # on the command line, without dashes
    label: str = ""  # on screen
    typed: bool = False  # into a line of the form that starts a run
    reads: Callable[[str], object] | None = None  # what such words mean; UserError, with what is allowed, for others

    name: str = ""  # in the code
    kind: type = str  # int, float, bool, str, or tuple, of several choices
    choices: tuple[str, ...] = ()

    def check(self, value: Any) -> None:
        """UserError, with what is allowed, for a value of its type that is not."""
        if fault := None if value is None else self._fault(value):
            raise UserError(fault, setting=self.name)

    def _fault(self, value: Any) -> str:
        if self.reads:
            self.reads(value)
            return ""
        if self.choices:
            must = "can name" if self.kind is tuple else "must be one of"
            given = value if self.kind is tuple else (value,)
            wrong = [each for each in given if each not in self.choices]
            return f"{must} {', '.join(self.choices)}, not {wrong[0]!r}" if wrong else ""
        if self.above > -math.inf and not value > self.above:
            return f"must be above {self.above}, not {value}"
        least = max(self.least, self.above)
        return "" if least <= value <= self.most else f"must be between {least} and {self.most}, not {value}"

    def written(self, value: Any) -> str:
        """The value as one types it; nothing for None."""
        if value is None:
            return ""
        if isinstance(value, tuple):
            return ",".join(value)
        if isinstance(value, float):
            return f"{value:g}" if float(f"{value:g}") == value else repr(value)
        return str(value)


def setting(default: Any, says: str, **more: Any) -> Any:
    """A field with that default, and what there is to know of it, by `Setting`'s names."""
    return field(default=default, metadata={"setting": Setting(says, **more)})


def settings_of(config: type) -> dict[str, Setting]:
    """The settings of a dataclass by name, all of whose fields were declared by `setting`."""
    hints, found, group = get_type_hints(config), dict[str, Setting](), ""
    for each in fields(config):
        said: Setting = each.metadata["setting"]
        group = said.group or group
        option = said.option or each.name.replace("_", "-")
        kind, choices = _kind(hints[each.name])
        found[each.name] = replace(
            said, name=each.name, kind=kind, choices=choices, group=group, option=option, label=said.label or option
        )
    return found


def _kind(hint: Any) -> tuple[type, tuple[str, ...]]:
    """The type of its values, and what there is to choose from."""
    if isinstance(hint, type):
        return hint, ()
    inner = get_args(hint)
    if get_origin(hint) is UnionType:  # with None
        return inner[0], ()
    return (tuple, get_args(inner[0])) if get_origin(hint) is tuple else (str, inner)
