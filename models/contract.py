"""What every model offers, whatever is inside: tokens in, scores for the next token out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from models.tokenizers import Tokenizer


class LanguageModel(Protocol):
    """GPT and every baseline; after makemore's idea of one contract for all models."""

    @property
    def name(self) -> str:
        """What it is called on screen."""

    @property
    def tokenizer(self) -> Tokenizer | None:
        """What turns text into its tokens; None for a model made in memory."""

    @property
    def vocab_size(self) -> int:
        """V."""

    def logits(self, tokens: Sequence[int]) -> Any:
        """Row t scores what follows tokens[:t + 1]: (T V), natural logarithms up to a constant a row."""
