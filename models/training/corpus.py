"""What a run learns from: a text of any size, the little world, digits; what is held out, and whom to beat on that."""

from __future__ import annotations

import math
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from models.baselines import ALL, Baseline
from models.corpora import cautions, digits, little_world, pictures, token_files
from models.corpora.cautions import Caution
from models.corpora.encoding import decoded, token_type, uncut
from models.corpora.little_world import LINE_END
from models.corpora.spec import DIGITS, LITTLE_WORLD, TEXT, CorpusSpec, TokenizerSpec
from models.corpora.text_files import beginning, check_unchanged
from models.corpora.token_files import Progress, TokenFiles, unseen
from models.formats import records
from models.formats.files import refusing, shown, write_whole
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.ops import Array
from models.run_layout import RunFolder
from models.tokenizers import Tokenizer
from models.training.rows import Lines, Source, Windows, WorldRows, word_ids

TRIED = 1 << 20  # held-out tokens on which a baseline chooses what counts alone cannot tell it, at most
COUNTED, VARIED = 1 << 24, 1 << 21  # tokens that a baseline that grows with their variety is counted on, at most
LOOKED_THROUGH = 1 << 26  # tokens in which the words of a sample are looked for, at most
WORLD_HELD_OUT, WORLD_COUNTED = 1 << 16, 1 << 18  # words
WORLD_TEXT = 1_000_000  # characters of the little world as a text


@dataclass(frozen=True)
class Corpus(ABC):
    """What is learned from and what is held out, as tokens; made by `open_corpus`."""

    tokenizer: Tokenizer
    held_out: Array  # (T,) tokens never learned from
    facts: Mapping[str, Any]  # JSON, for the card and training.json: kind, file, tokenizer, tokens, tokens_held_out ...
    cautions: tuple[Caution, ...] = field(default=(), kw_only=True)  # about the text, where it was looked at anew

    @abstractmethod
    def source(self, context: int, batch: int, seed: int) -> Source:
        """Rows to learn from; UserError if there is too little for one row."""

    @property
    def unknown(self) -> float | None:
        """The share of `<unk>` in what is learned from; None where no text is unknown, or nobody counted."""
        return _share(self.facts, "unknown", "tokens")

    @property
    def unknown_held_out(self) -> float | None:
        """The same of what is held out."""
        return _share(self.facts, "unknown_held_out", "tokens_held_out")

    def warnings(self, context: int) -> list[str]:
        """What to know before anything is learned from it by a model that sees so many tokens at once."""
        share = max(self.unknown or 0.0, self.unknown_held_out or 0.0)
        own = self.facts.get("vocabulary_from") != 0
        found = [*self.cautions, *cautions.unknown(share, own), *cautions.held_out(len(self.held_out), context)]
        return [each.says for each in found]

    @cached_property
    @abstractmethod
    def rivals(self) -> list[Baseline]:
        """Every baseline, counted on what the model learns from; made when first asked for."""

    def counting(self) -> Iterator[float]:
        """Make what takes a while before anything can be held against it, telling how far that is: 0 to 1."""
        yield 0.0
        _ = self.rivals

    def rival_losses(self, rows: Array) -> dict[str, float]:
        """What each rival scores on rows of held-out tokens (N T+1), each read by itself: nats a token, by name."""
        return {rival.name: float(np.mean([rival.loss(row) for row in rows])) for rival in self.rivals}

    def characters(self, rows: Array) -> int:
        """How long the text is that follows the first token of each row; 0 where tokens do not tell all of a text."""
        tokenizer = self.tokenizer
        if tokenizer.kind == "subword" or tokenizer.folds or (rows == tokenizer.unknown).any():
            return 0
        return sum(len(tokenizer.decode(row)) - len(tokenizer.decode(row[:1])) for row in rows.tolist())

    @property
    def text(self) -> str:
        """What tells its text from any other."""
        return str(self.facts.get("sha256") or self.facts["kind"])

    @property
    def openings(self) -> Array | None:
        """Where in the held-out tokens a window should begin; None where any place will do."""
        return None

    def floor(self, places: Array) -> float | None:
        """Nats a token that nobody can beat on these held-out tokens, where that is known."""
        return None

    @abstractmethod
    def known_words(self, sample: str) -> tuple[int, int]:
        """How many words the sample has, and how many of them are in what was learned from."""


