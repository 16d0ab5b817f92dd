"""All heads: thumbnails, kinds, and what a switch did to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rich.style import Style

from models.lenses.inside.sweep import Lost, parts
from models.measures import Effect
from models.switches import (
    AttentionOff,
    HeadMean,
    HeadOff,
    HeadScale,
    HeadUniform,
    MaskOff,
    MLPLinear,
    MLPOff,
    Patched,
    Switch,
)
from models.units import NATS
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.looking.panes.head_kinds import measured
from playground.looking.panes.heads import HIGH, WIDE, Heads, _board
from playground.looking.scene import Costs, Scene, Swept
from playground.looking.session import look
from tests.playground.looking.panes.attention_scenes import TEXT, drawn, model, scene
from tests.playground.looking.scenes import GLYPHS, PALETTE


def at_text(canvas: Canvas, text: str, line: int | None = None) -> tuple[int, int]:
    """Where a text stands on the canvas."""
    for y, row in enumerate(canvas.chars):
        x = "".join(row).find(text)
        if x >= 0 and line in (None, y):
            return x, y
    raise AssertionError(f"{text!r} is not there:\n{canvas.plain()}")


def test_switches_show_on_the_board() -> None:
    on = (HeadOff(0, 1), HeadMean(0, 2), HeadUniform(0, 3), MLPOff(0), MLPLinear(1))
    canvas = drawn(Heads, scene(TEXT, on), 69, 18)
    text = canvas.plain()
    assert "H1 ✕ off" in text
    assert "H2 μ mean" in text
    assert "H3 = uniform" in text
    assert "✕ off" in text.splitlines()[2]  # the MLP's, below its name
    assert "linear" in text
    off = drawn(Heads, scene(TEXT, (AttentionOff(1),)), 69, 18)
    assert off.plain().count("✕ off") == 4
    assert "✕ off" not in drawn(Heads, scene(TEXT), 69, 18).plain()


def light(style: Style) -> int:
    """How light a style's background is."""
    assert style.bgcolor is not None
    assert style.bgcolor.triplet is not None
    return sum(style.bgcolor.triplet)


def test_a_silenced_head_is_dim_and_one_that_is_patched_at_one_place_is_not() -> None:
    loud, dim = drawn(Heads, scene(TEXT), 69, 18), drawn(Heads, scene(TEXT, (HeadOff(0, 1),)), 69, 18)
    x, y = at_text(loud, "H1")
    at_one = drawn(Heads, scene(TEXT, (Patched("z", 0, 1, (1, 2, 3), 1),)), 69, 18)
    lights = [sum(light(canvas.styles[y + 1][x + across]) for across in range(6)) for canvas in (loud, dim, at_one)]
    assert lights[0] > lights[1] * 1.2 and lights[2] == lights[0], "what is put in at one position leaves the others"
    for switch, dims in ((HeadScale(0, 1, 2.0), False), (HeadScale(0, 1, 0.0), True)):
        canvas = drawn(Heads, scene(TEXT, (switch,)), 69, 18)
        found = sum(light(canvas.styles[y + 1][x + across]) for across in range(6))
        assert (found < lights[0] / 1.2) == dims, switch


def test_a_click_on_a_thumbnail_chooses_and_on_its_name_silences() -> None:
    seen = scene(TEXT)
    canvas = drawn(Heads, seen, 69, 18)
    x, y = at_text(canvas, "H2", at_text(canvas, "L1")[1])
    choose, silence = canvas.at(x, y + 1), canvas.at(x, y)
    assert choose is not None
    assert silence is not None
    view = choose(seen.session).view
    assert (view.layer, view.head) == (1, 2)
    silenced = silence(seen.session)
    assert silenced.switches == (HeadOff(1, 2),)
    assert silence(silenced).switches == ()


def test_layers_and_mlps_are_switched_by_their_names() -> None:
    seen = scene(TEXT)
    canvas = drawn(Heads, seen, 69, 18)
    for text, switch in (("L1", AttentionOff(1)), ("mlp", MLPOff(1))):
        x = at_text(canvas, text)[0]
        act = canvas.at(x, at_text(canvas, "L1")[1])
        assert act is not None
        assert act(seen.session).switches == (switch,)


def test_arrows_walk_the_board_and_enter_silences() -> None:
    seen = scene(TEXT, layer=1, head=0)
    assert (Heads().move(seen, 1, 0).view.head, Heads().move(seen, 0, 1).view.layer) == (1, 1)
    assert (Heads().move(seen, -1, 0).view.head, Heads().move(seen, 0, -9).view.layer) == (0, 0)
    assert Heads().enter(seen).switches == (HeadOff(1, 0),)
    uniform = scene(TEXT, (HeadUniform(1, 0),), layer=1, head=0)
    assert Heads().enter(uniform).switches == (HeadOff(1, 0),)


