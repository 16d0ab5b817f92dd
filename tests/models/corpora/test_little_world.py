"""The little world: what it says, and that the truth about it is true."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, pairwise
from random import Random
from typing import get_args

import pytest

from models.corpora import little_world
from models.corpora.little_world import ALL, LINE_END, Belief, Edition, Part, Text, World
from models.corpora.little_world.parts import brackets, few_shot
from models.corpora.little_world.symbols import Table
from models.corpora.little_world.words import LISTS, RELATIONS, Relations
from models.errors import UserError
from models.tokenizers import Tokenizer

EDITIONS: tuple[Edition, ...] = get_args(Edition)


def drawn(edition: Edition, count: int, part: str | None = None, seed: int = 0) -> Iterator[Text]:
    """So many texts, of one part if it is named."""
    world = little_world.world(edition)
    if part is not None:
        world = World(edition, [each for each in ALL if each.name == part])
    return islice(world.texts(seed), count)


def small(text: str, **lists: list[str]) -> World:
    """A world of one part."""
    relations: Relations = {
        "colour": {"sea": "blue", "leaf": "green"},
        "kinds": {"sea": ("salt", "calm"), "leaf": ("dry",)},
    }
    return World("whole", [Part("small", 1, "", ("it is {a}", "it is {a.colour}"), text, lists, relations)])


def beliefs(world: World, words: Iterable[str]) -> Iterator[tuple[Belief, str]]:
    """What is known before each word of a text and its line end, and the word."""
    belief: Belief | None = world.start
    for word in [*words, LINE_END]:
        assert belief is not None
        yield belief, word
        belief = belief.after(word)


# ---- the truth


@pytest.mark.parametrize("edition", EDITIONS)
def test_truth_sums_to_one_and_gives_a_text_the_probability_it_was_drawn_with(edition: Edition) -> None:
    world = little_world.world(edition)
    for text in drawn(edition, 500, seed=1):
        bits = 0.0
        for belief, word in beliefs(world, text.words):
            assert abs(math.fsum(belief.p.values()) - 1) <= 1e-12
            assert abs(math.fsum(belief.states.values()) - 1) <= 1e-12
            bits -= math.log2(belief.p[word])
        assert bits == pytest.approx(text.bits, abs=1e-9), " ".join(text.words)


def deviation(world: World, truth: World, words: int, depth: int = 7) -> tuple[float, int]:
    """How far frequencies are from the truth: chi-square as a z-score, and its degrees of freedom.

    Of every text the first `depth` words are looked at, each among all texts that begin the same way.
    """
    counts: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for text in world.texts(3):
        said = (*text.words, LINE_END)
        for at in range(min(depth, len(said))):
            counts[said[:at]][said[at]] += 1
        words -= len(said)
        if words <= 0:
            break
    chi, freedom = 0.0, 0
    waiting: list[tuple[tuple[str, ...], Belief]] = [((), truth.start)]
    while waiting:
        prefix, belief = waiting.pop()
        more, free = chi_square(counts[prefix], belief.p)
        chi, freedom = chi + more, freedom + free
        for word, count in counts[prefix].items():
            following = belief.after(word)
            if count >= 20 and following is not None:
                waiting.append(((*prefix, word), following))
    return (chi - freedom) / math.sqrt(2 * freedom), freedom


def chi_square(counts: Counter[str], p: Mapping[str, float]) -> tuple[float, int]:
    """Pearson's statistic and its degrees of freedom; what is expected fewer than 5 times counts as one."""
    total = counts.total()
    expected = {word: p[word] * total for word in p if p[word] * total >= 5}
    chi = sum((counts[word] - often) ** 2 / often for word, often in expected.items())
    rest = total - sum(expected.values())
    if rest >= 5:
        chi += (total - sum(counts[word] for word in expected) - rest) ** 2 / rest
    return chi, max(len(expected) + (rest >= 5) - 1, 0)


def test_frequencies_over_many_words_agree_with_the_truth() -> None:
    world = little_world.world()
    z, freedom = deviation(world, world, words=300_000)
    assert freedom > 600
    assert abs(z) < 4


def test_that_comparison_notices_a_truth_that_is_slightly_wrong() -> None:
    animals = [part for part in ALL if part.name == "animals"]
    z, _ = deviation(World("training", animals), World("whole", animals), words=100_000)
    assert z > 10


