"""What is found comes piece by piece, and is known once the last piece is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.errors import UserError
from playground.inside.finder import Wish, Wishes, find
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.scene import InsideScene, Subject
from playground.kit.canvas import Canvas
from tests.playground.inside.inside_scenes import scene


class Counting(InsidePane[int]):
    """Finds one, then two; and cannot find three."""

    name, title = "counting", "Counting"

    def asks(self, scene: InsideScene) -> str:
        return "two"

    def find(self, subject: Subject, asked: Any) -> Iterator[int | None]:
        yield 1
        yield None
        if asked == "three":
            raise UserError("there is no three", "count to two")
        yield 2

    def draw_found(self, scene: InsideScene, found: int, canvas: Canvas) -> None:
        canvas.put(0, 1, str(found))


def told(asked: str) -> list[tuple[Any, str, bool] | None]:
    subject = scene("michael jordan plays").subject
    assert subject is not None
    wishes = Wishes(subject, (Wish("counting", subject.results, asked),))
    pieces = find({"counting": Counting()}, wishes)
    return [None if piece is None else (piece.content, piece.problem, piece.is_whole) for piece in pieces]


def test_only_the_last_piece_is_the_whole() -> None:
    assert told("two") == [(1, "", False), None, (2, "", False), (2, "", True)]


def test_what_is_refused_is_not_asked_again() -> None:
    assert told("three") == [(1, "", False), None, (None, "there is no three - count to two", True)]
