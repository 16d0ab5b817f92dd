"""The Compare panes that read a text: every size and every text can be drawn, and the numbers are those of `versus`."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from typing import get_args

import numpy as np
import pytest
from rich.cells import cell_len

from models.baselines import Bigram, Unigram
from models.gpt import GPT
from models.lenses.versus import candidates, won, wrongs
from playground.compare.panes.bars import Bars
from playground.compare.panes.knows import Knows
from playground.compare.panes.strips import Strips
from playground.compare.panes.wins import Wins
from playground.compare.panes.wrong import Wrong
from playground.compare.scene import (
    CompareScene,
    CompareView,
    Shows,
    find,
    find_next,
    go_to,
    hold,
    next_pair,
    next_shown,
)
from playground.kit.bar import EIGHTHS
from playground.kit.canvas import Canvas
from playground.kit.pane import Pane
from tests.playground.compare.compare_scenes import STORY, letters, of_letters, of_the_world, scene, worldly
from tests.playground.play.drawn_panes import HOSTILE, gpt_over
from tests.playground.play.play_scenes import CORPUS, GLYPHS, PALETTE

PANES: tuple[type[Pane[CompareScene, CompareView]], ...] = (Strips, Bars, Wins, Wrong, Knows)
SIZES = [(1, 1), (2, 3), (5, 2), (12, 12), (30, 8), (44, 6), (46, 16), (62, 27), (200, 80)]


def drawn(
    pane: Pane[CompareScene, CompareView],
    of: CompareScene,
    width: int = 80,
    height: int = 27,
    palette: object = PALETTE,
) -> Canvas:
    canvas = Canvas(width, height, palette, focused=True)  # type: ignore[arg-type]
    pane.draw(of, canvas)
    return canvas


def line_with(canvas: Canvas, words: str) -> str:
    """The first line that holds them."""
    return next(line for line in canvas.plain().split("\n") if words in line)


def broken(model: GPT) -> GPT:
    """The same with scores that are not numbers."""
    weights = {name: np.full_like(weight, np.nan) for name, weight in model.weights.items()}
    return replace(model, weights=weights)


@cache
def scenes_to_survive() -> dict[str, CompareScene]:
    """Nothing, little, everything, hostile, wide, beyond the context, not numbers, and a text the world cannot make."""
    models, tokenizer = letters()
    gpt = models["GPT"]
    assert isinstance(gpt, GPT)
    hostile, wide = gpt_over(HOSTILE), gpt_over("中")
    assert hostile.tokenizer is not None and wide.tokenizer is not None
    return {
        "nothing": CompareScene(),
        "computing": CompareScene(tokens=(1, 2), models=models),
        "refused": CompareScene(text="é", problem=f"no token for {HOSTILE}"),
        "one token": of_letters("T"),
        "one token, first": of_letters("T", place=0),
        "letters": of_letters(place=7, wrong=3),
        "alone": scene("To be", {"GPT": gpt}, tokenizer),
        "long": of_letters(CORPUS[:150] * 2, place=200, candidate=999),
        "hostile": scene(HOSTILE * 2, {HOSTILE: hostile, "b" * 50: replace(hostile, name="other")}, hostile.tokenizer),
        "wide": scene("中" * 30, {"GPT": wide, "中" * 20: replace(wide, name="wide")}, wide.tokenizer, place=9),
        "not numbers": scene("To be", {**models, "GPT": broken(gpt)}, tokenizer, place=2),
        "all not numbers": scene("To be", {"GPT": broken(gpt), "b": replace(broken(gpt), name="b")}, tokenizer),
        "world": of_the_world(place=4),
        "world, end": of_the_world(),
        "world, start": of_the_world(place=0),
        "two texts": of_the_world("emma lived by the river .\nanna", place=7),
        "left": of_the_world("emma emma emma", place=3),
        "left at once": of_the_world(". . .", place=1),
    }


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("name", scenes_to_survive())
def test_every_size_can_be_drawn(pane: type[Pane[CompareScene, CompareView]], name: str) -> None:
    for (width, height), palette, shows in product(SIZES, (PALETTE, GLYPHS), get_args(Shows)):
        if shows != "bits" and pane is not Strips:
            continue
        of = scenes_to_survive()[name]
        canvas = drawn(pane(), replace(of, view=replace(of.view, shows=shows)), width, height, palette)
        for line in canvas.plain().split("\n"):
            assert cell_len(line) <= width
            assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in line)


@pytest.mark.parametrize("pane", PANES)
def test_every_act_and_key_is_one_on_the_view(pane: type[Pane[CompareScene, CompareView]]) -> None:
    for name, of in scenes_to_survive().items():
        one = pane()
        canvas = drawn(one, of, 90, 30)
        acts = [canvas.at(x, y) for y in range(30) for x in range(0, 90, 3)]
        views = [act(of.view) for act in acts if act is not None]
        views += [one.move(of, *step) for step in ((1, 0), (-1, 0), (0, 1), (0, -1), (0, 9), (0, -9))]
        views.append(one.enter(of))
        for view in set(views):
            assert isinstance(view, CompareView), name
            drawn(one, replace(of, view=view), 40, 12)


def test_without_a_text_it_says_what_to_do() -> None:
    for pane in PANES:
        assert "press e" in drawn(pane(), CompareScene()).plain()
        assert "comparing" in drawn(pane(), scenes_to_survive()["computing"]).plain()
        assert "no token for" in drawn(pane(), scenes_to_survive()["refused"]).plain()


def test_help_and_titles() -> None:
    for pane in PANES:
        assert pane.help and pane.title and pane.name.isalpha()


# bars --------------------------------------------------------------------------------------------------------------


def test_bars_have_every_models_probability_of_what_came() -> None:
    of = of_the_world(place=4)
    assert of.results is not None
    line = line_with(drawn(Bars(), of, 110, 30), "▸ river")
    assert line.split()[0] == "▸"
    for side in of.results.versus.sides:
        assert f"{side.p[4]:.3f}" in line
    assert [word for word in line.split() if word[0] in "01"][0] == f"{of.results.versus['truth'].p[4]:.3f}"


def test_bars_list_the_likeliest_first() -> None:
    of = of_letters(place=5)
    assert of.results is not None
    canvas = drawn(Bars(), of, 80, 40)
    found = candidates(of.results.versus, 5, 24)
    labels = [line[2:].split()[0] for line in canvas.plain().split("\n")[2 : 2 + len(found.tokens)]]
    assert labels == [of.label(int(token)) for token in found.tokens]


def test_what_came_has_a_row_however_unlikely() -> None:
    words = "bWqu'fT:W,br"
    for place, cursor in product(range(1, len(words)), (0, 20)):
        of = of_letters(words, place=place, candidate=cursor)
        lines = drawn(Bars(), of, 60, 9).plain().split("\n")[2:]
        assert [line[2:].split()[0] for line in lines if line.startswith("▸")] == [words[place]]


def test_bars_are_as_long_as_they_are_likely_and_a_mark_says_where_they_should_end() -> None:
    of = of_the_world(place=4)
    assert of.results is not None
    canvas = drawn(Bars(), of, 140, 30)
    line = line_with(canvas, "▸ river")
    starts = [line_with(canvas, "│ truth").index(side.name, 10) for side in of.results.versus.sides]
    wide = starts[1] - starts[0] - 8
    assert of.results.versus["truth"].p[4] == pytest.approx(1) and wide > 10
    for side, start in zip(of.results.versus.sides, starts, strict=True):
        bar = line[start : start + wide]
        assert bar.count("█") == pytest.approx(float(side.p[4]) * wide, abs=1)
        assert bar.endswith("│") is not side.exact  # nobody else is that sure


@pytest.mark.parametrize("place", [2, 4, 13])
def test_sums_below_the_bars(place: int) -> None:
    of = of_the_world(place=place)
    assert of.results is not None
    canvas = drawn(Bars(), of, 110, 30)
    sides = of.results.versus.sides
    for words, numbers in (
        ("surprise", [f"{side.bits[place]:.2f}" for side in sides]),
        ("from truth", ["–", *(f"{side.kl[place]:.2f}" for side in sides[1:])]),
        ("rank", [f"{side.rank[place]}" for side in sides]),
        ("expected", [f"{side.entropy[place]:.2f}" for side in sides]),
    ):
        assert line_with(canvas, words).split(words)[1].split() == numbers


def test_rows_and_others_are_all_there_is() -> None:
    of = of_letters(place=5)
    canvas = drawn(Bars(), of, 90, 20)
    lines = canvas.plain().split("\n")[2:]
    rows = lines[: lines.index("")]
    listed = np.array([[float(word) for word in line[16:].split() if word[0] in "01"] for line in rows]).sum(0)
    others = np.array([float(word) for word in line_with(canvas, "all others").split()[2:]])
    assert listed + others == pytest.approx(1, abs=0.01)


def test_bars_give_way_to_shaded_numbers_and_models() -> None:
    of = of_the_world(place=4)
    for width in (46, 52):
        shown = drawn(Bars(), of, width, 20).plain()
        assert "5-gram" in shown and not any(eighth in shown for eighth in EIGHTHS[1:])
    narrow = drawn(Bars(), of, 24, 20).plain()
    assert "truth" in narrow and "5-gram" not in narrow


def test_of_six_models_the_last_gives_way_to_bars_and_all_have_strips() -> None:
    models, tokenizer = worldly()
    gpt, unigram = models["GPT"], Unigram.derived([each for each in models.values() if isinstance(each, Bigram)])
    assert isinstance(gpt, GPT) and unigram is not None
    of = scene("emma lived by the", models | {"twin": replace(gpt, name="twin"), "unigram": unigram}, tokenizer)
    barred, bare = (drawn(Bars(), of, width, 20).plain() for width in (80, 60))
    assert "twin" in barred and "unigram" not in barred and any(eighth in barred for eighth in EIGHTHS[1:])
    assert "5-gram" in bare and "unigr" in bare and not any(eighth in bare for eighth in EIGHTHS[1:])
    strips = drawn(Strips(), of, 80, 9).plain().split("\n")
    assert [line.split()[0] for line in strips[2:8]] == ["truth", "GPT", "bigram", "5-gram", "twin", "unigram"]


def test_nothing_predicts_the_first_token() -> None:
    assert "nobody predicts" in drawn(Bars(), of_letters(place=0)).plain()


def test_candidates_are_moved_along_and_stay_within() -> None:
    of = of_letters(place=5)
    assert Bars().move(of, 0, 1).candidate == 1
    assert Bars().move(of, 0, -1).candidate == 0
    last = Bars().move(of, 0, 999).candidate
    assert of.results is not None and last == len(candidates(of.results.versus, 5, 24).tokens) - 1
    assert Bars().move(of, 1, 0).place == 6
    assert Bars().move(of, 99, 0).place is None


# strips ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shows", "field"), [("bits", "bits"), ("kl", "kl"), ("chance", "p")])
def test_strips_have_every_number_of_a_text_of_words(shows: str, field: str) -> None:
    of = of_the_world("emma lived by the river with her", shows=shows)
    assert of.results is not None
    canvas = drawn(Strips(), of, 100, 9)
    for side in of.results.versus.sides:
        if shows == "kl" and side.name == "truth":
            continue
        numbers = line_with(canvas, side.name).split(side.name)[1].split()
        wanted = getattr(side, field)[1 : 8 if shows == "kl" else 7]
        assert [float(number) for number in numbers] == pytest.approx(wanted.tolist(), abs=0.051)


def test_the_more_surprise_the_brighter() -> None:
    of = of_letters("To be, or not to be", place=0)
    assert of.results is not None
    canvas = drawn(Strips(), of, 80, 8)
    y = next(y for y, line in enumerate(canvas.plain().split("\n")) if line.startswith("GPT"))
    levels = [PALETTE.ramp.index(tuple(style.bgcolor.triplet)) for style in canvas.styles[y][9 : 9 + 18]]  # type: ignore
    bits = of.results.versus["GPT"].bits[1:19]
    order = np.argsort(bits)
    assert all(levels[a] <= levels[b] for a, b in pairwise(order.tolist()))
    assert len(set(levels)) > 3
    assert [
        x for x, style in enumerate(drawn(Strips(), replace(of, view=go_to(of.view, 4)), 80, 8).styles[y]) if style.bold
    ] == [12]


def test_the_numbers_at_the_place_looked_at_are_told() -> None:
    of = of_letters(place=4)
    assert of.results is not None
    told = drawn(Strips(), of, 80, 8).plain().split("\n")[-1]
    assert told.startswith("'e'")
    for side in of.results.versus.sides:
        assert f"{side.name} {side.bits[4]:.2f}" in told


def test_the_table_sums_the_text() -> None:
    of = of_the_world(place=4)
    assert of.results is not None
    table = "\n".join(drawn(Strips(), of, 120, 40).plain().split("\n")[-4:])
    for side, line in zip(of.results.versus.sides, table.split("\n"), strict=True):
        bits, chance, here, total, mean, apart = line.split()[-6:]
        assert float(bits) == pytest.approx(side.bits[4], abs=0.006)
        assert float(chance) == pytest.approx(side.p[4], abs=0.0006)
        assert float(total) == pytest.approx(np.nansum(side.bits), abs=0.006)
        assert float(mean) == pytest.approx(np.nanmean(side.bits), abs=0.006)
        if side.name == "truth":
            assert (here, apart) == ("–", "–")
        else:
            assert float(apart) == pytest.approx(np.nanmean(side.kl[:-1]), abs=0.006)


def test_the_running_sum_ends_at_the_total() -> None:
    of = of_the_world(shows="sum", place=3)
    assert of.results is not None
    shown = drawn(Strips(), of, 100, 16).plain()
    for side in of.results.versus.sides:
        assert f"{side.name} {np.nansum(side.bits):.2f}" in shown


def test_only_tokens_that_all_models_predict_are_summed() -> None:
    """A text longer than the GPT's context of 64."""
    of = of_letters(CORPUS[:150], place=100)
    assert of.results is not None
    canvas = drawn(Strips(), of, 120, 40)
    assert "63 tokens that all predict" in canvas.plain()
    for side, line in zip(of.results.versus.sides, canvas.plain().split("\n")[-3:], strict=True):
        assert float(line.split()[-3]) == pytest.approx(side.bits[87:150].sum(), abs=0.006)
    summed = drawn(Strips(), replace(of, view=replace(of.view, shows="sum")), 120, 12).plain().split("\n")[-1]
    for side in of.results.versus.sides:
        assert f"{side.name} {side.bits[87:101].sum():.2f}" in summed


