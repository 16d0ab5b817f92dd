"""The Compare panes beside the text: scores, use of context, what models write, the bigram's paths and its grid."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace
from functools import cache
from itertools import islice, product

import numpy as np
import pytest
from rich.cells import cell_len

from models.lenses.context_use import ContextUse, context_use
from models.lenses.paths import paths
from models.lenses.scoreboard import Scoreboard as Board
from models.lenses.scoreboard import scoreboard
from models.lenses.truth import Truth
from models.sampling import Sampler
from playground.compare.comparer import writes
from playground.compare.panes.context import Context, uses
from playground.compare.panes.grid import Grid
from playground.compare.panes.paths import Paths
from playground.compare.panes.scoreboard import Scoreboard
from playground.compare.panes.writes import Writes, parts_at
from playground.compare.scene import (
    ZOOMS,
    CompareScene,
    CompareView,
    enlarge,
    follow,
    go_to,
    let_go,
    look_for,
    measure,
    reseed,
    turn_back,
)
from playground.kit.canvas import Canvas
from playground.kit.pane import Pane
from playground.play.panes.pairs import table_of
from tests.playground.compare.compare_scenes import STORY, letters, of_letters, of_the_world, scene, worldly
from tests.playground.play.drawn_panes import HOSTILE, gpt_over
from tests.playground.play.play_scenes import CORPUS, GLYPHS, PALETTE

PANES: tuple[type[Pane[CompareScene, CompareView]], ...] = (Scoreboard, Context, Writes, Paths, Grid)
SIZES = [(1, 1), (2, 3), (5, 2), (12, 12), (30, 8), (46, 16), (62, 27), (200, 80)]


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


def looked(of: CompareScene, view: CompareView) -> CompareScene:
    """The same with another view; what was cached of the old one is forgotten."""
    return replace(of, view=view)


@cache
def scores(world: bool) -> tuple[Board, ContextUse]:
    """Over two short texts, under short names."""
    models, tokenizer = worldly() if world else letters()
    words = (STORY, "emma lived by the river with her sister clara .") if world else (CORPUS[:40], CORPUS[50:90])
    texts = [tokenizer.encode(each) for each in words]
    board = scoreboard([*models.values()], texts)
    board = replace(board, scores=tuple(replace(s, name=n) for s, n in zip(board.scores, models, strict=True)))
    truth = models.get("truth")
    learners = {name: model for name, model in models.items() if model is not truth}
    use = [*context_use([*learners.values()], texts, 8, truth=truth if isinstance(truth, Truth) else None)][-1]
    return board, replace(use, names=tuple(learners))


def full(of: CompareScene) -> CompareScene:
    """With scores, and what every model writes."""
    board, use = scores("truth" in of.models)
    before = of.tokens[: of.place]
    continuations = {
        name: tuple(islice(writes(model, before, Sampler(), of.view.seed), 12)) for name, model in of.models.items()
    }
    return replace(
        of, scoreboard=board, context_use=use, continuations=continuations if before else {}, held_out="two texts"
    )


@cache
def scenes_to_survive() -> dict[str, CompareScene]:
    """Nothing, little, everything, hostile, wide, and numbers that are none."""
    models, tokenizer = letters()
    hostile, wide = gpt_over(HOSTILE), gpt_over("中")
    assert hostile.tokenizer is not None and wide.tokenizer is not None
    world = full(of_the_world(place=4))
    broken = replace(
        world.scoreboard,  # type: ignore[type-var]
        scores=tuple(replace(each, bits=math.inf, above=math.nan) for each in world.scoreboard.scores),  # type: ignore
    )
    nan = replace(world.context_use, bits=world.context_use.bits * np.nan, floor=math.nan)  # type: ignore
    return {
        "nothing": CompareScene(),
        "computing": CompareScene(tokens=(1, 2), models=models, tokenizer=tokenizer),
        "refused": CompareScene(text="é", problem=f"no token for {HOSTILE}"),
        "letters": full(of_letters(place=7)),
        "first": of_letters(place=0),
        "writing": of_letters(place=3, scoring=True),
        "world": world,
        "world, end": full(of_the_world()),
        "followed": full(of_the_world(place=4, followed=(3, 9), branch=(0, 2, 9, 9))),
        "searched": full(of_the_world(search="riv", zoom=2)),
        "not scored": replace(of_letters(), is_scored=True),
        "alone": scene("To be", {"GPT": models["GPT"]}, tokenizer),
        "hostile": scene(HOSTILE * 2, {HOSTILE: hostile}, hostile.tokenizer),
        "wide": scene("中" * 30, {"GPT": wide, "中" * 20: replace(wide, name="wide")}, wide.tokenizer, place=9),
        "not numbers": replace(world, scoreboard=broken, context_use=nan),
        "scrolled": replace(full(of_letters(place=7, scroll=99))),
    }


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("name", scenes_to_survive())
def test_every_size_can_be_drawn(pane: type[Pane[CompareScene, CompareView]], name: str) -> None:
    of = scenes_to_survive()[name]
    for (width, height), palette in product(SIZES, (PALETTE, GLYPHS)):
        for zoom in range(ZOOMS + 1) if pane is Grid else (0,):
            canvas = drawn(pane(), looked(of, replace(of.view, zoom=zoom)), width, height, palette)
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
            drawn(one, looked(of, view), 40, 12)


def test_help_and_titles() -> None:
    for pane in PANES:
        assert pane.help and pane.title and pane.name.isalpha()


# scoreboard --------------------------------------------------------------------------------------------------------


def test_the_scoreboard_has_every_number_best_first() -> None:
    of = full(of_the_world())
    board = of.scoreboard
    assert board is not None
    lines = drawn(Scoreboard(), of, 90, 12).plain().split("\n")
    assert "over two texts" in lines[0]
    ranked = sorted(board.scores, key=lambda score: score.bits)
    for score, line in zip(ranked, lines[2:], strict=False):
        above = "floor" if score.name == "truth" else f"{score.above:+.3f}"
        assert line.startswith(score.name)
        assert line.split()[-4:] == [f"{score.bits:.3f}", above, f"{score.perplexity:,.2f}", f"{score.error:.3f}"]
    assert f"floor {board.floor:.3f}" in lines[7] and f"{board.tokens} tokens" in lines[7]


def test_a_model_that_saw_what_came_gets_no_score_and_is_said_so() -> None:
    of = full(of_the_world())
    assert of.scoreboard is not None
    seen = tuple(replace(s, bits=0.01, above=-3.0, looks_ahead=s.name == "GPT") for s in of.scoreboard.scores)
    for width in (90, 60, 40):
        canvas = drawn(Scoreboard(), replace(of, scoreboard=replace(of.scoreboard, scores=seen)), width, 16)
        lines = canvas.plain().split("\n")
        row = line_with(canvas, "GPT*")
        assert "no fair score" in row and "0.010" not in row
        assert lines.index(row) == 1 + len(seen)  # the last one
        assert "built without the causal mask" in " ".join(canvas.plain().split())


def test_without_a_truth_there_is_no_floor() -> None:
    shown = drawn(Scoreboard(), full(of_letters()), 90, 12).plain()
    assert "floor" not in shown and "perplexity" in shown


def test_bars_are_as_long_as_the_bits_and_the_floor_stands_in_them() -> None:
    of = full(of_the_world())
    assert of.scoreboard is not None
    canvas = drawn(Scoreboard(), of, 120, 12)
    most = max(score.bits for score in of.scoreboard.scores)
    lines = {line.split()[0]: line for line in canvas.plain().split("\n")[2:6]}
    longest = max(line.count("█") for line in lines.values()) + 1
    for line in lines.values():
        assert line.index("│") - line.index("█") == pytest.approx(of.scoreboard.floor / most * longest, abs=1)
    for score in of.scoreboard.scores:
        assert lines[score.name].count("█") == pytest.approx(score.bits / most * longest, abs=2)


@pytest.mark.parametrize("pane", [Scoreboard, Context])
def test_scores_are_asked_for_stopped_and_done(pane: type[Pane[CompareScene, CompareView]]) -> None:
    of = of_letters(scoring=False)
    assert "Enter starts" in " ".join(drawn(pane(), of).plain().split())
    asked = looked(of, pane().enter(of))
    assert asked.view.scoring and "reading the first text" in drawn(pane(), asked).plain()
    going = full(asked)
    assert "Enter stops" in drawn(pane(), going).plain()
    stopped = looked(going, pane().enter(going))
    assert not stopped.view.scoring and "Enter goes on" in drawn(pane(), stopped).plain()
    done = replace(stopped, is_scored=True)
    assert "done" in drawn(pane(), done).plain() and pane().enter(done) is done.view
    nowhere = replace(of, is_scored=True)
    assert "nothing to score it on" in " ".join(drawn(pane(), nowhere).plain().split())
    act = drawn(pane(), of).at(2, 1)
    assert act is not None and act(of.view) == measure(of.view)


# use of context ----------------------------------------------------------------------------------------------------


def test_the_table_of_context_has_every_number() -> None:
    of = full(of_the_world())
    use = of.context_use
    assert use is not None
    canvas = drawn(Context(), of, 90, 24)
    rows = canvas.plain().split("\n")
    at = next(y for y, line in enumerate(rows) if line.startswith("bits"))
    assert rows[at].split()[1:-2] == [str(length) for length in use.lengths]
    for model, line in enumerate(rows[at + 1 : at + 1 + len(use.names)]):
        assert line.startswith(use.names[model])
        *bits, error, used = line.split()[-len(use.lengths) - 2 :]
        assert bits == [f"{value:.2f}" for value in use.bits[model]]
        assert error == f"{use.error[model, -1]:.2f}" and used == str(uses(use, model))
    assert f"floor {use.floor:.2f}" in canvas.plain()


def test_what_a_model_uses_is_the_shortest_context_that_is_nearly_best() -> None:
    bits = np.array([[4.0, 4.0, 4.0, 4.0], [4.0, 3.0, 2.04, 2.0], [4.0, 2.0, 2.1, 2.3]])
    use = ContextUse(("a", "b", "c"), np.array([1, 2, 4, 8]), bits, bits, 9, math.nan)
    assert [uses(use, model) for model in range(3)] == [1, 4, 2]


def test_curves_fall_where_bits_do() -> None:
    of = full(of_letters())
    bits = np.array([[4.0, 3.0, 2.0, 1.0], [4.0, 4.0, 4.0, 4.0]])
    use = ContextUse(("GPT", "bigram"), np.array([1, 2, 4, 8]), bits, bits * 0, 9, math.nan)
    lines = drawn(Context(), replace(of, context_use=use), 80, 24).plain().split("\n")
    assert any("GPT 1.00" in line for line in lines[12:18]) and any("bigram 4.00" in line for line in lines[1:4])
    cells = [(x, y) for y, line in enumerate(lines) for x, cell in enumerate(line) if 0x2800 < ord(cell) < 0x2900]
    low = {x: max(y for at, y in cells if at == x) for x, _ in cells}
    assert low[max(low)] > low[min(low)] + 8
    assert [*low.values()] and sorted(low.items()) == sorted(low.items(), key=lambda each: (each[1], each[0]))


# what each writes --------------------------------------------------------------------------------------------------


def test_every_model_s_text_stands_there_and_what_came() -> None:
    of = full(of_letters(place=7))
    shown = drawn(Writes(), of, 100, 24)
    assert of.tokenizer is not None
    for name in of.names:
        wanted = of.tokenizer.decode(of.continuations[name]).replace("\n", "⏎")
        line = line_with(shown, name.ljust(9))
        assert line.replace("┊", "").split(name, 1)[1].strip() == wanted.strip()
    assert of.text[7:] in line_with(shown, "the text").replace("┊", "")
    assert "the text" not in drawn(Writes(), full(of_letters()), 100, 24).plain()


def test_where_two_part() -> None:
    assert parts_at((1, 2, 3), (1, 2, 4)) == 2
    assert parts_at((1, 2), (1, 2, 4)) is None
    assert parts_at((), (1,)) is None
    of = full(of_the_world("emma lived by the river with her sister clara .", place=4))
    gpt, bigram = of.continuations["GPT"], of.continuations["bigram"]
    made = replace(of, continuations={**of.continuations, "bigram": (*gpt[:2], bigram[2] + (bigram[2] == gpt[2]))})
    line = line_with(drawn(Writes(), made, 100, 24), "bigram")
    before, after = line.split("┊")
    assert before.split()[1:] == [of.label(token) for token in gpt[:2]] and len(after.split()) == 1
    assert "┊" not in line_with(drawn(Writes(), made, 100, 24), "GPT")


def test_words_of_who_cannot_write() -> None:
    of = full(of_the_world("emma lived lived"))
    assert of.continuations["truth"] == ()
    assert "no text of its world" in line_with(drawn(Writes(), of, 80, 20), "truth")
    assert "writing ..." in drawn(Writes(), of_letters(place=3)).plain()
    assert "nobody has anything to go on from" in drawn(Writes(), of_letters(place=0)).plain()


def test_long_texts_are_scrolled_together_and_enter_takes_the_next_seed() -> None:
    of, pane = full(of_letters("To be, or not to be, that is the question", place=2)), Writes()
    drawn(pane, of, 30, 5)
    assert pane.most > 0
    down = pane.move(of, 0, 99)
    assert down.scroll == pane.most and pane.move(looked(of, down), 0, -1).scroll == pane.most - 1
    assert of.text[-4:] in drawn(pane, looked(of, down), 30, 5).plain()
    assert pane.enter(looked(of, down)) == reseed(down) and reseed(down).seed == 2 and reseed(down).scroll == 0


# paths -------------------------------------------------------------------------------------------------------------


def test_the_tree_has_the_bigram_s_likeliest_paths() -> None:
    of = of_letters(place=3)
    bigram, root = of.bigram, of.before
    assert bigram is not None and root == of.tokens[2]
    canvas = drawn(Paths(), of, 100, 30)
    lines = canvas.plain().split("\n")[1:-1]
    p = bigram.probs(root)
    first = [line[5:].split() for line in lines if line[5:6].strip()]
    for words, token in zip(first, np.argsort(-p, kind="stable"), strict=False):
        assert words[0] == of.label(int(token)) and f"{p[token]:.3f}" in words
    tree = paths(bigram, root, depth=6, width=6, most=240, least=0.0005)
    node, product_ = tree, 1.0
    for word in (each for each in lines[0][1:].replace("─", " ").replace("┬", " ").split() if each[0] != "0"):
        if word.startswith(tuple("▏▎▍▌▋▊▉█")):
            continue
        node = node.after[0]
        product_ *= node.p
        assert word == of.label(node.token)
    assert lines[0].split()[-1] == f"{product_:.3f}"


def test_a_tree_never_has_more_lines_than_there_are() -> None:
    for height in range(3, 30):
        canvas = drawn(Paths(), of_the_world(place=4), 90, height)
        said = canvas.plain().split("\n")[-1]
        assert said.startswith("the") and len(said) < 90  # no path's probability beside the words
        assert any(style is PALETTE.cursor for style in canvas.styles[1])


def test_the_cursor_goes_through_the_tree_and_enter_moves_its_root() -> None:
    of, pane = of_letters(place=3), Paths()
    drawn(pane, of, 100, 30)
    right = looked(of, pane.move(of, 1, 0))
    assert right.view.branch == (0,)
    down = looked(of, pane.move(right, 0, 1))
    assert down.view.branch == (1,)
    assert pane.move(down, -1, 0).branch == ()
    assert pane.move(down, 0, -5).branch == (0,)
    assert of.bigram is not None and of.before is not None
    followed = pane.enter(down)
    second = int(np.argsort(-of.bigram.probs(of.before), kind="stable")[1])
    assert (followed.followed, followed.branch) == ((second,), ())
    assert f"→ {of.label(second)}" in drawn(pane, looked(of, followed), 100, 30).plain()
    assert pane.move(looked(of, followed), -1, 0) == turn_back(followed) == replace(followed, followed=())
    assert pane.move(of, -1, 0).place == 2  # at the text's own root: along the text
    assert pane.enter(of) is of.view


def test_a_click_moves_the_cursor_and_another_follows() -> None:
    of, pane = of_letters(place=3), Paths()
    act = drawn(pane, of, 100, 30).at(5, 1)
    assert act is not None
    there = looked(of, act(of.view))
    assert there.view.branch == (0,)
    again = drawn(pane, there, 100, 30).at(5, 1)
    assert again is not None and again(there.view) == pane.enter(there) != there.view


# the grid ----------------------------------------------------------------------------------------------------------


def test_the_grid_follows_the_text() -> None:
    of = of_letters(place=1)
    assert of.bigram is not None
    table = table_of(of.bigram)
    T, o = of.tokens[0], of.tokens[1]
    said = drawn(Grid(), of, 80, 30).plain()
    assert f"after 'T' comes 'o': {table.p[T, o]:.3f}" in said
    moved = Grid().move(of, 1, 0)
    assert moved.grid == (T, o + 1)
    assert Grid().move(of, 0, -99).grid == (0, o)
    assert let_go(moved).grid is None and go_to(moved, 5).grid is None


def test_a_search_moves_the_cursor_and_enter_goes_on() -> None:
    of = of_the_world(zoom=1)
    assert of.tokenizer is not None
    labels = [of.label(token) for token in range(of.tokenizer.vocab_size)]
    hits = [label for label in labels if label.startswith("an")] + [
        label for label in labels if "an" in label[1:] and not label.startswith("an")
    ]
    of = looked(of, look_for(of.view, "an"))
    seen = []
    for _ in hits:
        canvas = drawn(Grid(), of, 100, 30)
        seen.append(line_with(canvas, "after '").split("'")[1])
        assert f"/an · {len(seen)} of {len(hits)}" in canvas.plain()
        of = looked(of, Grid().enter(of))
    assert seen == hits
    exact = looked(of, look_for(of.view, "river by"))
    assert "after 'river' comes 'by'" in drawn(Grid(), exact, 100, 30).plain()
    assert "not found" in drawn(Grid(), looked(of, look_for(of.view, "xyz")), 100, 30).plain()
    assert Grid().enter(of_letters()) == of_letters().view


def test_zoom_goes_from_the_whole_table_to_numbers() -> None:
    of = of_the_world("emma lived by the river", place=4)
    assert of.bigram is not None and of.before is not None
    table = table_of(of.bigram)
    whole = drawn(Grid(), of, 60, 20)
    assert "the likeliest of up to" in whole.plain() and "rows " not in whole.plain().split("\n")[-2]
    act = whole.at(30, 8)
    assert act is not None
    row, column = act(of.view).grid
    assert f"comes '{of.label(column)}'" in drawn(Grid(), looked(of, act(of.view)), 60, 20).plain() and row >= 0
    near = drawn(Grid(), looked(of, enlarge(of.view, ZOOMS)), 100, 20)
    came = of.tokens[4]
    line = next(line for line in near.plain().split("\n") if line.startswith("▸"))
    assert f"{table.p[of.before, came]:.3f}" in line
    x, y = near.plain().split("\n")[1].index(of.label(came)), near.plain().split("\n").index(line)
    act = near.at(x, y)
    assert act is not None and act(of.view).grid == (of.before, came)
    seen = np.flatnonzero(table.counts[of.before]).tolist()
    shown = [f"{table.p[of.before, column]:.3f}" for column in seen if of.label(column) in near.plain().split("\n")[1]]
    assert line.split()[1:] == shown and len(shown) > 1


def test_views_of_the_tree() -> None:
    view = follow(CompareView(branch=(1, 2)), 4, 5)
    assert (view.followed, view.branch) == ((4, 5), ())
    assert turn_back(view).followed == (4,)
    assert let_go(replace(view, search="a", match=2)) == CompareView()
