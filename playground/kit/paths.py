"""Paths that a person types: which one is meant, and what one that is being typed may become."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from itertools import islice

from models.formats.files import names_in

MOST = 20  # that are shown


def unquoted(typed: str) -> str:
    """The same where it is as a shell reads it: as messages name a path, and terminals what is dropped on them."""
    typed = typed.strip()
    if typed.startswith(("'", '"')) or "\\ " in typed:
        with suppress(ValueError):  # no closing quotation mark yet
            words = shlex.split(typed)
            return words[0] if len(words) == 1 else typed
    return typed


def meant(typed: str) -> str:
    """The path itself, its ~ a home; as it is where there is no such person."""
    return os.path.expanduser(unquoted(typed))


def completions(typed: str) -> list[str]:
    """The paths that begin so, as they are typed, folders with their slash; hidden ones where a dot was typed."""
    folder, start = os.path.split(unquoted(typed))
    inside = sorted(names_in(os.path.expanduser(folder) or "."))
    near = (name for name in inside if name.startswith(start) and (start.startswith(".") or name[0] != "."))
    paths = [os.path.join(folder, name) for name in islice(near, MOST)]
    return [path + ("/" if os.path.isdir(os.path.expanduser(path)) else "") for path in paths]
