"""A word in two sentences: how far apart its two vectors are at each depth, and what moved them.

Ethayarajh 2019, "How Contextual are Contextualized Word Representations?".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from models.errors import UserError
from models.gpt import GPT
from models.lenses.logit_lens import read_out
from models.ops import Array, quiet
from models.passes import coming
from models.switches import HeadOff, LayerSwitch, MLPOff, Switch
from models.switches.edits import Edit, Here
from models.tracing import Trace, keeps_past, prefix, stream_into, trace

_WORD = re.compile(r"\w+")
_LAST = -1  # depth


@dataclass(frozen=True, eq=False, slots=True)
class TwoSenses:
    """A word in two passes, before the first layer and after each: depth 0 to L.

    A part's share of the distance is what it wrote differently, along the line from one vector to the other: all of
    them, with the start and the rest, sum to 1.
    """

    word: str
    traces: tuple[Trace, Trace]
    places: tuple[int, int]  # positions in them
    cosine: Array  # L+1
    distance: Array  # L+1
    parts: tuple[LayerSwitch, ...]  # P, every head and MLP, as the switch that takes it off
    shares: Array  # P L+1; 0 before the part has written
    start: Array  # L+1, the share of token and position
    rest: Array  # L+1, what none of these wrote: something only where a switch cut the stream
    said: Array  # 2 L+1, int: what each would say next, if it stopped there

    @property
    def depths(self) -> int:
        """L + 1."""
        return len(self.cosine)


def two_senses(
    model: GPT, first: str, second: str, word: str | None = None, switches: Iterable[Switch] = ()
) -> TwoSenses:
    """The last occurrence of a word in each of two texts; without a word the last one that both have.

    A word of several tokens is looked at where it ends. UserError for a word that is not in both, or that the context
    has no room for.
    """
    word = word or common_word(first, second)
    both = tuple(_passed(model, text, word, switches) for text in (first, second))
    (one, here), (other, there) = both
    streams = np.stack([_streams(*each) for each in both])  # 2 L+1 C
    with quiet():
        apart = streams[0] - streams[1]
    parts: tuple[LayerSwitch, ...] = (*HeadOff.everywhere(model.config), *MLPOff.everywhere(model.config))
    parts = tuple(part for part in parts if not part.idle_in(model.config))
    shares = np.zeros((len(parts), len(apart)))
    for number, part in enumerate(parts):
        with quiet():
            wrote = _written(one, here, part) - _written(other, there, part)  # C
        shares[number, part.layer + 1 :] = _along(wrote, apart)[part.layer + 1 :]
    start = _along(apart[0], apart)
    said = np.stack([read_out(model, each, one.switches).argmax(-1) for each in streams])
    cosine, distance = _cosine(streams), np.linalg.norm(apart, axis=-1)
    rest = 1 - start - shares.sum(0)
    return TwoSenses(word, (one, other), (here, there), cosine, distance, parts, shares, start, rest, said)


def common_word(first: str, second: str) -> str:
    """The last word of the first text that the second has, too; UserError where they share none."""
    known = {word.casefold() for word in _WORD.findall(second)}
    for word in reversed(_WORD.findall(first)):
        if word.casefold() in known:
            return str(word)
    raise UserError("the two texts have no word in common", "give two that share one")


def without_each(found: TwoSenses) -> Array:
    """The cosine when a part is switched off in both texts: (P L+1); each an intervention, as many passes at once."""
    both = (_streams_without(of, at, found.parts) for of, at in zip(found.traces, found.places, strict=True))
    return _cosine(np.stack([*both]))


def nearest_senses(found: TwoSenses, means: Mapping[str, Array]) -> list[list[str]]:
    """Whose mean (L+1 C) each of the two vectors is nearest to, at each depth: (2 L+1) names.

    None ("") before the layers, where a word is the same in all senses.
    """
    names, centres = [*means], np.stack([*means.values()])  # K L+1 C
    nearest = []
    for of, at in zip(found.traces, found.places, strict=True):
        best = np.linalg.norm(centres - _streams(of, at), axis=-1).argmin(0)  # L+1
        nearest.append(["", *(names[number] for number in best[1:])])
    return nearest


def _passed(model: GPT, text: str, word: str, switches: Iterable[Switch]) -> tuple[Trace, int]:
    """The pass over a text as far as it matters, and where in it the word ends."""
    if model.tokenizer is None:
        raise UserError(f"{model.name} has no tokenizer", "words cannot be looked up in it")
    pieces = model.tokenizer.pieces(text)
    ends = [at.end() for at in _WORD.finditer(text) if at[0].casefold() == word.casefold()]
    if not ends:
        raise UserError(f"'{text.strip()}' does not have the word '{word}'", "both texts need it")
    whole = trace(model, [token for token, _, _ in pieces], switches)
    at = max(number for number, (_, start, end) in enumerate(pieces) if start < ends[-1] <= end) - whole.dropped
    if at < 0:
        raise UserError(f"'{word}' no longer fits the context of {len(whole):,} tokens", "give a shorter text")
    return (prefix(whole, at + 1) if keeps_past(whole) else whole), at


def _streams(of: Trace, at: int) -> Array:
    """The stream at one position, before the first layer and after each: (L+1 C) float64."""
    depths = range(of.tape.model.config.n_layer + 1)
    return np.stack([stream_into(of, depth)[at] for depth in depths]).astype(np.float64)


def _written(of: Trace, at: int, part: LayerSwitch) -> Array:
    """What a head or an MLP adds to the stream at one position: (C)."""
    block = of.blocks[part.layer]
    if not isinstance(part, HeadOff):
        return np.asarray(block.mlp_out[at], np.float64)
    wide = of.tape.model.config.head_width
    mixes = of.tape.model.weights[f"h.{part.layer}.attn.c_proj.weight"][part.head * wide : (part.head + 1) * wide]
    return np.asarray(block.z[part.head, at] @ mixes, np.float64)


def _along(wrote: Array, apart: Array) -> Array:
    """How much of a distance (L+1 C) a difference (C) covers, in its direction: (L+1); NaN where there is none."""
    with quiet(), np.errstate(divide="ignore"):
        covered: Array = apart @ wrote / (apart**2).sum(-1)
    return covered


def _cosine(streams: Array) -> Array:
    """Of two sets of vectors (2 .. C), one by one: (..); NaN for one that is nothing."""
    with quiet(), np.errstate(divide="ignore"):
        lengths = np.linalg.norm(streams, axis=-1)
        found: Array = streams.prod(0).sum(-1) / lengths.prod(0)
    return found


def _streams_without(of: Trace, at: int, parts: tuple[LayerSwitch, ...]) -> Array:
    """The stream at one position with each part off: (P L+1 C)."""
    found = np.repeat(_streams(of, at)[None], len(parts), 0)
    seen = [_Seen(at, part.layer) for part in parts]
    changes: list[tuple[Edit, ...]] = [(part, each) for part, each in zip(parts, seen, strict=True)]
    for numbers, _ in coming(of, changes, asked=1 if keeps_past(of) else None):
        for number in numbers:
            for depth, stream in seen[number].kept.items():
                found[number, depth] = stream
    return found


class _Seen(Edit):
    """Changes nothing, and keeps the stream at one position, after each layer from one on."""

    sites = frozenset({"resid_pre", "ln_final"})

    def __init__(self, position: int, layer: int) -> None:
        self.position, self.layer = position, layer
        self.kept: dict[int, Array] = {}  # by depth; _LAST after the last layer

    @property
    def first(self) -> int:
        """Its position."""
        return self.position

    def acts_in(self, layer: int | None, head: int | None = None) -> bool:
        """In all layers after, and before the scores."""
        return layer is None or layer > self.layer

    def edit(self, value: Array, here: Here) -> Array:
        """The same."""
        row = here.row(self.position, value)
        if row is not None and here.layer is not None:
            self.kept[here.layer] = value[row].copy()
        elif row is not None:
            self.kept[_LAST] = here.seen["resid_post"][row].copy()
        return value