def test_a_click_on_a_token_or_below_it_goes_there() -> None:
    of = of_the_world()
    canvas = drawn(Strips(), of, 100, 12)
    x = canvas.plain().split("\n")[1].index("river")
    for y in (1, 2, 4):
        act = canvas.at(x, y)
        assert act is not None and act(of.view).place == 4
    end = canvas.plain().split("\n")
    y = next(y for y, line in enumerate(end) if line.rstrip().endswith("?"))
    act = canvas.at(len(end[y].rstrip()) - 1, y)
    assert act is not None and act(go_to(of.view, 3)).place is None


def test_up_and_down_go_by_lines_and_enter_shows_something_else() -> None:
    of, strips = of_letters("To be, or not to be, that is the question", place=3), Strips()
    drawn(strips, of, 28, 12)  # 21 letters a line
    assert strips.move(of, 0, 1).place == 24
    assert strips.move(of, 0, -1).place == 0
    assert strips.move(of, 0, 9).place is None
    assert strips.enter(of).shows == "sum"


def test_the_place_looked_at_is_always_on_screen() -> None:
    for place in (0, 40, 80, 149, None):
        of = of_letters(CORPUS[:150], place=place)
        for size in ((30, 8), (60, 20), (20, 4)):
            canvas = drawn(Strips(), of, *size)
            assert any(style is PALETTE.cursor for row in canvas.styles for style in row), (place, size)


