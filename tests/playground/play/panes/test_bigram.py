"""The bigram beside attention: sums, bars and marks of who knew better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import measures, sampling
from models.baselines import ALL, Baseline, Bigram
from models.gpt import GPT, GPTConfig, weight_shapes
from models.switches import HeadOff, MaskOff
from models.tokenizers import Tokenizer
from models.tracing import trace
from playground.kit.bar import UPRIGHT
from playground.kit.canvas import Canvas
from playground.looking.scene import Scene
from playground.looking.session import Session, look
from playground.play.panes.bigram import BigramPane
from playground.play.panes.grid import Grid
from tests.playground.looking.drawn_panes import TEXT, blown_up, cursors, drawn
from tests.playground.looking.scenes import CORPUS, random_gpt, scene


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
    assert of.results is not None and f"at '{of.results.labels[row]}'" in plain


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
    return sum(UPRIGHT.index(canvas.chars[low - up][x]) for up in range(tall))


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
        y for y, line in enumerate(canvas.plain().splitlines()) if line[:4] == "GPT " and set(line) & set(UPRIGHT[1:])
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
        plain = drawn(pane, replace(of, baselines={}), 80, 9).plain()
        assert "no counts beside it: one that is trained in Train (F3) has them" in plain
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
        assert here.results is not None and canvas.chars[place[1]][place[0]] == here.results.labels[row]
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
