"""The worker: the newest request wins, it can be stopped, and a fault of ours does not end it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from models.errors import UserError
from playground.kit.worker import Failed, Worker
from tests.playground.waiting import PATIENCE


class Counting:
    """Work that goes on only when it is let: a request of n has n pieces, and then one that says it is whole."""

    def __init__(self) -> None:
        self.said: queue.Queue[tuple[int, str | Failed]] = queue.Queue()
        self.gate = threading.Semaphore(0)
        self.begun: queue.Queue[int] = queue.Queue()
        self.worker: Worker[int, str] = Worker("counting", self.work, lambda _, *heard: self.said.put(heard))

    def work(self, request: int) -> Iterator[str | None]:
        self.begun.put(request)
        if request < 0:
            raise ValueError("planted")
        if request == 0:
            raise UserError("nothing to count", "ask for more")
        for piece in range(request):
            self.gate.acquire()
            yield None if piece % 2 else f"piece {piece}"
        yield "whole"

    def hears(self) -> tuple[int, str | Failed]:
        return self.said.get(timeout=PATIENCE)


@contextmanager
def counting() -> Iterator[Counting]:
    found = Counting()
    found.worker.start()
    yield found
    found.gate.release(1000)
    found.worker.stop()
    found.worker.join(PATIENCE)
    assert not found.worker.is_alive()


def test_it_answers_piece_by_piece_and_nothing_between_is_said() -> None:
    with counting() as work:
        work.gate.release(3)
        work.worker.ask(3)
        assert [work.hears() for _ in range(3)] == [(3, "piece 0"), (3, "piece 2"), (3, "whole")]


def test_it_does_not_go_on_when_a_newer_request_has_come() -> None:
    with counting() as work:
        work.worker.ask(100)
        assert work.begun.get(timeout=PATIENCE) == 100
        work.gate.release(1)
        assert work.hears() == (100, "piece 0")
        work.worker.ask(1)
        work.gate.release(100)
        heard = [work.hears()]
        while heard[-1] != (1, "whole"):
            heard.append(work.hears())
        assert len([asked for asked, _ in heard if asked == 100]) <= 1, "the piece in hand, and no other"


def test_of_many_requests_only_the_newest_is_begun() -> None:
    with counting() as work:
        work.worker.ask(2)
        assert work.begun.get(timeout=PATIENCE) == 2
        for request in (5, 4, 3, 1):
            work.worker.ask(request)
        work.gate.release(1000)
        while work.hears() != (1, "whole"):
            pass
        assert work.begun.get(timeout=PATIENCE) == 1 and work.begun.empty()


def test_what_cannot_be_done_is_said_and_the_next_request_is_served() -> None:
    with counting() as work:
        work.gate.release(1)
        work.worker.ask(0)
        assert work.hears() == (0, Failed("nothing to count - ask for more"))
        work.worker.ask(1)
        assert work.hears() == (1, "piece 0")


def test_an_unexpected_exception_is_said_and_logged_and_does_not_end_the_thread(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with counting() as work, caplog.at_level(logging.ERROR):
        work.gate.release(1)
        work.worker.ask(-1)
        asked, failed = work.hears()
        assert asked == -1 and isinstance(failed, Failed) and "fault of ours" in failed.problem
        assert "planted" in failed.problem and "planted" in caplog.text and "Traceback" in caplog.text
        work.worker.ask(1)
        assert work.hears() == (1, "piece 0")


def test_it_stops_in_the_middle_of_an_answer_and_says_no_more() -> None:
    work = Counting()
    work.worker.start()
    work.worker.ask(1000)
    assert work.begun.get(timeout=PATIENCE) == 1000
    work.worker.stop()
    work.gate.release(1000)
    work.worker.join(PATIENCE)
    assert not work.worker.is_alive() and work.said.qsize() <= 1
    work.worker.ask(1)  # nobody answers
    assert work.begun.empty()
