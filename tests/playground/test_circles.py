"""What was shown goes at once when it is shown no longer, and does not wait for Python to search for circles."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from models.sampling import Sampler
from playground.app import Playground
from playground.compare.comparer import Asked as Comparison
from playground.compare.comparer import Comparer
from playground.inside.panes import ALL as INSIDE
from playground.inside.panes.pane_kinds import InsidePane
from playground.kit.canvas import Canvas
from playground.kit.kept import Kept
from playground.kit.pane import Pane
from playground.kit.worker import Worker
from playground.looking.engine import Asked, Engine
from tests.playground.inside import inside_scenes
from tests.playground.looking.scenes import PALETTE, random_gpt, save_random
from tests.playground.play.play_on_screen import at
from tests.playground.test_units_on_screen import every, scenes
from tests.playground.waiting import PATIENCE

SIZES = [(150, 44), (60, 18)]


@pytest.fixture(autouse=True)
def no_search() -> Iterator[None]:
    """What goes now goes by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def left_of(pane: Pane[Any, Any], of: Any, width: int, height: int) -> Any:
    """The scene, if anything still holds it once its picture is gone."""
    of = replace(of)  # that nobody else holds
    canvas = Canvas(width, height, PALETTE, focused=True)
    pane.draw(of, canvas)
    canvas.let_go()
    return weakref.ref(of)


@pytest.mark.parametrize(("screen", "kind"), [*every()])
def test_a_picture_that_is_gone_holds_nothing(screen: str, kind: type[Pane[Any, Any]]) -> None:
    for of in scenes()[screen]:
        for size in SIZES:
            assert left_of(kind(), of, *size)() is None


@pytest.mark.parametrize("pane", [kind() for kind in INSIDE], ids=lambda pane: pane.name)
def test_so_does_none_of_inside(pane: Pane[Any, Any]) -> None:
    of = inside_scenes.scene("michael jordan plays")
    known = inside_scenes.found(pane, of) if isinstance(pane, InsidePane) else of
    for size in SIZES:
        assert left_of(pane, known, *size)() is None


def test_who_computes_goes_in_the_middle_of_it() -> None:
    gpt, kept = replace(random_gpt()), Kept(1 << 20)
    engine, comparer = Engine(gpt, {}, kept), Comparer(gpt, {}, None)
    onward = engine.work(Asked((1, 2, 3), onward=(Sampler(), 1)))
    scored = comparer.work(Comparison((1, 2, 3), onward=(1, 2), scores=True))
    for pieces in (onward, scored):
        for _ in range(9):
            next(pieces)
    kept.forget(engine.traces)
    left = [weakref.ref(each) for each in (engine, comparer, gpt)]
    del engine, comparer, gpt, onward, scored, pieces
    assert [each() for each in left] == [None] * 3


def test_a_worker_that_waits_holds_no_request() -> None:
    class Request:
        """One that can be seen to go."""

    done = threading.Event()
    worker: Worker[Request, str] = Worker("waiting", lambda request: iter(("done",)), lambda *_: done.set())
    worker.start()
    request = Request()
    left = weakref.ref(request)
    worker.ask(request)
    del request
    assert done.wait(PATIENCE)
    worker.ask(Request())  # taken up once the first is let go
    worker.stop()
    worker.join()
    assert left() is None


async def test_a_closed_model_goes_as_soon_as_another_is_open(tmp_path: Path) -> None:
    one, other = (save_random(tmp_path / name) for name in ("one", "other"))
    async with at(one) as person:
        app = person.app
        app.kept.most = 0  # so that it is not kept to be undone to, as a large one is not
        await person.press("space", "8")
        for key in ("f", "E"):
            await person.pilot.press(key)
            await person.until(lambda: app.here is None)
            await person.pilot.press("escape")
            await person.until(lambda: app.here is not None)
        for key in ("f5", "f4", "f2"):
            before = app.screen
            await person.pilot.press(key)
            await person.until(partial(is_not, before, app))
        await person.settle()
        left = weakref.ref(person.model)
        app.open_model(str(other))
        await person.until(lambda: person.session.opening == 2 and person.play.is_fresh)
        await person.until(lambda: left() is None)


def is_not(screen: Screen[Any], app: Playground) -> bool:
    return app.here is not None and app.screen is not screen