# wins and wrong places ---------------------------------------------------------------------------------------------


def test_wins_are_ranked_with_what_was_saved() -> None:
    of = of_the_world()
    assert of.results is not None
    found = won(of.results.versus, "GPT", "bigram")
    lines = drawn(Wins(), of, 100, 30).plain().split("\n")[3:]
    for number, (place, line) in enumerate(zip(found.places.tolist(), lines, strict=False), 1):
        words = line.split()
        assert words[0] == str(number)
        assert f"+{found.bits[place]:.2f}" in words
        assert words[-2:] == [f"{of.results.versus[name].bits[place]:.2f}" for name in ("GPT", "bigram")]
        assert f"{of.results.labels[place]} " in line


def test_wins_of_a_model_that_saw_what_came_are_said_not_to_be_fair() -> None:
    of = of_the_world()
    assert of.results is not None and "not fair" not in drawn(Wins(), of, 100, 30).plain()
    sides = tuple(replace(side, looks_ahead=side.name == "GPT") for side in of.results.versus.sides)
    seen = replace(of, results=replace(of.results, versus=replace(of.results.versus, sides=sides)))
    assert "not fair: GPT saw what came" in drawn(Wins(), seen, 100, 30).plain()


def test_the_sums_of_the_wins() -> None:
    of = of_letters()
    assert of.results is not None
    found = won(of.results.versus, "GPT", "bigram")
    said = drawn(Wins(), of, 100, 30).plain().split("\n")[1]
    assert f"{abs(found.total / 18):.2f} bits a token" in said and f"wins at {len(found.places)} of 18" in said
    assert ("loses" if found.total < 0 else "saves") in said


