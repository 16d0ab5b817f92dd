"""Two texts in one context, pages and then a question: what it looks at there, and what it loses where it may not.

Every claim about a cause is an intervention: the rectangle of attention, rows of the question and columns of the pages,
is closed by a switch. Pages are also ranked as a search by vectors would rank them: by the cosine of the texts' mean
vectors, or by each token's best match (Khattab & Zaharia 2020, "ColBERT").
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.gpt import GPT, GPTConfig
from models.measures import effect, softmax
from models.ops import Array, quiet
from models.passes import coming
from models.switches import Apart, HeadApart
from models.switches.edits import Edit, Here
from models.tracing import Trace, retrace, trace

SHARP = 0.05  # what similarities are divided by before their softmax: cosines lie close together


@dataclass(frozen=True)
class Parts:
    """Where the pages stand, and the question after them: positions of a pass, line ends left out."""

    pages: tuple[range, ...]
    question: range

    def of(self, page: int | None) -> tuple[int, int]:
        """First and last position of a page, its line end too; of all of them without one."""
        starts = [*(each.start for each in self.pages), self.question.start]
        return (starts[0], starts[-1] - 1) if page is None else (starts[page], starts[page + 1] - 1)

    def closed(self, page: int | None = None) -> Apart:
        """The switch by which the question may not look at a page; at none of them without one."""
        return Apart(self.question.start, *self.of(page))

    def closed_in(self, layer: int, head: int, page: int | None = None) -> HeadApart:
        """The same in one head."""
        return HeadApart(self.question.start, *self.of(page), layer, head)


def parted(words: Sequence[str]) -> Parts | None:
    """The parts of a text, by its tokens as they are written: every line but the last is a page, the last the question.

    Empty lines are none. None where there is no page before a question.
    """
    lines, start = list[range](), 0
    for at, word in enumerate((*words, "\n")):
        if "\n" in word:
            end = at + bool(at < len(words) and word.strip("\n"))  # a token that is more than a line end
            if end > start:
                lines.append(range(start, end))
            start = at + 1
    return Parts(tuple(lines[:-1]), lines[-1]) if len(lines) > 1 else None


def weights(of: Trace, parts: Parts, layer: int, head: int) -> Array:
    """The rectangle of one head: how much each token of the question (Q) looks at each of the pages' (K): (Q K)."""
    first, last = parts.of(None)
    pattern: Array = of.blocks[layer].pattern[head, parts.question.start : parts.question.stop, first : last + 1]
    return pattern


def by_page(rectangle: Array, parts: Parts) -> Array:
    """A rectangle (.. K) with the weights of each page's tokens added up: (.. P)."""
    first = parts.pages[0].start
    return np.add.reduceat(rectangle, [page.start - first for page in parts.pages], -1)


@dataclass(frozen=True, eq=False)
class Lost:
    """What closings did to the answer: arrays of one shape, NaN and -1 for what is not known yet."""

    bits: Array  # KL, from what the model said to what it says then
    p: Array  # the answer's probability then
    top: Array  # int: the likeliest token then

    @staticmethod
    def nothing(shape: tuple[int, ...]) -> Lost:
        """Nothing known yet."""
        return Lost(np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, -1))

    def put(self, place: int, before: Array, after: Array, answer: int) -> None:
        """Two rows of scores (V,) compared, at a place counted through the shape."""
        found = effect(before, after)
        self.bits.flat[place], self.p.flat[place], self.top.flat[place] = found.kl, softmax(after)[answer], found.now

    def copy(self) -> Lost:
        """As far as it is known."""
        return Lost(self.bits.copy(), self.p.copy(), self.top.copy())


@dataclass(frozen=True, eq=False)
class Losses:
    """What the model answers after the question, and what is left of it with the rectangle closed."""

    answer: int
    p: float
    whole: Lost  # (): the question may look at no page, in any head
    pages: Lost  # P: not at this one
    heads: Lost  # L H: at no page, in this head alone

    @property
    def needed(self) -> int:
        """The page whose closing costs most."""
        return int(np.argmax(np.nan_to_num(self.pages.bits)))


