"""The notation rules are written in, read into symbols.

event                                            a rule; its alternatives are indented
  8 it was a {:weather} {:time} .                weight (1 if left out), then words and symbols
  25 if thing: {owner} gave the {thing} away .   only if `thing` is known; `if not thing:` the reverse
  <event>*2                                      another rule, twice; <$next> is the rule that `next` names

{hero}  {land.capital}  {item.$question}         say what is noted down, or what a relation says of it
{hero:name}  {:food}  {:setting.spots}           choose from a list, or from what a relation lists; note down; say
{prey:animal-hunter^hunter.unchased}             ... but not the hunter (-), nor in training what is held out (^)
[land:land]                                      the same in silence
[owner=hero]  [heard=heard item]  [item=]        note down a copy, several as one, or that nothing is known
[owner<>other]                                   exchange
'[                                               the word [ itself
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.corpora.little_world.symbols import (
    Alternative,
    Edition,
    Named,
    Note,
    Pick,
    Piece,
    Ref,
    Rule,
    Say,
    Swap,
    Table,
)

PIECES = re.compile(r"(?:'\S+|<[^<>]+>|\{[^}]*\}|\[[^\]]*\]|[^\s*]+)(?:\*\d+)?")
ALTERNATIVE = re.compile(r"(?:(\d+(?:\.\d+)?)(?=\s|$))?\s*(?:if (not )?([\w.]+):)?\s*(.*)")
CHOICE = re.compile(r"(\w*):([\w.]+)((?:[-^][\w.]+)*)")


@dataclass(frozen=True)
class Reader:
    """Reads rules that choose from these lists and relations."""

    slots: Mapping[str, int]  # where each attribute is noted down; a new name gets a new slot
    lists: Mapping[str, Sequence[str]]
    relations: Mapping[str, Table]
    edition: Edition
    rules: dict[str, Rule] = field(default_factory=dict)

    def read(self, text: str) -> dict[str, Rule]:
        """The rules of a text in this notation, by name."""
        blocks: dict[str, list[str]] = {}
        lines: list[str] = []
        for line in filter(str.strip, text.splitlines()):
            if line[0].isspace():
                lines.append(line.strip())
            else:
                assert line not in blocks, f"two rules are called {line}"
                lines = blocks[line.strip()] = []
        self.rules.update((name, Rule(name)) for name in blocks)
        for name, lines in blocks.items():
            self.rules[name].fill([self.alternative(line) for line in lines])
        return self.rules

    def alternative(self, line: str) -> Alternative:
        """One indented line."""
        match = ALTERNATIVE.fullmatch(line)
        assert match, line
        weight, unless, guard, template = match.groups()
        ref = self.ref(guard) if guard else None
        return Alternative(float(weight or 1), self.pieces(template), ref, not unless)

    def pieces(self, template: str) -> tuple[Piece, ...]:
        """Words and symbols, in reading order."""
        found: list[Piece] = []
        for written in PIECES.findall(template):
            body, star, times = written.rpartition("*")
            piece = self.piece(body if star else written)
            found += [piece] * int(times if star else 1)
        return tuple(found)

    def piece(self, written: str) -> Piece:
        """A word, or the symbol it stands for."""
        inside = written[1:-1]
        if written[0] == "'":
            return written[1:]
        if written[0] == "<":
            return Named(self.slots[inside[1:]], self.rules) if inside[0] == "$" else self.rules[inside]
        if written[0] == "{":
            return self.choice(inside, aloud=True) if ":" in inside else Say(self.ref(inside))
        return self.silent(inside) if written[0] == "[" else written

    def silent(self, inside: str) -> Piece:
        """What stands in square brackets."""
        if "<>" in inside:
            return Swap([self.slots[name] for name in inside.split("<>")])
        name, equals, terms = inside.partition("=")
        if equals:
            return Note(self.slots[name], [self.ref(term) for term in terms.split()])
        return self.choice(inside, aloud=False)

    def choice(self, inside: str, aloud: bool) -> Pick:
        """`attribute:source-excluded^held`."""
        match = CHOICE.fullmatch(inside)
        assert match, inside
        name, of, without = match.groups()
        refs = {mark: tuple(map(self.ref, re.findall(rf"\{mark}([\w.]+)", without))) for mark in "-^"}
        source = self.ref(of) if "." in of else tuple(self.lists[of])
        return Pick(self.slots[name] if name else None, source, aloud, refs["-"], refs["^"], self.edition)

    def ref(self, written: str) -> Ref:
        """`attribute`, `attribute.relation` or `attribute.$attribute`."""
        name, _, relation = written.partition(".")
        if relation.startswith("$"):
            return Ref(self.slots[name], None, self.slots[relation[1:]], self.relations)
        return Ref(self.slots[name], self.relations[relation] if relation else None)
