"""Acts on several switches at once, for any session."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from models.gpt import GPTConfig
from models.switches import (
    HeadOff,
    HeadScale,
    HeadSwitch,
    Input,
    MaskOff,
    MLPOff,
    NeuronOff,
    NeuronSet,
    NormOff,
    Padding,
    check,
)
from playground.looking.session import Session, decide_anew
from playground.looking.switching import (
    HEAD_KINDS,
    clear_switches,
    head_kind,
    invert_heads,
    padded,
    set_head,
    set_input,
    toggle,
    toggle_head,
    toggle_padding,
)

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=3, n_head=2, n_embd=8)
HEADS = list(product(range(CONFIG.n_layer), range(CONFIG.n_head)))
OTHERS = (MaskOff(), NormOff(), MLPOff(1))


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    kinds = draw(st.dictionaries(st.sampled_from(HEADS), st.sampled_from(sorted(HEAD_KINDS))))
    heads = [HEAD_KINDS[kind](*place) for place, kind in kinds.items()]
    switches = draw(st.permutations([*heads, *draw(st.lists(st.sampled_from(OTHERS), unique=True))]))
    return Session("m", (1, 2, 3), ahead=draw(st.sampled_from([(), (4, 5)])), switches=tuple(switches))


def of_heads(session: Session) -> dict[tuple[int, int], str]:
    heads = [switch for switch in session.switches if isinstance(switch, HeadSwitch)]
    assert len({(switch.layer, switch.head) for switch in heads}) == len(heads)
    return {(switch.layer, switch.head): switch.slug for switch in heads}


@given(sessions(), st.sampled_from(sorted(HEAD_KINDS)), st.sampled_from(HEADS))
def test_a_head_does_one_thing_at_a_time(session: Session, kind: str, place: tuple[int, int]) -> None:
    after = set_head(session, kind, *place)
    assert of_heads(after) == {**of_heads(session), place: kind} and head_kind(after, *place) == kind
    assert of_heads(set_head(after, None, *place)) == {p: k for p, k in of_heads(session).items() if p != place}
    assert {s for s in after.switches if s in OTHERS} == {s for s in session.switches if s in OTHERS}
    assert check(after.switches, CONFIG)


@given(sessions(), st.sampled_from(sorted(HEAD_KINDS)), st.sampled_from(HEADS))
def test_toggling_replaces_another_kind_and_takes_back_the_same(
    session: Session, kind: str, place: tuple[int, int]
) -> None:
    once = toggle_head(session, kind, *place)
    assert head_kind(once, *place) == (None if head_kind(session, *place) == kind else kind)
    assert head_kind(toggle_head(once, kind, *place), *place) == (None if head_kind(once, *place) == kind else kind)


@given(sessions())
def test_inverting_swaps_silence_and_speech(session: Session) -> None:
    silent = {place for place, kind in of_heads(session).items() if kind == "head-off"}
    after = invert_heads(session, CONFIG)
    assert of_heads(after) == {place: "head-off" for place in HEADS if place not in silent}
    assert {s for s in after.switches if not isinstance(s, HeadOff)} == {s for s in session.switches if s in OTHERS}
    assert set(of_heads(invert_heads(after, CONFIG))) == silent


@given(st.lists(st.integers(0, 15), max_size=8), sessions())
def test_padding_is_one_switch_of_the_marked_positions(presses: list[int], session: Session) -> None:
    after = session
    for position in presses:
        after = toggle_padding(after, position)
    marked = tuple(sorted(p for p in set(presses) if presses.count(p) % 2))
    assert padded(after) == marked
    assert [s for s in after.switches if isinstance(s, Padding)] == ([Padding(marked)] if marked else [])


@given(sessions())
def test_clearing_leaves_the_model_as_trained(session: Session) -> None:
    assert clear_switches(session).switches == ()
    if not session.switches:
        assert clear_switches(session) is session


def test_what_lay_ahead_becomes_a_branch() -> None:
    session = Session("m", (1, 2), ahead=(3, 4), switches=(MaskOff(),))
    for after in (
        set_head(session, "head-off", 0, 0),
        toggle_padding(session, 1),
        clear_switches(session),
        invert_heads(session, CONFIG),
    ):
        assert after == decide_anew(session, switches=after.switches) and after.branches[0].tokens == (1, 2, 3, 4)


def test_a_neuron_does_one_thing_at_a_time_and_another_value_is_another_thing() -> None:
    beside = Session("m", (1, 2), switches=(NeuronOff(1, 6), HeadOff(1, 7), MLPOff(1)))
    off = toggle(beside, NeuronOff(1, 7))
    put = toggle(off, NeuronSet(1, 7, 3.5))
    assert put.switches == (*beside.switches, NeuronSet(1, 7, 3.5))
    assert toggle(put, NeuronSet(1, 7, 2.0)).switches == (*beside.switches, NeuronSet(1, 7, 2.0))
    assert toggle(put, NeuronSet(1, 7, 3.5)).switches == beside.switches
    halved = toggle(beside, HeadScale(1, 7))
    assert halved.switches == (NeuronOff(1, 6), MLPOff(1), HeadScale(1, 7)), "the head was off: it does one thing"
    assert toggle(halved, HeadScale(1, 7, 2.0)).switches[-1] == HeadScale(1, 7, 2.0)


def test_a_token_has_one_vector_at_a_time() -> None:
    session = set_input(Session("m", (1, 2, 3), switches=(MaskOff(),)), 1, (1.0, 2.0))
    both = set_input(set_input(session, 1, (3.0, 4.0)), 2, (5.0, 6.0))
    assert set(both.switches) == {MaskOff(), Input(1, (3.0, 4.0)), Input(2, (5.0, 6.0))}
    assert set(set_input(both, 1, None).switches) == {MaskOff(), Input(2, (5.0, 6.0))}
