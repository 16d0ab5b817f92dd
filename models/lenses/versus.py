"""Several models on one text, place by place: what each expected, how surprised it was, and where it is wrong.

Place t is where token t stands, for t from 0 to T; T is the place after the last token, where nothing has come yet.
Place 0 is predicted by nobody. So every array has a row for each of P = T + 1 places, and row t is about token t,
given the tokens before it. M models, V tokens in the vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.contract import LanguageModel
from models.gpt import GPT
from models.lenses.surprises import Rows, rows_of
from models.lenses.truth import Truth
from models.measures import ranked, ranks, softmax
from models.ops import Array

CELLS = 1 << 17  # scores made probabilities at a time: so many stay in the cache
ROUNDING = 1e-12  # bits: what a distribution may seem to be from itself


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """One model on the text; every array has a row a place, NaN where there is nothing to say.

    Once a `Truth` meets a word that cannot come there, all its later places are NaN. A GPT sees the last tokens of a
    text longer than its context, and its places before those are NaN.
    """

    name: str
    p: Array  # P, the probability of the token that came
    bits: Array  # P, its surprise: -log2 p
    rank: Array  # P, int: which of the candidates it was, from 1; 0 where none came or nothing is known
    entropy: Array  # P, the bits it expected to be surprised by
    kl: Array  # P, bits lost by believing it instead of the reference
    best: Array  # P, int: its likeliest candidate; -1 where nothing is known
    best_p: Array  # P, that one's probability
    rows: Rows  # its scores, for the candidates of one place
    exact: bool = False  # it is the truth
    looks_ahead: bool = False  # built without the causal mask: at all places but the last it saw what came

    @property
    def total(self) -> Array:
        """The surprise of all tokens up to and with each place: (P,); NaN where the place's own is."""
        sums = np.nancumsum(self.bits)
        sums[1:-1][np.isnan(self.bits[1:-1])] = np.nan
        return sums


@dataclass(frozen=True, eq=False, slots=True)
class Versus:
    """The text and its sides, in the order the models were given."""

    tokens: Array  # T
    sides: tuple[Side, ...]
    reference: str | None  # whose distribution `kl` is measured from

    def __getitem__(self, name: str) -> Side:
        """The side of that name; KeyError if there is none."""
        return {side.name: side for side in self.sides}[name]


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """What could stand at a place, each under every model: N of them, likeliest first."""

    tokens: Array  # N, int
    p: Array  # M N; NaN in the row of a model that has nothing to say
    came: int | None  # the token that stands there, always among them; None at the last place
    rest: Array  # M, what each gives to all others together


@dataclass(frozen=True, eq=False, slots=True)
class Won:
    """Where one model's context pays, against another's."""

    bits: Array  # P, what it saved: positive where it was the less surprised; NaN where nothing was predicted
    total: float  # over the text
    share: float  # of the predicted tokens at which it saved anything
    places: Array  # those, most saved first


@dataclass(frozen=True, eq=False, slots=True)
class Wrongs:
    """Where a model is wrong, worst first."""

    places: Array  # N
    bits: Array  # N, how wrong
    by: Literal["kl", "surprise"]  # bits from the truth; or, where nobody knows it, surprise at what came


