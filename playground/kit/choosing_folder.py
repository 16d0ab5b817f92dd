"""One of a list, or a folder or file whose path is typed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Input

from playground.kit.choosing import Choose, Item
from playground.kit.dialogs import Word
from playground.kit.keys import own_keys
from playground.kit.paths import completions, unquoted

PATH_BEGINS = ("/", "~", ".")  # what is typed so is a path and no word
GROUP = "paths"


class ChooseOrFolder(Choose):
    """Gives the key of what is chosen, or the path of a folder or a file, which is completed folder by folder."""

    BINDINGS: ClassVar[list[BindingType]] = own_keys("folder", ("tab", "complete", "complete"))

    def __init__(self, title: str, items: Iterable[Item], holds: Callable[[str], bool], what: str) -> None:
        """`holds` says of a path whether it can be chosen, `what` what it then is; files that cannot are not shown."""
        super().__init__(title, items, wide="wider", placeholder="type to find, or a path: ~/ ...")
        self.holds, self.what = holds, what

    def words(self) -> Iterator[Word]:
        """A path can be completed as well."""
        yield from super().words()
        yield Word("tab", "complete a path", self.action_complete)

    def found(self, typed: str) -> list[Item]:
        """Those that hold every word; of a path that is typed, what it may become."""
        if not _is_path(unquoted(typed)):
            return super().found(typed)
        paths = {path: self.holds(os.path.expanduser(path)) for path in completions(typed)}
        return [
            Item(path, path, self.what if held else "", GROUP)
            for path, held in paths.items()
            if held or path.endswith("/")
        ]

    def answer(self) -> None:
        """Give what is chosen; one goes on into a folder that is none of those. What no list has is given as typed."""
        typed, chosen = unquoted(self.query_one(Input).value), self.chosen
        path = os.path.expanduser(chosen or typed)
        if not _is_path(typed) and (chosen or typed):
            self.dismiss(chosen or typed)
        elif chosen is not None and not self.holds(path):
            self.action_complete()
        elif typed:
            self.dismiss(path)

    def action_complete(self) -> None:
        """Take the path that is chosen into the line."""
        line, chosen = self.query_one(Input), self.chosen
        if chosen is not None and _is_path(unquoted(line.value)):
            line.value = chosen
            line.action_end()


def _is_path(typed: str) -> bool:
    return typed.startswith(PATH_BEGINS)
