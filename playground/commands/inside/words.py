"""Words as vectors: neighbours, sums like king - man + woman, directions like she - he, and maps of many.

WORDS is one word (its neighbours), a sum, a difference or several (a direction, and where all words fall on it), a list
of words or the name of a group (a map); without any, how near to orthogonal the vectors of random words are.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from playground.commands import options, output
from playground.commands.options import Opened
from playground.kit import numbers
from playground.looking.labels import label, labelled

if TYPE_CHECKING:
    from models.gpt import GPT
    from models.lenses.inside.word_groups import Axis, Group, Sum, Word
    from models.ops import Array

EXAMPLES = """\
examples:
  playground inside words little-world "king - man + woman = queen"
  playground inside words little-world japan
  playground inside words little-world "she - he"
  playground inside words little-world capital --map
  playground inside words little-world --json | jq .spread
"""
SHOWN = 10  # words of a list


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Model, words, what to make of them, JSON."""
    parser.add_argument("model", metavar="MODEL", help="a bundled model, a run or a model folder")
    parser.add_argument("words", metavar="WORDS", nargs="?", help="as above; 'all words' are all tokens of the model")
    parser.add_argument("--map", action="store_true", help="a map, also where a group of pairs is a direction")
    says = "a map of this text's tokens instead, by the stream at --depth"
    parser.add_argument("--in", dest="within", metavar="TEXT", help=says)
    says = "0 is before the layers; default: after the last"
    parser.add_argument("--depth", metavar="N", type=int, help=says)
    parser.add_argument("--keep-given", action="store_true", help="let the words of a sum be among its answers")
    parser.add_argument("--count", metavar="N", type=options.count, default=SHOWN, help="words told; %(default)s")
    options.add_json(parser)
    parser.set_defaults(switch=[])  # most is of the weights alone


def run(args: argparse.Namespace) -> int:
    """Answer the question that the words are."""
    from models.lenses.inside.word_groups import Axis, Group, Sum, read

    of = _Of(options.open_gpt(args), args.count, args.keep_given)
    if args.within is not None:
        if args.words is not None:
            raise UserError("both WORDS and --in are given", "give one of them")
        facts, lines = of.stream(args.within, args.depth)
    elif args.words is None:
        facts, lines = of.angles()
    else:
        question = read(of.opened.model, args.words, direction=not args.map)
        if isinstance(question, Group):
            facts, lines = of.map(question)
        elif isinstance(question, Axis):
            facts, lines = of.direction(question)
        elif isinstance(question, Sum):
            facts, lines = of.sum(question)
        else:
            facts, lines = of.neighbours(question)
    if args.json:
        output.emit({"model": of.opened.model.name} | facts)
    else:
        for line in lines:
            output.say(line)
    return 0


Answer = tuple[dict[str, Any], list[str]]  # for JSON, and in lines