@dataclass(frozen=True)
class TextCorpus(Corpus):
    """A text in token files: its first nine tenths to learn from, its last held out."""

    tokens: Array  # (T,) mapped from disk

    def source(self, context: int, batch: int, seed: int) -> Source:
        """Windows anywhere in the text."""
        return Windows(self.tokens, context, batch, seed)

    @cached_property
    def rivals(self) -> list[Baseline]:
        """Of all tokens to learn from; those that grow, of the first 16 million, or 2 of more than 256 kinds."""
        few = COUNTED if self.tokenizer.vocab_size <= 256 else VARIED
        return _counted(self.tokens, self.tokens[:few], self.held_out[:TRIED], self.tokenizer)

    def known_words(self, sample: str) -> tuple[int, int]:
        """Looked for in the first 64 million tokens."""
        return _known(sample, uncut(decoded(self.tokens[:LOOKED_THROUGH], self.tokenizer)))


@dataclass(frozen=True)
class DigitsCorpus(TextCorpus):
    """The digits, a line each: all are learned from their beginning, and stand for themselves."""

    def source(self, context: int, batch: int, seed: int) -> Source:
        """Windows that begin with a line."""
        return Lines(self.tokens, self.tokenizer.ids[LINE_END], context, batch, seed)

    @property
    def openings(self) -> Array:
        """The line ends."""
        return np.flatnonzero(self.held_out == self.tokenizer.ids[LINE_END])


@dataclass(frozen=True)
class WorldCorpus(Corpus):
    """The little world, made as it is needed.

    Neither what is learned from nor what is held out has one of the world's held-out combinations ("training"): the
    truth gives those no chance, so it would not be the floor. Probes measure on them.
    """

    def source(self, context: int, batch: int, seed: int) -> Source:
        """Fresh texts for every row."""
        return WorldRows(little_world.world("training"), self.tokenizer, context, batch, seed)

    @cached_property
    def rivals(self) -> list[Baseline]:
        """Counted on a quarter of a million words."""
        tokens = _world_tokens(WORLD_COUNTED, "rivals", self.tokenizer)
        return _counted(tokens, tokens, self.held_out, self.tokenizer)

    @cached_property
    def truth(self) -> Array:
        """Nats that the truth needs for each of the held-out tokens but the first: (T,)."""
        truth = Truth(self.tokenizer, little_world.world("training"))
        return surprises(truth, self.held_out) * math.log(2)

    def counting(self) -> Iterator[float]:
        """The rivals, then the truth, which takes longer."""
        yield from super().counting()
        yield 0.1
        _ = self.truth

    @property
    def openings(self) -> Array:
        """The line ends: a text is told from its beginning."""
        return np.flatnonzero(self.held_out == self.tokenizer.ids[LINE_END])

    def floor(self, places: Array) -> float:
        """What the truth scores there."""
        return float(self.truth[places].mean())

    def known_words(self, sample: str) -> tuple[int, int]:
        """The words the world has."""
        return _known(sample, [" ".join(little_world.world("training").vocabulary)])


def text_spec(*paths: str | os.PathLike[str], **tokenizer: Any) -> CorpusSpec:
    """The spec of text files and folders, with the fields of a `TokenizerSpec`: kind, vocab, lowercase, min_count."""
    return CorpusSpec(TEXT, tuple(map(os.path.abspath, paths)), records.read(TokenizerSpec, tokenizer, "a tokenizer"))


def world_spec(**tokenizer: Any) -> CorpusSpec:
    """The spec of the little world, its own words as tokens and texts without end.

    With the fields of a `TokenizerSpec` it is a text of a million characters that the world wrote.
    """
    return CorpusSpec(LITTLE_WORLD, (), records.read(TokenizerSpec, tokenizer, "a tokenizer") if tokenizer else None)


def digits_spec() -> CorpusSpec:
    """The spec of the digits, which are learned character by character."""
    return CorpusSpec(DIGITS)


def open_corpus(
    spec: CorpusSpec, folder: Path, tokenizer: Tokenizer | None = None, progress: Progress = unseen
) -> Corpus:
    """The corpus a spec describes; what it needs on disk lies in `folder`, a run's, and is made if it is missing.

    `tokenizer` is that of a model to go on from; without it, one is trained on the text. Raises UserError for a text
    that cannot be used, and for one that is no longer what its tokens were made of.
    """
    run = RunFolder(folder)
    if spec.kind == LITTLE_WORLD and spec.tokenizer is None:
        return _world(run.tokens, tokenizer)
    wanted = tokenizer or spec.tokenizer or TokenizerSpec()
    paths = _paths(spec, run)
    told: list[Caution] = []
    if os.path.lexists(run.tokens):
        found = token_files.load(run.tokens)
        check_unchanged(found.files)
    else:
        begun = beginning(paths)
        told = cautions.look_at(begun.text, begun.share == 1, wanted.kind)
        found = token_files.prepare(paths, wanted, run.tokens, progress)
    own = _digits if spec.kind == DIGITS else _text
    return own(found, tuple(told))


