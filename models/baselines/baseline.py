"""A baseline: GPT's contract without a transformer. How to add one: a file beside this, a line in `__init__.py`."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from models.baselines.counts import Chunks, Counts
from models.corpora.encoding import token_chunks
from models.corpora.text import divide
from models.errors import UserError
from models.formats.arrays import read, write
from models.formats.files import shown
from models.ops import Array
from models.tokenizers import Tokenizer

PIECE = 1 << 18  # tokens scored at a time


@dataclass(frozen=True, eq=False)
class Baseline(ABC):
    """A language model that only counts the runs of a text; its logits are natural-log probabilities, float64.

    Made by `count`, `count_file` or `load`.
    """

    slug: ClassVar[str]  # how it is asked for, and its file's name
    says: ClassVar[str]  # after "which": what of a text it goes by
    # the arrays in its file, and their safetensors types
    fields: ClassVar[Mapping[str, str]] = {"sizes": "I64", "head": "I64", "runs": "U8", "counts": "U8"}
    grows: ClassVar[bool] = False  # in memory with a text's variety, so of a large text only a part is counted

    runs: Counts
    tokenizer: Tokenizer | None = None

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is called on screen."""

    @property
    @abstractmethod
    def reach(self) -> int:
        """How many tokens back it looks, at least 1."""

    @property
    def vocab_size(self) -> int:
        """V."""
        return self.runs.vocab_size

    @property
    def nbytes(self) -> int:
        """Bytes of memory its counts take."""
        return self.runs.nbytes

    @abstractmethod
    def probabilities(self, tokens: Sequence[int]) -> Array:
        """Row t says what follows tokens[:t + 1]: (T V), each row summing to 1, nothing at 0."""

    @abstractmethod
    def predicted(self, tokens: Sequence[int]) -> Array:
        """The probability of each token after the first, given those before it: (T - 1,)."""

    @classmethod
    @abstractmethod
    def count(
        cls, chunks: Chunks | Array, vocab_size: int, held_out: Chunks | Array = (), tokenizer: Tokenizer | None = None
    ) -> Self:
        """Learn from a text in chunks of tokens, or one array; `held_out` is for what counts alone cannot tell."""

    def arrays(self) -> dict[str, Array]:
        """What its file holds: see `Counts.arrays`."""
        return self.runs.arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], tokenizer: Tokenizer | None, what: str) -> Self:
        """The reverse; UserError naming `what` for impossible numbers."""
        return cls(Counts.from_arrays(arrays, what), tokenizer)

    @classmethod
    def derived(cls, found: Iterable[Baseline]) -> Self | None:
        """What the others of a folder that lacks its file say of it; None where they do not settle it."""
        return None

    @classmethod
    def count_file(cls, path: str | os.PathLike[str], tokenizer: Tokenizer, fraction: float = 0.9) -> Self:
        """Learn from the first part of a text file of any size, hold out the rest; UserError for an unusable file.

        The file is read a piece at a time, so memory does not grow with it.
        """
        border = divide(path, fraction)
        held_out = token_chunks(path, tokenizer, start=border)
        return cls.count(token_chunks(path, tokenizer, stop=border), tokenizer.vocab_size, held_out, tokenizer)

    def logits(self, tokens: Sequence[int]) -> Array:
        """Row t scores what follows tokens[:t + 1]: (T V), natural-log probabilities."""
        p = self.probabilities(tokens)
        return np.log(p, out=p)

    def next_logits(self, tokens: Sequence[int]) -> Array:
        """Scores of what follows all of `tokens`, at least one: (V,)."""
        return self.logits(tokens[-self.reach :])[-1]

    def loss(self, tokens: Sequence[int]) -> float:
        """Mean surprise over a text after its first token, in nats a token."""
        assert len(tokens) > 1, "nothing to predict"
        total = 0.0
        for start in range(0, len(tokens) - 1, PIECE):
            back = max(start - self.reach + 1, 0)
            p = self.predicted(tokens[back : start + PIECE + 1])
            total -= float(np.log(p[start - back :]).sum())
        return total / (len(tokens) - 1)

    def ids(self, tokens: Sequence[int]) -> Array:
        """The tokens as an array (T,), checked to be tokens of this vocabulary."""
        ids: Array = np.asarray(tokens, np.int64)
        assert not ids.size or (ids.min() >= 0 and ids.max() < self.vocab_size), "tokens of another vocabulary"
        return ids

    @classmethod
    def file(cls, folder: str | os.PathLike[str]) -> Path:
        """Where it lies in a model's folder."""
        return Path(folder, cls.slug + ".safetensors")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write its file, complete or not at all; UserError if that fails."""
        write(path, self.arrays())

    @classmethod
    def load(cls, path: str | os.PathLike[str], tokenizer: Tokenizer | None = None, digest: str | None = None) -> Self:
        """Read what `save` wrote; UserError in one sentence for whatever is wrong with it, its digest too."""
        what = shown(Path(path))
        model = cls.from_arrays(read(path, cls.fields, digest), tokenizer, what)
        if tokenizer is not None and tokenizer.vocab_size != model.vocab_size:
            sizes = f"{model.vocab_size:,} kinds of tokens, the tokenizer has {tokenizer.vocab_size:,}"
            raise UserError(f"{what} counts {sizes}", "count the text again with this tokenizer")
        return model
