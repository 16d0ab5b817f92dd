"""The storyboard: every depth and position, before and after, and in words where an answer was decided."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.lenses.logit_lens import Layers, decided, logit_lens
from models.switches import MLPOff, Switch
from playground.inside.panes.storyboard import Storyboard, StoryLook, verdict
from playground.inside.scene import InsideScene
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.looking.session import look_at
from tests.playground.inside.inside_scenes import drawn, found, scene, seen
from tests.playground.looking.scenes import GLYPHS, PALETTE, random_gpt

FACT = "michael jordan plays"
PANE = Storyboard()


def at(of: InsideScene, row: int | None = None, **look: object) -> InsideScene:
    view = of.view.looking(replace(of.view.look(StoryLook), **look))  # type: ignore[arg-type]
    return seen(of, view if row is None else view.with_session(look_at(view.session, row)))


def shown(of: InsideScene, width: int = 76, height: int = 15, palette: Palette = PALETTE) -> str:
    return drawn(PANE, of, width, height, palette).plain()


def test_it_says_after_which_layer_the_answer_was_decided() -> None:
    said = shown(scene(FACT))
    assert "'basketball' is first after layer 2 (0.98), until then 'home'" in said
    assert "after layer 2 'basketball' 0.98 · 0.00 bits from the end" in said
    assert "'plays', which came, is number 1 here (0.71)" in " ".join(shown(at(scene(FACT), 1)).split())


def test_verdicts() -> None:
    def of(best: list[int], p: list[float]) -> Layers:
        one = np.array(p)[:, None]
        return Layers(np.array(best)[:, None], one, one, np.ones((len(best), 1), int), one, one, range(1))

    told = {
        ((1, 2, 2), (0.1, 0.4, 0.9)): "'t2' is first after layer 0 (0.40), until then 't1'; in the end 0.90",
        ((2, 1, 2), (0.1, 0.4, 0.9)): "'t2' is first after layer 1 (0.90), until then 't1'",
        ((2, 2, 2), (0.1, 0.4, 0.9)): "'t2' is first before the layers (0.10) and stays so; in the end 0.90",
        ((1, 1, -1), (0.1, 0.4, 0.9)): "the scores of this pass are not numbers",
    }
    for (best, p), says in told.items():
        layers = of(list(best), list(p))
        assert verdict(layers, 0, lambda token: f"t{token}") == says
    assert [decided(of(list(best), list(p)), 0) for best, p in told] == [1, 2, 0, -1]


def test_a_cell_is_the_token_of_the_lens_with_its_number_in_each_way_to_shade() -> None:
    of = scene(FACT)
    lens = logit_lens(of.play.model, of.play.known.now)
    lines = shown(of).splitlines()
    assert lines[1].split() == ["michael", "jordan", "plays"]
    for depth, name in enumerate(("before", "L0", "L1", "L2")):
        assert lines[2 + 2 * depth].replace("▸", " ").split() == [
            name,
            *(of.label(int(token)) for token in lens.best[depth]),
        ]
        assert lines[3 + 2 * depth].split() == [f"{p:.2f}".removeprefix("0")[:3] for p in lens.best_p[depth]]
    told = shown(at(of, shows="rank")).splitlines()
    assert "rank of the token that came" in told[0]
    assert [told[3 + 2 * depth].split() for depth in range(4)] == [[*map(str, row[:2]), "–"] for row in lens.rank]
    told = shown(at(of, shows="kl")).splitlines()
    assert "bits from the end" in told[0]
    assert [told[3 + 2 * depth].split() for depth in range(4)] == [[f"{kl:.2f}" for kl in row] for row in lens.kl]


def test_what_a_switch_changed_is_marked_and_both_can_be_read() -> None:
    of, switches = scene(FACT), (MLPOff(1),)
    changed = scene(FACT, switches)
    for height in (20, 13):  # two lines a cell, and one
        said = shown(changed, height=height)
        assert "'basketball' is first after layer 2 (0.40)" in said
        assert "░ before: 'basketball' is first after layer 2 (0.98), until then 'home'" in said
        assert "≠sunday" in said and ("░home" in said) == (height == 20) and "≠" not in shown(of, height=height)
    assert GLYPHS is not PALETTE and "≠sunday" in shown(changed, palette=GLYPHS)


def test_keys_go_through_depths_and_list_the_likeliest_of_a_cell() -> None:
    of = scene(FACT)
    up = seen(of, PANE.move(of, 0, -1))
    assert up.view.look(StoryLook).depth == 2 and "after layer 1 'home'" in shown(up)
    assert PANE.move(of, 0, 1) == of.view.looking(StoryLook()), "there is nothing below the last"
    assert PANE.move(of, -1, 0).session.row == 1
    assert shown(up, height=13) and not PANE.lists
    opened = seen(up, PANE.enter(up))
    lens = found(PANE, opened).found["story"].now
    five = [line.split() for line in shown(opened, height=24).splitlines() if line][-5:]
    assert five[0][0] == "home" and float(five[0][1]) == round(float(lens.best_p[2, 2]), 3) and len(five) == 5
    assert [float(line[1]) for line in five] == sorted((float(line[1]) for line in five), reverse=True)
    with_switch = shown(at(scene(FACT, (MLPOff(1),)), is_open=True), height=24)
    assert any("░" in line and "0.9" in line for line in with_switch.splitlines() if line.startswith("  "))
    assert PANE.back(opened).look(StoryLook).is_open is False
    closed = seen(up, PANE.back(opened))
    assert shown(closed, height=30) and not PANE.lists and PANE.back(closed) == closed.view
    shown(up, height=30)
    assert PANE.lists and PANE.enter(up).look(StoryLook).is_open is False, "listed where there is room"
    assert [PANE.otherwise(at(of, shows=shows)).look(StoryLook).shows for shows in ("chance", "rank", "kl")] == [
        "rank", "kl", "chance"]  # fmt: skip


def test_a_click_goes_to_the_cell() -> None:
    of = scene(FACT)
    canvas: Canvas = drawn(PANE, of, 76, 16)
    column = canvas.plain().splitlines()[4].index("plays")  # what layer 0 says after 'jordan'
    act = canvas.at(column, 4)
    assert act is not None
    view = act(of.view)
    assert view.look(StoryLook).depth == 1 and view.session.row == 1


def test_many_layers_and_a_long_text_are_shown_about_the_cursor() -> None:
    deep = random_gpt(layers=14)
    of = at(scene("To be, or not to be, that is the question:\nWhether", of=deep), 30, depth=1)
    said = shown(of, 50, 12).splitlines()
    assert "of 50" in said[0] and [line.split()[0] for line in said[2:7]] == ["before", *(f"L{n}" for n in range(4))]
    assert "L13" in shown(at(of, depth=None), 50, 12) and "before" not in shown(at(of, depth=None), 50, 12)
    assert len(max(said, key=len)) <= 50


def test_a_long_search_is_told_as_it_goes_and_is_not_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.lenses.logit_lens.CELLS", 1)
    of, pane = scene("the dog near the cats chased the bee", (MLPOff(1),)), Storyboard()
    subject, asked = of.subject, pane.asks(of)
    assert subject is not None and asked == range(8)
    pieces = [*pane.find(subject, asked)]
    told = [piece for piece in pieces if piece is not None]
    assert len(pieces) == 16 and [len(piece.now.known) for piece in told] == [1, 5, 8, 8, 8, 8]
    assert [piece.before and len(piece.before.known) for piece in told] == [None, None, None, 1, 5, 8]
    assert [piece and piece.before for piece in pane.find(subject, asked)] == [told[-1].before], "both are known"
    canvas = Canvas(100, 14, PALETTE)
    pane.draw_found(at(of, 2), told[0], canvas)
    assert "after layer 2: looking ..." in canvas.plain() and "·" in canvas.plain().splitlines()[2]


def test_of_a_large_model_only_what_is_about_the_cursor_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.inside.panes.storyboard.AT_ONCE", 1000)
    of = scene("To be, or not to be, that is the question:\nWhether", of=random_gpt())
    asked = [PANE.asks(at(of, row)) for row in (0, 11, 12, 30, 49)]
    assert asked == [range(12), range(12), range(24), range(12, 36), range(36, 50)]
    said = shown(at(of, 30), 76, 16)
    assert "?" not in said and "·" in said and "is first" in said


def test_scores_that_are_no_numbers_are_said_to_be_none() -> None:
    model = random_gpt()
    weights = {name: np.full_like(w, np.nan) if name == "ln_f.bias" else w for name, w in model.weights.items()}
    switches: tuple[Switch, ...] = ()
    said = shown(scene("To be", switches, replace(model, weights=weights)))
    assert "not numbers" in said and "?" in said
