"""Models that only count, with GPT's contract. To add one: a file beside this one, and a line among the imports.

gru.py is the one that learns: it lives in a folder of its own, as a GPT does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from models.baselines.baseline import Baseline as Baseline
from models.lists import imported
from models.tokenizers import Tokenizer

# in the order in which they give way where room is short; a model is held against the first until another is chosen
# isort: off
from models.baselines.bigram import Bigram as Bigram
from models.baselines.ngram import NGram as NGram
from models.baselines.unigram import Unigram as Unigram
# isort: on

ALL: tuple[type[Baseline], ...] = imported(globals(), Baseline, "slug")


def load(folder: str | os.PathLike[str], tokenizer: Tokenizer | None = None) -> dict[str, Baseline]:
    """The baselines beside a model, by slug; one without a file is absent, unless the others tell what it would be.

    Raises UserError if a file is damaged or was counted with another vocabulary.
    """
    files = {kind: kind.file(folder) for kind in ALL}
    found = {kind: kind.load(file, tokenizer) for kind, file in files.items() if os.path.lexists(file)}
    every = {kind.slug: found.get(kind) or kind.derived(found.values()) for kind in ALL}
    return {slug: baseline for slug, baseline in every.items() if baseline is not None}


def chosen(found: Mapping[str, Baseline], slug: str) -> Baseline | None:
    """The one of that slug among those of a folder, else the first of them; None where there is none."""
    return found.get(slug) or next(iter(found.values()), None)


def save(baselines: Iterable[Baseline], folder: str | os.PathLike[str]) -> None:
    """Write each baseline's file into an existing folder; UserError if that fails."""
    for baseline in baselines:
        baseline.save(baseline.file(folder))
