"""The board of switches: every switch is there, and each press is one act."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models import measures
from models.switches import ALL, HeadMean, HeadOff, LayerSwitch, MaskOff, MLPOff, NeuronOff, NeuronSet, Padding, parse
from playground.looking.panes.model_line import ModelLine
from playground.looking.panes.switch_board import items
from playground.looking.panes.switches import Switches, needed
from playground.looking.scene import Scene
from playground.looking.session import History, Session, look
from playground.looking.switching import HEAD_KINDS
from tests.playground.looking.drawn_panes import TEXT, blown_up, cursors, drawn
from tests.playground.looking.scenes import random_gpt, scene


def pressed(of: Scene, item: int, **view: object) -> Session:
    return Switches().enter(replace(of, session=look(of.session, item=item, **view)))


def test_the_board_has_every_switch_of_the_model() -> None:
    of = scene("To be", row=3)
    config = of.model.config
    reached = set()
    for slug, item in product(HEAD_KINDS, range(len(items(config)))):
        after = pressed(of, item, kind=slug)
        reached |= set(after.switches)
        again = pressed(replace(of, session=after), item, kind=slug)
        assert again.switches == () and len(after.switches) <= 1
    kinds = [kind for kind in ALL if kind is not Padding and not kind.aimed]
    assert reached == {switch for kind in kinds for switch in kind.everywhere(config)} | {Padding((3,))}


def test_what_has_no_place_on_the_board_is_listed_while_it_is_on_and_taken_back_there() -> None:
    on = (HeadOff(1, 2), NeuronSet(0, 74, 3.5), NeuronOff(1, 7))
    of = scene("To be", on)
    board = items(of.model.config, on[1:])
    listed = [at for at, item in enumerate(board) if item.part == "on"]
    plain = drawn(Switches(), of, 50, 15).plain()
    assert [board[at].one for at in listed] == [*on[1:]] and "L0 N74 = 3.5" in plain and "L1 N7 ✕" in plain
    assert (
        "L1 N7 ✕: 0.00 bits by itself. ⏎ takes it back. The neuron"
        in drawn(Switches(), seen_at(of, listed[1]), 80, 20).plain()
    )
    after = pressed(of, listed[1])
    assert after.switches == on[:2] and board[after.view.item].one == on[1], "the cursor is on the one above"
    last = pressed(replace(of, session=after), listed[0])
    assert last.switches == on[:1] and board[last.view.item].kind is Padding
    up = Switches().move(seen_at(of, listed[0]), 0, -1)
    assert board[up.view.item].kind is Padding and "NeuronOff" not in str(items(of.model.config))


def seen_at(of: Scene, item: int) -> Scene:
    return replace(of, session=look(of.session, item=item))


def test_a_head_is_turned_or_turned_down_as_it_is_silenced() -> None:
    of = scene("To be")
    board = items(of.model.config)
    head = next(i for i, item in enumerate(board) if item.part == "head" and (item.layer, item.head) == (1, 2))
    for kind, mark in (("head-previous", "←"), ("head-first", "«"), ("head-scale", "◐")):
        after = pressed(of, head, kind=kind)
        assert [str(s) for s in after.switches] == [f"{kind}:1.2" + "=0.5" * (kind == "head-scale")]
        assert mark in drawn(Switches(), replace(of, session=after), 80, 14).plain().splitlines()[6]


def test_choosing_what_to_do_to_heads() -> None:
    of = scene("To be")
    board = items(of.model.config)
    means = next(i for i, item in enumerate(board) if item.part == "kind" and item.kind is HeadMean)
    head = next(i for i, item in enumerate(board) if item.part == "head" and (item.layer, item.head) == (1, 2))
    chosen = pressed(of, means)
    assert chosen.view.kind == "head-mean" and chosen.switches == ()
    after = Switches().enter(replace(of, session=look(chosen, item=head)))
    assert after.switches == (HeadMean(1, 2),)
    plain = drawn(Switches(), replace(of, session=after), 48, 13).plain()
    assert "μ" in next(line for line in plain.splitlines() if " L1 " in line)


@pytest.mark.parametrize("sizes", [(1, 1), (4, 4), (3, 5), (12, 12)], ids=str)
def test_arrows_reach_every_item_and_go_where_they_point(sizes: tuple[int, int]) -> None:
    of = scene("To", model=random_gpt(*sizes, width=sizes[1] * 2))
    board = items(of.model.config)
    seen, todo = {0}, [0]
    while todo:
        at = todo.pop()
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            to = Switches().move(replace(of, session=look(of.session, item=at)), dx, dy).view.item
            if to != at:
                assert (board[to].x - board[at].x) * dx > 0 or (board[to].y - board[at].y) * dy > 0
            if to not in seen:
                seen.add(to)
                todo.append(to)
    assert seen == set(range(len(board)))


@pytest.mark.parametrize("size", [(42, 12), (48, 13), (50, 10)], ids=str)
def test_four_layers_of_four_heads_fit_a_small_pane(size: tuple[int, int]) -> None:
    of = scene(TEXT, [HeadOff(1, 2), MLPOff(3), MaskOff()], random_gpt(4, 4, 16))
    plain = drawn(Switches(), of, *size).plain()
    board = [line for line in plain.splitlines() if re.match(r"(on|OFF|no) |.* L\d ", line)]
    states = [word for line in board for word in re.findall(r"\b(on|OFF|no)\b", line)]
    assert len(states) == 6 + 3 * 4 and states.count("OFF") == 2
    assert sum(line[20:].count("·") for line in plain.splitlines()[4:10]) >= 15 and plain.count("✕") == 2
    whole = [kind.title for kind in ALL if not issubclass(kind, LayerSwitch) and not kind.aimed]
    assert all(
        words in plain
        for words in (
            *whole,
            "✕ off",
            "μ mean",
            "= uniform",
            "← prev",
            "« first",
            "◐ scale",
            "non-",
            "attn MLP lin",
        )
    )


def test_where_layers_do_not_fit_it_says_which_are_in_sight_and_where_more_are() -> None:
    of = scene("To be", model=random_gpt(12, 12, 24))
    middle = next(at for at, item in enumerate(items(of.model.config)) if (item.part, item.layer) == ("head", 6))
    whole, some, few = (drawn(Switches(), of, *size).plain() for size in ((50, 21), (50, 13), (50, 10)))
    assert needed(of, 50) == 18 and "L11 ·" in whole and not re.search("[↑↓→]| of 12", whole)
    assert some.startswith("Switches L0-5 of 12 ") and "L5↓··" in some and "↑" not in some
    assert few.startswith("Switches nothing is switched off · L0-3 of 12 "), "both stand there"
    narrow = drawn(Switches(), of, 41, 15).plain()
    assert narrow.count("→") == 1 and "MLP" not in narrow.splitlines()[6], "there is more at the right"
    there = drawn(Switches(), replace(of, session=look(of.session, item=middle)), 41, 13).plain()
    assert there.startswith("Switches L4-8 of 12 ") and "L4↑··" in there and "L8↓··" in there
    assert "\n←   head" in there and "→" not in there


@pytest.mark.parametrize("size", [(12, 12), (48, 13), (60, 27)], ids=str)
def test_the_item_under_the_cursor_is_in_sight(size: tuple[int, int]) -> None:
    of = scene("To be", model=random_gpt(12, 12, 24))
    for at, item in enumerate(items(of.model.config)):
        canvas = drawn(Switches(), replace(of, session=look(of.session, item=at)), *size)
        places = cursors(canvas)
        assert places, item
        x, y = places[0]
        act = canvas.at(x, y)
        assert act is not None and act(of.session).view.item == at


def test_a_click_switches_and_the_mouse_passing_only_reads() -> None:
    of = scene("To be", row=2)
    canvas = drawn(Switches(), of, 80, 20)
    board = items(of.model.config)
    hit_items = set()
    for x, y in product(range(80), range(2, 20)):
        act, over = canvas.at(x, y), canvas.at(x, y, on_hover=True)
        if act is not None:
            assert over is not None
            after, passed = act(of.session), over(of.session)
            hit_items.add(after.view.item)
            assert after == pressed(of, after.view.item)
            assert passed == look(of.session, item=after.view.item)
    assert hit_items == set(range(len(board)))


def test_the_words_at_the_right_clear_and_invert() -> None:
    of = scene("To be", [HeadOff(0, 0), MaskOff()])
    canvas = drawn(Switches(), of, 60, 20)
    line = canvas.plain().splitlines()[0]
    clear, invert = canvas.at(line.index("clear"), 0), canvas.at(line.index("invert"), 0)
    assert clear is not None and clear(of.session).switches == ()
    assert invert is not None and HeadOff(0, 0) not in invert(of.session).switches
    assert len(invert(of.session).switches) == 8


def test_the_first_line_says_what_the_switches_did() -> None:
    of = scene(TEXT, [HeadOff(0, 1), MLPOff(1)], row=7)
    assert of.results is not None and of.results.changed is not None
    p, q = (measures.softmax(t.logits[7]) for t in (of.results.intact, of.results.changed))
    line = drawn(Switches(), of).plain().splitlines()[1]
    assert line.startswith(f"KL {float((p * np.log2(p / q)).sum()):.2f} bits · top token ")
    assert of.label(int(q.argmax())) in line and (of.label(int(p.argmax())) in line)
    assert "nothing is switched off" in drawn(Switches(), scene(TEXT)).plain()
    assert line.split(" · ")[0] in drawn(Switches(), of, 60, 9).plain().splitlines()[0]


def test_the_sentence_is_that_of_the_switch_under_the_cursor() -> None:
    of = scene("To be", [HeadOff(1, 1)], row=2)
    for at, item in enumerate(items(of.model.config)):
        plain = drawn(Switches(), replace(of, session=look(of.session, item=at))).plain()
        kind = HeadOff if item.part == "head" else item.kind
        assert " ".join(kind.says.split()) in " ".join(plain.split())
        assert item.name in plain
    padding = next(i for i, item in enumerate(items(of.model.config)) if item.kind is Padding)
    marked = replace(of, session=look(of.session, item=padding))
    assert "marks place 2 '·'" in drawn(Switches(), marked).plain()
    twice = replace(marked, session=look(pressed(of, padding), item=padding))
    assert "unmarks place 2" in drawn(Switches(), twice).plain()


def test_what_is_on_is_spelled_as_the_command_line_reads_it() -> None:
    on = [HeadOff(1, 1), Padding((1, 4)), MaskOff()]
    plain = drawn(Switches(), scene("To be, or", on), 60, 30).plain()
    spelled = " ".join(plain.split()).split("--switch ")[1:]
    assert [parse(each) for each in spelled] == on


def test_a_toggle_is_one_undo() -> None:
    of = scene("To be")
    history = History(of.session).do(pressed(of, 0), "enter")
    assert history.now.switches == (MaskOff(),) and history.undo().now.switches == ()


def test_values_that_are_no_numbers_are_said_to_be_none() -> None:
    assert "not a number" in drawn(Switches(), blown_up()).plain()


def test_padding_beyond_the_context_is_the_place_in_it() -> None:
    of = scene(TEXT * 3, model=random_gpt(context=32), row=len(TEXT) * 3 - 5)
    padding = next(i for i, item in enumerate(items(of.model.config)) if item.kind is Padding)
    assert pressed(of, padding).switches == (Padding((32 - 5,)),)


def test_what_is_thrown_says_so_in_words_and_in_the_colour_of_warnings() -> None:
    of = scene(TEXT, [HeadOff(1, 2), MLPOff(3), MaskOff(), Padding((2,))], random_gpt(4, 4, 16))
    canvas = drawn(Switches(), seen_at(of, 3), 60, 16)
    warned = {
        "".join(char for char, style in zip(row, styles, strict=True) if style is canvas.palette.contrast).strip()
        for row, styles in zip(canvas.chars, canvas.styles, strict=True)
    }
    assert {"OFF causal mask", "ON  padding 2", "✕", "OFF"} <= warned, "and nothing else of the board"
    assert any("bits" in words for words in warned), "with the effect of all of it"
    plain = canvas.plain()
    assert "on  positions" in plain and "○" not in plain and "●" not in plain


def test_of_several_each_carries_the_bits_that_it_costs_by_itself() -> None:
    """In one line, the dearest first; under the cursor; and in the status, as the command line spells it."""
    on = [HeadOff(1, 2), MaskOff(), Padding((2,))]
    of = scene(TEXT, on, row=7)
    alone = {switch: scene(TEXT, [switch], row=7).effect for switch in on}
    bits = {switch: f"{effect.kl:.2f}" for switch, effect in alone.items() if effect is not None}
    dearest = sorted(on, key=lambda switch: -float(bits[switch]))
    names = {on[0]: "L1 H2 ✕", on[1]: "causal mask", on[2]: "padding"}
    canvas = drawn(Switches(), of)
    line = "alone: " + ", ".join(f"{names[switch]} {bits[switch]}" for switch in dearest) + " bits"
    assert canvas.plain().splitlines()[2].rstrip() == line
    assert all(style is canvas.palette.contrast for style in canvas.styles[2][: len(line)])
    assert f"{bits[dearest[0]]} bits, 2 more" in drawn(Switches(), of, 36).plain(), "where there is no room for all"
    head = next(
        i for i, item in enumerate(items(of.model.config)) if (item.part, item.layer, item.head) == ("head", 1, 2)
    )
    for at, switch in ((head, on[0]), (0, on[1]), (5, on[2])):
        assert f"{bits[switch]} bits by itself. " in " ".join(drawn(Switches(), seen_at(of, at)).plain().split())
    assert "by itself" not in drawn(Switches(), seen_at(of, 1)).plain(), "what is as trained costs nothing"
    status = drawn(ModelLine(), of, 200, 1).plain()
    assert ", ".join(f"{switch} {bits[switch]}" for switch in on) + " bits" in status
    assert "alone" not in drawn(Switches(), scene(TEXT, on[:1], row=7)).plain(), "of one it stands above"
    assert "bits" not in drawn(ModelLine(), replace(of, costs=None), 200, 1).plain(), "until it is known"
