"""Models that only count, with GPT's contract. To add one: a file beside this one, and a line among the imports.

gru.py is the one that learns: it lives in a folder of its own, as a GPT does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from models.baselines.baseline import Baseline as Baseline
from models.errors import UserError
from models.formats import digests
from models.formats.digests import Lost
from models.formats.whole_folders import undisturbed
from models.lists import imported
from models.tokenizers import Tokenizer

# in the order in which they give way where room is short; a model is held against the first until another is chosen
# isort: off
from models.baselines.bigram import Bigram as Bigram
from models.baselines.ngram import NGram as NGram
from models.baselines.unigram import Unigram as Unigram
# isort: on

ALL: tuple[type[Baseline], ...] = imported(globals(), Baseline, "slug")


class Beside(NamedTuple):
    """The baselines beside a model, by slug, and what is wrong with those that should be there and are not."""

    models: dict[str, Baseline]
    faults: tuple[UserError, ...]


def load(folder: str | os.PathLike[str], tokenizer: Tokenizer | None = None) -> dict[str, Baseline]:
    """The baselines beside a model, by slug; one without a file is absent, unless the others tell what it would be.

    Raises UserError if a file is damaged or was counted with another vocabulary.
    """
    found = look(folder, tokenizer)
    for fault in found.faults:
        if not isinstance(fault, Lost):
            raise fault
    return found.models


def look(folder: str | os.PathLike[str], tokenizer: Tokenizer | None = None) -> Beside:
    """The same for who can do without some of them: those that are whole, and the faults of the others.

    One that training.json knows and is not there is a fault as well.
    """
    return undisturbed(Path(folder), lambda place: _look(place, tokenizer))


def _look(folder: Path, tokenizer: Tokenizer | None) -> Beside:
    found, faults, known = dict[type[Baseline], Baseline](), list[UserError](), dict[str, str]()
    try:
        known = digests.read(folder)
    except UserError as error:
        faults.append(error)
    for kind in ALL:
        file = kind.file(folder)
        try:
            if os.path.lexists(file):
                found[kind] = kind.load(file, tokenizer, known.get(file.name))
            elif file.name in known:
                raise Lost.of(file)
        except UserError as error:
            faults.append(error)
    every = {kind.slug: found.get(kind) or kind.derived(found.values()) for kind in ALL}
    return Beside({slug: baseline for slug, baseline in every.items() if baseline is not None}, tuple(faults))


def chosen(found: Mapping[str, Baseline], slug: str) -> Baseline | None:
    """The one of that slug among those of a folder, else the first of them; None where there is none."""
    return found.get(slug) or next(iter(found.values()), None)


def save(baselines: Iterable[Baseline], folder: str | os.PathLike[str]) -> None:
    """Write each baseline's file into an existing folder; UserError if that fails."""
    for baseline in baselines:
        baseline.save(baseline.file(folder))