def test_wrong_places_by_truth_and_by_surprise() -> None:
    for of, by in ((of_the_world(), "from the truth"), (of_letters(), "by surprise")):
        assert of.results is not None
        found = wrongs(of.results.versus, "GPT")
        canvas = drawn(Wrong(), of, 100, 12)
        assert by in canvas.plain()
        side = of.results.versus["GPT"]
        for place, bits, line in zip(found.places, found.bits, canvas.plain().split("\n")[3:], strict=False):
            assert f"{bits:.2f}" in line and f"{side.best_p[place]:.3f}" in line
            assert of.label(int(side.best[place])) in line


def test_going_from_wrong_place_to_wrong_place() -> None:
    of = of_letters(place=0)
    places = of.found("wrong")
    assert len(places) > 3
    view = find_next(of, "wrong")
    assert view.place == places[0]
    view = find_next(replace(of, view=view), "wrong")
    assert (view.place, view.wrong) == (places[1], 1)
    assert find_next(replace(of, view=view), "wrong", -1).place == places[0]
    away = replace(of, view=go_to(view, 0))
    assert find_next(away, "wrong").place == places[1]  # back to where one was in the list
    assert find(of, "wrong", 999).place == places[-1]


def test_keys_and_clicks_in_the_lists() -> None:
    of = of_letters(place=0)
    for pane, which in ((Wins(), "wins"), (Wrong(), "wrong")):
        places = of.found(which)  # type: ignore[arg-type]
        assert pane.move(of, 0, 1).place == places[0]
        assert pane.enter(of).place == places[0]
        act = drawn(pane, of, 80, 12).at(4, 4)
        assert act is not None and act(of.view).place == places[1]


