"""The engine: both passes, continuations, and traces that grow instead of starting over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from models.errors import UserError
from models.lenses.inside.sweep import one_by_one, sweep
from models.measures import Effect, moved
from models.sampling import Sampler
from models.switches import HeadOff, MaskOff, Switch
from models.tape import nbytes
from models.tracing import Trace, trace
from playground.kit.kept import Kept
from playground.looking import engine as engine_module
from playground.looking.engine import CONTINUED, Asked, Continued, Engine, Found, Passed, Traces
from playground.looking.scene import Costs, Moved, Swept
from tests.playground.looking.scenes import random_gpt

MODEL = random_gpt()


def test_grown_traces_equal_passes() -> None:
    traces, tokens = Traces(MODEL), (1, 2, 3, 4, 5, 6, 7, 8)
    for end in (1, 2, 5, 8):
        for switches in ((), (HeadOff(0, 1),), (MaskOff(),)):
            grown = traces.get(tokens[:end], switches)
            np.testing.assert_allclose(grown.logits, trace(MODEL, tokens[:end], switches).logits, atol=1e-4)


def test_traces_are_kept_while_there_is_room_and_those_used_last_the_longest() -> None:
    size = nbytes(MODEL, 1)
    traces = Traces(MODEL, Kept(3 * size))
    first = traces.get((1,), ())
    for token in (2, 3):
        traces.get((token,), ())
    assert traces.get((1,), ()) is first
    traces.get((4,), ())
    assert traces.get((1,), ()) is first and traces.kept.nbytes == 3 * size


def test_the_intact_and_the_changed_pass_stay_however_large_they_are() -> None:
    traces = Traces(MODEL, Kept(1))
    asked = Asked((1, 2, 3), (HeadOff(0, 1),))
    found = engine_module.results(asked, traces, {})
    again = engine_module.results(asked, traces, {})
    assert found is not None and again is not None
    assert (found.intact, found.changed) == (again.intact, again.changed)  # the same records


def said(engine: Engine, asked: Asked) -> list[Found]:
    """Everything it says, without what it has nothing to say between."""
    return [piece for piece in engine.work(asked) if piece is not None]


def test_results_hold_both_passes() -> None:
    engine = Engine(MODEL, {})
    [passed] = said(engine, Asked((1, 2, 3), (HeadOff(0, 1),)))
    assert isinstance(passed, Passed) and passed.results is not None
    results = passed.results
    assert results.changed is not None and results.changed is results.now
    assert not results.changed.blocks[0].z[1].any() and results.intact.blocks[0].z[1].any()
    assert results.surprises["now"].shape == (3,) and np.isnan(results.surprises["now"][0])
    [passed] = said(engine, Asked(()))
    assert isinstance(passed, Passed) and passed.results is None


def test_results_are_of_the_switches_that_were_asked_for() -> None:
    engine = Engine(MODEL, {})
    for switches in ((HeadOff(0, 1),), (MaskOff(),), (HeadOff(1, 0),)):
        for end in (4, 5, 6):  # grown from the one before
            [passed] = said(engine, Asked(tuple(range(end)), switches))
            assert isinstance(passed, Passed) and passed.results is not None and passed.results.changed is not None
            right = trace(MODEL, tuple(range(end)), switches)
            np.testing.assert_allclose(passed.results.changed.logits, right.logits, atol=1e-4)


def test_continuations_follow_the_pass_and_repeat() -> None:
    engine = Engine(MODEL, {})
    written = []
    for _ in range(2):
        passed, continued = said(engine, Asked((1, 2, 3), onward=(Sampler(), 1)))
        assert isinstance(passed, Passed)
        assert isinstance(continued, Continued) and len(continued.tokens["now"]) == CONTINUED
        written.append(continued.tokens)
    assert written[0] == written[1]


def test_between_two_tokens_it_can_be_left() -> None:
    pieces = Engine(MODEL, {}).work(Asked((1, 2, 3), onward=(Sampler(), 1)))
    assert isinstance(next(pieces), Passed)
    assert [next(pieces) for _ in range(CONTINUED)] == [None] * CONTINUED


def test_what_cannot_be_computed_is_refused() -> None:
    with pytest.raises(UserError, match="99999"):
        said(Engine(MODEL, {}), Asked((1, 99_999)))


def test_what_mattered_comes_last_and_in_pieces() -> None:
    pieces = list(Engine(MODEL, {}).work(Asked((1, 2, 3, 4), (HeadOff(0, 1),), (Sampler(), 1), row=2)))
    kinds = [type(piece) for piece in pieces if piece is not None]
    assert kinds == [Passed, Moved, Costs, Continued, Continued, Swept]
    assert pieces.index(next(each for each in pieces if isinstance(each, Continued))) < len(pieces) - 2
    last = pieces[-1]
    assert isinstance(last, Swept) and last.done and pieces[-2] is None, "it can be left before it"
    assert last.found == sweep(trace(MODEL, (1, 2, 3, 4), (HeadOff(0, 1),)), 2)


def test_who_looks_elsewhere_has_the_same_passes_and_what_was_begun_goes_on() -> None:
    engine = Engine(MODEL, {})
    left = engine.work(Asked((1, 2, 3, 4), onward=(Sampler(), 1), row=3))
    first = next(left)
    for _ in range(CONTINUED // 2):
        next(left)
    del left
    pieces = list(engine.work(Asked((1, 2, 3, 4), onward=(Sampler(), 1), row=1)))
    assert pieces[0] is first, "the same record"
    written = next(at for at, piece in enumerate(pieces) if isinstance(piece, Continued))
    assert written < CONTINUED, "half of it was there"
    again = said(engine, Asked((1, 2, 3, 4), onward=(Sampler(), 1), row=1))
    assert again == [piece for piece in pieces if piece is not None], "and all of it is kept"
    other = said(engine, Asked((1, 2, 3, 4), onward=(Sampler(), 2), row=1))
    assert isinstance(other[1], Continued) and other[1].tokens != pieces[written].tokens  # type: ignore[union-attr]


def test_a_sweep_is_shown_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "OFTEN", 0.0)
    found = [piece for piece in said(Engine(random_gpt(12, 12, 24), {}), Asked((1, 2) * 32, row=63)) if piece]
    counts = [len(piece.found) for piece in found if isinstance(piece, Swept)]
    assert len(counts) > 2 and counts == sorted(counts) and counts[-1] == 12 * 13
    assert [piece.done for piece in found if isinstance(piece, Swept)] == [*[False] * (len(counts) - 1), True]


def test_what_a_switch_costs_is_found_once_for_a_row_whatever_else_is_thrown(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = list[Switch]()

    def looking(intact: Trace, switches: Sequence[Switch], row: int) -> Iterator[tuple[tuple[Switch, Effect], ...]]:
        looked.extend(switches)
        return one_by_one(intact, switches, row)

    monkeypatch.setattr(engine_module, "one_by_one", looking)
    engine, tokens = Engine(MODEL, {}), (1, 2, 3)

    def costs(row: int, *switches: Switch) -> Costs:
        pieces = said(engine, Asked(tokens, switches, row=row, sweeps=False))
        assert not any(isinstance(piece, Swept) for piece in pieces)
        return [piece for piece in pieces if isinstance(piece, Costs)][-1]

    one, other = HeadOff(0, 1), MaskOff()
    first = costs(2, one)
    both = costs(2, one, other)
    assert looked == [one, other] and both.effects[one] == first.effects[one]
    assert (both.tokens, both.row) == (tokens, 2) and set(both.effects) == {one, other}
    alone = said(engine, Asked(tokens, (other,)))[0]
    assert isinstance(alone, Passed) and alone.results is not None and alone.results.changed is not None
    kl = float(moved(alone.results.intact.logits[2], alone.results.changed.logits[2]))
    assert kl > 0 and both.effects[other].kl == pytest.approx(kl, rel=1e-4)
    costs(1, one)
    assert looked == [one, other, one], "after another token it is another"
