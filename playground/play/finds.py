"""What the command palette finds of Play: models, saved sets of switches, and texts that were typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from models import model_folders
from playground.kit.commands import Command
from playground.looking.host import Host


def found(app: Host) -> Iterator[Command]:
    """Each of them; the list of models with all that is known of each opens with `o`."""
    for name in model_folders.available():
        yield Command("Open a model", name, "bundled", partial(app.open_model, name))
    for folder in app.store.recent:
        yield Command("Open a model", Path(folder).name, folder, partial(app.open_model, folder))
    for name, switches in app.store.sets.items():
        act = partial(app.show, "play", _recalls(name))
        yield Command("Recall a set of switches", name, ", ".join(switches), act)
    for prompt in app.store.prompts:
        act = partial(app.show, "play", _retypes(prompt))
        yield Command("Take a text from before", prompt.replace("\n", "⏎"), "", act)


def _recalls(name: str) -> Callable[[Any], object]:
    return lambda play: play.saved_sets.recall(name)


def _retypes(prompt: str) -> Callable[[Any], object]:
    return lambda play: play.past_texts.take(prompt)
