"""Patching: put what another text made the model think into a pass, at one place, and see what it says then.

Vig et al. 2020, "Investigating Gender Bias in Language Models Using Causal Mediation Analysis"; Meng et al. 2022,
"Locating and Editing Factual Associations in GPT".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from random import Random

import numpy as np

from models import passes
from models.corpora.little_world import LINE_END
from models.corpora.little_world.parts.facts import SPORT
from models.errors import UserError
from models.gpt import GPT, NAMES_OF, GPTConfig
from models.lenses.batches import last_scores
from models.lenses.probes.probe import words_of
from models.ops import Array
from models.switches import Patched, Switch
from models.switches.edits import Edit, Here, Patch, Watch
from models.switches.patched import HEADS, STREAMS
from models.tracing import Trace, retrace, trace

NAMES = {"resid_pre": "stream", "attn_out": "attention", "mlp_out": "MLP"}


@dataclass(frozen=True, slots=True)
class Part:
    """Of a pass, what can be taken from another: a layer's part, or one head of it."""

    layer: int
    site: str
    head: int | None = None

    @property
    def name(self) -> str:
        """In a word or two: L1 MLP, L1H0."""
        return f"L{self.layer} {NAMES[self.site]}" if self.head is None else f"L{self.layer}H{self.head}"

    def of(self, there: Trace, position: int) -> Array:
        """What it has at a position of a pass: (.. x)."""
        return self.whole(there)[..., position, :]

    def whole(self, there: Trace) -> Array:
        """What it has at all positions of a pass: (.. T x)."""
        value = there.value(self.site, self.layer)
        return value if self.head is None else value[self.head]

    def apart(self, here: Trace, there: Trace) -> Array:
        """The positions at which two passes over texts of one length do not have the same."""
        differ = self.whole(here) != self.whole(there)  # .. T x
        return np.flatnonzero(differ.any(-1).reshape(-1, len(here)).any(0))

    def patch(self, there: Trace, position: int) -> Patch:
        """The edit that puts it into a pass."""
        return Patch(self.site, self.layer, position, self.of(there, position), self.head)

    def switch(self, there: Sequence[int], position: int) -> Patched:
        """The switch that does the same, for good."""
        return Patched(self.site, self.layer, position, tuple(there), self._head)

    def holds(self, switch: Switch) -> bool:
        """Whether the switch patches this part, at any position."""
        own = self.layer, self.site, self._head
        return isinstance(switch, Patched) and (switch.layer, switch.site, switch.head) == own

    @property
    def _head(self) -> int:
        return -1 if self.head is None else self.head


@dataclass(frozen=True, eq=False, slots=True)
class Whole(Edit):
    """What a part has at every position put into a pass."""

    part: Part
    value: Array  # .. T x
    first: int  # the first position at which it is another

    @property
    def sites(self) -> frozenset[str]:
        """Its part's one."""
        return frozenset({self.part.site})

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """Only there."""
        return layer == self.part.layer and (self.part.head is None or head in (None, self.part.head))

    def edit(self, value: Array, here: Here) -> Array:
        """All rows that are computed overwritten."""
        out, rows = here.ops.copy(value), value.shape[-2]
        (out if self.part.head is None else out[..., self.part.head, :, :])[...] = self.value[..., -rows:, :]
        return out


def parts(config: GPTConfig, *, heads: bool) -> tuple[Part, ...]:
    """The stream, attention and MLP of each layer, or each of its heads; what the model lacks left out."""
    if heads:
        every = [Part(layer, HEADS, head) for layer in range(config.n_layer) for head in range(config.n_head)]
    else:
        every = [Part(layer, site) for layer in range(config.n_layer) for site in STREAMS]
    lacks = {name for part in config.without for name in NAMES_OF.get(part, ())}
    return tuple(part for part in every if part.site not in lacks)


@dataclass(frozen=True, eq=False, slots=True)
class Carried:
    """How much of another text's answer each place carries over, on the way from one text's answer to the other's.

    A share is (patched - own) / (other - own), each the score of the other answer less that of the own one, after the
    last token: 0 is nothing, 1 the whole of it; beyond, or below 0, it overshoots or works against it.
    """

    parts: tuple[Part, ...]  # P
    answers: tuple[int, int]  # the likeliest token after the text, and after the other
    own: float  # the score of the other answer less the own one's, after the text
    other: float  # and after the other text
    shares: Array  # P T, or P 2 of `carrying_whole`; NaN while it is not known
    says: Array  # of that shape, int: the likeliest token with that place patched; -1 while it is not known


def carried(here: Trace, there: Trace, chosen: Sequence[Part]) -> Carried:
    """Every place of one pass taken in turn from another; see `carrying`."""
    *_, last = (known for known in carrying(here, there, chosen) if known is not None)
    return last


def carrying(here: Trace, there: Trace, chosen: Sequence[Part]) -> Iterator[Carried | None]:
    """The same as it comes, a batch of places at a time. Places where both passes have the same carry nothing.

    None wherever it may be left. UserError unless both texts have one length, and answers of their own.
    """
    nothing = _nothing(here, there, chosen, len(here))
    patches = {
        (row, position): part.patch(there, position)
        for position in reversed(range(len(here)))
        for row, part in enumerate(chosen)
        if not np.array_equal(part.of(here, position), part.of(there, position))
    }
    yield from _patching(here, nothing, patches)


