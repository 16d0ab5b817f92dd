"""The text of the prompt over lines: a unit a token, or a cell of what is being typed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from models.tokenizers import Tokenizer
from playground import text
from playground.cells import clusters
from playground.kit.flow import Line, Unit, flow
from playground.looking.prompts import draft_of
from playground.looking.scene import Scene
from playground.looking.session import parting

PARTS = "┬"  # before a token at which another line of text leaves this one
TALLEST = 6  # lines of the pane
STRIDE = 256  # what is laid out starts and ends at a multiple, so that it stays as it is while the cursor moves


def cut_off(scene: Scene) -> int:
    """How many of the first tokens no longer fit the context."""
    return max(0, len(scene.session.tokens) - scene.model.config.block_size)


def layout(scene: Scene, width: int, tall: int = TALLEST) -> Sequence[Line]:
    """The text around the place looked at, over lines; enough of it to fill a pane so tall."""
    session, room = scene.session, width * max(tall, TALLEST)
    is_draft = session.view.caret is not None or session.problem is not None  # it stands there character by character
    draft = draft_of(session, scene.model) if is_draft else None
    length = len(session.tokens) + len(session.ahead) if draft is None else len(draft)
    here = session.row if session.view.caret is None else session.view.caret
    first = max(0, here - room) // STRIDE * STRIDE
    last = min(length, -(-(here + room) // STRIDE) * STRIDE)
    part = Stretch(first, last, width, cut_off(scene), scene.model.config.block_size)
    if draft is not None:
        return _drafted(scene.tokenizer, draft, session.tokens, part, session.view.caret is not None)
    partings = frozenset(parting(session, other.tokens) for other in session.branches)
    return _laid(scene.tokenizer, (session.tokens + session.ahead)[first:last], part, partings, session.forced)


class Stretch(NamedTuple):
    """Which part of a text is laid out, and into what."""

    first: int
    last: int
    width: int
    cut: int  # so many tokens no longer fit the context
    context: int

    @property
    def scissors(self) -> Unit:
        """What says so, before the first token that fits."""
        earlier = "1 earlier token is" if self.cut == 1 else f"{self.cut:,} earlier tokens are"
        return Unit(f"✂ {earlier} beyond the context of {self.context:,}", opens=True, breaks=True)


@lru_cache(maxsize=4)
def _laid(
    tokenizer: Tokenizer, line: tuple[int, ...], part: Stretch, partings: frozenset[int], forced: frozenset[int]
) -> Sequence[Line]:
    """One unit a token; kept, as the cursor moves along lines that stay."""
    spelled = tokenizer.tokens(line)
    labels = {raw: text.token(raw) for raw in set(spelled)}
    apart = tokenizer.kind != "char"
    units, opens = [], True
    for place, raw in enumerate(spelled, part.first):
        if place == part.cut and place:
            units.append(part.scissors)
        opens = opens or apart or raw.isspace()
        mark = (PARTS if place in partings else "") + ("▸" if place in forced else "")
        ends = raw.endswith("\n") or place + 1 == part.cut
        units.append(Unit(labels[raw], place, mark=mark, opens=opens, gap=apart, breaks=ends))
        opens = raw.isspace()
    return flow(units, part.width)


@lru_cache(maxsize=4)
def _drafted(
    tokenizer: Tokenizer, draft: str, tokens: tuple[int, ...], part: Stretch, is_typed: bool
) -> Sequence[Line]:
    """One unit a cell of the text, none of several tokens, and while it is typed the caret's place after them."""
    first, last, cut = part.first, part.last, part.cut
    owners, unknown = owners_of(tokenizer, draft, tokens, first, last), _unknown(tokenizer, draft, first, last)
    apart = tokenizer.kind != "char"
    units: list[Unit] = []
    for at, piece in _pieces(tokenizer, draft, first, last, owners):
        token = owners.get(at, -1)
        begins = token >= 0 and owners.get(at - 1) != token
        if begins and token == cut and cut:
            units.append(part.scissors)
        gap = apart and begins and at - 1 in owners
        opens = gap or piece.isspace() or (at > 0 and draft[at - 1].isspace())
        after = at + len(piece)
        mark = "✗" if any(place in unknown for place in range(at, after)) else ""
        ends = piece == "\n" or (cut > 0 and token < cut and owners.get(after) == cut)
        units.append(Unit(text.token(piece), token, at, len(piece), mark, opens, gap, ends))
    if is_typed and last == len(draft):
        units.append(Unit(" ", at=last))
    return flow(units, part.width)


def _pieces(
    tokenizer: Tokenizer, draft: str, first: int, last: int, owners: Mapping[int, int]
) -> Iterator[tuple[int, str]]:
    """The cells of the text from first to last, each with its place; where marks are tokens they stand alone."""
    part, at = draft[first:last], first
    for cluster in part if tokenizer.kind == "char" else clusters(part):
        for _, places in groupby(range(at, at + len(cluster)), owners.get):
            begin, *more = places
            yield begin, draft[begin : begin + 1 + len(more)]
        at += len(cluster)


def owners_of(tokenizer: Tokenizer, draft: str, tokens: Sequence[int], first: int, last: int) -> dict[int, int]:
    """Which of these tokens each character from first to last belongs to, where they are the text's."""
    if tokenizer.kind == "char":  # no need to read all of a long text
        return {at: at for at in range(first, min(last, len(tokens))) if tokenizer.ids.get(draft[at]) == tokens[at]}
    pieces, _ = _read(tokenizer, draft)
    begin = max(0, bisect_right(pieces, first, key=lambda piece: piece[1]) - 1)
    end = min(bisect_left(pieces, last, key=lambda piece: piece[1]), len(tokens))
    owners: dict[int, int] = {}
    for place in range(begin, end):
        token, start, stop = pieces[place]
        if token == tokens[place]:
            owners.update((at, place) for at in range(start, stop) if at not in owners)
    return owners


def _unknown(tokenizer: Tokenizer, draft: str, first: int, last: int) -> Container[int]:
    """Where, from first to last, the model meets a character it has never seen, or the first one of such a word."""
    if tokenizer.kind == "char":
        return {first + at for at in tokenizer.unseen(draft[first:last])}
    return _read(tokenizer, draft)[1]


@lru_cache(maxsize=2)  # and so many tokenizers, perhaps of models that are closed: a few MB
def _read(tokenizer: Tokenizer, draft: str) -> tuple[list[tuple[int, int, int]], frozenset[int]]:
    """The tokens of what the model can read, with their places in the text, and the places of what it cannot."""
    unknown = tokenizer.unseen(draft)
    known = draft[: unknown[0]] if unknown else draft
    words = [start for start, _ in tokenizer.unknown_words(known)]
    return tokenizer.pieces(known), frozenset([*unknown, *words])
