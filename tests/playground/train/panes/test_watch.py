"""Watch: a prompt under the snapshot, one run or two."""

from __future__ import annotations

from dataclasses import replace

from playground.train.panes.watch import Watch
from playground.train.scene import TrainScene, TrainView, Watched, see
from tests.playground.looking.scenes import scene
from tests.playground.train.panes.drawn_panes import drawn, watched
from tests.playground.train.train_records import book, course, live, started


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
