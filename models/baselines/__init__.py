"""Models that only count, with GPT's contract: one file each. How to add one: a file, and its class in `ALL`.

gru.py is the one that learns: it lives in a folder of its own, as a GPT does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from models.baselines.baseline import Baseline
from models.baselines.bigram import Bigram
from models.baselines.ngram import NGram

if TYPE_CHECKING:
    from models.tokenizers import Tokenizer

ALL: tuple[type[Baseline], ...] = (Bigram, NGram)

__all__ = ["ALL", "Baseline", "Bigram", "NGram", "load", "save"]


def load(folder: str | os.PathLike[str], tokenizer: Tokenizer | None = None) -> dict[str, Baseline]:
    """The baselines beside a model, by slug ("bigram", "ngram"); one without a file is absent.

    Raises UserError if a file is damaged or was counted with another vocabulary.
    """
    files = {kind: Path(folder, kind.slug + ".safetensors") for kind in ALL}
    return {kind.slug: kind.load(file, tokenizer) for kind, file in files.items() if os.path.lexists(file)}


def save(baselines: Iterable[Baseline], folder: str | os.PathLike[str]) -> None:
    """Write each baseline's file into an existing folder; UserError if that fails."""
    for baseline in baselines:
        baseline.save(Path(folder, baseline.slug + ".safetensors"))
