"""The engine: the newest session wins, traces grow instead of starting over, and a fault is said and survived."""

from __future__ import annotations

import queue
from dataclasses import replace

import numpy as np
import pytest

from models.switches import HeadOff, MaskOff
from models.tracing import trace
from playground.play import engine as engine_module
from playground.play.engine import CONTINUED, KEPT, Continued, Engine, Failed, Passed, Traces
from playground.play.session import Session, write
from tests.playground.play.play_scenes import random_gpt

MODEL = random_gpt()


def session(*tokens: int) -> Session:
    return write(Session("m"), tokens, "")


def started() -> tuple[Engine, queue.Queue[Passed | Continued | Failed]]:
    said: queue.Queue[Passed | Continued | Failed] = queue.Queue()
    engine = Engine(MODEL, {}, said.put)
    engine.start()
    return engine, said


def test_grown_traces_equal_passes() -> None:
    traces, tokens = Traces(MODEL), (1, 2, 3, 4, 5, 6, 7, 8)
    for end in (1, 2, 5, 8):
        for switches in ((), (HeadOff(0, 1),), (MaskOff(),)):
            grown = traces.get(tokens[:end], switches)
            np.testing.assert_allclose(grown.logits, trace(MODEL, tokens[:end], switches).logits, atol=1e-4)


def test_only_the_last_traces_are_kept() -> None:
    traces = Traces(MODEL)
    first = traces.get((1,), ())
    assert traces.get((1,), ()) is first
    for token in range(KEPT):
        traces.get((2, token % 20, token // 20), ())
    assert traces.get((1,), ()) is not first


def test_traces_of_a_large_model_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    traces = Traces(MODEL)
    first = traces.get((1,), ())
    monkeypatch.setattr(engine_module, "MOST_BYTES", 3 * first.tape.nbytes)
    for token in (2, 3):
        traces.get((token,), ())
    assert traces.get((1,), ()) is first
    traces.get((4,), ())
    assert traces.get((1,), ()) is first and len(traces._kept) == 3


def test_results_hold_both_passes() -> None:
    engine = Engine(MODEL, {}, lambda said: None)
    results = engine.results(replace(session(1, 2, 3), switches=(HeadOff(0, 1),)))
    assert results is not None and results.changed is results.now
    assert (
        results.changed is not None and not results.changed.blocks[0].z[1].any() and results.intact.blocks[0].z[1].any()
    )
    assert results.surprises["now"].shape == (3,) and np.isnan(results.surprises["now"][0])
    assert engine.results(session()) is None


def test_the_newest_request_wins() -> None:
    engine, said = started()
    try:
        for last in range(20):
            engine.ask(session(1, 2, last), continuations=False)
        answers: list[Passed | Continued | Failed] = []
        while not answers or answers[-1].session.tokens[-1] != 19:
            answers.append(said.get(timeout=10))
        assert len(answers) <= 20 and answers[-1].session.tokens == (1, 2, 19)
    finally:
        engine.stop()


def test_continuations_follow_the_pass_and_repeat() -> None:
    engine, said = started()
    try:
        written = []
        for _ in range(2):
            engine.ask(session(1, 2, 3), continuations=True)
            assert isinstance(said.get(timeout=10), Passed)
            content = said.get(timeout=30)
            assert isinstance(content, Continued) and len(content.tokens["now"]) == CONTINUED
            written.append(content.tokens)
        assert written[0] == written[1]
    finally:
        engine.stop()


def test_a_fault_is_said_and_the_next_request_is_served() -> None:
    engine, said = started()
    try:
        engine.ask(session(1, 99_999), continuations=False)
        fault = said.get(timeout=10)
        assert isinstance(fault, Failed) and "99999" in fault.problem
        engine.ask(session(1, 2), continuations=False)
        assert isinstance(said.get(timeout=10), Passed)
    finally:
        engine.stop()


def test_it_stops() -> None:
    engine, _ = started()
    engine.stop()
    engine.join(5)
    assert not engine.is_alive()