def _text(found: TokenFiles, told: tuple[Caution, ...]) -> TextCorpus:
    return TextCorpus(found.tokenizer, found.held_out, _told(found.facts), found.tokens, cautions=told)


def _digits(found: TokenFiles, told: tuple[Caution, ...]) -> DigitsCorpus:
    """Each ends with its line, and whoever draws one stops there."""
    tokenizer = replace(found.tokenizer, end=found.tokenizer.ids[LINE_END])
    facts = _told(found.facts) | {"kind": DIGITS, pictures.KEY: records.plain(digits.PICTURES)}
    return DigitsCorpus(tokenizer, found.held_out, facts, found.tokens, cautions=told)


def _paths(spec: CorpusSpec, run: RunFolder) -> Sequence[str | os.PathLike[str]]:
    """The files of its text."""
    if spec.kind == DIGITS:
        return [digits.PATH]
    return spec.paths if spec.kind == TEXT else [_written(run.world_text)]


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a model that is given to others says of its text: not where on this machine it lay."""
    files = [{name: file[name] for name in ("name", "bytes", "characters", "sha256")} for file in facts["files"]]
    known = {name: value for name, value in facts.items() if name != "version" and value is not None}
    return {"kind": TEXT, **known, "files": files}


def _share(facts: Mapping[str, Any], name: str, of: str) -> float | None:
    return facts[name] / max(facts[of], 1) if name in facts else None


def _world(folder: Path, tokenizer: Tokenizer | None) -> WorldCorpus:
    """The little world in its own words, or those of a model that knows them all."""
    if os.path.lexists(folder / "tokenizer.json"):
        tokenizer = Tokenizer.load(folder)
    elif tokenizer is not None:
        with refusing(f"{shown(folder)} cannot be written", "check the disk"):
            folder.mkdir(parents=True, exist_ok=True)
            tokenizer.save(folder)
    else:
        tokenizer = little_world.tokenizer()
    held_out = _world_tokens(WORLD_HELD_OUT, "held out", tokenizer)
    facts = {
        "kind": LITTLE_WORLD,
        "file": LITTLE_WORLD,
        "tokenizer": tokenizer.kind,
        "vocab_size": tokenizer.vocab_size,
        "tokens": 0,  # without end
        "tokens_held_out": len(held_out),
    }
    return WorldCorpus(tokenizer, held_out, facts)


def _counted(tokens: Array, fewer: Array, held_out: Array, tokenizer: Tokenizer) -> list[Baseline]:
    """The baselines of the tokens, and those that grow, of fewer."""
    size = tokenizer.vocab_size
    return [kind.count(fewer if kind.grows else tokens, size, held_out, tokenizer) for kind in ALL]


def _world_tokens(count: int, seed: str, tokenizer: Tokenizer) -> Array:
    """At least so many tokens of whole texts, line ends around each."""
    world = little_world.world("training")
    ids, texts, words = word_ids(world, tokenizer), world.texts(seed), [LINE_END]
    while len(words) < count:
        words += [*next(texts).words, LINE_END]
    return np.array([ids[word] for word in words], token_type(tokenizer.vocab_size))


def _written(path: Path) -> Path:
    """A file of texts of the little world, the same every time; made if it is not there."""
    if not os.path.lexists(path):
        tokenizer, texts, size, lines = (
            little_world.tokenizer(),
            little_world.world("training").texts("text"),
            0,
            list[str](),
        )
        while size < WORLD_TEXT:
            lines.append(tokenizer.decode([tokenizer.ids[word] for word in next(texts).words]) + "\n")
            size += len(lines[-1])
        with refusing(f"{shown(path)} cannot be written", "check the disk"):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, lambda file: file.write("".join(lines).encode()))
    return path


def _known(sample: str, texts: Iterable[str]) -> tuple[int, int]:
    """How many words the sample has, and how many of them are in the texts, capitals aside."""
    words = re.findall(r"\w+", sample.lower())
    missing = set(words)
    for text in texts:
        missing.difference_update(re.findall(r"\w+", text.lower()))
        if not missing:
            break
    return len(words), sum(word not in missing for word in words)