class _Everywhere(Edit):
    """The rectangle closed in all layers and heads, as by `Apart`, but in the scores: only the question is redone."""

    sites = frozenset({"scores"})

    def __init__(self, closed: Apart) -> None:
        self.closed = closed

    @property
    def first(self) -> int:
        """Where the question begins."""
        return self.closed.start

    def idle_in(self, config: GPTConfig) -> bool:
        """In a model without attention."""
        return self.closed.idle_in(config)

    def edit(self, value: Array, here: Here) -> Array:
        """The scores (.. H T S) as what may not be seen."""
        return self.closed.closed(value, here, -math.inf)


def opened(of: Trace) -> Trace:
    """The pass without any switch that keeps texts apart, its others as they are."""
    return retrace(of, [switch for switch in of.switches if not isinstance(switch, Apart)])


def losses(of: Trace, parts: Parts) -> Iterator[Losses]:
    """Each time more of what is lost, from the whole rectangle to the last head; the last is all of it."""
    open_, config = opened(of), of.tape.model.config
    before, pages = open_.logits[-1], len(parts.pages)
    heads = [(layer, head) for layer in range(config.n_layer) for head in range(config.n_head)]
    answer = int(np.argmax(before))
    found = (Lost.nothing(()), Lost.nothing((pages,)), Lost.nothing((config.n_layer, config.n_head)))
    changes: list[tuple[Edit]] = [(_Everywhere(parts.closed(page)),) for page in (None, *range(pages))]
    changes += [(parts.closed_in(layer, head),) for layer, head in heads]
    for numbers, scores in coming(open_, changes):
        for number, after in zip(numbers, scores[:, -1], strict=True):
            which, place = _place(number, pages)
            found[which].put(place, before, after, answer)
        yield Losses(answer, float(softmax(before)[answer]), *(each.copy() for each in found))


def _place(number: int, pages: int) -> tuple[int, int]:
    """Of which kind a closing is, and its number in that."""
    if number == 0:
        return 0, 0
    return (1, number - 1) if number <= pages else (2, number - 1 - pages)


@dataclass(frozen=True, eq=False)
class Ranking:
    """How like each page is to a question: cosines by depth, the embeddings wte first, then after each layer."""

    mean: Array  # L+1 P, of the texts' mean vectors
    best: Array  # L+1 P, of each token of the question and the token of the page most like it, on average

    def shares(self, way: str) -> Array:
        """The similarities of "mean" or "best" as a softmax over pages, at a temperature of SHARP: (L+1 P)."""
        return softmax(getattr(self, way) / SHARP)

    def rank(self, way: str, page: int) -> Array:
        """Which place a page has at each depth, from 1: (L+1,)."""
        found = getattr(self, way)
        return 1 + np.count_nonzero(found > found[:, [page]], -1)


def ranking(model: GPT, pages: Sequence[Sequence[int]], question: Sequence[int]) -> Ranking:
    """Pages against a question, each read by itself, by the model as it was trained.

    A page longer than the context is cut at its beginning. UserError for an empty text or a token there is none of.
    """
    asks = _directions(model, question)
    found = [_similar(asks, _directions(model, page)) for page in pages]
    return Ranking(*(np.stack([each[way] for each in found], -1) for way in (0, 1)))


def _directions(model: GPT, tokens: Sequence[int]) -> Array:
    """The vectors of a text, its embeddings and what each layer hands on: (L+1 T C) in float64."""
    of = trace(model, tokens)
    return np.stack([of.embed, *(block.resid_post for block in of.blocks)]).astype(np.float64)


def _similar(a: Array, b: Array) -> tuple[Array, Array]:
    """Cosines at each depth of (L+1 T C) and (L+1 S C): of the mean vectors, and of best matches: (L+1,) each."""
    with quiet():
        mean = np.vecdot(_unit(a.mean(1)), _unit(b.mean(1)))
        return mean, (_unit(a) @ _unit(b).swapaxes(-1, -2)).max(-1).mean(-1)


def _unit(x: Array) -> Array:
    """Of length one; a vector of zeros stays so."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.where(length == 0, 1, length)