@pytest.mark.parametrize(("size", "cut"), [((46, 13), True), ((30, 9), False), ((60, 27), False)])
def test_many_heads_in_little_space(size: tuple[int, int], cut: bool) -> None:
    for layer, head in ((0, 0), (11, 11), (5, 7)):
        seen = scene(TEXT, (HeadOff(layer, head),), model("large"), layer=layer, head=head)
        canvas = drawn(Heads, seen, *size)
        assert "✕" in canvas.plain(), "the chosen head is on the board"
        assert f"L{layer}" in canvas.plain()
        assert ("of 12" in canvas.plain()) == cut
        x, y = at_text(canvas, "✕")
        act = canvas.at(x, y)
        assert act is not None
        assert (act(seen.session).view.layer, act(seen.session).view.head) == (layer, head)


@pytest.mark.parametrize("size", [(46, 13), (46, 20), (41, 14), (30, 9), (20, 6), (12, 4)])
def test_pages_show_every_head_large_enough_and_turn_as_one_reads(size: tuple[int, int]) -> None:
    seen, pane, shown = scene(TEXT, (), model("large")), Heads(), list[tuple[int, int]]()
    while True:
        canvas = Canvas(*size, PALETTE)
        pane.draw(seen, canvas)
        board = _board(seen, *size)
        assert board.wide >= WIDE and board.high >= HIGH
        assert board.corner(board.layers[-1], 0)[1] + board.high <= size[1]
        shown += [(layer, head) for layer in board.layers for head in board.heads]
        session = pane.move(seen, 0, 10)
        if session == seen.session:
            break
        seen = replace(seen, session=session)
    assert sorted(shown) == [(layer, head) for layer in range(12) for head in range(12)], "each on one page"
    back = pane.move(seen, 0, -10).view
    assert (back.layer, back.head) < (11, 11) and {(back.layer, back.head)} & set(shown[: -len(board.layers)])


def test_the_title_says_which_page_it_is_and_how_to_turn_it() -> None:
    ways = {(60, 13): "L0-3 of 12 · PgUp PgDn", (46, 13): "L0-3 H0-5 of 12 ⇞⇟", (41, 14): "page 1/6 ⇞⇟"}
    for size, says in ways.items():
        assert says in drawn(Heads, scene(TEXT, (), model("large")), *size).plain().splitlines()[0], size
    assert "⇞" not in drawn(Heads, scene(TEXT, (), model("large")), 60, 27).plain()
    roomy, pane = scene(TEXT, (), model("large"), layer=1), Heads()
    pane.draw(roomy, Canvas(60, 27, PALETTE))
    assert pane.move(roomy, 0, 10).view.layer == 11, "on a single page, it is a long way down"


def test_thumbnails_follow_what_is_shown() -> None:
    on = (HeadOff(0, 0), MaskOff())
    pictures = {
        shows: drawn(Heads, scene(TEXT, on, shows=shows), 69, 18) for shows in ("after", "before", "difference")
    }
    assert len({str(canvas.strips()) for canvas in pictures.values()}) == 3


def test_the_same_pane_draws_another_trace() -> None:
    changed = scene("To be", (MaskOff(),))
    difference = replace(changed, session=look(changed.session, shows="difference"))
    pane, others = Heads(), (scene("To be"), scene("not to be"), changed, difference)
    for seen in (*others, *others):
        kept, fresh = Canvas(46, 13, PALETTE), Canvas(46, 13, PALETTE)
        pane.draw(seen, kept)
        Heads().draw(seen, fresh)
        assert kept.strips() == fresh.strips()


def test_kinds_are_measured_on_the_pattern() -> None:
    size = 24
    visible = np.tril(np.ones((size, size), bool))
    back = np.eye(size, k=-1)
    two = np.eye(size, k=-2)
    first = np.zeros((size, size))
    first[:, 0] = 1
    spread = visible / visible.sum(1, keepdims=True)
    local = np.exp(-0.5 * (np.arange(size)[:, None] - np.arange(size))) * visible
    local /= local.sum(1, keepdims=True)
    kinds = measured(np.stack([back, two, first, np.eye(size), spread, local, 0.7 * back + 0.3 * first]), visible)
    assert [kind.name for kind in kinds] == ["prev", "2 back", "first", "self", "spread", "", "prev"]
    assert kinds[6].value == pytest.approx(0.7)
    assert kinds[4].value == pytest.approx(1.0)
    assert kinds[5].value < 0.5


def test_the_number_of_the_kind_is_in_the_note() -> None:
    seen = scene(TEXT, (HeadUniform(0, 0),))
    assert "spread 1.000 of what it may see is looked at" in drawn(Heads, seen, 80, 18).plain().splitlines()[0]
    assert "spread 1.00" in drawn(Heads, seen, 46, 13).plain().splitlines()[0]


