"""The world: its parts as one set of rules, texts drawn from it, and the truth about what comes next."""

from __future__ import annotations

import math
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from random import Random
from typing import NamedTuple

import numpy as np

from models.corpora.little_world.belief import LINE_END, Belief, State, leaves
from models.corpora.little_world.notation import Reader
from models.corpora.little_world.parts import ALL, Part
from models.corpora.little_world.spoken import spoken
from models.corpora.little_world.symbols import Alternative, Edition, Env, Pick, Piece, Rule, Say, Value, words
from models.corpora.little_world.words import LISTS, RELATIONS
from models.errors import UserError
from models.formats.files import shown
from models.formats.word_level import RULED_WORDS
from models.ops import Array

EXPANDED = 2048  # states whose next words are kept


class Text(NamedTuple):
    """One text drawn from the world."""

    words: list[str]  # without the line end that closes it
    part: str
    bits: float  # -log2 of its probability
    entropy: float  # bits its words had on average, each given those before it


class Floor(NamedTuple):
    """What nobody can beat: bits a word, line ends included, and the standard error of that estimate."""

    bits: float
    error: float


class World:
    """A language given by its parts, in one of three editions.

    "training" makes no held-out combination, "whole" makes all, "held-out" makes them wherever it can.
    """

    def __init__(self, edition: Edition = "whole", parts: Sequence[Part] = ALL) -> None:
        self.edition, self.parts = edition, tuple(parts)
        self._slots = defaultdict[str, int](count().__next__)  # one numbering of attributes for all parts
        self._part = self._slots["part"]
        self._meanings: dict[str, list[tuple[Piece, ...]]] = {}
        texts: list[Alternative] = []
        said: set[str] = set()
        for part in self.parts:
            reader = Reader(self._slots, {**LISTS, **part.lists}, {**RELATIONS, **part.relations}, edition)
            text = reader.read(part.rules)["text"]
            texts.append(Alternative(part.share, (Pick(self._part, (part.name,), aloud=False), text)))
            self._meanings[part.name] = [reader.pieces(each) for each in part.meanings]
            said |= spoken(text)
        self._begin = Rule("begin")
        self._begin.fill(texts)
        self._expand = lru_cache(EXPANDED)(leaves)
        self.vocabulary = (LINE_END, *sorted(said))

    @property
    def start(self) -> Belief:
        """What is known before the first word."""
        state: State = ((self._begin,), (None,) * len(self._slots))
        return Belief({state: 1.0}, state, self._expand, self._read)

    def truth(self, prefix: str | Sequence[str] = "") -> Belief:
        """What can be known after these words: the exact distribution of the next, and how the text can be read.

        A text is split as the word tokenizer splits it; a line end begins a new one. Raises UserError for a word the
        world does not have, or one that cannot stand where it stands.
        """
        belief = self.start
        for number, word in enumerate(split(prefix), 1):
            following = belief.after(word)
            if following is None:
                raise self._impossible(word, number, belief)
            belief = following
        return belief

    def beliefs(self, said: Iterable[str]) -> Iterator[Belief | None]:
        """What is known after each of these words; None once they are no text of the world."""
        belief: Belief | None = self.start
        for word in said:
            belief = belief and belief.after(word)
            yield belief

    def sample(self, random: Random) -> Text:
        """One text."""
        draw = random.random
        env: list[Value | None] = [None] * len(self._slots)
        stack: list[Piece] = [self._begin]
        said: list[str] = []
        bits = entropy = 0.0
        while stack:
            piece = stack.pop()
            if isinstance(piece, str):
                said.append(piece)
                continue
            options = piece.options(env)
            chosen = 0
            if options.cumulative:
                chosen = bisect(options.cumulative, draw())
                bits += options.bits[chosen]
                entropy += options.entropy
            pushed, sets = options.outcomes[chosen]
            for slot, value in sets:
                env[slot] = value
            stack += pushed
        return Text(said, str(env[self._part]), bits, entropy)

    def texts(self, seed: int | str = 0) -> Iterator[Text]:
        """Texts without end; which ones depends on the seed only."""
        random = Random(seed)
        while True:
            yield self.sample(random)

    def rows(self, count: int, length: int, ids: Mapping[str, int], random: Random) -> Array:
        """Token ids of texts in a row, each row begun by a line end and cut at its length: (count length).

        `ids` gives each word's number, as `Tokenizer.ids` does; the rows go on where `random` stands.
        """
        rows = np.empty((count, length), np.int64)
        for row in rows:
            words: list[str] = []
            while len(words) < length:
                words.append(LINE_END)
                words += self.sample(random).words
            row[:] = [ids[word] for word in words[:length]]
        return rows

    def floor(self, words: int = 200_000, seed: int = 0) -> Floor:
        """The entropy rate, estimated on about so many words.

        Every text can grow in one way only, so the entropy of the choices that made it is that of its words.
        """
        entropies, lengths = [], []
        for text in self.texts(seed):
            entropies.append(text.entropy)
            lengths.append(len(text.words) + 1)
            if (words := words - lengths[-1]) <= 0:
                break
        total, bits = sum(lengths), sum(entropies) / sum(lengths)
        spread = sum((entropy - bits * length) ** 2 for entropy, length in zip(entropies, lengths, strict=True))
        return Floor(bits, math.sqrt(spread) / total)

    def _read(self, state: State) -> str:
        part, env = state[1][self._part], state[1]
        if part is None:
            return "a new text begins"
        assert isinstance(part, str)
        said = ([_now(piece, env) for piece in meaning] for meaning in self._meanings[part])
        return "; ".join(" ".join(words) for words in said if all(words))

    def _impossible(self, word: str, number: int, belief: Belief) -> UserError:
        said = "a line end" if word == LINE_END else f"'{shown(word)}'"
        if word not in self.vocabulary:
            return UserError(f"the little world has no word {said}, word {number} of the text", "use one of its own")
        could = sorted(belief.p, key=lambda each: -belief.p[each])[:3]
        instead = " or ".join("a line end" if each == LINE_END else f"'{each}'" for each in could)
        return UserError(f"{said} cannot stand here in the little world, word {number} of the text", f"{instead} could")


def split(text: str | Sequence[str]) -> Sequence[str]:
    """The words of a text, in lower case, as the word tokenizer splits it."""
    return re.findall(RULED_WORDS, text.lower()) if isinstance(text, str) else text


def _now(piece: Piece, env: Env) -> str:
    """What a piece of a meaning says in this environment; empty if that is not known."""
    if isinstance(piece, str):
        return piece
    assert isinstance(piece, Say)
    value = piece.ref.value(env)
    return "" if value is None else " ".join(words(value))
