"""The bigram's grid: the table is its own, and the cursor follows the text until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models.baselines import Bigram
from playground.looking.panes.pairs import MOST, table_of
from playground.looking.scene import Scene
from playground.looking.session import look
from playground.play.panes.grid import Grid
from tests.playground.looking.drawn_panes import TEXT, drawn, gpt_over
from tests.playground.looking.scenes import PALETTE, scene


def of_many() -> Iterator[tuple[Bigram, int]]:
    rng = np.random.default_rng(3)
    for vocabulary in (3, 60, MOST, MOST + 1, 2000):
        yield Bigram.count([rng.integers(0, vocabulary, 5000) ** 2 // vocabulary], vocabulary), vocabulary


def test_the_table_is_the_bigrams_own() -> None:
    for bigram, vocabulary in of_many():
        table = table_of(bigram)
        ids = table.tokens
        assert len(set(ids.tolist())) == len(ids) == min(vocabulary, MOST)
        counts = bigram.seen_after(np.arange(vocabulary))
        assert np.array_equal(table.counts, counts[np.ix_(ids, ids)])
        assert np.allclose(table.p, bigram.probabilities(range(vocabulary))[np.ix_(ids, ids)], rtol=1e-12)
        assert np.array_equal(ids[table.places[ids]], ids) and (table.places >= 0).sum() == len(ids)
        if len(ids) < vocabulary:
            totals = counts.sum(1)
            assert totals[ids].min() >= np.delete(totals, ids).max()


def said(of: Scene, width: int = 80, height: int = 30) -> str:
    plain = drawn(Grid(), of, width, height).plain()
    return next(line for line in plain.splitlines() if " comes " in line)


def test_the_pair_under_the_cursor_has_its_number_and_count() -> None:
    of = scene(TEXT)
    bigram = of.baselines["bigram"]
    assert isinstance(bigram, Bigram)
    ids = {character: of.tokenizer.encode(character)[0] for character in "thq"}
    for first, second in product("thq", "thq"):
        here = replace(of, session=look(of.session, grid=(ids[first], ids[second])))
        count = int(bigram.seen_after(np.array([ids[first]]))[0, ids[second]])
        times = f"seen {count:,} time{'s' * (count != 1)}" if count else "never seen"
        p = bigram.probabilities([ids[first]])[0][ids[second]]
        assert said(here) == f"after '{first}' comes '{second}': {p:.3f}, {times}"


def test_until_it_is_moved_the_cursor_follows_the_text() -> None:
    of = scene("To be", row=0)
    assert said(of).startswith("after 'T' comes 'o'")  # what stands there
    last = replace(of, session=look(of.session, row=None))
    likeliest = of.label(int(of.baselines["bigram"].logits(of.session.tokens)[-1].argmax()))
    assert said(last).startswith(f"after 'e' comes '{likeliest}'")
    moved = Grid().move(of, 0, 1)
    T, o = of.tokenizer.encode("To")
    assert moved.view.grid == (T + 1, o)
    assert Grid().move(replace(of, session=moved), 0, -99).view.grid == (0, o)
    assert Grid().move(replace(of, session=moved), 99, 0).view.grid == (T + 1, of.model.vocab_size - 1)


def test_enter_writes_the_column_after_the_token_looked_at() -> None:
    of = scene("To be", row=1, grid=(0, 5))
    after = Grid().enter(of)
    assert after.tokens == (*of.session.tokens[:2], 5) and after.forced == {2}
    assert Grid().enter(scene("")) == scene("").session


@pytest.mark.parametrize(("size", "rows_a_line"), [((80, 40), 1), ((50, 12), 2)], ids=str)
def test_letters_stand_in_the_margins(size: tuple[int, int], rows_a_line: int) -> None:
    of = scene("To be, or", row=4)
    lines = drawn(Grid(), of, *size).plain().splitlines()
    labels = [of.label(token) for token in range(of.model.vocab_size)]
    assert lines[1].replace(" ", "") == "".join(labels)
    rows = [line[1 : 1 + rows_a_line] for line in lines[2:] if line[:1] in " ▸" and line[1:2].strip()]
    assert "".join(rows) in "".join(labels) and len(rows) >= min(23, size[1] - 6) and "e" in "".join(rows)
    (marked,) = [line for line in lines if line.startswith("▸")]
    assert "e" in marked[1 : 1 + rows_a_line]


def test_the_picture_is_the_table() -> None:
    """Where a row has a line of its own, brighter is likelier."""
    of = scene("To", grid=(0, 0))
    canvas = drawn(Grid(), of, 80, 40)
    table = table_of(of.baselines["bigram"])
    for row, column in product(range(1, 23), repeat=2):
        x, y = 3 + 2 * column, 2 + row
        back = canvas.styles[y][x].bgcolor
        level = PALETTE.level(float(np.sqrt(table.p[row, column])))
        bare = table.counts[row, column] == 0
        expected = PALETTE.background if bare else PALETTE.ramp[level]
        assert back is not None and back.triplet == expected, (row, column)


def test_a_click_puts_the_cursor_there() -> None:
    of = scene("To")
    canvas = drawn(Grid(), of, 80, 40)
    act = canvas.at(3 + 2 * 7, 2 + 3)
    assert act is not None and act(of.session).view.grid == (3, 7)


def test_a_click_on_two_halves_is_the_likelier_pair() -> None:
    of = scene("To", grid=(10, 0))
    table = table_of(of.baselines["bigram"])
    canvas = drawn(Grid(), of, 60, 12)
    line = next(line for line in canvas.plain().splitlines()[2:] if line[1:3].strip())
    y = canvas.plain().splitlines().index(line)
    pair = [next(t for t in range(of.model.vocab_size) if of.label(t) == letter) for letter in line[1:3]]
    clicked = [act(of.session).view.grid or (-1, -1) for x in range(4, 50, 2) if (act := canvas.at(x, y))]
    assert clicked == [(pair[int(table.p[pair, c].argmax())], c) for c in range(of.model.vocab_size)]
    assert {row for row, _ in clicked} == set(pair)


@pytest.mark.parametrize("size", [(20, 9), (40, 14), (60, 20)], ids=str)
def test_of_a_large_vocabulary_the_commonest_are_shown_and_this_is_said(size: tuple[int, int]) -> None:
    many = "".join(chr(0x4E00 + n) for n in range(600))
    model = gpt_over(many, layers=1)
    of = scene("To be" + many[-1], model=model)
    wide = drawn(Grid(), of, 90, 20).plain()
    assert f"'{many[-1]}' is not among them" in wide and f"the 512 commonest of {model.vocab_size} tokens" in wide
    for row, column in ((0, 0), (100, 511), (511, 3)):
        canvas = drawn(Grid(), replace(of, session=look(of.session, grid=(row, column))), *size)
        assert "◆" in canvas.plain() or "[" in canvas.plain()
    most = of.tokenizer.encode(" ")[0]
    assert Grid().enter(replace(of, session=look(of.session, grid=(5, 0)))).tokens[-1] == most != 0
    last = drawn(Grid(), replace(of, session=look(of.session, grid=(511, 3))), 130, 9).plain()
    assert "rows 507-511 of 512 · columns 0-62 of 512" in last
