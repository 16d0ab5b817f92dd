"""Text to tokens and back: characters, words or pieces of words, each a Hugging Face tokenizer.json for everyone."""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.formats import tokenizer_files
from models.formats import tokenizer_json as form
from models.formats import word_level as words
from models.formats.files import shown, shown_value
from models.formats.tokenizer_json import AnyKind
from models.formats.tokenizer_parts import members
from models.formats.word_level import Spec
from models.unknown import UnknownCharacter, unread

ENDLESS = re.compile(rf"\S{{{form.MAX_TOKEN_LENGTH + 1},}}|\s{{{form.MAX_TOKEN_LENGTH + 1},}}")
HALF = "\ufffd"  # in place of bytes that are no character
PART = "<0x"  # before a byte that is no character by itself
BEGUN = "⋯"  # in place of bytes of a character that a later token completes
LONGEST = 4  # bytes of a character
_BYTES = form.byte_symbols()
# transformers takes the class from here; without it, it would rebuild any folder of model_type gpt2 as GPT-2's BPE
_CONFIG = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}


@dataclass(frozen=True, eq=False)
class Tokenizer:
    """Text to token numbers and back. Made by `train_char`, `train_word`, `train_bpe` or `load`.

    `kind` is "char" (a token is one code point), "word", "bpe" (byte-level) or "subword" (any other pieces of words:
    Unigram, WordPiece, BPE of characters); `library` is the `tokenizers.Tokenizer` inside, `vocab` its tokens in order
    as it spells them, `ids` the reverse, `added` those it matches before all others. Where there are such, `end` is the
    token that ends a text, `begin` are those that every text begins with, `unknown` is the token for what is none of
    its own, and `rows` is how many tokens its model knows, if it is fewer.
    """

    kind: AnyKind
    library: Any
    vocab: tuple[str, ...]
    ids: Mapping[str, int]
    added: frozenset[str]
    end: int | None = None
    rows: int | None = None
    begin: tuple[int, ...] = ()
    unknown: int | None = None

    @classmethod
    def train_char(cls, *texts: str) -> Tokenizer:
        """One token for every code point in the texts, in code-point order; UserError if there is none."""
        characters = sorted(set().union(*texts))
        if not characters:
            raise UserError("the text is empty", "a tokenizer needs some text to learn from")
        _check_unicode(*texts)
        vocab = {c: number for number, c in enumerate(characters)}
        return cls._wrap("char", _library(form.spec(form.word_level(vocab), form.CHAR_SPLIT, form.CHAR_DECODER)))

    @classmethod
    def train_word(cls, *texts: str, lowercase: bool = False, min_count: int = 1) -> Tokenizer:
        """`<unk>`, blanks, and every word and mark that the texts hold `min_count` times or more; commonest first.

        A text of known words comes back to the letter, but for capitals if they are dropped: see formats/word_level.py.
        A word of more than 1,000 characters is none. Raises UserError if there is no word, or none so common.
        """
        _check_unicode(*texts)
        from tokenizers import trainers

        room = form.MAX_TOKENS - len(words.BLANKS)
        trainer = trainers.WordLevelTrainer(vocab_size=room, min_frequency=min_count, show_progress=False)
        library = cls._word({words.UNKNOWN: 0}, lowercase).library
        lines = (line for text in texts for line in text.splitlines(keepends=True))  # no token spans lines
        library.train_from_iterator(lines, trainer)
        found = library.get_vocab()  # numbered from the commonest on
        common = [each for each in sorted(found, key=found.__getitem__) if len(each) <= form.MAX_TOKEN_LENGTH]
        vocab = dict.fromkeys((words.UNKNOWN, *common, *words.BLANKS))
        if len(vocab) == 1 + len(words.BLANKS):
            raise UserError(f"no word is in the text {min_count:,} times", "give more text or a lower threshold")
        return cls._word({word: number for number, word in enumerate(vocab)}, lowercase)

    @classmethod
    def of_words(cls, *vocab: str) -> Tokenizer:
        """`<unk>` and these words, without capitals; blanks are no tokens, and put between words by rule alone."""
        model = form.word_level({word: number for number, word in enumerate((words.UNKNOWN, *vocab))})
        spec = form.spec(model, words.RULED_SPLIT, words.RULED_DECODER, words.LOWERCASE)
        return cls._wrap("word", _library(spec), words.UNKNOWN)

    @classmethod
    def train_bpe(cls, *texts: str, vocab_size: int) -> Tokenizer:
        """GPT-2's byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): no text is unknown to it.

        The 256 bytes, then merges until there are `vocab_size` tokens or nothing is left to merge. Raises UserError
        if vocab_size is below 256 or the texts are empty.
        """
        if not 256 <= vocab_size <= form.MAX_TOKENS:
            what = f"a BPE vocabulary has 256 to {form.MAX_TOKENS:,} tokens, not {vocab_size:,}"
            raise UserError(what, "give a number between them")
        if not any(texts):
            raise UserError("the text is empty", "a tokenizer needs some text to learn from")
        _check_unicode(*texts)
        from tokenizers import pre_tokenizers, trainers

        blank = {"type": "BPE", "vocab": {}, "merges": []}
        library = _library(form.spec(blank, form.BYTE_LEVEL, form.BYTE_LEVEL))
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            initial_alphabet=alphabet,
            max_token_length=form.MAX_TOKEN_LENGTH,
            show_progress=False,
        )
        library.train_from_iterator((part for text in texts for part in _cut(text)), trainer)
        return cls._wrap("bpe", library)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Tokenizer:
        """Read a tokenizer's file, or the one in a folder; UserError in one sentence for whatever is wrong with it.

        Which files those are: formats/tokenizer_files.py.
        """
        file = Path(path)
        if os.path.isdir(file):
            file = tokenizer_files.find(file) or file / tokenizer_files.TOKENIZER
        kind, spec = form.check(tokenizer_files.read(file), shown(file))
        try:
            found = cls._wrap(kind, _library(spec), form.unknown(kind, spec))
        except Exception as error:  # the library raises nothing narrower
            form.damaged(shown(file), shown(error))
        return replace(found, begin=form.begin(spec), end=tokenizer_files.end(file.parent, found.ids, found.added))

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write tokenizer.json, and tokenizer_config.json for transformers' AutoTokenizer, into an existing folder."""
        Path(folder, "tokenizer.json").write_text(self.library.to_str(pretty=True), encoding="utf-8")
        config = _CONFIG if self.end is None else {**_CONFIG, "eos_token": self.vocab[self.end]}
        Path(folder, "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")

    @property
    def vocab_size(self) -> int:
        """V."""
        return len(self.vocab)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What `token` says of each, in order."""
        return tuple(map(self.token, range(len(self.vocab))))

    @property
    def made_of(self) -> str:
        """Its model, and what is done to a text before, by the names the library has for them."""
        names = [type(self.library.model).__name__]
        for part in ("normalizer", "pre_tokenizer"):
            found = getattr(self.library, part)
            names += [each["type"] for each in members(part, json.loads(found.__getstate__()))] if found else []
        return ", ".join(names)

    @property
    def folds(self) -> bool:
        """Whether it takes capitals for small letters."""
        normalizer = self.library.normalizer
        return normalizer is not None and "A" not in normalizer.normalize_str("A")

    @property
    def _join(self) -> int | None:
        return self.ids.get(words.JOIN) if self.kind == "word" else None

    def limited(self, rows: int) -> Tokenizer:
        """The same for a model that knows so many tokens: to it the others are an error."""
        if rows >= self.vocab_size:
            return self
        begin, end = tuple(id for id in self.begin if id < rows), self.end
        return replace(self, rows=rows, begin=begin, end=None if end is None or end >= rows else end)

    def encode(self, text: str) -> list[int]:
        """The text's tokens, after those it begins with; UnknownCharacter names what the model has never seen."""
        return [*self._begun(text), *self.continued(text)]

    def continued(self, text: str) -> list[int]:
        """The same of a text that goes on from another."""
        if self.kind == "char":  # 45 times the library's speed, and added tokens cannot match inside the text
            try:
                return self._within([self.ids[c] for c in text])
            except KeyError:
                raise UnknownCharacter(text, self.unseen(text)) from None
        self._check(text)
        return self._within(self.library.encode_batch_fast([text], add_special_tokens=False)[0].ids)  # without spans

    def unseen(self, text: str) -> list[int]:
        """The places of all characters that no token stands for; where there is one for unknown text, surrogates."""
        kinds = {c for c in set(text) if not self._stands_for(c)}
        return [at for at, c in enumerate(text) if c in kinds] if kinds else []

    def unknown_words(self, text: str) -> list[tuple[int, int]]:
        """The spans [start, end) of the words read as `<unk>`, of a text without unknown characters."""
        if self.unknown is None:
            return []
        spans = [(start, end) for token, start, end in self.pieces(text) if token == self.unknown]
        return [(start, end) for start, end in spans if text[start:end] != self.vocab[self.unknown]]

    def unread(self, text: str, reader: str = "the model") -> str:
        """Which words of such a text have no token of their own, in one sentence; "" where all have."""
        return "" if self.unknown is None else unread(text, self.unknown_words(text), reader, self.vocab[self.unknown])

    def pieces(self, text: str) -> list[tuple[int, int, int]]:
        """The text's tokens with the span [start, end) of the text each stands for, counted in code points.

        A blank between words that is no token belongs to none; the token that says that there is no blank has an empty
        span, as have those that every text begins with. BPE tokens that share a character share its span.
        """
        if self.kind == "char":
            return [(token, at, at + 1) for at, token in enumerate(self.encode(text))]
        self._check(text)
        encoding = self.library.encode(text, add_special_tokens=False)
        found = zip(self._within(encoding.ids), encoding.offsets, strict=True)
        begun = [(token, 0, 0) for token in self._begun(text)]
        return begun + [(token, end if token == self._join else start, end) for token, (start, end) in found]

    def decode(self, ids: Sequence[int]) -> str:
        """The text the tokens stand for; half a character (BPE) is shown as U+FFFD, `<unk>` as such.

        Those that every text begins with are no part of it.
        """
        if self.kind == "char":
            return "".join(map(self.token, ids))
        known = [int(each) for each in ids]
        if tuple(known[: len(self.begin)]) == self.begin:
            del known[: len(self.begin)]
        text: str = self.library.decode(known, skip_special_tokens=False)
        return text

    def spell(self, ids: Sequence[int]) -> bytes:
        """The same in UTF-8, where half a character (BPE) is the bytes it has."""
        if self.kind != "bpe":
            return self.decode(ids).encode()
        return b"".join(self._bytes(id) for id in ids if 0 <= id < len(self.vocab))

    def tokens(self, ids: Sequence[int], before: Sequence[int] = ()) -> list[str]:
        """What `token` gives of each that stands after those before, but with the characters that several make (BPE).

        Such a character stands at the token that completes it, BEGUN at those that hold its first bytes.
        """
        known = {id: self.token(id) for id in set(ids)}
        if self.kind != "bpe" or not any(PART in each for each in known.values()):
            return [known[id] for id in ids]
        line = [*before[max(len(before) + 1 - LONGEST, 0) :], *ids]
        spelled = [self._bytes(id) if 0 <= id < len(self.vocab) else self.token(id).encode() for id in line]
        found, ends, at = [""] * len(line), list(accumulate(map(len, spelled))), 0
        for c in b"".join(spelled).decode("utf-8", "surrogateescape"):
            first = bisect_right(ends, at)  # the token that has its first byte
            at += 1 if _is_surrogate(c) else len(c.encode())
            last = bisect_left(ends, at)
            for place in range(first, last):
                found[place] += BEGUN
            found[last] += _half(c) if _is_surrogate(c) else c
        return found[len(line) - len(ids) :]

    def token_at(self, ids: Sequence[int], place: int) -> str:
        """What `tokens` gives of the one at a place."""
        return self.tokens(ids[place : place + LONGEST], ids[max(place + 1 - LONGEST, 0) : place])[0]

    def token(self, id: int) -> str:
        """The text one token stands for; bytes that are no character by themselves as `<0xE2>`.

        That between two words without a blank stands for none. A number the tokenizer has no token for (a vocabulary
        padded to a round size) is shown as `<50300>`.
        """
        if not 0 <= id < len(self.vocab):
            return f"<{id}>"
        spelled = "" if id == self._join else self.vocab[id]
        if self.kind in ("char", "word") or spelled in self.added:
            return spelled
        if self.kind == "subword":
            return self._in_a_text(id)
        text = self._bytes(id).decode("utf-8", "surrogateescape")
        return re.sub("[\udc80-\udcff]", lambda half: _half(half[0]), text)

    @classmethod
    def _word(cls, vocab: Mapping[str, int], lowercase: bool) -> Tokenizer:
        normalizer = words.LOWERCASE_NORMALIZER if lowercase else words.NORMALIZER
        spec = form.spec(form.word_level(vocab), words.SPLIT, words.DECODER, normalizer)
        return cls._wrap("word", _library(spec), words.UNKNOWN)

    @classmethod
    def _wrap(cls, kind: AnyKind, library: Any, unknown: str | None = None) -> Tokenizer:
        ids = library.get_vocab(with_added_tokens=True)
        added = frozenset(each.content for each in library.get_added_tokens_decoder().values())
        vocab = tuple(sorted(ids, key=ids.__getitem__))
        return cls(kind, library, vocab, ids, added, unknown=None if unknown is None else ids[unknown])

    def _bytes(self, id: int) -> bytes:
        """Those that a token of a BPE stands for."""
        spelled = self.vocab[id]
        return spelled.encode() if spelled in self.added else bytes(_BYTES[c] for c in spelled)

    def _begun(self, text: str) -> tuple[int, ...]:
        """What comes before a text's own tokens; nothing where somebody wrote it out."""
        return () if text.startswith("".join(self.vocab[id] for id in self.begin)) else self.begin

    def _check(self, text: str) -> None:
        places = self.unseen(text)
        if places:
            raise UnknownCharacter(text, places)

    def _within(self, ids: list[int]) -> list[int]:
        """The same, of which the model has a row for each; UserError names the first it has none for."""
        if self.rows is not None and max(ids, default=0) >= self.rows:
            beyond = next(id for id in ids if id >= self.rows)
            what = f"the token {shown_value(self.token(beyond), 40)} has the number {beyond:,}"
            raise UserError(f"{what}, and the model has rows for {self.rows:,}", "leave it out of the text")
        return ids

    def _in_a_text(self, id: int) -> str:
        """What a piece of a word adds to the text it stands in; a byte that is no character by itself as spelled."""
        word, alone = self._before
        both: str = self.library.decode([word, id], skip_special_tokens=False)
        return self.vocab[id] if HALF in both or not both.startswith(alone) else both[len(alone) :]

    @cached_property
    def _before(self) -> tuple[int, str]:
        """Some token that ends in a letter, as one stands before others, and what it says."""
        written = (id for id, token in enumerate(self.vocab) if token[-1:].isalpha() and token not in self.added)
        word = next(written, 0)
        return word, str(self.library.decode([word], skip_special_tokens=False))

    def _stands_for(self, c: str) -> bool:
        if self.kind == "char":
            return c in self.ids
        if self.unknown is not None or _is_surrogate(c):
            return not _is_surrogate(c)
        normalizer = self.library.normalizer
        written = normalizer.normalize_str(c) if normalizer else c
        if self.kind == "bpe":
            return self._unseen_bytes.isdisjoint(written.encode())
        return self._falls_back or all(each in self._characters or each.isspace() for each in written)

    @cached_property
    def _unseen_bytes(self) -> frozenset[int]:
        return frozenset(byte for symbol, byte in _BYTES.items() if symbol not in self.ids)

    @cached_property
    def _falls_back(self) -> bool:
        """Whether there is a token for every byte, for what has no other."""
        return self.library.model.byte_fallback and all(f"<0x{byte:02X}>" in self.ids for byte in range(256))

    @cached_property
    def _characters(self) -> frozenset[str]:
        model = self.library.model  # BPE: the others have a token for what is unknown
        start, end = model.continuing_subword_prefix or "", model.end_of_word_suffix or ""
        return frozenset(token.removeprefix(start).removesuffix(end) for token in self.vocab)


def _library(spec: Spec) -> Any:
    from tokenizers import Tokenizer as Library  # 0.04 s, so not before it is needed

    return Library.from_str(json.dumps(spec))


def _cut(text: str) -> Iterator[str]:
    """The text in parts without long runs of blanks or of anything else: learning takes the square of their length."""
    start = 0
    for run in ENDLESS.finditer(text):
        for end in range(run.start() + form.MAX_TOKEN_LENGTH, run.end(), form.MAX_TOKEN_LENGTH):
            yield text[start:end]
            start = end
    yield text[start:]


def _check_unicode(*texts: str) -> None:
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UnknownCharacter(text, [at for at, c in enumerate(text) if _is_surrogate(c)]) from None


def _half(c: str) -> str:
    """A byte that is no character by itself, which Python has read as a surrogate."""
    return f"{PART}{ord(c) - 0xDC00:02X}>"


def _is_surrogate(c: str) -> bool:
    return "\ud800" <= c <= "\udfff"
