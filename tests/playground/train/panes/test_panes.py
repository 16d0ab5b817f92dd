"""The Train panes: every size and every run can be drawn, and the numbers are those of the events."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from rich.cells import cell_len

from models.gpt import GPT
from models.runs.events import Ended, Event, Sampled, Saved, Snapshot, Warned
from playground.kit.canvas import Canvas
from playground.kit.numbers import ABSENT, nats
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.train.panes import ALL, words
from playground.train.panes.layers import Layers
from playground.train.panes.loss import Loss
from playground.train.panes.positions import Positions
from playground.train.panes.progress import Progress
from playground.train.panes.run_line import RunLine
from playground.train.panes.runs import Runs, under_cursor
from playground.train.panes.samples import Samples
from playground.train.panes.timeline import Timeline
from playground.train.panes.watch import Watch
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, Watched, go_to, next_axis, see
from tests.playground.play.drawn_panes import HOSTILE, gpt_over
from tests.playground.play.play_scenes import GLYPHS, PALETTE, random_gpt, scene
from tests.playground.train.train_records import CONFIG, book, course, live, measured, started, stepped

LIGHT = Palette((251, 250, 247), (31, 31, 31), (15, 118, 110), (194, 65, 12))
SIZES = [(1, 1), (2, 3), (5, 2), (12, 12), (30, 8), (44, 6), (46, 16), (62, 27), (200, 80)]


# every pane --------------------------------------------------------------------------------------------------------


def drawn(
    pane: Pane[TrainScene, TrainView], of: TrainScene, width: int = 62, height: int = 27, palette: Palette = PALETTE
) -> Canvas:
    canvas = Canvas(width, height, palette, focused=True)
    pane.draw(of, canvas)
    return canvas


def watched(step: int = 100, model: GPT | None = None, text: str = "To be, or not") -> Watched:
    return Watched(step, scene(text, (), model))


@cache
def scenes_to_survive() -> tuple[TrainScene, ...]:
    """Nothing, little, everything, hostile, broken, large, and cut short."""
    nan, inf = math.nan, math.inf
    half = [event for event in course() if getattr(event, "step", 0) <= 37]
    whole = TrainScene(TrainView("book"), {"book": book()}, {"book": watched()})
    broken: list[Event] = [
        started(rivals={"bigram": nan, "n-gram": inf}, floor=nan, peak=nan, tokens=0),
        stepped(1, nan, progress=nan, seconds=nan, norm=inf, tokens_per_second=nan, operations_per_second=inf),
        stepped(2, inf, seconds_left=nan, rate=nan),
        stepped(3, -1.0, seconds=1.0),
        measured(3, nan, seconds=nan, by_position=(nan, inf, 1.0), gradients={"0": nan}, updates={"0": inf, "1": 0.0}),
        measured(4, inf, by_position=(nan,)),
        Snapshot(4, "x"),
    ]
    nasty: list[Event] = [
        started(rivals={HOSTILE: 2.0, "中" * 30: 1.0}, started_from=HOSTILE),
        *course()[1:],
        measured(110, 2.0, gradients={HOSTILE: 1.0, "中文字": 2.0}, by_position=()),
        Sampled(110, HOSTILE * 20),
        Sampled(120, "中" * 500 + "\n\n\n"),
        Warned(HOSTILE * 9),
        Ended(120, HOSTILE, 70, False, 100, 1.6),
    ]
    deep = {str(layer): 10.0**-layer for layer in range(12)}
    huge: list[Event] = [
        started(config=replace(CONFIG, steps=1 << 40, without=("mask", "norm", "mlp"), positions="none")),
        *(stepped(at << 30, seconds=at * 1e6) for at in range(1, 300)),
        *(measured(at << 32, gradients=deep, updates=deep, by_position=(2.0,) * 2000) for at in range(1, 60)),
        *(Snapshot(at << 32, "x") for at in range(1, 60)),
    ]
    many = {f"run {at} {HOSTILE if at == 7 else ''}": live(huge if at % 2 else half) for at in range(40)}
    gru = live([started(config=replace(CONFIG, model="gru")), stepped(1)])
    other = live(course(40))
    return (
        TrainScene(),
        replace(whole, view=TrainView("gone", ("gone too",))),
        TrainScene(TrainView("new"), {"new": Record()}),
        TrainScene(TrainView("new"), {"new": live([started()])}),
        TrainScene(TrainView("new"), {"new": live([started(), stepped(1)])}),
        TrainScene(TrainView("new"), {"new": live([started(), measured(0)])}),
        TrainScene(TrainView("new"), {"new": Record().lost(HOSTILE * 20)}),
        TrainScene(TrainView("half", place=20), {"half": live(half)}, {"half": watched(20)}),
        whole,
        replace(whole, view=TrainView("book", along="tokens", scale="log", place=30, scroll=999, item=-3)),
        TrainScene(
            TrainView("book", ("other",), "seconds", place=40, watching="heads"),
            {"book": book(), "other": other},
            {"book": watched(40), "other": watched(30, random_gpt(12, 12, 24))},
        ),
        TrainScene(
            TrainView("book", ("other",), watching="text", look=scene("T", layer=7, head=9, row=99).session.view),
            {"book": book(), "other": other},
            {"book": Watched(90, None, HOSTILE), "other": watched(40, gpt_over(HOSTILE), HOSTILE)},
        ),
        TrainScene(TrainView("bad", scale="log"), {"bad": live(broken)}),
        TrainScene(TrainView("bad", ("book",)), {"bad": live(broken), "book": book()}),
        TrainScene(
            TrainView(HOSTILE, ("中" * 40,)), {HOSTILE: live(nasty), "中" * 40: live(nasty)}, {HOSTILE: watched()}
        ),
        TrainScene(TrainView("run 1 ", tuple(many)[2:6], "seconds", item=38), many),
        TrainScene(TrainView("gru"), {"gru": gru}, {"gru": Watched(1, None, "a GRU has no heads")}),
    )


@pytest.mark.parametrize("pane", [kind() for kind in ALL], ids=lambda pane: pane.name)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_pane_draws_anything_at_any_size(pane: Pane[TrainScene, TrainView], size: tuple[int, int]) -> None:
    for each, palette in product(scenes_to_survive(), (PALETTE, GLYPHS)):
        canvas = drawn(pane, each, *size, palette=palette)
        assert all(cell_len("".join(row)) == size[0] for row in canvas.chars)
        assert all(unicodedata.category(c)[0] != "C" for row in canvas.chars for cell in row for c in cell)
        for hit in canvas.hits if palette is PALETTE else ():
            assert isinstance(hit.act(each.view), TrainView)
            if hit.act_at:
                assert isinstance(hit.act_at(hit.width - 1, hit.height - 1)(each.view), TrainView)
        for dx, dy in ((0, 10), (-1, 0), (1, 0)) if palette is PALETTE else ():
            drawn(pane, replace(each, view=pane.move(each, dx, dy)), *size)
        assert isinstance(pane.enter(each), TrainView)


def test_panes_have_names_titles_and_help_of_their_own() -> None:
    assert len({pane.name for pane in ALL}) == len({pane.title for pane in ALL}) == len({pane.help for pane in ALL})


def test_a_picture_depends_on_nothing_but_scene_and_size() -> None:
    for kind, each in product(ALL, scenes_to_survive()[7:12]):
        used = kind()
        for other in scenes_to_survive()[:3]:
            drawn(used, other)
        assert drawn(used, each, palette=LIGHT).strips() == drawn(kind(), each, palette=LIGHT).strips()


def test_what_a_pane_sees_decides_its_picture() -> None:
    """Otherwise a picture stands that is no longer true: news and keys redraw only panes that see something new."""
    changes: dict[str, object] = {
        "run": "other", "overlaid": ("other",), "along": "tokens", "scale": "log", "place": 40,
        "item": 1, "scroll": 1, "watching": "heads", "look": scene("T", layer=1, head=1, row=2).session.view,
    }  # fmt: skip
    words_of_it = {"book": watched(100), "other": watched(30, random_gpt(12, 12, 24))}
    whole = TrainScene(TrainView("book"), {"book": book(), "other": live(course(40))}, words_of_it)
    both = replace(whole, view=TrainView("book", ("other",), place=50))
    others = [
        replace(each, view=see(each.view, **{name: to})) for each in (whole, both) for name, to in changes.items()
    ]
    for event in (stepped(101), measured(101), Sampled(101, "new"), Snapshot(101, "x"), Ended(101, "why", 0, True, 9)):
        others += [replace(each, runs={**each.runs, "book": book().after(event)}) for each in (whole, both)]
    others += [replace(each, runs=dict(reversed(list(each.runs.items())))) for each in (whole, both)]
    others += [replace(each, watch={}) for each in (whole, both)]
    others += [replace(both, runs={**both.runs, "other": live(course(30))}), TrainScene()]
    stood = 0
    for kind, before, after in product(ALL, (whole, both), others):
        pane = kind()
        if pane.sees(before) == pane.sees(after):
            stood += 1
            assert drawn(pane, before, height=30).strips() == drawn(pane, after, height=30).strips(), pane.name
    assert stood > 100


def test_another_run_s_only_measurement_is_on_the_chart() -> None:
    one = live([started(), stepped(1), measured(10, 3.0)])
    of = TrainScene(TrainView("book", ("other",)), {"book": book(), "other": one})
    assert any(words.LETTERS[0] in line[:70] for line in drawn(Loss(), of, 120, 20).plain().split("\n")[1:-3])


# loss --------------------------------------------------------------------------------------------------------------


def test_the_loss_is_told_in_the_events_numbers() -> None:
    of = TrainScene(TrainView("book"), {"book": book()})
    plain = drawn(Loss(), of, 100, 30).plain()
    last, best = nats(measured(100).held_out), book().best
    assert best is not None
    for told in (
        "newest, step 100",
        f"held-out {last}",
        f"train {nats(stepped(100).loss)}",
        f"○ best {nats(best.held_out)} at 100",
        "bigram 2.482",
        "n-gram 1.713",
        "floor 0.605",
        f"↑ from {nats(stepped(1).loss)}",
        "0:50",
    ):
        assert told in plain
    earlier = drawn(Loss(), replace(of, view=go_to(of.view, 40)), 100, 30).plain()
    assert f"step 40 · held-out {nats(measured(40).held_out)} · train {nats(stepped(40).loss)}" in earlier


def test_levels_stand_at_their_height_and_the_cursor_at_its_step() -> None:
    canvas = drawn(Loss(), TrainScene(TrainView("book", place=50), {"book": book()}), 100, 40)
    lines = canvas.plain().split("\n")
    rows = {
        name: next(y for y, line in enumerate(lines) if line.endswith(name)) for name in ("2.482", "1.713", "0.605")
    }
    assert all("╌" in lines[row] for row in rows.values())
    heights = np.diff([rows[name] for name in ("2.482", "1.713", "0.605")])
    assert heights[0] / heights[1] == pytest.approx((2.482 - 1.713) / (1.713 - 0.605), abs=0.1)
    columns = {x for y, row in enumerate(canvas.chars) for x, char in enumerate(row) if char == "│"}
    axis = lines[-2]
    assert len(columns) == 1 and abs(columns.pop() - axis.index("40") - (axis.index("60") - axis.index("40")) / 2) <= 2


def test_runs_are_told_apart_by_more_than_colour() -> None:
    of = TrainScene(
        TrainView("book", ("one", "two")), {"book": book(), "one": live(course(60)), "two": live(course(80))}
    )
    canvas = drawn(Loss(), of, 100, 40, GLYPHS)
    plot = [row[5:80] for row in canvas.chars[1:37]]
    letters = [cell for row in plot for cell in row if cell in "ab"]
    assert letters.count("a") >= 1 and letters.count("b") >= 1
    plain = canvas.plain()
    assert f"● book {nats(measured(100).held_out)}" in plain
    assert f"a one {nats(measured(60).held_out)}" in plain and f"b two {nats(measured(80).held_out)}" in plain


def test_a_second_run_is_compared_at_the_same_place_of_the_axis() -> None:
    slow = live([started(), *(event for at in range(1, 101) for event in (stepped(at, seconds=2.0 * at),)),
                 *(measured(at, float(at), seconds=2.0 * at) for at in range(10, 101, 10))])  # fmt: skip
    of = TrainScene(TrainView("book", ("slow",), place=40), {"book": book(), "slow": slow})
    assert "a slow 40.000" in drawn(Loss(), of, 100, 30).plain().split("\n")[-1]
    by_time = replace(of, view=see(of.view, along="seconds"))  # 20 s: the slow one is at step 10
    assert "a slow 10.000" in drawn(Loss(), by_time, 100, 30).plain().split("\n")[-1]


def test_the_chart_is_clicked_and_its_axes_change() -> None:
    of = TrainScene(TrainView("book"), {"book": book()})
    canvas = drawn(Loss(), of, 100, 30)
    axis = canvas.plain().split("\n")[-2]
    act = canvas.at(axis.index("40") + 1, 10)
    assert act is not None and act(of.view).place == 40
    unit = canvas.at(axis.index("steps") + 1, 28)
    assert unit is not None and unit(of.view).along == "seconds"
    scale = canvas.at(0, 10)
    assert scale is not None and scale(of.view).scale == "log" and Loss().enter(of).scale == "log"
    timed = drawn(Loss(), replace(of, view=next_axis(of.view)), 100, 30).plain().split("\n")[-2]
    assert "0:20" in timed and "seconds" in timed
    assert Loss().move(of, -1, 0).place == 90


def test_a_loss_that_rises_again_and_one_that_is_no_number_are_said() -> None:
    rising = live([*course(), measured(110, 2.5)])
    said = drawn(Loss(), TrainScene(TrainView("x"), {"x": rising}), 100, 30).plain()
    assert "rising since 100" in said
    lost = live([*course(), measured(110, math.nan)])
    said = drawn(Loss(), TrainScene(TrainView("x"), {"x": lost}), 100, 30).plain()
    assert "✕" in said and "held-out not a number" in said


# the others --------------------------------------------------------------------------------------------------------


def test_positions_tell_what_the_context_is_worth() -> None:
    of = TrainScene(TrainView("book"), {"book": book()})
    losses = measured(100).by_position
    plain = drawn(Positions(), of, 80, 20).plain()
    later = float(np.mean(losses[8:]))
    assert f"context saves {losses[0] - later:.3f} nats · first {losses[0]:.3f} · last half {later:.3f}" in plain
    assert "step 10" in plain and "step 100" in plain and "bigram" in plain
    early = drawn(Positions(), replace(of, view=go_to(of.view, 0)), 80, 20).plain()
    assert "step 10 ·" in early  # the first measurement there is
    flat = live([started(), measured(10, by_position=(2.0,) * 16)])
    assert "context saves nothing" in drawn(Positions(), TrainScene(TrainView("x"), {"x": flat}), 80, 20).plain()


def test_layers_have_their_numbers_and_marks() -> None:
    plain = drawn(Layers(), TrainScene(TrainView("book"), {"book": book()}), 70, 12).plain().split("\n")
    rows = {line.split()[0]: line for line in plain[2:6]}
    assert list(rows) == ["embed", "L0", "L1", "ln_f"]
    assert "0.375" in rows["embed"] and "0.012" in rows["embed"] and "0.533" in rows["L0"] and "1.7e-3" in rows["L0"]
    assert "4.2e-7▽" in rows["L1"] and "0.250▲" in rows["ln_f"] and "▲" not in rows["L0"]
    assert "about 1e-3 is healthy" in plain[-1] or "about 1e-3 is healthy" in "".join(plain)


def test_layers_are_those_of_the_place() -> None:
    events: list[Event] = [started()]
    events += [measured(at, gradients={"0": at / 100}, updates={"0": at / 1e4}) for at in (10, 20, 30)]
    plain = drawn(Layers(), TrainScene(TrainView("x", place=20), {"x": live(events)}), 70, 12).plain()
    assert "step 20" in plain and "0.200" in plain and "2.0e-3" in plain and "0.300" not in plain


def test_layers_over_time_rise_and_fall_with_their_values() -> None:
    events: list[Event] = [
        started(),
        *(measured(at, gradients={"0": 10.0 ** (at / 10)}, updates={}) for at in range(10, 60, 10)),
    ]
    line = drawn(Layers(), TrainScene(TrainView("x"), {"x": live(events)}), 70, 12).plain().split("\n")[2]
    bars = [char for char in line if char in "▁▂▃▄▅▆▇█"]
    assert len(bars) == 5 and bars == sorted(bars) and bars[0] == "▁" and bars[-1] == "▇"


def test_the_sample_of_the_place_is_shown_and_scrolled() -> None:
    of = TrainScene(TrainView("book", place=40), {"book": book()})
    lines = drawn(Samples(), of, 40, 10).plain().split("\n")
    assert "step 40" in lines[0] and lines[1:3] == ["line one at 40", "line two"]
    long = live([started(), Sampled(10, "\n".join(f"line {at}" for at in range(50)))])
    of, pane = TrainScene(TrainView("x"), {"x": long}), Samples()
    assert "line 0" in drawn(pane, of, 40, 11).plain() and "lines 1-10 of 50" in drawn(pane, of, 40, 11).plain()
    down = pane.move(of, 0, 5)
    assert down.scroll == 5 and drawn(pane, replace(of, view=down), 40, 11).plain().split("\n")[1] == "line 5"
    end = pane.move(of, 0, 999)
    assert end.scroll == 40 and pane.move(replace(of, view=end), 0, -1).scroll == 39
    assert pane.move(of, 0, -1).scroll == 0
    assert pane.move(replace(of, view=see(of.view, scroll=90)), 0, -1).scroll == 39  # a longer one was shown before


def test_a_long_line_breaks_at_spaces_and_loses_nothing() -> None:
    text = "the quick brown 中文字中文字 fox " * 9
    lines = list(words.wrapped(text, 13))
    assert "".join(lines) == text and all(cell_len(line) <= 13 for line in lines)
    assert lines[0] == "the quick " and list(words.wrapped("中中", 1)) == ["中", "中"]
    assert list(words.wrapped("a\n\nb\n", 9)) == ["a", "", "b"]
    assert len(words.wrapped("x" * 1_000_000, 60)) == 16_667  # in a moment, or the screen stands still


def test_progress_tells_what_the_run_costs() -> None:
    record = book().after(Saved(90)).after(Warned("the disk is nearly full"))
    plain = drawn(Progress(), TrainScene(TrainView("book"), {"book": record}), 80, 16).plain()
    for told in (
        "▶ running", "100 %", "100 of 100", nats(measured(100).held_out),
        "12.3 K tokens/s", "42.0 GFLOP/s", "21 %",
        "651 MB", "0:50", "12:34", "3.00e-03", "0.734", "6.40 K tokens", "0.01", "25.4 K", "1.00 M tokens", "65",
        "2×4×32", "step 90", "the disk is nearly full",
    ):  # fmt: skip
        assert told in plain, told
    config = replace(CONFIG, without=("mask", "mlp"), activation="none")
    lacking = live([started(config=config), stepped(1)])
    assert "mask, mlp, nonlinearity" in drawn(Progress(), TrainScene(TrainView("x"), {"x": lacking}), 80, 16).plain()
    assert (
        "without mask, mlp, nonlinearity"
        in drawn(RunLine(), TrainScene(TrainView("x"), {"x": lacking}), 150, 1).plain()
    )


def test_the_status_line_drops_the_least_important_first() -> None:
    of = TrainScene(TrainView("book"), {"book": book().after(Ended(100, "the disk is full", 4, False, 100))})
    wide = drawn(RunLine(), of, 150, 1).plain()
    assert "book · ✗ died · step 100 of 100 · the disk is full · held-out" in wide and "2 layers" in wide
    assert drawn(RunLine(), of, 14, 1).plain() == "book · ✗ died"


def test_the_timeline_is_drawn_and_clicked() -> None:
    half = live(event for event in course() if getattr(event, "step", 0) <= 50)
    of, pane = TrainScene(TrainView("x", place=20), {"x": half}), Timeline()
    canvas = drawn(pane, of, 80, 3)
    track, numbers = canvas.plain().split("\n")[1:]
    wide = track.index("newest") - 2
    assert track.index("●") == round(0.2 * (wide - 1)) and "step 20 · snapshot 3 of 6" in canvas.plain()
    assert (
        track[round(0.45 * (wide - 1))] == "─"
        and track[wide - 2] == "┈"
        and track.count("┻") == 2
        and track.count("┴") == 3
    )  # the rest is still to come
    assert abs(numbers.index("20") - track.index("●")) <= 1
    for step in (0, 10, 30):
        act = canvas.at(round(step / 100 * (wide - 1)), 1)
        assert act is not None and act(of.view).place == step
    for x in (round(0.5 * (wide - 1)), wide - 2, track.index("newest") + 1):
        act = canvas.at(x, 1)
        assert act is not None and act(of.view).place is None
    assert pane.enter(of).place is None and pane.enter(replace(of, view=pane.enter(of))).place == 50
    assert pane.move(of, 1, 0).place == 30 and pane.move(of, 99, 0).place is None


def test_the_list_of_runs_marks_chooses_and_overlays() -> None:
    lacking = live([started(config=replace(CONFIG, without=("mask",))), stepped(7), measured(7, 2.345)])
    runs = {"book": book(), "blind": lacking, "dead": Record().lost("killed by signal 9")}
    of, pane = TrainScene(TrainView("book", ("dead",), item=1), runs), Runs()
    canvas = drawn(pane, of, 90, 8)
    rows = canvas.plain().split("\n")
    assert rows[2].startswith("● ▶ book") and rows[2].endswith(f"100  {nats(measured(100).held_out)}")
    assert (
        rows[3].startswith("· ▶ blind") and "mask" in rows[3] and rows[3].endswith("7  2.345") and "2×4×32" in rows[3]
    )
    assert rows[4].startswith("a ✗ dead") and rows[4].endswith(ABSENT)
    assert rows[-1].startswith("running · without mask") and under_cursor(of) == "blind"
    name, mark = canvas.at(10, 3), canvas.at(0, 3)
    assert name is not None and mark is not None
    assert (name(of.view).run, name(of.view).item) == ("blind", 1) and mark(of.view).overlaid == ("dead", "blind")
    assert pane.enter(of).run == "blind" and pane.move(of, 0, 9).item == 2 and pane.move(of, 0, -9).item == 0
    assert "killed by signal 9" in drawn(pane, replace(of, view=pane.move(of, 0, 9)), 90, 8).plain()


# watch -------------------------------------------------------------------------------------------------------------


def test_watch_shows_the_prompt_under_the_snapshot() -> None:
    of = TrainScene(TrainView("book"), {"book": book()}, {"book": watched()})
    tall = drawn(Watch(), of, 62, 40).plain()
    for told in ("● book, step 100", "Prompt", "Next token", "Heads"):
        assert told in tall
    low = drawn(Watch(), of, 62, 12).plain()
    assert "Next token" in low and "Heads" not in low and "bars  heads  text" in low
    heads = drawn(Watch(), replace(of, view=see(of.view, watching="heads")), 62, 12).plain()
    assert "Heads" in heads and "Next token" not in heads


def test_two_runs_stand_side_by_side_or_below_one_another() -> None:
    runs, both = {"book": book(), "other": live(course(40))}, {"book": watched(), "other": watched(40)}
    of = TrainScene(TrainView("book", ("other",)), runs, both)
    line = drawn(Watch(), of, 100, 30).plain().split("\n")[1]
    assert line.startswith("● book, step 100") and "a other, step 40" in line
    lines = drawn(Watch(), of, 40, 30).plain().split("\n")
    assert sum(line.startswith(("● book", "a other")) for line in lines) == 2


def test_what_is_not_there_yet_is_said() -> None:
    of = TrainScene(TrainView("book", place=40), {"book": book()})
    assert "● book, loading step 40 ..." in drawn(Watch(), of).plain()
    late = replace(of, watch={"book": watched(30)})
    assert "● book, step 30, loading step 40 ..." in drawn(Watch(), late).plain()
    failed = replace(of, watch={"book": Watched(40, None, "the folder is gone - start again")})
    assert "the folder is gone - start again" in drawn(Watch(), failed).plain()
    new = TrainScene(TrainView("new"), {"new": live([started()])})
    assert "with the first snapshot" in drawn(Watch(), new).plain()


def test_clicks_and_keys_inside_watch_look_and_change_nothing_else() -> None:
    of = TrainScene(TrainView("book"), {"book": book()}, {"book": watched()})
    canvas, pane = drawn(Watch(), of, 62, 40), Watch()
    heads = next(y for y, line in enumerate(canvas.plain().split("\n")) if line.startswith("Heads"))
    looks = set()
    for x in range(62):
        act = canvas.at(x, heads + 2)
        view = act(of.view) if act else of.view
        assert replace(view, look=of.view.look, watching="bars") == of.view and view.look.caret is None
        looks.add((view.look.layer, view.look.head))
    assert looks >= {(0, head) for head in range(4)}
    empty = TrainScene(TrainView("book"), {"book": book()}, {"book": Watched(100, scene(""))})
    clicks = [hit.act for hit in drawn(Watch(), empty, 62, 40).hits]
    assert clicks and all(act(empty.view).look.caret is None for act in clicks)  # it is written elsewhere
    watching = replace(of, view=see(of.view, watching="heads"))
    down = pane.move(pane_scene := watching, 0, 1)
    assert (down.look.layer, down.look.head) == (1, 0) and pane.move(pane_scene, 1, 0).look.head == 1
    assert pane.move(of, -1, 0).place == 90 and pane.move(of, 0, 1).look.candidate == 1
    assert "layer 1 head 0" in drawn(pane, replace(watching, view=down), 62, 40).plain()
    assert pane.enter(of).watching == "heads"


def test_a_part_of_a_canvas_is_cut_at_every_edge() -> None:
    part = Canvas(4, 3, PALETTE)
    for y, line in enumerate(("abcd", "efgh", "ijkl")):
        part.put(0, y, line)
    part.hit(0, 0, 4, 3, lambda value: value + 1)
    whole = Canvas(5, 3, PALETTE)
    whole.paste(part, 2, 1, lambda act: lambda value: 10 * act(value))
    assert whole.plain() == "\n  abc\n  efg" and [len(row) for row in whole.chars] == [5, 5, 5]
    act = whole.at(3, 2)
    assert act is not None and act(1) == 20 and whole.at(1, 1) is None