def test_truth_adds_up_the_ways_a_text_can_have_grown() -> None:
    world = small("text\n  2 <x> b\n  1 a b\n  1 a <y>\nx\n  a\n  3 c\ny\n  b\n  d")
    assert world.truth("").p == pytest.approx({"a": 2 / 4 / 4 + 1 / 2, "c": 2 / 4 * 3 / 4})
    a = 2 / 16 + 1 / 4 + 1 / 4
    assert world.truth("a").p == pytest.approx({"b": (a - 1 / 8) / a, "d": 1 / 8 / a})
    assert len(world.truth("a").states) == 2  # b is b, however it comes
    assert world.truth("a b").p == {LINE_END: pytest.approx(1)}


def test_a_line_end_begins_a_new_text_and_empty_lines_say_nothing() -> None:
    world = little_world.world()
    assert world.truth("ivy left early.\n").p == world.truth("").p == world.truth("\n").p == world.truth("\n\n").p
    assert world.truth("\nivy left early.\nThe bank").p == world.truth(["the", "bank"]).p


@pytest.mark.parametrize(
    ("prefix", "following"),
    [
        ("michael jordan plays", {"basketball"}),
        ("anna lived by the river with her brother tom. when anna and tom went to the fair, tom bought bread for",
         {"anna"}),
        ("the dog near the trees", {"barks"}),
        ("the cat chased the dog. the dog", {"ran"}),
        ("the cat chased the dog. the cat", {"was"}),
        ("tom was at the clinic. he was tired. the mole", {"itched", "darkened"}),
        ("france : paris ; italy : rome ; spain :", {"madrid"}),
        ("( [ { red }", {"]"}),
        ("the parrot heard: lamp king red. it said: lamp", {"king"}),
        ("the queen slept in the palace. people called", {"her"}),
    ],
)  # fmt: skip
def test_each_part_decides_a_word_by_what_came_before(prefix: str, following: set[str]) -> None:
    assert set(little_world.world().truth(prefix).p) == following


# ---- what cannot be


@pytest.mark.parametrize(
    ("prefix", "sentence"),
    [
        ("the zebra", "the little world has no word 'zebra', word 2 of the text - use one of its own"),
        ("anna anna", "'anna' cannot stand here in the little world, word 2 of the text - "),
        ("ivy left early", None),
        ("ivy left early. anna", "'anna' cannot stand here in the little world, word 5 of the text - a line end could"),
        ("ivy left \n", "a line end cannot stand here in the little world, word 3 of the text - "),
    ],
)
def test_a_text_that_cannot_be_says_where_it_goes_wrong(prefix: str, sentence: str | None) -> None:
    world = little_world.world()
    if sentence is None:
        assert world.truth(prefix).p == {".": 1.0}
        return
    with pytest.raises(UserError) as refused:
        world.truth(prefix)
    assert str(refused.value).startswith(sentence)


# ---- held-out combinations


HELD = {
    "story": "unheard", "roles": "untold", "countries": "unvisited", "animals": "unseen", "facts": "unplayed",
    "echoes": "unpaired", "few-shot": "untested", "senses": "unmet", "brackets": "unnested",
}  # fmt: skip
Pairs = list[tuple[object, str]]


def held_out_combination(text: Text) -> bool:
    """Whether a text makes one, read off its words, without the rules."""
    said, relations = text.words, {**RELATIONS, **next(part for part in ALL if part.name == text.part).relations}
    if said[2] == "chased":
        return said[4] in relations["unchased"][said[1]]
    table: Table = few_shot.UNTESTED if text.part == "few-shot" else relations[HELD[text.part]]
    return any(thing in table.get(beside, ()) for beside, thing in combinations(text.part, said, relations))


def combinations(part: str, said: list[str], relations: Mapping[str, Table]) -> Pairs:
    """What a text combines of what its part holds out in part."""
    match part:
        case "story":
            return [(said[3], said[4])] if "named" in said else []
        case "roles":
            return _told(said)
        case "countries":
            return [(said[0], said[3])] if said[1] in ("lives", "comes") else []
        case "animals":
            return _apart(said, 2, "near")
        case "facts":
            return [(said[at - 2], said[at - 1]) for at, word in enumerate(said) if word == "played"]
        case "echoes":
            return _neighbours(said)
        case "few-shot":
            return [(_domain(item), item) for item in said[::4]]
        case "senses":
            return [(said[0], _sense(said, relations))] if said[1] == "was" else []
    return _triples(said)


def _apart(said: list[str], by: int, middle: str) -> Pairs:
    """What stands so far before and after a word."""
    return [(said[at - 1], said[at + by]) for at, word in enumerate(said) if word == middle]