def test_the_list_marks_the_place_looked_at_and_keeps_the_cursor_on_screen() -> None:
    of = of_letters(place=0)
    last = replace(of, view=find(of, "wrong", 999))
    canvas = drawn(Wrong(), last, 80, 7)
    assert line_with(canvas, "▸").split()[1] == str(len(of.found("wrong")))


def test_other_models_can_be_held_against_each_other() -> None:
    of = of_the_world()
    assert (of.leads, of.against) == ("GPT", "bigram")
    seen = set()
    for _ in range(30):
        of = replace(of, view=next_pair(of))
        seen.add((of.leads, of.against))
        drawn(Wins(), of)
    assert len(seen) == 3 * 3  # each that learned, against every other one and the truth
    of = replace(of, view=hold(replace(of.view, win=3, wrong=3), "5-gram", "truth"))
    assert (of.view.win, of.view.wrong) == (0, 0)
    assert "5-gram over truth" in drawn(Wins(), of).plain()
    assert "Where 5-gram is wrong" in drawn(Wrong(), of).plain()


# what the world knows ----------------------------------------------------------------------------------------------


def test_every_reading_in_plain_words() -> None:
    of = of_the_world(STORY, place=1)
    assert of.results is not None
    belief = of.results.beliefs[1]
    assert belief is not None and len(belief.readings) > 2
    shown = drawn(Knows(), of, 90, 30).plain()
    for reading in belief.readings:
        assert f"{reading.p:.3f}" in shown
        for fact in reading.says.split("; "):
            assert fact in shown
    assert f"{len(belief.readings)} ways" in shown


