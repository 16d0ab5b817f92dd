"""What the lesson under the cursor is about; nothing of what it shows."""

from __future__ import annotations

from playground import screens
from playground.cells import wrap
from playground.kit.canvas import Canvas, Press
from playground.kit.flow import headline
from playground.kit.keys import to_screens
from playground.kit.pane import Pane
from playground.learn.lesson import Challenge, Lesson, Task
from playground.learn.scene import LearnScene, LearnView


class About(Pane[LearnScene, LearnView]):
    """What it asks, whose claim it puts to the test, where it takes place, and how it went."""

    name = "about"
    title = "About"
    gist = "What the chosen lesson asks"
    help = "What the lesson asks, whose claim it puts to the test, and where it takes place. Enter begins it."

    def draw(self, scene: LearnScene, canvas: Canvas) -> None:
        """Paragraphs; the last fall off first."""
        task, palette = scene.task, canvas.palette
        headline(canvas, self.title, [task.title])
        where = f"With {task.start.model}, on {_screen(task.start.screen)}, about {task.minutes} min."
        if task.runs:
            trained = "A model is" if len(task.runs) == 1 else f"{len(task.runs)} models are"
            where += f" {trained} trained for it, in at most 20 s."
        parts = [(asks(task), palette.text), (task.claim.source, palette.muted), (where, palette.muted)]
        y = 1
        for words, style in (*parts, (went(scene), palette.accent)):
            for line in wrap(words, max(canvas.width, 1)):
                canvas.put(0, y, line, style)
                y += 1
        canvas.hit(0, 1, canvas.width, canvas.height - 1, Press("enter"))


def _screen(name: str) -> str:
    """A screen as the first line names it: Play (F2)."""
    (key,) = to_screens(place for place in screens.ALL if place.name == name)
    return f"{key.label} ({key.written})"


def asks(task: Task) -> str:
    """Its question, or what is to be reached; the claim would say too much."""
    return task.words if isinstance(task, Challenge) else task.question.words if isinstance(task, Lesson) else ""


def went(scene: LearnScene) -> str:
    """How it went, if it was walked through."""
    task = scene.task
    if task.key == scene.open:
        return "It is open: Enter goes back to it."
    if task.key not in scene.learned:
        return ""
    if isinstance(task, Challenge):
        return "You have solved it."
    return "You have done it, and your prediction came true." if scene.learned[task.key] else "You have done it."