def _domain(item: str) -> str:
    return next(domain for domain in few_shot.UNTESTED if item in LISTS[domain])


def _sense(said: list[str], relations: Mapping[str, Table]) -> str:
    place = " ".join(said[2 : said.index(".")])
    found = (s for s, where in relations["where"].items() if where == place and relations["word"][s] == said[-4])
    return str(next(found))


def _neighbours(said: list[str]) -> Pairs:
    """In a parrot's list, or in the first round of a chant."""
    listed = said[4 : said.index(".")] if "parrot" in said else said[: said.index(said[0], 1)]
    return list(pairwise(listed))


def _told(said: list[str]) -> Pairs:
    role = said[said.index("the") + 1]
    marks = {"called": "title", "wore": "garment", "kind": "parent", "home": "home"}
    return [(role, marks[word]) for word in said if word in marks]


def _triples(said: list[str]) -> Pairs:
    """Kinds of brackets opened inside each other: the two outermost, and the third."""
    opens = {mark: kind for kind, mark in brackets.BRACKETS["open"].items()}
    found: Pairs = []
    around: list[str] = []
    for word in said:
        if word in opens:
            around.append(opens[word])
            if len(around) == 3:
                found.append(((around[0], around[1]), around[2]))
        elif word in brackets.BRACKETS["close"].values():
            around.pop()
    return found


@pytest.mark.parametrize("part", [part.name for part in ALL])
def test_training_makes_no_held_out_combination_and_the_held_out_edition_does(part: str) -> None:
    assert not any(map(held_out_combination, drawn("training", 2000, part)))
    whole = statistics.mean(map(held_out_combination, drawn("whole", 500, part)))
    held_out = statistics.mean(map(held_out_combination, drawn("held-out", 500, part)))
    assert 0.01 < whole < held_out
    assert held_out > 0.1


@pytest.mark.parametrize("part", [part.name for part in ALL])
def test_what_training_never_makes_its_truth_calls_impossible(part: str) -> None:
    training, whole = little_world.world("training"), little_world.world("whole")
    for text in filter(held_out_combination, drawn("held-out", 100, part)):
        whole.truth(text.words)
        with pytest.raises(UserError, match="cannot stand here"):
            training.truth(text.words)


# ---- drawing


def test_the_vocabulary_is_what_is_said_and_a_word_tokenizer_holds_it() -> None:
    world = little_world.world()
    said = {word for text in drawn("whole", 5000) for word in text.words} | {LINE_END}
    assert said == set(world.vocabulary)
    assert 430 <= len(world.vocabulary) <= 500
    tokenizer = Tokenizer.of_words(*world.vocabulary)
    assert set(tokenizer.vocab) == said | {"<unk>"}
    for text in drawn("whole", 200):
        ids = [tokenizer.ids[word] for word in text.words]
        assert tokenizer.encode(tokenizer.decode(ids)) == ids
        assert little_world.split(tokenizer.decode(ids)) == text.words


def test_the_same_seed_draws_the_same_texts() -> None:
    first = [text.words for text in drawn("whole", 50, seed=4)]
    assert first == [text.words for text in islice(World("whole").texts(4), 50)]
    assert first != [text.words for text in drawn("whole", 50, seed=5)]


def test_rows_are_texts_after_line_ends_and_go_on_where_the_last_rows_stopped() -> None:
    world = little_world.world("training")
    ids = {word: number for number, word in enumerate(world.vocabulary)}
    random = Random(2)
    rows = [*world.rows(3, 40, ids, random), *world.rows(2, 40, ids, random)]
    assert [row.tolist() for row in rows] == world.rows(5, 40, ids, Random(2)).tolist()
    assert len({tuple(row) for row in rows}) == 5
    for row in rows:
        assert row[0] == ids[LINE_END] == 0
        world.truth([world.vocabulary[token] for token in row])


def test_each_part_comes_as_often_as_its_share() -> None:
    counts = Counter(text.part for text in drawn("whole", 20_000))
    total = sum(part.share for part in ALL)
    for part in ALL:
        expected = part.share / total
        assert counts[part.name] / 20_000 == pytest.approx(expected, abs=5 * math.sqrt(expected / 20_000))


def test_the_floor_is_the_mean_surprise_of_the_truth() -> None:
    world = little_world.world("training")
    floor = world.floor(200_000)
    bits = words = 0.0
    for text in drawn("training", 8_000, seed=9):
        bits, words = bits + text.bits, words + len(text.words) + 1
    assert floor.error < 0.006
    assert bits / words == pytest.approx(floor.bits, abs=0.03)
    sure = small("text\n  a b c")
    assert sure.floor(100) == (0, 0)
    coin = small("text\n  a\n  b")
    assert coin.floor(100).bits == pytest.approx(0.5)  # one bit, then a line end


