"""The bigram beside attention, and the bigram's grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models import measures, sampling
from models.baselines import ALL, Baseline, Bigram
from models.gpt import GPT, GPTConfig, weight_shapes
from models.switches import HeadOff, MaskOff
from models.tokenizers import Tokenizer
from models.tracing import trace
from playground.kit.canvas import Canvas
from playground.play.panes.bigram import BARS, BigramPane
from playground.play.panes.grid import Grid
from playground.play.panes.pairs import MOST, table_of
from playground.play.scene import Scene
from playground.play.session import Session, look
from tests.playground.play.drawn_panes import TEXT, blown_up, cursors, drawn, gpt_over
from tests.playground.play.play_scenes import CORPUS, PALETTE, random_gpt, scene


def numbers_of(plain: str, label: str) -> list[str]:
    """The last row of the table that begins with this label."""
    return [line for line in plain.splitlines() if line.startswith(label + "  ")][-1].split()[-4:]


@pytest.mark.parametrize("row", [1, 7, 20])
def test_sums_and_the_token_looked_at_are_the_models_own(row: int) -> None:
    of = scene(TEXT, [HeadOff(0, 1)], row=row)
    plain = drawn(BigramPane(), of, 80, 30).plain()
    tokens = of.session.tokens
    models = {
        "GPT": trace(of.model, tokens, of.session.switches).logits,
        "GPT intact": trace(of.model, tokens).logits,
        "bigram": of.baselines["bigram"].logits(tokens),
    }
    for label, logits in models.items():
        bits = [-measures.log_softmax(logits[t - 1])[tokens[t]] / np.log(2) for t in range(1, len(tokens))]
        here = bits[row - 1]
        expected = [f"{sum(bits):.1f}", f"{np.mean(bits):.2f}", f"{here:.2f}", f"{2**-here:.3f}"]
        assert numbers_of(plain, label) == expected
    assert f"at '{of.results.labels[row]}'" in plain  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ALL)
def test_any_baseline_can_stand_there(kind: type[Baseline]) -> None:
    of = scene(TEXT, row=5, baseline=kind.slug)
    model, plain = of.baselines[kind.slug], drawn(BigramPane(), of, 200, 30).plain()
    assert plain.startswith(f"{model.name.capitalize()} beside attention")
    bits = -np.log2(model.predicted(of.session.tokens))
    expected = [f"{bits.sum():.1f}", f"{bits.mean():.2f}", f"{bits[4]:.2f}", f"{2 ** -bits[4]:.3f}"]
    assert numbers_of(plain, model.name) == expected
    draws = sampling.generate(model, of.session.tokens, 60, of.session.sampler, of.session.seed)
    assert of.continuations[model.name] == tuple(draw.token for draw in draws)
    assert "writing" not in plain and drawn(Grid(), of).plain() == drawn(Grid(), scene(TEXT, row=5)).plain()


def test_nothing_predicts_the_first_token() -> None:
    assert numbers_of(drawn(BigramPane(), scene(TEXT, row=0)).plain(), "GPT")[2:] == ["–", "–"]


def test_the_intact_model_stands_there_only_while_a_switch_is_on() -> None:
    assert "GPT intact" not in drawn(BigramPane(), scene(TEXT)).plain()
    assert drawn(BigramPane(), scene(TEXT, [MaskOff()])).plain().count("GPT intact") == 2


def bars(canvas: Canvas, low: int, x: int, tall: int) -> int:
    """The height of the bar that stands on row `low`, in eighths."""
    return sum(BARS.index(canvas.chars[low - up][x]) for up in range(tall))


@pytest.mark.parametrize("size", [(60, 27), (60, 10), (52, 8)], ids=str)
def test_bars_grow_with_surprise_on_one_scale(size: tuple[int, int]) -> None:
    of = scene(TEXT)
    canvas = drawn(BigramPane(), of, *size)
    lines = canvas.plain().splitlines()
    text = next(y for y, line in enumerate(lines) if "To·be,·or" in line)
    tall = 1 if size[1] < 12 else 4
    x = lines[text].index("To·be")
    assert of.results is not None
    both = np.concatenate([of.results.surprises[name][1:] for name in ("now", "bigram")])
    up = [bars(canvas, text - 1, x + t, tall) for t in range(1, len(TEXT))]
    down = [bars(canvas, text + tall, x + t, tall) for t in range(1, len(TEXT))]
    expected = np.maximum(np.round(both / both.max() * 8 * tall), 1)
    assert up + down == expected.astype(int).tolist()


def test_every_line_of_a_long_text_has_its_own_bars() -> None:
    of = scene(TEXT + " " + TEXT, model=random_gpt(context=128))
    canvas = drawn(BigramPane(), of, 60, 20)
    first, second = (
        y for y, line in enumerate(canvas.plain().splitlines()) if line[:4] == "GPT " and set(line) & set(BARS[1:])
    )
    assert of.results is not None
    bits = of.results.surprises["now"]
    highest = np.nanmax([bits, of.results.surprises["bigram"]])
    for y, start in ((first, 0), (second, 52)):
        shown = [bars(canvas, y, 8 + x, 1) for x in range(min(52, len(bits) - start))]
        expected = np.maximum(np.round(bits[start : start + 52] / highest * 8), 1)
        assert shown[start == 0 :] == expected[start == 0 :].astype(int).tolist()


def test_beyond_the_context_positions_are_those_of_the_text() -> None:
    of = scene(TEXT * 3, model=random_gpt(context=32), row=len(TEXT) * 3 - 5)
    (x, y), *_ = cursors(canvas := drawn(BigramPane(), of, 60, 10))
    act, before = canvas.at(x, y), canvas.at(x - 1, y)
    assert act is not None and before is not None
    assert act(of.session).row == of.session.row == before(of.session).row + 1


def test_marks_stand_under_the_tokens_where_one_knew_better() -> None:
    of = scene(TEXT)
    canvas = drawn(BigramPane(), of, 60, 14)
    lines = canvas.plain().splitlines()
    text = next(y for y, line in enumerate(lines) if "To·be,·or" in line)
    assert of.results is not None
    gain = of.results.surprises["bigram"] - of.results.surprises["now"]
    marks = "".join("▲" if g >= 1 else "▽" if g <= -1 else " " for g in gain)
    assert {"▲", "▽"} <= set(marks)
    x = lines[text].index("To·be")
    assert "".join(canvas.chars[text + 2][x : x + len(marks)]) == marks
    assert f"context won by a bit: {marks.count('▲')}   ▽ lost: {marks.count('▽')}" in canvas.plain()


def test_both_go_on_from_the_same_text() -> None:
    of = scene(TEXT)
    plain = "".join(drawn(BigramPane(), of, 200, 20).plain().split("\n")[1:3]).replace(" ", "")
    for name, label in (("now", "GPT"), ("bigram", "bigram")):
        assert label + of.tokenizer.decode(list(of.continuations[name])).replace("\n", "⏎").replace(" ", "") in plain
    assert "writing ..." in drawn(BigramPane(), replace(of, continuations={})).plain()


def test_without_counts_or_text_it_says_what_to_do() -> None:
    of = scene(TEXT)
    for pane in (BigramPane(), Grid()):
        assert "no counts beside it: playground train" in drawn(pane, replace(of, baselines={}), 80, 9).plain()
    assert "type a prompt" in drawn(BigramPane(), scene("")).plain()


def test_values_that_are_no_numbers_are_said_to_be_none() -> None:
    plain = drawn(BigramPane(), blown_up()).plain()
    assert "nothing: the scores are not numbers" in plain and numbers_of(plain, "GPT")[0] == "NaN"


@pytest.mark.parametrize("size", [(40, 8), (30, 12), (60, 27), (110, 40)], ids=str)
def test_the_window_follows_the_token_looked_at(size: tuple[int, int]) -> None:
    of = scene(CORPUS[:60] * 4, model=random_gpt(context=256))
    for row in (0, 1, 31, 32, 52, 100, 102, 180, 239):
        here = replace(of, session=look(of.session, row=row))
        canvas = drawn(BigramPane(), here, *size)
        (place,) = cursors(canvas)
        assert canvas.chars[place[1]][place[0]] == here.results.labels[row]  # type: ignore[union-attr]
        act = canvas.at(*place)
        assert act is not None and act(of.session).row == row


def test_words_are_as_wide_as_their_bars() -> None:
    tokenizer = Tokenizer.train_word("to be or not to be that is")
    config = GPTConfig(tokenizer.vocab_size, 16, 1, 1, 4)
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.3, shape) for name, shape in weight_shapes(config).items()}
    model = GPT(config, weights, tokenizer)
    ids = tokenizer.encode("to be or not that")
    bigram = Bigram.count(np.asarray(ids), model.vocab_size)
    known = scene("To", model=random_gpt())
    assert known.results is not None
    made = trace(model, ids)
    surprises = {"now": measures.surprise(made.logits, ids), "bigram": measures.surprise(bigram.logits(ids), ids)}
    labels = tuple(map(tokenizer.token, ids))
    results = replace(known.results, tokens=tuple(ids), intact=made, labels=labels, surprises=surprises)
    of = Scene(Session("m", tuple(ids)), model, {"bigram": bigram}, results)
    lines = drawn(BigramPane(), of, 50, 8).plain().splitlines()
    text = next(line for line in lines if "to be or not that" in line)
    bar = lines[lines.index(text) + 1]
    assert [len(run) for run in bar.split()[1:]] == [2, 2, 3, 4] and bar.rstrip()[-4:] == bar.rstrip()[-1] * 4


def test_left_and_right_move_along_the_text() -> None:
    of = scene("To be", row=3)
    assert BigramPane().move(of, -1, 0).view.row == 2
    assert BigramPane().move(of, 1, 0).view.row is None
    assert BigramPane().move(replace(of, session=look(of.session, row=0)), -1, 0).view.row == 0
    assert BigramPane().move(of, 0, 1) == of.session


# the grid ----------------------------------------------------------------------------------------------------------


def of_many() -> Iterator[tuple[Bigram, int]]:
    rng = np.random.default_rng(3)
    for vocabulary in (3, 60, MOST, MOST + 1, 2000):
        yield Bigram.count([rng.integers(0, vocabulary, 5000) ** 2 // vocabulary], vocabulary), vocabulary


def test_the_table_is_the_bigrams_own() -> None:
    for bigram, vocabulary in of_many():
        table = table_of(bigram)
        ids = table.tokens
        assert len(set(ids.tolist())) == len(ids) == min(vocabulary, MOST)
        assert np.array_equal(table.counts, bigram.counts[np.ix_(ids, ids)])
        assert np.allclose(table.p, bigram.table()[np.ix_(ids, ids)], rtol=1e-12)
        assert np.array_equal(ids[table.places[ids]], ids) and (table.places >= 0).sum() == len(ids)
        if not table.whole:
            totals = bigram.counts.sum(1)
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
        count = int(bigram.counts[ids[first], ids[second]])
        times = f"seen {count:,} time{'s' * (count != 1)}" if count else "never seen"
        p = bigram.probs(ids[first])[ids[second]]
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
