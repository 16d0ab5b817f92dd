"""Patching: the grid says what each place carries, and Enter keeps a place, or a rewritten fact, as a switch."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from models import load
from models.errors import UserError
from models.lenses.inside import rewriting
from models.switches import HeadOff, Patched, Rewritten
from models.tracing import trace
from playground.inside.layout import PANES
from playground.inside.panes.patch import Patching
from playground.inside.panes.patch_look import PatchLook
from playground.inside.scene import InsideScene
from playground.looking.session import look_at
from tests.playground.inside.inside_on_screen import at
from tests.playground.inside.inside_scenes import drawn, found, little_world, scene, seen
from tests.playground.looking.scenes import GLYPHS

TEXT, OTHER = "\nmichael jordan plays", "\nserena jordan plays"
PANE = Patching()


def against(look: PatchLook, text: str = TEXT, of: InsideScene | None = None) -> InsideScene:
    of = of or scene(text)
    return found(PANE, seen(of, of.view.looking(look)))


def tokens(text: str) -> tuple[int, ...]:
    tokenizer = little_world().tokenizer
    assert tokenizer is not None
    return tuple(tokenizer.encode(text))


def numbers(plain: str, name: str) -> list[float]:
    line = next(line for line in plain.splitlines() if name in line)
    return [float(word) for word in re.findall(r"-?\d*\.\d+", line)]


def test_at_first_it_offers_a_text_and_enter_takes_it() -> None:
    of = scene(TEXT)
    plain = " ".join(drawn(PANE, of).plain().split())
    assert "f types another text" in plain and "Enter takes 'serena jordan plays'" in plain
    assert PANE.suggestion(of) == "serena jordan plays"
    taken = PANE.enter(of)
    assert taken.look(PatchLook).other == OTHER and taken.session == of.view.session


def test_where_it_knows_no_other_text_it_offers_both() -> None:
    of = scene("hello")
    assert "example 'michael jordan plays' against 'serena jordan plays'" in " ".join(drawn(PANE, of).plain().split())
    taken = PANE.enter(of)
    assert taken.look(PatchLook).other == OTHER and taken.session.tokens == tokens(TEXT)
    letters = scene("hello", of=load("shakespeare-char"))
    assert "'DUKE VINCENTI' against 'QUEEN MARGARE'" in drawn(PANE, letters, 120).plain()
    assert PANE.enter(letters).look(PatchLook).other == "QUEEN MARGARE"
    king = scene("the king", of=load("shakespeare-char"))
    assert PANE.enter(king).look(PatchLook).other == "QUEEN MARGARE", "'the queen' is longer in letters: no pair"
    assert PANE.suggestion(king) == ""


def test_while_the_pass_is_not_made_enter_leaves_the_text_alone() -> None:
    of = scene("hello")
    waiting = replace(of, play=replace(of.play, results=None))
    assert PANE.enter(waiting) == waiting.view


def test_the_grid_says_what_each_place_carries() -> None:
    of = against(PatchLook(OTHER))
    plain = drawn(PANE, of).plain()
    title, heads, *_ = plain.splitlines()
    assert "from basketball to rugby" in title and "against 'serena jordan plays'" in title
    assert heads.split() == ["⏎", "michael", "jordan", "plays"]
    assert numbers(plain, "L0 stream") == [0, 1, 0, 0] and numbers(plain, "L0 attention")[3] > 0.95
    assert 0.4 < numbers(plain, "L1 MLP")[3] < 0.8
    assert "▸1.01" in plain, "the cursor, without colours as well"
    assert "L0 attention at 3 'plays' carries 1.01 of the way from basketball to rugby: with it" in plain
    small = drawn(PANE, against(PatchLook(OTHER, "heads")), 60, 20, GLYPHS).plain()
    assert "single heads" in small and numbers(small, "L0H0")[3] > 0.9


def test_up_and_down_go_over_the_parts_left_and_right_along_the_text() -> None:
    of = against(PatchLook(OTHER, line=5))
    assert "L1 MLP at 3 'plays' carries" in drawn(PANE, of).plain()
    up = PANE.move(of, 0, -1)
    assert up.look(PatchLook).line == 4 and PANE.move(of, 0, -99).look(PatchLook).line == 0
    assert PANE.move(of, 0, 99).look(PatchLook).line == 8
    left = seen(of, PANE.move(of, -1, 0))
    assert "L1 MLP at 2 'jordan' carries" in drawn(PANE, left).plain()
    canvas = drawn(PANE, of)
    act = canvas.at(next(x for x in range(15, 100) if canvas.chars[1][x : x + 7] == [*"michael"]), 2)
    assert act is not None
    clicked = act(of.view)
    assert clicked.look(PatchLook).line == 0 and clicked.session.row == 1


def test_enter_keeps_the_place_and_lets_it_go() -> None:
    of = against(PatchLook(OTHER, line=5))
    kept = PANE.enter(of)
    switch = Patched("mlp_out", 1, 3, tokens(OTHER))
    assert kept.session.switches == (switch,) and PANE.put_in(of).session.switches == (switch,)
    on = scene(TEXT, kept.session.switches)
    again = against(PatchLook(OTHER, line=5), of=on)
    plain = drawn(PANE, again).plain()
    assert "● L1 MLP" in plain and "⏎ lets it go" in plain and numbers(plain, "L0 stream") == [0, 1, 0, 0]
    assert PANE.enter(again).session.switches == ()
    head = against(PatchLook(OTHER, "heads", 0))
    assert PANE.enter(head).session.switches == (Patched("z", 0, 3, tokens(OTHER), 0),)


def test_a_part_that_is_off_carries_nothing() -> None:
    of = against(PatchLook(OTHER, "heads", 0), of=scene(TEXT, [HeadOff(0, 0)]))
    carried = of.found["patch"]
    assert abs(carried.shares[0]).max() < 1e-5 and abs(carried.shares[1:]).max() > 0.05


def test_what_is_measured_is_what_the_switch_then_does() -> None:
    of = against(PatchLook(OTHER, line=5))
    carried = of.found["patch"]
    (switch,) = PANE.enter(of).session.switches
    scores = trace(little_world(), TEXT, [switch]).logits[-1].astype(float)
    own, other = carried.answers
    share = (scores[other] - scores[own] - carried.own) / (carried.other - carried.own)
    assert carried.shares[5, 3] == pytest.approx(share, abs=1e-4) and carried.says[5, 3] == scores.argmax()


def test_a_long_text_is_shades_and_the_number_is_said_below() -> None:
    long = "\n" + "michael jordan plays basketball . " * 5 + "michael jordan plays"
    of = against(PatchLook(long.replace("michael", "serena")), long)
    plain = drawn(PANE, of, 76, 20).plain()
    assert " carries " in plain and not re.search(r"L0 stream +-?\d", plain)
    assert "plays" in plain.splitlines()[1], "the token under the cursor stands above its column"


def test_typed_words_are_held_against_if_they_are_as_many() -> None:
    of = scene(TEXT)
    assert PANE.told(of, "boris jordan plays").look(PatchLook).other == "\nboris jordan plays"
    with pytest.raises(UserError, match="the text has 4 tokens and the other 3 - give two texts of one length"):
        PANE.told(of, "boris plays")
    with pytest.raises(UserError, match="zebra"):
        PANE.told(of, "zebra jordan plays")
    same = against(PatchLook(TEXT))
    assert "both texts are followed by 'basketball'" in drawn(PANE, same).plain()
    shorter = against(PatchLook(OTHER), "michael jordan plays")
    plain = " ".join(drawn(PANE, shorter).plain().split())
    assert "the text has 3 tokens and the other 4" in plain and "Enter takes 'serena jordan plays'" in plain
    assert PANE.enter(shorter).look(PatchLook).other == "serena jordan plays"


def test_a_fact_rewritten_is_told_with_its_neighbours_and_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "TEXTS", 10)
    of = against(PatchLook(OTHER, "rewriting"))
    plain = drawn(PANE, of).plain()
    assert "rugby written in the place of basketball" in plain.splitlines()[0]
    rows = {line[:12].strip(): line.split() for line in plain.splitlines() if " × " in line}
    assert rows["L1 × 1"][3:11] == ["rugby", "0.938", "2", "of", "2", "126", "of", "126"]
    assert rows["L0 × 4"][3] == "football" and len(rows) == 9
    said = " ".join(plain.split())
    assert "layer 1, once: the text is followed by rugby" in said, "the best is where one looks first"
    assert "michael jordan: rugby in 2 of 2 tenses; of 126 facts about others 126 are right, 126 before" in said
    assert re.search(r"bits a word on \d+ fresh words \d\.\d+ → \d\.\d+ · ⏎ keeps it", said)
    kept = PANE.enter(of)
    assert kept.session.switches == (Rewritten(1, tokens(TEXT), tokens(OTHER)),)
    on = against(PatchLook(OTHER, "rewriting"), of=scene(TEXT, kept.session.switches))
    assert "● L1 × 1" in drawn(PANE, on).plain() and on.found["patch"] is of.found["patch"], "found once"
    down = PANE.move(of, 0, 1)
    assert "layer 1, twice" in drawn(PANE, seen(of, down)).plain()


def test_v_turns_over_what_the_model_has() -> None:
    of = against(PatchLook(OTHER, line=3))
    views = [PANE.otherwise(of)]
    for _ in range(2):
        views.append(PANE.otherwise(seen(of, views[-1])))
    assert [view.look(PatchLook).shows for view in views] == ["heads", "rewriting", "parts"]
    assert views[0].look(PatchLook) == PatchLook(OTHER, "heads")
    bare = load("little-world-no-attention")
    without = scene(TEXT, of=bare)
    turned = PANE.otherwise(seen(without, without.view.looking(PatchLook(OTHER))))
    assert turned.look(PatchLook).shows == "rewriting"


def test_a_cursor_that_moved_on_the_text_patches_there() -> None:
    of = against(PatchLook(OTHER, line=0))
    moved = found(PANE, seen(of, replace(of.view, session=look_at(of.view.session, 1))))
    assert PANE.enter(moved).session.switches == (Patched("resid_pre", 0, 1, tokens(OTHER)),)


async def test_on_screen_a_place_is_kept_undone_and_another_text_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "TEXTS", 12)
    monkeypatch.setattr(rewriting, "A_TIME", 4)
    async with at(prompt="michael jordan plays") as person:
        key = str(1 + PANES.index("patch"))
        await person.press(key, "enter")
        assert "from basketball to rugby" in person.sees("patch")
        await person.press("enter")
        (switch,) = person.app.session.switches
        assert str(switch).startswith("patch:attn_out.0.2=") and "⏎ lets it go" in person.sees("patch")
        await person.press("u")
        assert not person.app.session.switches and "⏎ keeps it" in person.sees("patch")
        await person.press("f", "ctrl+u", *"boris jordan plays", "enter")
        assert "to rugby" in person.sees("patch") and "boris" in person.sees("patch")
        await person.pilot.press("v", "v", "2", key)
        await person.settle()
        assert re.search(r"L1 × 1 .* of 126 +\d\.\d{3}", person.sees("patch")), "what was left half found is found"