def test_what_the_last_word_settled_is_marked() -> None:
    words = "emma lived by the river with her sister clara ."
    line = line_with(drawn(Knows(), of_the_world(words, place=9)), "clara is her sister")
    assert "+ clara" in line
    later = drawn(Knows(), of_the_world(words))
    assert "• clara is her sister" in later.plain() and "• emma lives by the river" in later.plain()


def test_what_may_come_next() -> None:
    of = of_the_world("emma lived by the river with her sister clara .", place=2)
    assert of.results is not None
    belief = of.results.beliefs[2]
    assert belief is not None
    shown = drawn(Knows(), of).plain()
    for word, p in belief.p.items():
        assert f"{word} {p:.3f}" in shown


def test_readings_that_have_no_room_are_counted() -> None:
    of = of_the_world("the cat", place=1)
    shown = drawn(Knows(), of, 60, 5).plain().split("\n")
    assert shown[4].endswith("more") and shown[4].split()[1].isdigit()


def test_a_text_that_left_the_world_and_one_that_never_was_in_it() -> None:
    of = of_the_world("emma lived lived by")
    canvas = drawn(Knows(), of)
    assert "goes on with 'lived' here, after 'lived'" in " ".join(canvas.plain().split())
    act = canvas.at(1, 1)
    assert act is not None and act(of.view).place == 2
    assert "not trained on the little world" in " ".join(drawn(Knows(), of_letters()).plain().split())


# the acts ----------------------------------------------------------------------------------------------------------


def test_a_place_and_what_hangs_on_it() -> None:
    view = CompareView(candidate=3, branch=(1,), grid=(2, 2), scroll=4, win=2)
    assert go_to(view, 5) == CompareView(place=5, win=2)
    assert go_to(view, None) is view
    assert go_to(view, -3).place == 0


def test_what_the_strips_show_goes_round() -> None:
    views = [CompareView()]
    for _ in range(4):
        views.append(next_shown(views[-1]))
    assert [view.shows for view in views] == ["bits", "sum", "kl", "chance", "bits"]


def test_models_that_are_chosen_are_kept_only_while_they_are_there() -> None:
    of = of_letters(leads="bigram", against="GPT")
    assert (of.leads, of.against) == ("bigram", "GPT")
    assert of_letters(leads="bigram").against == "GPT"
    assert (of_letters(leads="gone", against="GPT").leads, of_letters(against="GPT").against) == ("GPT", "bigram")
    models, tokenizer = letters()
    other = {name: models[name] for name in ("5-gram", "GPT", "bigram")}
    assert (scene("To be", other, tokenizer).leads, scene("To be", other, tokenizer).against) == ("5-gram", "bigram")