def carrying_whole(here: Trace, there: Trace, chosen: Sequence[Part]) -> Iterator[Carried | None]:
    """As `carrying`, but for P 2: each part at every position at once, and at the last alone.

    The two say together whether a part does its work where the answer is given, or before.
    """
    nothing, last = _nothing(here, there, chosen, 2), len(here) - 1
    patches = dict[tuple[int, int], Edit]()
    for row, part in enumerate(chosen):
        apart = part.apart(here, there)
        if len(apart):
            patches[row, 0] = Whole(part, part.whole(there), int(apart[0]))
        if last in apart:
            patches[row, 1] = part.patch(there, last)
    yield from _patching(here, nothing, patches)


def _nothing(here: Trace, there: Trace, chosen: Sequence[Part], columns: int) -> Carried:
    """What is known before anything is tried, as if no place carried anything; UserError for what is no pair."""
    answers = check_pair(here, there)
    own, other = (float(_preferred(each.logits[-1], answers)) for each in (here, there))
    shape = len(chosen), columns
    return Carried(tuple(chosen), answers, own, other, np.zeros(shape), np.full(shape, answers[0]))


def _patching(here: Trace, nothing: Carried, patches: Mapping[tuple[int, int], Edit]) -> Iterator[Carried | None]:
    """What each patch carries, at its row and column; the others carry nothing."""
    places, own, other = np.array([*patches], np.intp).reshape(-1, 2), nothing.own, nothing.other
    shares, says = nothing.shares.copy(), nothing.says.copy()
    shares[tuple(places.T)], says[tuple(places.T)] = np.nan, -1
    yield replace(nothing, shares=shares.copy(), says=says.copy())
    for piece in passes.in_pieces(here, [(patch,) for patch in patches.values()]):
        if piece is not None:
            numbers, scores = piece[0], piece[1][:, -1]
            at = tuple(places[numbers].T)
            shares[at], says[at] = (_preferred(scores, nothing.answers) - own) / (other - own), scores.argmax(-1)
        yield None if piece is None else replace(nothing, shares=shares.copy(), says=says.copy())


def check_pair(here: Trace, there: Trace) -> tuple[int, int]:
    """What follows each of two texts; UserError unless they have one length, and answers of their own."""
    check_lengths(len(here), len(there))
    if not all(np.isfinite(each.logits[-1]).all() for each in (here, there)):
        raise UserError("what follows the texts is no number", "give a model whose weights are whole")
    answers = tuple(int(each.logits[-1].argmax()) for each in (here, there))
    if answers[0] == answers[1]:
        tokenizer = here.tape.model.tokenizer
        said = repr(tokenizer.token(answers[0])) if tokenizer else f"token {answers[0]}"
        raise UserError(f"both texts are followed by {said}", "give another that is followed by something else")
    return answers[0], answers[1]


def both(now: Trace, other: Sequence[int]) -> tuple[Trace, Trace]:
    """A pass without what switches took from another text, and that of the other text by the model as trained."""
    return retrace(now, (each for each in now.switches if not each.texts)), trace(now.tape.model, other)


def check_lengths(own: int, other: int) -> None:
    """UserError unless a text has as many tokens as the other."""
    if own != other:
        what = f"the text has {own:,} token{'s' * (own != 1)} and the other {other:,}"
        raise UserError(what, "give two texts of one length, so that each place has its counterpart")


def _preferred(scores: Array, answers: tuple[int, int]) -> Array:
    """By how much scores (.. V) prefer the other answer: (..), float64."""
    own, other = answers
    return scores[..., other].astype(np.float64) - scores[..., own]


@dataclass(frozen=True, eq=False, slots=True)
class Transfer:
    """How often a patch made the model say what the other text would say."""

    sites: tuple[str, ...]  # Z
    shares: Array  # Z L T, by site, layer and position, of the pairs
    without: float  # the share that says so unpatched
    pairs: int


def transfer(
    model: GPT,
    texts: Array,
    others: Array,
    wanted: Array,
    sites: Sequence[str] = STREAMS,
    switches: Iterable[Switch] = (),
) -> Transfer:
    """Patch each place of `texts` (N T) in turn with what `others` (N T) have there.

    `wanted` (N,) are the tokens the others would be followed by. All pairs go through together, once for each site,
    layer and position: with hundreds of short texts that is a third of the work of a text at a time. A site the model
    does not have transfers nothing.
    """
    texts, others, wanted, switches = np.asarray(texts), np.asarray(others), np.asarray(wanted), tuple(switches)
    assert texts.shape == others.shape and len(wanted) == len(texts), "texts of one length, each with its other"
    there = Watch(*sites)
    last_scores(model, others, switches, watch=there)
    without = float((last_scores(model, texts, switches).argmax(-1) == wanted).mean())
    shares = np.full((len(sites), model.config.n_layer, texts.shape[1]), without)
    for (site, layer), value in there.kept.items():
        for position in range(texts.shape[1]):
            patch = Patch(site, layer, position, value[..., position, :])
            said = last_scores(model, texts, switches, [patch]).argmax(-1)
            shares[sites.index(site), layer, position] = (said == wanted).mean()
    return Transfer(tuple(sites), shares, without, len(texts))


def facts_transfer(model: GPT, pairs: int = 192, seed: int = 1, switches: Iterable[Switch] = ()) -> Transfer:
    """Put another person's values into "michael jordan plays": where is the sport looked up?

    Positions are those of the line end, the first name, the last name, and "plays". UserError if the model does not
    know the little world's words.
    """
    ids = words_of(model).ids
    two = [(a, b) for a, b in permutations(SPORT, 2) if SPORT[a] != SPORT[b]]
    chosen = Random(seed).sample(two, min(pairs, len(two)))
    texts, others = (
        np.array([[ids[word] for word in (LINE_END, *pair[which], "plays")] for pair in chosen]) for which in (0, 1)
    )
    return transfer(model, texts, others, np.array([ids[SPORT[other]] for _, other in chosen]), switches=switches)