def versus(
    models: Sequence[LanguageModel],
    tokens: Sequence[int],
    logits: Mapping[str, Array] | None = None,
    reference: str | None = None,
) -> Versus:
    """Hold models of one tokenizer, and of different names, against each other over a text of at least one token.

    `logits` has the scores (T V) of passes already made over these very tokens, by the model's name: of a Trace, with
    its switches, for the last tokens if it dropped some; a GPT without any makes its own pass. `reference` names the
    model the others are measured from: by default the truth, else the first GPT, else nobody. Where vocabularies are
    padded to different sizes, what all have is compared.

    Measured on one core, beyond the passes: 96 tokens of a vocabulary of 470, three models and the truth 5 ms; 1,024
    tokens of 50,257, a GPT and a bigram 1.1 s.
    """
    ids: Array = np.asarray(tokens, np.intp)
    assert ids.size, "nothing to compare on"
    assert len({model.name for model in models}) == len(models), "two models of one name"
    width = min(model.vocab_size for model in models)
    known = logits or {}
    rows = [rows_of(model, ids, known.get(model.name)) for model in models]
    at = _reference(models, reference)
    tables = [np.full((FIGURES, len(ids) + 1), np.nan) for _ in models]
    step = max(CELLS // width, 1)
    for start in range(0, len(ids), step):
        stop = min(start + step, len(ids))
        blocks = [np.asarray(each(start, stop)[..., :width], np.float64) for each in rows]
        expected = None if at is None else softmax(blocks[at])
        came = ids[start + 1 : stop + 1]
        for table, block in zip(tables, blocks, strict=True):
            table[:, start + 1 : stop + 1] = figures(block, came, expected)
    sides = (_side(*each) for each in zip(models, rows, tables, strict=True))
    return Versus(ids, tuple(sides), None if at is None else models[at].name)


def candidates(compared: Versus, place: int, n: int = 8) -> Candidates:
    """The n likeliest for each model at a place from 1 to T, and the token that came, by their largest probability."""
    assert 1 <= place <= len(compared.tokens), f"place {place} is predicted by nobody"
    scores = [side.rows(place - 1, place)[0] for side in compared.sides]
    width = min(map(len, scores))
    p = np.stack([softmax(row[:width]) for row in scores])  # M V
    came = int(compared.tokens[place]) if place < len(compared.tokens) else None
    known = np.where(np.isnan(p), 0.0, p)
    found = {int(token) for row in known if row.any() for token in ranked(row, n) if row[token] > 0}
    if came is not None:
        found.add(came)
    some = np.array(sorted(found), np.intp)
    some = some[np.argsort(-known[:, some].max(0), kind="stable")]
    return Candidates(some, p[:, some], came, np.maximum(p.sum(-1) - p[:, some].sum(-1), 0.0))


def won(compared: Versus, by: str, against: str) -> Won:
    """What one side's context saved over another's, for example GPT's over the bigram's."""
    with np.errstate(invalid="ignore"):
        saved = compared[against].bits - compared[by].bits
    places = np.flatnonzero(saved > 0)
    places = places[np.argsort(-saved[places], kind="stable")]
    predicted = int(np.count_nonzero(~np.isnan(saved)))
    return Won(saved, float(np.nansum(saved)), len(places) / predicted if predicted else math.nan, places)


def wrongs(compared: Versus, name: str) -> Wrongs:
    """Where the model of that name is wrong, worst first.

    Where the truth is one of the sides and knows the text: every place, by how many bits its distribution is from the
    truth's, whatever happened to come. Else the places whose token was not its first choice, by its surprise there.
    """
    side = compared[name]
    truth = next((each for each in compared.sides if each.exact and each.name == compared.reference), None)
    known = truth is not None and truth is not side and not np.isnan(side.kl).all()
    bits = side.kl if known else side.bits
    places = np.flatnonzero(bits > 0 if known else side.rank > 1)
    places = places[np.argsort(-bits[places], kind="stable")]
    return Wrongs(places, bits[places], "kl" if known else "surprise")


FIGURES = 7  # p bits rank entropy kl best best_p, as in `Side`


def figures(logits: Array, came: Array, expected: Array | None) -> Array:
    """FIGURES (7 R) of rows of scores (R V), given the tokens that came (R,), or one fewer, and the reference (R V)."""
    out = np.full((FIGURES, len(logits)), np.nan)
    with np.errstate(all="ignore"):
        most = np.maximum.reduce(logits, -1)  # R
        p = np.exp(logits - most[:, None])
        size = np.add.reduce(p, -1)
        log_sum = np.log(size) + most
        p /= size[:, None]
        at = logits[: len(came)][np.arange(len(came)), came]
        out[1, : len(came)] = (log_sum[: len(came)] - at) / math.log(2) + 0.0
        out[0] = 2.0 ** -out[1]
        out[3] = (log_sum - _mean(p, logits)) / math.log(2)
        if expected is not None:
            own = -_mean(expected, np.log(expected))  # nats
            apart = (log_sum - _mean(expected, logits) - own) / math.log(2)
            out[4] = np.where(apart < ROUNDING, 0.0, apart)
    out[2, : len(came)] = ranks(logits[: len(came)], came)
    known = ~np.isnan(log_sum)
    out[5] = np.where(known, logits.argmax(-1), -1)
    out[6] = p[np.arange(len(p)), logits.argmax(-1)]
    return out


def _mean(p: Array, values: Array) -> Array:
    """The mean of values under p, both (R V), over the last axis; what has no probability does not count."""
    found = np.vecdot(p, values)
    odd = np.flatnonzero(np.isnan(found))  # 0 x inf: rows of a model that rules something out
    found[odd] = np.add.reduce(np.where(p[odd] == 0, 0.0, p[odd] * values[odd]), -1)
    return found


def _reference(models: Sequence[LanguageModel], name: str | None) -> int | None:
    if name is not None:
        return [model.name for model in models].index(name)
    found = (at for kind in (Truth, GPT) for at, model in enumerate(models) if isinstance(model, kind))
    return next(found, None)


def _side(model: LanguageModel, rows: Rows, table: Array) -> Side:
    p, bits, rank, entropy, kl, best, best_p = table
    whole = np.nan_to_num(rank).astype(np.intp), np.where(np.isnan(best), -1, best).astype(np.intp)
    ahead = isinstance(model, GPT) and model.config.looks_ahead
    return Side(
        name=model.name,
        p=p,
        bits=bits,
        rank=whole[0],
        entropy=entropy,
        kl=kl,
        best=whole[1],
        best_p=best_p,
        rows=rows,
        exact=isinstance(model, Truth),
        looks_ahead=ahead,
    )
