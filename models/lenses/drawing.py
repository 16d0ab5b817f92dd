"""What a model of pictures can do: draw what it is asked for, go on with half a picture, and tell what a picture shows.

Nobody taught it to recognise: what it takes a picture for is the label behind which the picture is likeliest (Bayes'
rule, where no label is likelier than another). What it draws is judged from outside: a drawing shows what the nearest
of many pictures shows (Cover & Hart 1967, "Nearest Neighbor Pattern Classification").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.corpora.pictures import Pictures
from models.gpt import GPT, forward
from models.measures import softmax, told
from models.ops import Array
from models.switches import Switch, check
from models.switches.edits import edited
from models.tokenizers import Tokenizer
from models.tracing import trace

TOGETHER = 64  # texts in a pass
EACH = 20  # drawings of each label that the skill is measured on


@dataclass(frozen=True, slots=True)
class Skill:
    """Shares of all that was asked: `drawn` pictures from nothing but a label, `pictures` that nobody learned from."""

    drawn: int
    whole: float  # of the drawings: a picture, just so many pixels and a line end
    right: float  # of the drawings: judged to show what was asked for
    copied: float  # of the drawings: one that it learned from, pixel for pixel
    pictures: int
    told: float  # of the pictures: it tells what they show
    judged: float  # of the pictures: the judge does, by those that were learned from
    completed: float  # of the pictures: judged right where it got the label and the upper half, and drew the rest
    shown: tuple[str, ...]  # the first drawing of each label


class _Grown:
    """Keys and values of texts of one length, which grow together."""

    def __init__(self, room: int) -> None:
        self.length, self.room = 0, room
        self._kept = dict[int, Array]()  # 2 N H room D

    def update(self, layer: int, k: Array, v: Array, /) -> tuple[Array, Array]:
        """The new ones behind those there are."""
        if layer not in self._kept:
            self._kept[layer] = np.empty((2, *k.shape[:-2], self.room, k.shape[-1]), k.dtype)
        stop = self.length + k.shape[-2]
        self._kept[layer][..., self.length : stop, :] = k, v
        keys, values = self._kept[layer][..., :stop, :]
        return keys, values


def can(model: GPT, pictures: Pictures) -> bool:
    """Whether it sees a whole picture behind its label at once, and not what it is yet to draw."""
    return model.config.block_size > pictures.size and not model.config.looks_ahead


def skill(model: GPT, pictures: Pictures, learned: Sequence[str], held_out: Sequence[str], seed: int = 1) -> Skill:
    """Everything at once; `learned` and `held_out` are lines."""
    asked, half = pictures.labels * EACH, pictures.size // 2
    drawn = draw(model, pictures, asked, seed)
    completed = draw(model, pictures, [line[: 1 + half] for line in held_out], seed)
    labels, known = [line[0] for line in held_out], {*learned}
    return Skill(
        len(drawn),
        _share(map(pictures.is_whole, drawn)),
        _same(judge(pictures, drawn, learned), asked),
        _share(line in known for line in drawn),
        len(held_out),
        _same(tell(model, pictures, held_out), labels),
        _same(judge(pictures, held_out, learned), labels),
        _same(judge(pictures, completed, learned), labels),
        tuple(drawn[: len(pictures.labels)]),
    )


def draw(model: GPT, pictures: Pictures, begun: Sequence[str], seed: int, switches: Iterable[Switch] = ()) -> list[str]:
    """Each line, begun by texts of one length, gone on with as chance wills to its end, or as far as a picture goes."""
    switches = check(switches, model.config)
    tokenizer, random = _tokenizer(model), np.random.Generator(np.random.Philox(seed))
    new = written = np.array([tokenizer.encode(text) for text in begun])  # N T
    past = _Grown(2 + pictures.size)
    for _ in range(2 + pictures.size - new.shape[1]):  # the label, the pixels, and the line end behind them
        tap = edited(model, switches, written.shape[1])
        p = softmax(forward(model, new, past, tap, asked=1)[:, -1])  # N V
        past.length = written.shape[1]
        new = (p.cumsum(-1) < random.random((len(p), 1))).sum(-1, keepdims=True).clip(max=p.shape[-1] - 1)
        written = np.concatenate((written, new), 1)
    return [tokenizer.decode(line).partition("\n")[0] for line in written.tolist()]


def bits(model: GPT, pictures: Pictures, lines: Sequence[str]) -> Array:
    """What all the pixels of each whole line cost behind each of the labels: (N labels), in bits."""
    tokenizer = _tokenizer(model)
    tokens = np.array([tokenizer.encode(label + line[1:]) for line in lines for label in pictures.labels])
    parts = np.split(tokens, range(TOGETHER, len(tokens), TOGETHER))
    cost = np.concatenate([told(forward(model, part[:, :-1]), part[:, 1:]).sum(-1) for part in parts])
    return cost.reshape(len(lines), len(pictures.labels))


def tell(model: GPT, pictures: Pictures, lines: Sequence[str]) -> list[str]:
    """What the model takes each picture for."""
    return [pictures.labels[at] for at in bits(model, pictures, lines).argmin(-1)]


def judge(pictures: Pictures, lines: Sequence[str], among: Sequence[str]) -> list[str]:
    """What each picture shows by the nearest `among` others, as points whose numbers are greys; "" for none."""
    known = np.stack([pictures.image(line[1:]).ravel() for line in among])  # M pixels
    found = []
    for line in lines:
        apart = ((known - pictures.image(line[1:]).ravel()) ** 2).sum(-1) if pictures.is_whole(line) else None
        found.append("" if apart is None else among[int(apart.argmin())][0])
    return found


def looking_back(model: GPT, lines: Sequence[str], far: int) -> Array:
    """How much of its attention each head gives to the place so far back, a mean over all that have it: (L H)."""
    weights = [
        [np.diagonal(block.pattern, -far, -2, -1).mean(-1) for block in trace(model, line).blocks] for line in lines
    ]
    found: Array = np.mean(weights, 0)
    return found


def _tokenizer(model: GPT) -> Tokenizer:
    assert model.tokenizer is not None
    return model.tokenizer


def _same(found: Sequence[str], wanted: Sequence[str]) -> float:
    return _share(one == other for one, other in zip(found, wanted, strict=True))


def _share(values: Iterable[bool]) -> float:
    return float(np.mean([*values]))
