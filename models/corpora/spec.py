"""What a run learns from, as its run.json says it: a text, or what comes along by name. Knows no NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from models.errors import UserError
from models.formats.tokenizer_json import Kind

TEXT: Literal["text"] = "text"
LITTLE_WORLD: Literal["little-world"] = "little-world"
DIGITS: Literal["digits"] = "digits"
COME_ALONG = {LITTLE_WORLD: "the little world", DIGITS: "the digits"}  # what can be named in a text's place


def kind_of(training: Mapping[str, Any]) -> str | None:
    """What kind of text a model learned from, as its training.json says; None where that is not known."""
    corpus = training.get("corpus")
    kind = corpus.get("kind") if isinstance(corpus, dict) else None
    return kind if isinstance(kind, str) else None


@dataclass(frozen=True, slots=True)
class TokenizerSpec:
    """Which vocabulary a text is to get."""

    kind: Kind = "char"
    vocab: int = 1024  # tokens of a BPE vocabulary
    lowercase: bool = False  # words
    min_count: int = 1  # rarer words become <unk>


@dataclass(frozen=True, slots=True)
class CorpusSpec:
    """Text files and folders by their absolute paths; the little world, as a text where a tokenizer is given; digits.

    Raises UserError for a text without paths.
    """

    kind: Literal["text", "little-world", "digits"]
    paths: tuple[str, ...] = ()
    tokenizer: TokenizerSpec | None = None  # None: the world's own words; of a text, its characters

    def __post_init__(self) -> None:
        """Refuse what names nothing to learn from."""
        if self.kind == TEXT and not self.paths:
            raise UserError("names no text", "the file is damaged", setting="paths")
