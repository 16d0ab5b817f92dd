"""Every word a set of rules can say, found without saying any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from models.corpora.little_world.symbols import Named, Note, Pick, Piece, Ref, Rule, Say, Swap, Table, atoms, words

Possible = defaultdict[int, set[str]]  # of each slot, the things that may be noted down there


def spoken(start: Rule) -> set[str]:
    """The words of whatever can grow from this rule."""
    pieces = list(_reachable(start))
    possible: Possible = defaultdict(set)
    size = -1
    while size != (size := sum(map(len, possible.values()))):
        for piece in pieces:
            _note(piece, possible)
    return {word for piece in pieces for word in _said(piece, possible)}


def _reachable(start: Rule) -> Iterator[Piece]:
    waiting: list[Piece] = [start]
    seen: set[Piece] = set()
    while waiting:
        piece = waiting.pop()
        if piece in seen:
            continue
        seen.add(piece)
        yield piece
        if isinstance(piece, Rule):
            waiting += [each for alternative in piece.alternatives for each in alternative.pieces]
        elif isinstance(piece, Named):
            waiting += piece.rules.values()


def _note(piece: Piece, possible: Possible) -> None:
    if isinstance(piece, Pick) and piece.slot is not None:
        possible[piece.slot] |= _choices(piece, possible)
    elif isinstance(piece, Note):
        for term in piece.terms:
            possible[piece.slot] |= _values(term, possible)
    elif isinstance(piece, Swap):
        a, b = piece.reads
        possible[a] = possible[b] = possible[a] | possible[b]


def _said(piece: Piece, possible: Possible) -> set[str]:
    if isinstance(piece, str):
        return {piece}
    if isinstance(piece, Say):
        return {word for atom in _values(piece.ref, possible) for word in words(atom)}
    if isinstance(piece, Pick) and piece.aloud:
        return {word for atom in _choices(piece, possible) for word in words(atom)}
    return set()


def _choices(pick: Pick, possible: Possible) -> set[str]:
    return _values(pick.of, possible) if isinstance(pick.of, Ref) else set(pick.of)


def _values(ref: Ref, possible: Possible) -> set[str]:
    things = possible[ref.slot]
    if ref.tables is not None and ref.asked is not None:
        return {atom for name in possible[ref.asked] for atom in _related(ref.tables[name], things)}
    return _related(ref.table, things) if ref.table is not None else things


def _related(table: Table, things: set[str]) -> set[str]:
    return {atom for key, value in table.items() if things.issuperset(atoms(key)) for atom in atoms(value)}
