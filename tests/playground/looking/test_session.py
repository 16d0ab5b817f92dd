"""Sessions and their history: nothing a person did is lost, and looking around is not an act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from models.switches import HeadOff, MaskOff
from playground.looking.session import (
    History,
    Session,
    back,
    decide_anew,
    force,
    jump,
    look,
    other_branch,
    parting,
    step,
    toggle,
    write,
)

START = write(Session("m"), (1, 2, 3), "abc")


def test_stepping_back_and_on_again_follows_the_same_line() -> None:
    there = step(step(START, 7), 8)
    again = step(step(back(back(there)), 99), 99)
    assert again.tokens == there.tokens and again.ahead == ()


def test_the_first_token_stays() -> None:
    assert back(write(Session("m"), (5,), "x")).tokens == (5,)
    assert back(Session("m")).tokens == ()


def test_typed_counts_what_the_person_typed() -> None:
    assert step(START, 7).typed == 3
    again = step(step(jump(step(START, 7), 1), 99), 99)
    assert again.typed == 3, "stepping over a typed token again does not make it a drawn one"
    assert decide_anew(jump(START, 1), seed=2).typed == 2


def test_what_was_forced_is_forced_in_its_own_line_only() -> None:
    there = step(step(START, 7), 8)
    forced = force(there, 1, 9)
    assert forced.typed == 2 and forced.forced == {2}
    returned = other_branch(forced)
    assert returned.typed == 3 and returned.forced == frozenset()
    assert other_branch(returned).forced == {2}
    assert step(decide_anew(back(forced), seed=2), 5).forced == frozenset(), "drawn now, where one was forced before"


def test_forcing_leaves_a_line_to_return_to() -> None:
    there = step(step(START, 7), 8)
    forced = force(there, 2, 9)
    assert forced.tokens == (1, 2, 3, 9) and 3 in forced.forced
    assert other_branch(forced).tokens == there.tokens
    assert other_branch(other_branch(forced)).tokens == forced.tokens


def test_forcing_what_stands_there_already_is_going_there() -> None:
    there = step(step(START, 7), 8)
    assert force(there, 2, 7).tokens == (1, 2, 3, 7) and force(there, 2, 7).ahead == (8,)
    assert force(there, 2, 7).branches == ()


def test_another_sampler_or_switch_makes_the_line_ahead_a_branch() -> None:
    stepped_back = back(step(START, 7))
    assert decide_anew(stepped_back, seed=2).ahead == ()
    assert [line.tokens for line in toggle(stepped_back, MaskOff()).branches] == [(1, 2, 3, 7)]


def test_toggling_twice_is_nothing() -> None:
    on = toggle(START, HeadOff(0, 1))
    assert on.switches == (HeadOff(0, 1),) and toggle(on, HeadOff(0, 1)).switches == ()


def test_rows_stay_inside_the_text() -> None:
    assert look(START, row=99).row == 2 and START.row == 2 and Session("m").row == -1


def test_undo_and_redo_walk_the_same_way() -> None:
    history = History(START)
    acts = [step(START, 7), toggle(step(START, 7), MaskOff()), write(START, (4,), "d")]
    for session in acts:
        history = history.do(session, "act")
    seen = [history.now]
    while history.past:
        history = history.undo()
        seen.append(history.now)
    assert seen == [*reversed(acts), START]
    while history.future:
        history = history.redo()
    assert history.now == acts[-1] and history.redo() == history


def test_looking_is_not_an_act_but_survives_the_next() -> None:
    history = History(START).do(look(START, layer=1), "look")
    assert not history.past and history.now.view.layer == 1
    history = history.do(step(history.now, 7), "step")
    assert history.undo().now.view.layer == 1


def test_typing_is_one_undo_until_something_else_is_done() -> None:
    history = History(START)
    for end in range(1, 5):
        history = history.do(write(START, tuple(range(end)), "x" * end), "type", flows=True)
    assert history.undo().now == START
    history = history.do(toggle(history.now, MaskOff()), "mask").do(write(START, (9,), "z"), "type", flows=True)
    assert history.undo().now.switches == (MaskOff(),)


def test_typing_after_an_undo_can_be_undone() -> None:
    history = History(START).do(write(START, (1,), "a"), "type", flows=True).undo()
    history = history.do(write(START, (2,), "b"), "type", flows=True)
    assert history.undo().now == START


@pytest.mark.parametrize("act", [back, other_branch, lambda s: jump(s, 5), lambda s: force(s, 0, 3)])
def test_acts_leave_the_session_they_were_given(act: Callable[[Session], object]) -> None:
    before = replace(START)
    act(START)
    assert before == START


def test_a_token_forced_at_the_end_starts_a_branch_and_the_next_forced_goes_on_with_it() -> None:
    forced = force(START, 2, 9)
    assert forced.tokens == (1, 2, 3, 9) and [line.tokens for line in forced.branches] == [(1, 2, 3)]
    assert other_branch(forced).tokens == (1, 2, 3) and other_branch(other_branch(forced)).tokens == forced.tokens
    assert [line.tokens for line in force(forced, 3, 8).branches] == [(1, 2, 3)]


def test_lines_part_at_the_first_token_that_differs() -> None:
    there = step(step(START, 7), 8)
    assert parting(there, (1, 2, 3, 9)) == 3 and parting(there, (1, 2)) == 2
    assert parting(back(there), (1, 2, 3, 7, 8, 5)) == 5, "what lies ahead belongs to the line"


def test_undo_leaves_where_one_looks_and_gives_a_text_its_own_cursor() -> None:
    history = History(look(START, layer=0, row=1)).do(toggle(look(START, layer=0, row=1), MaskOff()), "mask")
    history = history.do(look(history.now, layer=1, head=2, row=0), "look").undo()
    assert (history.now.view.layer, history.now.view.head, history.now.view.row) == (1, 2, 0)
    history = History(look(START, row=1)).do(force(look(START, row=1), 1, 9), "force")
    history = history.do(look(history.now, layer=1), "look").undo()
    assert (history.now.view.layer, history.now.row, history.now.tokens) == (1, 1, START.tokens)
