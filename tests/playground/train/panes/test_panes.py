"""The Train panes: every size and every run can be drawn, and what a pane sees decides its picture."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from rich.cells import cell_len

from models.runs.events import Ended, Event, Sampled, Snapshot, Warned
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.train.panes import ALL
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, Watched, see
from tests.playground.looking.drawn_panes import HOSTILE, gpt_over
from tests.playground.looking.scenes import GLYPHS, PALETTE, random_gpt, scene
from tests.playground.train.panes.drawn_panes import drawn, watched
from tests.playground.train.train_records import CONFIG, book, course, live, measured, started, stepped

LIGHT = Palette((251, 250, 247), (31, 31, 31), (15, 118, 110), (194, 65, 12))
SIZES = [(1, 1), (2, 3), (5, 2), (12, 12), (30, 8), (44, 6), (46, 16), (62, 27), (200, 80)]


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
        replace(whole, view=TrainView("book", along="tokens", scale="log", place=30, scroll=999)),
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
        TrainScene(TrainView("run 1 ", tuple(many)[2:6], "seconds"), many),
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
        "run": "other", "pinned": ("other",), "along": "tokens", "scale": "log", "place": 40,
        "scroll": 1, "watching": "heads", "look": scene("T", layer=1, head=1, row=2).session.view,
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