def swept(seen: Scene, done: bool = True, **bits: float) -> Scene:
    """The scene with these effects, by the part: H01 is head 1 of layer 0, M1 the MLP of layer 1; all others nil."""
    losts = []
    for part in parts(seen.model.config):
        name = f"H{part.layer}{part.head}" if isinstance(part, HeadOff) else f"M{part.layer}"
        losts.append(Lost(part, Effect(bits.get(name, 0.001), 1, 2 if bits.get(name, 0) > 1 else 1)))
    ordered = sorted(losts, key=lambda lost: -lost.effect.kl)
    return replace(seen, swept=Swept(tuple(ordered), done))


def thumbnail(canvas: Canvas, layer: int, head: int) -> list[str]:
    """The lines of a thumbnail below its name, on a board of 2 x 4."""
    x, y = at_text(canvas, f"H{head}", at_text(canvas, f"L{layer}")[1])
    return ["".join(row[x : x + 13]).rstrip() for row in canvas.chars[y + 1 : y + 8]]


def test_each_thumbnail_carries_its_effect_and_the_token_the_answer_became() -> None:
    seen = swept(scene(TEXT), H01=7.481, H13=0.128, M1=31.276, M0=0.5)
    became = seen.label(2)
    canvas = drawn(Heads, seen, 69, 18)
    first, second = thumbnail(canvas, 0, 1)[:2]
    assert first.endswith("!7.48") and second.endswith(f"→{became}"), "the head that matters most is marked"
    assert thumbnail(canvas, 1, 3)[0].endswith("0.13") and "→" not in "".join(thumbnail(canvas, 1, 3))
    assert thumbnail(canvas, 0, 0)[0].endswith(" 0"), "nil"
    x, y = at_text(canvas, "mlp", at_text(canvas, "L1")[1])
    column = ["".join(row[x:]).strip() for row in canvas.chars[y + 1 : y + 3]]
    assert column == ["!31.28", f"→{became}"], "and the MLP that matters more"
    nats = Canvas(69, 18, PALETTE, unit=NATS)
    Heads().draw(seen, nats)
    assert "!5.19" in nats.plain() and "7.48" not in nats.plain()
    assert "!" not in drawn(Heads, swept(scene(TEXT), done=False, H01=7.48), 69, 18).plain(), "others are to come"


def test_what_is_off_has_no_effect_and_what_is_linear_has() -> None:
    seen = swept(scene(TEXT, (HeadOff(0, 1), MLPLinear(0))), M0=0.25)
    assert seen.swept is not None
    left = tuple(lost for lost in seen.swept.found if lost.part != HeadOff(0, 1))
    canvas = drawn(Heads, replace(seen, swept=Swept(left)), 69, 18)
    assert not any(line.endswith("0") for line in thumbnail(canvas, 0, 1))
    x, y = at_text(canvas, "linear")
    assert "".join(canvas.chars[y + 1][x:]).strip() == "!0.25"


@pytest.mark.parametrize("palette", [PALETTE, GLYPHS], ids=["colours", "glyphs"])
def test_where_there_is_no_room_a_mark_says_it(palette: Palette) -> None:
    large = scene(TEXT, (), model("large"), layer=3, head=3)
    canvas = drawn(Heads, swept(large, H33=4.0, H35=0.3, H34=0.05, M3=0.4), 60, 27, palette)
    _, y = at_text(canvas, "L3")
    line = "".join(canvas.chars[y])
    assert line.count("!") == 1 and line.count("•") == 1 and line.strip().endswith("0.40")
    assert "!" not in "".join(canvas.chars[at_text(canvas, "L2")[1]])


def test_the_chosen_head_s_effect_is_in_the_note() -> None:
    seen = swept(scene(TEXT, layer=0, head=1), H01=7.481)
    assert "· off 7.48 bits" in drawn(Heads, seen, 110, 18).plain().splitlines()[0]


def test_what_is_thrown_carries_what_it_costs_by_itself() -> None:
    """A head in the corner of its thumbnail and, chosen, in the title; an MLP below what is done to it."""
    on: dict[Switch, float] = {HeadOff(0, 1): 0.31, MLPLinear(0): 1.25, MLPOff(1): 2.5}
    of = scene(TEXT, tuple(on))
    effects = {switch: Effect(bits, 0, 0) for switch, bits in on.items()}
    of = replace(of, session=look(of.session, layer=0, head=1), costs=Costs(of.session.tokens, of.row, effects))
    canvas = drawn(Heads, swept(of, M0=0.25), 69, 18)
    assert thumbnail(canvas, 0, 1)[0].endswith("0.31")
    assert "· alone 0.31 bits" in drawn(Heads, of, 90, 18).plain().splitlines()[0]
    for layer, state, bits in ((0, "linear", "1.25"), (1, "✕ off", "2.50")):
        x, y = at_text(canvas, state, at_text(canvas, f"L{layer}")[1] + 1)
        assert "".join(canvas.chars[y + 1][x : x + 4]) == bits, canvas.plain()
        assert canvas.styles[y + 1][x] is PALETTE.contrast
    assert "0.31" not in drawn(Heads, replace(of, costs=Costs(of.session.tokens, of.row - 1, effects)), 69, 18).plain()
