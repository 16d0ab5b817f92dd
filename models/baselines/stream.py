"""The pairs of characters in a file, counted from its bytes: a matter of memory, not of tokens.

Where a text is ASCII, three bytes in a row hold two pairs. So it is enough to look at every second place, to take what
stands there as one number, and to count how often each number occurs; the pairs are sums of those counts.
"""

from __future__ import annotations

import os

import numpy as np

from models.baselines.counts import Counts, Sums, windows
from models.corpora.encoding import character_table, encoder, token_chunks
from models.corpora.text import read_pieces
from models.ops import Array
from models.tokenizers import Tokenizer
from models.unknown import UnknownCharacter

PIECE = 1 << 16  # bytes read at a time: smaller ones stay in the cache
STEP = 1 << 15  # threes counted at a time: their numbers stay in the cache
FULL = 1 << 31  # threes after which a counter might overflow


def count_pairs(path: str | os.PathLike[str], tokenizer: Tokenizer, start: int = 0, stop: int | None = None) -> Counts:
    """What `tally` gives for the pairs of bytes start .. stop of a UTF-8 file, in memory that does not grow with it.

    Raises UserError for what is no text file, and for a character the tokenizer, one of characters, does not know.
    """
    pairs = _Pairs(tokenizer)
    try:
        for text in read_pieces(path, start, stop, PIECE):
            pairs.add(text)
        pairs.end()
    except UnknownCharacter:
        pairs.all_known = False
    if not pairs.all_known:
        for _ in token_chunks(path, tokenizer, start, stop):
            pass  # says which character is unknown, and where it is
    return Counts(2, tokenizer.vocab_size, *pairs.sums.total(), pairs.head)


class _Pairs:
    """Adds up pairs of characters, those of ASCII by their bytes."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.vocab_size = tokenizer.vocab_size
        self.encode = encoder(tokenizer)
        self.ids = character_table(tokenizer).astype(np.int64)
        self.sums = Sums()
        self.head = np.zeros(0, np.int64)
        self.rest = ""  # whose pairs with what follows are still to be counted
        self.threes = np.zeros(1 << 24, np.uint32)  # by their three bytes, the first lowest
        self.codes = np.empty(STEP, np.int64)
        self.waiting = 0
        self.all_known = True  # no byte among the threes stands for no token

    def add(self, text: str) -> None:
        """The next piece."""
        if not self.head.size:
            self.head = self.encode(text[:1]).astype(np.int64)
        text = self.rest + text
        if text.isascii() and len(text) > 3:
            done = self._threes(text.encode())
        else:
            self._pairs(text)
            done = max(len(text) - 1, 0)
        self.rest = text[done:]

    def end(self) -> None:
        """Count what is left."""
        self._pairs(self.rest)
        self._flush()

    def _pairs(self, text: str) -> None:
        """Count them one by one."""
        self.sums.add(windows(self.encode(text), 2, self.vocab_size), self.vocab_size**2)

    def _threes(self, content: bytes) -> int:
        """Count threes, as far as four bytes can be read; how many characters' pairs with the next are done."""
        count, one = len(content) // 2 - 1, np.uint32(1)
        for start in range(0, count, STEP):
            codes = self.codes[: min(STEP, count - start)]
            fours: Array = np.ndarray(codes.shape, "<u4", content, 2 * start, (2,))
            np.copyto(codes, fours, casting="unsafe")
            np.bitwise_and(codes, 0xFFFFFF, out=codes)
            np.add.at(self.threes, codes, one)
        self.waiting += count
        if self.waiting > FULL:
            self._flush()
            self.threes, self.waiting = np.zeros_like(self.threes), 0
        return 2 * count

    def _flush(self) -> None:
        """Add the threes to the pairs."""
        threes = self.threes.reshape(256, 256, 256)[:128, :128, :128]  # third, second, first byte
        pairs = threes.sum(0, np.int64).T + threes.sum(2, np.int64).T  # first, second
        first, second = np.nonzero(pairs)
        ids = self.ids.take(np.arange(128), mode="clip")
        runs = ids[first] * self.vocab_size + ids[second]
        self.all_known &= not (ids[np.concatenate([first, second])] == self.vocab_size).any()
        self.sums.add_counted(runs, pairs[first, second])
