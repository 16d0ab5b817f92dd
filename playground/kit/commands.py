"""What the command palette finds: acts under headings, by their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from playground.kit.choosing import Choose, Item


class Command(NamedTuple):
    """Something that can be done, or gone to."""

    group: str  # the heading it stands under
    title: str
    words: str
    act: Callable[[], object]


class Palette(Choose):
    """Everything that can be done, the groups in the order of their first command; gives the number of one."""

    def __init__(self, commands: Iterable[Command]) -> None:
        given = list(commands)
        groups = list(dict.fromkeys(command.group for command in given))
        self.commands = sorted(given, key=lambda command: groups.index(command.group))
        items = [Item(str(at), title, words, group) for at, (group, title, words, _) in enumerate(self.commands)]
        super().__init__("All commands", items, wide="wider")