@dataclass(frozen=True)
class _Of:
    """The words of one model."""

    opened: Opened[GPT]
    count: int
    keep_given: bool

    @cached_property
    def vectors(self) -> Array:
        from models.lenses.vectors import embedding

        return embedding(self.opened.model)

    def word(self, token: int) -> str:
        """As it is, for JSON."""
        return self.opened.tokenizer.token(token)

    def label(self, token: int) -> str:
        """As it is shown."""
        return label(self.opened.tokenizer, token)

    def words(self, tokens: Sequence[int]) -> list[str]:
        return [self.word(token) for token in tokens]

    def neighbours(self, question: Word) -> Answer:
        """The nearest to one word."""
        from models.lenses.inside.words import near

        found = near(self.vectors[question.token], self.vectors, (question.token,), self.count)
        facts = {"word": self.word(question.token), "neighbours": self._each(found.nearest, "cosine", found.cosines)}
        return facts, [f"nearest to {self.label(question.token)}", *self._lines(found.nearest, found.cosines)]

    def sum(self, question: Sum) -> Answer:
        """The nearest to a sum, and the rank of the answer expected."""
        from models.lenses.inside.words import near, summed

        wanted = summed(self.vectors, question.plus, question.minus)
        given = () if self.keep_given else question.given
        found = near(wanted, self.vectors, given, self.count, question.answer)
        facts: dict[str, Any] = {
            "plus": self.words(question.plus),
            "minus": self.words(question.minus),
            "given_left_out": not self.keep_given,
            "nearest": self._each(found.nearest, "cosine", found.cosines),
        }
        signs = "".join(f" + {self.label(token)}" for token in question.plus)
        signs += "".join(f" - {self.label(token)}" for token in question.minus)
        kept = "the words given left in" if self.keep_given else "the words given left out"
        lines = [f"{signs[3:]}: nearest, {kept}", *self._lines(found.nearest, found.cosines)]
        if question.answer is not None:
            facts |= {"answer": self.word(question.answer), "rank": found.rank or None, "cosine": found.cosine}
            rank = f"rank {found.rank:,}" if found.rank else "left out: it was given"
            lines.append(f"{self.label(question.answer)}: {rank}, cosine {numbers.weight(found.cosine, sign=True)}")
        return facts, lines

    def direction(self, question: Axis) -> Answer:
        """Where all words fall, and the controls."""
        import numpy as np

        from models.lenses.inside.words import direction
        from models.measures import ranked

        found = direction(self.vectors, np.array(question.pairs))
        high, low = ranked(found.falls, self.count), ranked(-found.falls, self.count)
        pairs = [
            {"from": self.word(a), "to": self.word(b), "falls": sides.tolist()}
            for (a, b), sides in zip(question.pairs, found.sides, strict=True)
        ]
        facts = {
            "direction": question.name,
            "pairs": pairs,
            "right_without_themselves": found.right if len(pairs) > 1 else None,
            "spread": found.spread,
            "spread_of_random_pairs": found.by_chance,
            "high": self._each(high, "falls", found.falls[high]),
            "low": self._each(low, "falls", found.falls[low]),
        }
        within = frozenset(token for pair in question.pairs for token in pair)
        lines = [f"{question.name}: {numbers.counted(len(pairs), 'pair')}, marked *; 0 is their middle"]
        lines += ["farthest one way", *self._lines(high, found.falls[high], within)]
        lines += ["farthest the other way", *self._lines(low, found.falls[low], within)]
        if len(pairs) > 1:
            lines.append(f"pairs the right way round on the direction of the others: {found.right} of {len(pairs)}")
        lines.append(f"spread of all words along it: {found.spread:.2f}; between random words: {found.by_chance:.2f}")
        return facts, lines

    def map(self, group: Group) -> Answer:
        """A place for each word."""
        from models.lenses.inside.words import parallel

        labels = [*map(self.label, group.tokens)]
        facts, lines, places = self._flat(group.name, self.vectors[[*group.tokens]], group.tokens, labels)
        if group.pairs:
            arrows = parallel(places, group.rows)
            facts["pairs"] = [
                {"from": self.word(a), "to": self.word(b), "cosine": float(cosine)}
                for (a, b), cosine in zip(group.pairs, arrows, strict=True)
            ]
            told = f"arrows of the pairs with their mean: cosine {arrows.min():.3f} to {arrows.max():.3f}"
            lines.insert(1, told)
        return facts, lines

    def stream(self, within: str, depth: int | None) -> Answer:
        """A place for each position of a text, by its stream."""
        from models.errors import check_index
        from models.lenses.inside.words import at_depth
        from models.tracing import trace

        layers = self.opened.model.config.n_layer
        depth = layers if depth is None else depth
        check_index("depth", depth, layers + 1)
        self.opened.note_unknown(within)
        of = trace(self.opened.model, self.opened.tokenizer.encode(within))
        name = f"after layer {depth - 1}" if depth else "before the layers"
        facts, lines, _ = self._flat(name, at_depth(of, depth), of.tokens, labelled(self.opened.tokenizer, of.tokens))
        return {"depth": depth} | facts, lines

    def _flat(
        self, name: str, vectors: Array, tokens: Sequence[int], labels: Sequence[str]
    ) -> tuple[dict[str, Any], list[str], Array]:
        from models.lenses.inside.words import flat

        found = flat(vectors)
        told = [(word, x, y) for word, (x, y) in zip(self.words(tokens), found.places.tolist(), strict=True)]
        facts = {"map": name, "kept": found.share, "words": [{"word": word, "x": x, "y": y} for word, x, y in told]}
        lines = [f"{name}: {numbers.counted(len(told), 'word')}; a flat map keeps {found.share:.1%}"]
        lines += [f"{x:8.3f} {y:8.3f}  {label}" for label, (_, x, y) in zip(labels, told, strict=True)]
        return facts, lines, found.places

    def angles(self) -> Answer:
        """Cosines of random pairs."""
        from models.lenses.inside.words import NEAR_ZERO, angles

        found = angles(self.vectors)
        facts = {
            "dimensions": found.dimensions,
            "pairs": found.pairs,
            "mean": found.mean,
            "spread": found.spread,
            "spread_by_chance": found.chance_spread,
            "spread_mean_taken_away": found.mean_gone,
            "near_zero": found.near_zero,
            "near_zero_by_chance": found.chance_near_zero,
            "near_zero_in_three": NEAR_ZERO,
        }
        lines = [
            f"cosines of {found.pairs:,} pairs of words, {found.dimensions} dimensions",
            f"mean {found.mean:.3f}, spread {found.spread:.3f}; random directions: 0.000, {found.chance_spread:.3f}",
            f"within {NEAR_ZERO} of zero: {found.near_zero:.0%}; random directions: {found.chance_near_zero:.0%}, "
            f"in three dimensions {NEAR_ZERO:.0%}",
        ]
        return facts, lines

    def _each(self, tokens: Array, name: str, values: Array) -> list[dict[str, Any]]:
        return [
            {"word": self.word(int(token)), name: float(value)} for token, value in zip(tokens, values, strict=True)
        ]

    def _lines(self, tokens: Array, values: Array, marked: frozenset[int] = frozenset()) -> list[str]:
        told = zip(tokens.tolist(), values.tolist(), strict=True)
        return [
            f"  {numbers.weight(value, sign=True)} {'*' if token in marked else ''}{self.label(token)}"
            for token, value in told
        ]
