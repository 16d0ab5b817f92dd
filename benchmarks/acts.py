"""What a person, a terminal and a cat on the keyboard send: acts by chance, each as the bytes that arrive."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.keys import _character_to_key

from playground import screens
from playground.compare.keys import KEYS as COMPARE
from playground.inside.keys import KEYS as INSIDE
from playground.kit.keys import TYPING, WHILE_TYPING
from playground.play.keys import KEYS as PLAY
from playground.train.keys import KEYS as TRAIN

SIZES = [(120, 36), (160, 48), (100, 30), (80, 24), (60, 18), (59, 17), (300, 90), (40, 50), (200, 5), (5, 3), (1, 1)]
NAMED = {
    **{_character_to_key(character): character for character in string.printable if character.isprintable()},
    **{f"f{number}": f"\x1bO{letter}" for number, letter in enumerate("PQRS", 1)},
    **{f"f{number}": f"\x1b[{code}~" for number, code in zip(range(5, 13), (15, *range(17, 22), 23, 24), strict=True)},
    **{f"ctrl+{letter}": chr(ord(letter) - ord("a") + 1) for letter in string.ascii_lowercase},
    **{"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F"},
    **{"pageup": "\x1b[5~", "pagedown": "\x1b[6~", "delete": "\x1b[3~", "shift+tab": "\x1b[Z", "escape": "\x1b[27u"},
    **{"enter": "\r", "tab": "\t", "space": " ", "backspace": "\x7f"},
}
LEAVE = ("q", "ctrl+q", "ctrl+c")
TABLES = (*PLAY, *TRAIN, *COMPARE, *INSIDE, *TYPING, *WHILE_TYPING)
KEYS = sorted({name for key in TABLES for name in key.keys.split(",")} - set(LEAVE)) + ["ctrl+p", "escape", "delete"]
DIALOGS = [NAMED[name] for name in ("question_mark", "ctrl+p", "J", "o", "n", "N", "e", "w")]
RAW = {  # bytes that must never come back as they are
    "a clipboard write": b"\x1b]52;c;Y2FtcGFpZ24=\x07",
    "a title": b"\x1b]0;campaign",
    "a direction change": "\u202e".encode(),
    "a C1 control": "\x9b31m".encode(),
    "a zero-width space": "\u200b".encode(),
}
TEXTS = [
    *(payload.decode() for payload in RAW.values()),
    "to be, or not to be",
    "[/] [@click=app.exit]x[/] [red]",
    "z\u0351\u0322\u035e\u0312a\u0346\u0324lgo" * 5,
    "中文字符 日本語 한국어",
    "👩‍👩‍👧‍👦🏽🇩🇪",
    "क्षि ก็ مرحبا",
    "\x00\x01\x02\x07\x08\x0b\x0c\x7f",
    "line\r\nline\rline\n" * 30,
    "x" * 5000,
]


@dataclass(frozen=True)
class Act:
    """Bytes to the terminal, or a size it takes, or a signal; `waits` where what they open is to be there first."""

    typed: bytes = b""
    size: tuple[int, int] | None = None
    signal: int | None = None
    waits: float = 0.0  # seconds


def act(chance: random.Random) -> Sequence[Act]:
    """The next thing that happens: mostly one act, sometimes a little story."""
    makers, weights = zip(*WEIGHTS.items(), strict=True)
    (make,) = chance.choices(makers, weights)
    acts: Sequence[Act] = make(chance)
    return acts


def _key(chance: random.Random) -> list[Act]:
    return [Act(NAMED[chance.choice(KEYS)].encode())]


def _arrows(chance: random.Random) -> list[Act]:
    return [Act(NAMED[chance.choice(("up", "down", "left", "right", "pageup", "pagedown", "enter", "tab"))].encode())]


def _letter(chance: random.Random) -> list[Act]:
    return [Act(chance.choice(string.printable[:94].replace("q", "")).encode())]


def _burst(chance: random.Random) -> list[Act]:
    """Several keys and clicks in one piece."""
    one = (_key, _arrows, _letter, _click)
    return [Act(b"".join(part.typed for _ in range(chance.randint(2, 9)) for part in chance.choice(one)(chance)))]


def _dialog(chance: random.Random) -> list[Act]:
    """A dialog, and what was meant for it before, while or after it stands."""
    opened = chance.choice(DIALOGS).encode()
    then = chance.choice(
        (b"\r\r\r", 3 * NAMED["escape"].encode(), 3 * _click(chance)[0].typed, _burst(chance)[0].typed)
    )
    return [Act(opened + then)] if chance.random() < 0.5 else [Act(opened, waits=0.1), Act(then)]


def _place(chance: random.Random) -> tuple[int, int]:
    return chance.choice(((chance.randint(1, 120), chance.randint(1, 36)), (chance.randint(1, 120), 36), (2, 2)))


def _click(chance: random.Random) -> list[Act]:
    x, y = _place(chance)
    return [Act(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m".encode() * chance.choice((1, 1, 2, 3)))]


def _mouse(chance: random.Random) -> list[Act]:
    """The wheel, or moves with and without a button."""
    x, y = _place(chance)
    moves = "".join(f"\x1b[<{chance.choice((35, 35, 32))};{max(x + n, 1)};{y}M" for n in range(chance.randint(1, 8)))
    return [Act((moves if chance.random() < 0.7 else f"\x1b[<{chance.choice((64, 65))};{x};{y}M").encode())]


def _paste(chance: random.Random) -> list[Act]:
    """Any text, in an open prompt or not; one in ten is never closed."""
    text = "".join(chance.choices(TEXTS, k=chance.randint(1, 3)))
    closing = "" if chance.random() < 0.1 else "\x1b[201~"
    pasted = Act(f"\x1b[200~{text}{closing}".encode())
    return [Act(b"e", waits=0.05), pasted] if chance.random() < 0.5 else [pasted]


def _resize(chance: random.Random) -> list[Act]:
    """Another size, or several at once and back."""
    sizes = [Act(size=chance.choice(SIZES)) for _ in range(chance.choice((1, 1, 1, 6)))]
    return [*sizes, *_key(chance), *_burst(chance), Act(size=chance.choice(SIZES[:4]))]


def _screens(chance: random.Random) -> list[Act]:
    keys = (*(place.key for place in screens.ALL), "left_square_bracket", "right_square_bracket")
    names = chance.choices(keys, k=chance.choice((1, 1, 4)))
    return [Act("".join(NAMED[name] for name in names).encode())]


def _model(chance: random.Random) -> list[Act]:
    """Open another model, and do not wait for it."""
    return [Act(b"\x1bOQ", waits=0.1), Act(b"o", waits=0.2), Act(b"\x1b[B" * chance.randint(0, 3) + b"\r")]


def _train(chance: random.Random) -> list[Act]:
    """Start a run as the form stands, look at it, stop it by either key, or leave it to what comes."""
    begin = [Act(b"\x1bOR", waits=0.2), Act(b"n", waits=0.5), Act(b"\x13", waits=chance.choice((0.0, 2.0, 6.0)))]
    return [*begin, *([Act(b"X", waits=0.2), Act(b"s")] if chance.random() < 0.7 else [])]


def _nonsense(chance: random.Random) -> list[Act]:
    """Bytes that are no text, and sequences that are none."""
    odd = (b"\xff\x80\xfe", b"\x1b[99~", b"\x1b[99999999999u", b"\x1b[<9999999999;1;1M", b"\x1b]11;?", b"\x1b[I\x1b[O")
    return [Act(chance.choice(odd) + bytes(chance.choices(range(0x80, 0x100), k=chance.randint(0, 5))))]


def _leave(chance: random.Random) -> list[Act]:
    """By a key, in the midst of others as well."""
    keys = b"".join(part.typed for part in _burst(chance)) if chance.random() < 0.5 else b""
    return [Act(keys + NAMED[chance.choice(LEAVE)].encode())]


def _signal(chance: random.Random) -> list[Act]:
    return [Act(signal=chance.choice((1, 2, 3, 15)))]


WEIGHTS: dict[Callable[[random.Random], list[Act]], float] = {
    _key: 30,
    _arrows: 15,
    _letter: 6,
    _burst: 12,
    _dialog: 6,
    _click: 10,
    _mouse: 10,
    _paste: 3,
    _resize: 2,
    _screens: 3,
    _model: 0.5,
    _train: 0.15,
    _nonsense: 0.5,
    _leave: 0.3,
    _signal: 0.1,
}
