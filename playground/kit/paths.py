"""What a path that is being typed may become."""

from __future__ import annotations

import os
from itertools import islice

from models.formats.files import names_in

MOST = 20  # of them


def completions(typed: str) -> list[str]:
    """The paths that begin so, as they are typed, folders with their slash; hidden ones where a dot was typed."""
    folder, start = os.path.split(typed.strip())
    inside = sorted(names_in(os.path.expanduser(folder) or "."))
    near = (name for name in inside if name.startswith(start) and (start.startswith(".") or name[0] != "."))
    paths = [os.path.join(folder, name) for name in islice(near, MOST)]
    return [path + ("/" if os.path.isdir(os.path.expanduser(path)) else "") for path in paths]