# ---- readings


@pytest.mark.parametrize(
    ("prefix", "reading"),
    [
        ("", "a new text begins"),
        ("anna lived by the river with her brother tom. one night she found an old key in the water. then tom took the",
         "a story; anna lives by the river; tom is her brother; tom has the key"),
        ("peter was in the city. he was late. the bank",
         "a sentence with a word of several senses; the bank is the one in the city"),
        ("france : paris ; italy", "a list of pairs; each pair is a land and its capital"),
        ("( [ red", "brackets; ] closes the second; ) closes the outermost"),
    ],
)  # fmt: skip
def test_what_the_world_knows_is_said_in_plain_words(prefix: str, reading: str) -> None:
    readings = little_world.world().truth(prefix).readings
    assert readings[0].says == reading
    assert math.fsum(each.p for each in readings) == pytest.approx(1)


def test_readings_that_are_still_open_stand_side_by_side() -> None:
    readings = little_world.world().truth("the bank").readings
    assert {each.says.split("; ")[-1]: round(each.p, 3) for each in readings} == {
        "the bank is the one by the river": 0.5,
        "the bank is the one in the city": 0.5,
    }


def test_every_place_in_every_part_can_be_read() -> None:
    world = little_world.world()
    for text in drawn("whole", 300):
        for belief, _ in beliefs(world, text.words):
            for reading in belief.readings:
                assert reading.says and "  " not in reading.says and "None" not in reading.says


# ---- the notation


@pytest.mark.parametrize(
    ("rules", "texts"),
    [
        ("text\n  a {a:things} b {a}", {"a sea b sea": 1 / 2, "a leaf b leaf": 1 / 2}),
        ("text\n  {a:things} {a.colour} {:a.kinds}", {
            "sea blue salt": 1 / 4, "sea blue calm": 1 / 4, "leaf green dry": 1 / 2}),
        ("text\n  [a:things] {b:things-a} {a}", {"leaf sea": 1 / 2, "sea leaf": 1 / 2}),
        ("text\n  <x>*2\nx\n  {a:things-told} [told=told a]", {"sea leaf": 1 / 2, "leaf sea": 1 / 2}),
        ("text\n  {a:things} [b=a] [a=] <x>\nx\n  if a: leaf\n  if not a: two {b}", {
            "sea two sea": 1 / 2, "leaf two leaf": 1 / 2}),
        ("text\n  [a:things] [b:rules] [a<>b] {a} {b}", {
            "x sea": 1 / 4, "y sea": 1 / 4, "x leaf": 1 / 4, "y leaf": 1 / 4}),
        ("text\n  [next:rules] <$next> .\nx\n  1\n  2 '[ '<\ny\n  c*3", {
            ".": 1 / 6, "[ < .": 1 / 3, "c c c .": 1 / 2}),
        ("text\n  {a:things} <x>\nx\n  3 if a.colour: d\n  e", {
            "sea d": 3 / 8, "leaf d": 3 / 8, "sea e": 1 / 8, "leaf e": 1 / 8}),
        ("text\n  [q:relations] {a:things} {a.$q}", {"sea blue": 1 / 2, "leaf green": 1 / 2}),
    ],
)  # fmt: skip
def test_the_notation_means_what_it_says(rules: str, texts: dict[str, float]) -> None:
    world = small(rules, things=["sea", "leaf"], rules=["x", "y"], relations=["colour"])
    found: Counter[str] = Counter()
    for text, p in complete(world):
        found[text] += p  # type: ignore[assignment]  # a Counter of shares
    assert found == pytest.approx(texts)
    drawn = Counter(" ".join(text.words) for text in islice(world.texts(0), 4000))
    for text, p in texts.items():
        assert drawn[text] / 4000 == pytest.approx(p, abs=0.04)
    assert set(world.vocabulary) == {LINE_END} | {word for text in texts for word in text.split()}


def complete(world: World) -> Iterator[tuple[str, float]]:
    """Every text of a small world with its probability."""
    waiting: list[tuple[float, list[str], Belief]] = [(1.0, [], world.start)]
    while waiting:
        p, words, belief = waiting.pop()
        for word, q in belief.p.items():
            following = belief.after(word)
            assert following is not None
            if word == LINE_END:
                yield " ".join(words), p * q
            else:
                waiting.append((p * q, [*words, word], following))
