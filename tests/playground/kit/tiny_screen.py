"""The smallest screen of panes, without a model, and someone at its keyboard."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual.geometry import Region, Size

from models.errors import UserError
from playground.kit.canvas import Canvas
from playground.kit.described import Acts
from playground.kit.keys import LOOK, TYPING, Key, program, to_panes, while_typing
from playground.kit.layout import Arrangement, Places, changing
from playground.kit.pane import Pane
from playground.kit.pane_app import PaneApp, Place
from playground.kit.screen import PaneScreen
from playground.kit.themes import OWN
from tests.conftest import ROOT
from tests.playground.someone import Someone
from tests.playground.waiting import until

NARROW, WIDE, TOO_SMALL = (80, 24), (120, 24), (30, 8)
PANES = ("word", "answer", "aside")
PLACES = (Place("tiny", "f2", "To Tiny.", "", "Tiny"), Place("other", "f3", "To Other.", "", ""))


@dataclass(frozen=True)
class Look:
    """The view: a word, which is asked about, and a cursor."""

    word: str = ""
    caret: int | None = None
    at: int = 0


@dataclass(frozen=True, eq=False)
class Told:
    """The scene: the view, and what was answered."""

    view: Look
    answer: str

    def moved(self, dx: int, dy: int) -> Look:
        return replace(self.view, at=self.view.at + dx)


class Word(Pane[Told, Look]):
    name, title, help, is_typed = "word", "Word", "What is asked about.", True

    def draw(self, scene: Told, canvas: Canvas) -> None:
        canvas.title(self.title, f"at {scene.view.at}")
        canvas.put(0, 1, scene.view.word)


class Answer(Pane[Told, Look]):
    name, title, help = "answer", "Answer", "What is answered."

    def draw(self, scene: Told, canvas: Canvas) -> None:
        canvas.title(self.title)
        canvas.put(0, 1, scene.answer)
        canvas.hit(0, 1, canvas.width, 1, lambda view: replace(view, at=view.at + 10))

    def enter(self, scene: Told) -> Look:
        return replace(scene.view, at=-1)


class Aside(Answer):
    name, title, help = "aside", "Aside", "Beside the answer where there is room."

    def move(self, scene: Told, dx: int, dy: int) -> Look:
        return replace(scene.view, at=scene.view.at + 100 * dx)


def places(size: Size, stage: str) -> Places:
    top = {"word": Region(0, 0, size.width, 3)}
    half = size.width // 2
    if size.width >= 100:
        sides = {"answer": Region(0, 4, half, size.height - 4), "aside": Region(half, 4, half, size.height - 4)}
        return Places(top | sides)
    return changing(top, Region(0, 4, size.width, size.height - 4), PANES, stage, "answer", ("word",))


KEYS = (
    Key("edit", "e", "edit", "Type the word.", LOOK, True),
    Key("refuse", "x", "refuse", "What cannot be done.", LOOK, True),
    *to_panes(PANES),
    Key("left", "left", "left", "Left.", LOOK),
    Key("right", "right", "right", "Right.", LOOK),
    Key("enter", "enter", "enter", "Enter.", LOOK),
    *program(PLACES),
)
EDITING = (*TYPING, *while_typing(PLACES))


class Tiny(PaneScreen[Told, Look]):
    """It asks its worker about the word, and says what that says."""

    ARRANGEMENT = Arrangement(PANES, places)
    PANES = (Word, Answer, Aside)
    TABLE, EDITING = KEYS, EDITING
    FIRST = "answer"

    def __init__(self) -> None:
        super().__init__()
        self.view = Look()
        self.answer = ""
        self.requests: list[str] = []
        self.gate = threading.Event()  # closed, the worker keeps its answers to itself
        self.gate.set()

    @property
    def acts(self) -> Acts:
        return {**self.shared, "refuse": self.refuse}

    def refuse(self) -> None:
        raise UserError("this cannot be done", "do another thing")

    @property
    def scene(self) -> Told:
        return Told(self.view, self.answer)

    @property
    def draft(self) -> tuple[str, int] | None:
        return None if self.view.caret is None else (self.view.word, self.view.caret)

    def on_mount(self) -> None:
        self.employ(self.work)
        self.go_to("answer")

    def work(self, request: str) -> Iterator[str]:
        self.requests.append(request)
        self.gate.wait()
        if request == "fault":
            raise ZeroDivisionError("planted")
        if request == "wrong":
            raise UserError("this is no word", "type another")
        yield f"it is {request}"

    def wanted(self) -> str | None:
        return self.view.word or None

    def hear(self, request: str, content: Any) -> None:
        if isinstance(content, str) and request == self.asked:
            self.answer = content
        else:
            super().hear(request, content)

    def begin_typing(self) -> Look:
        return replace(self.view, caret=len(self.view.word))

    def typed(self, text: str, caret: int) -> Look:
        return replace(self.view, word=text, caret=caret)

    def typing_ended(self) -> Look:
        return replace(self.view, caret=None)


class Alone(PaneApp):
    """An app of that screen."""

    PLACES = PLACES
    GLOSSARY: ClassVar[dict[str, str]] = {"seed": "where chance begins"}
    CSS_PATH = ROOT / "playground" / "app.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.tiny = Tiny()
        self.gone_to: list[str] = []

    def on_mount(self) -> None:
        self.theme = OWN[0].name
        self.push_screen(self.tiny)

    def show(self, name: str, then: object = None) -> None:
        self.gone_to.append(name)

    def show_beside(self, by: int) -> None:
        self.gone_to.append(f"{by:+}")

    def show_starts(self) -> None:
        self.gone_to.append("starts")

    def leave(self) -> None:
        self.gone_to.append("nowhere")


class Person(Someone[Alone, Tiny]):
    """At the keyboard of that screen."""

    @property
    def screen(self) -> Tiny:
        return self.app.tiny

    tiny = screen

    @property
    def focused(self) -> str | None:
        return self.tiny.focused.id if self.tiny.focused else None

    def fresh(self) -> None:
        """Every picture on screen is what drawing the scene anew gives."""
        board = self.tiny.board
        for name in board.order:
            picture = board.picture(name)
            anew = Canvas(*picture.size, self.app.palette_now(), focused=self.tiny.focused is picture)
            picture.pane.draw(self.tiny.scene, anew)
            assert picture.strips == anew.strips(), name

    async def resize(self, size: tuple[int, int]) -> None:
        await self.pilot.resize_terminal(*size)
        await until(self.pilot, lambda: self.tiny.board.size.width == size[0])


@asynccontextmanager
async def alone(size: tuple[int, int] = NARROW) -> AsyncIterator[Person]:
    app = Alone()
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot)
        await until(pilot, lambda: app.screen is app.tiny and person.focused == "answer")
        yield person
        app.tiny.gate.set()
