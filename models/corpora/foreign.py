"""Texts in another encoding than UTF-8: which one it seems to be, and the command that makes it UTF-8.

An encoding is believed if the bytes can be read in it and the characters beyond ASCII are nearly all ones that its
texts are made of: the commoner half of Chinese characters, kana, Russian small letters, accented letters among others.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from models.errors import UserError
from models.formats.files import quoted

LEAST = 0.9  # of the characters beyond ASCII that are usual
SAMPLE = 1 << 15  # bytes looked at, either way
SHORTEST = 8  # bytes that a guess can be made from, where zero bytes are among them
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")  # as UTF-8 has them
_MARKS = frozenset("、。，！？：；「」『』（）《》〈〉【】…—“”‘’·　～")  # noqa: RUF001  # as Chinese and Japanese write them
_WESTERN = frozenset(map(chr, range(0xC0, 0x100))) - set("×÷") | set("“”‘’‚„–—…«»‹›€£¥¢§©®™°·•¿¡ªº²³½¼¾´\xa0")  # noqa: RUF001  # marks of print
_RUSSIAN = frozenset(map(chr, range(0x430, 0x450))) | set("ё«»—–“”„…№\xa0")  # noqa: RUF001  # its small letters


@dataclass(frozen=True, slots=True)
class Encoding:
    """A way to write a text down: what iconv and Python call it, and which characters its texts are made of."""

    name: str
    codec: str
    usual: Callable[[], frozenset[str]]
    fits: Callable[[str, str], bool] = lambda text, beyond: True  # whether the whole looks like one of its texts


@cache
def _rows(codec: str, first: int, last: int) -> frozenset[str]:
    """The characters of a double-byte encoding whose first byte is from `first` to `last`."""
    pairs = (bytes((row, cell)) for row in range(first, last + 1) for cell in range(0x40, 0xFF))
    return frozenset("".join(pair.decode(codec, "ignore") for pair in pairs)) - set(map(chr, range(128)))


def _chinese() -> frozenset[str]:
    return _rows("gb2312", 0xB0, 0xD7) | _MARKS


def _taiwanese() -> frozenset[str]:
    return _rows("big5", 0xA4, 0xC6) | _MARKS


def _japanese() -> frozenset[str]:
    kana = frozenset(map(chr, range(0x3041, 0x30FF)))
    return _rows("euc_jp", 0xB0, 0xCF) | kana | _MARKS | {"々"}


def _korean() -> frozenset[str]:
    return _rows("euc_kr", 0xB0, 0xC8) | _MARKS


@cache
def _any() -> frozenset[str]:
    capitals = frozenset(map(chr, range(0x410, 0x430)))
    return _chinese() | _taiwanese() | _japanese() | _korean() | _WESTERN | _RUSSIAN | capitals


def _has_kana(text: str, beyond: str) -> bool:
    return 5 * len(re.findall("[\u3041-\u30fe]", beyond)) >= len(beyond)


def _mostly_plain(text: str, beyond: str) -> bool:
    return 2 * len(beyond) < len(re.findall("[A-Za-z]", text))


def _mostly_foreign(text: str, beyond: str) -> bool:
    return len(beyond) > len(re.findall("[A-Za-z]", text))


WIDE = {  # a byte order mark says it
    codecs.BOM_UTF32_LE: Encoding("UTF-32", "utf-32", _any),
    codecs.BOM_UTF32_BE: Encoding("UTF-32", "utf-32", _any),
    codecs.BOM_UTF16_LE: Encoding("UTF-16", "utf-16", _any),
    codecs.BOM_UTF16_BE: Encoding("UTF-16", "utf-16", _any),
}
TWO_BYTES = (Encoding("UTF-16LE", "utf-16-le", _any), Encoding("UTF-16BE", "utf-16-be", _any))
OTHERS = (  # a text that fits several equally is the first's
    Encoding("EUC-KR", "cp949", _korean),
    Encoding("GBK", "gbk", _chinese),
    Encoding("BIG5", "big5", _taiwanese),
    Encoding("SHIFT_JIS", "cp932", _japanese, _has_kana),
    Encoding("EUC-JP", "euc_jp", _japanese, _has_kana),
    Encoding("WINDOWS-1251", "cp1251", lambda: _RUSSIAN, _mostly_foreign),
    Encoding("KOI8-R", "koi8_r", lambda: _RUSSIAN, _mostly_foreign),
    Encoding("ISO-8859-1", "iso8859_1", lambda: _WESTERN, _mostly_plain),
    Encoding("WINDOWS-1252", "cp1252", lambda: _WESTERN, _mostly_plain),
)


def guess(content: bytes, at: int) -> Encoding | None:
    """The encoding that bytes seem to be in which are no UTF-8 text at `at`; None for none, and for damaged UTF-8."""
    if at < len(codecs.BOM_UTF32_LE) and (wide := marked(content)):
        return wide
    start = content.rfind(b"\n", 0, at - SAMPLE) + 1 if at > SAMPLE else 0
    sample = content[start : at + SAMPLE]
    if 0 < sample.decode("utf-8", "replace").count("\ufffd") <= len(_MULTIBYTE.findall(sample)):
        return None
    if 0 in sample:
        return _likeliest(sample, TWO_BYTES) if len(sample) >= SHORTEST else None
    return _likeliest(sample, OTHERS)


def _likeliest(sample: bytes, among: Iterable[Encoding]) -> Encoding | None:
    best = max(among, key=lambda each: _usual(sample, each))
    return best if _usual(sample, best) >= LEAST else None


def _usual(sample: bytes, encoding: Encoding) -> float:
    """The share of usual characters among those beyond ASCII, if the sample can be a text of that encoding; or 0."""
    try:
        text = codecs.getincrementaldecoder(encoding.codec)().decode(sample)  # it may end within a character
    except UnicodeDecodeError:
        return 0.0
    beyond = "".join(c for c in text if not c.isascii())
    if _BINARY.search(text) or not encoding.fits(text, beyond):
        return 0.0
    usual = encoding.usual()
    return sum(c in usual for c in beyond) / len(beyond) if beyond else 1.0


def conversion(encoding: Encoding, path: str | os.PathLike[str] | None) -> str:
    """The command that makes UTF-8 of it, in a new file beside the old; without a path, of what is piped through it."""
    command = f"iconv -f {encoding.name} -t UTF-8"
    if path is None:
        return command
    old = Path(path)
    return f"{command} {quoted(old)} > {quoted(old.with_name(f'{old.stem}-utf8{old.suffix}'))}"


def marked(start: bytes) -> Encoding | None:
    """The encoding that a file's byte order mark says, where it is not UTF-8."""
    return next((each for mark, each in WIDE.items() if start.startswith(mark)), None)


def not_utf8_at(place: int, file: BinaryIO, what: str, path: str | os.PathLike[str]) -> UserError:
    """What to say of an open file, called `what`, that is no UTF-8 at the byte `place`."""
    begins = max(place - 2 * SAMPLE, 0)
    file.seek(begins)
    return not_utf8(what, file.read(3 * SAMPLE), place - begins, path, begins)


def not_utf8(what: str, content: bytes, at: int, path: str | os.PathLike[str] | None, begins: int = 0) -> UserError:
    """The same of bytes that are no UTF-8 at `at` and begin at byte `begins` of the whole; no path: they were piped."""
    if encoding := guess(content, at):
        fault = f"{what} is not UTF-8 text at byte {begins + at:,} but, it seems, {encoding.name}"
        return UserError(fault, f"{'convert it' if path else 'pipe it through'}: {conversion(encoding, path)}")
    if content[at] == 0:
        return UserError(f"{what} has a zero byte at {begins + at:,}, so it is no text", "give a plain text file")
    return UserError(f"{what} is not UTF-8 text at byte {begins + at:,}", "save it as UTF-8")
