"""All lessons and challenges, group by group, and which were walked through."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from playground import text
from playground.kit.canvas import Act, Canvas, Press
from playground.kit.flow import first_shown, headline
from playground.kit.pane import Pane
from playground.learn.lesson import Lesson, Task
from playground.learn.scene import LearnScene, LearnView

HERE, DONE, OPEN, CHALLENGE = "▸", "✓", "…", "◆"
NAME, MINUTES = 7, 6  # cells before a name, and after it


class Lessons(Pane[LearnScene, LearnView]):
    """A line each."""

    name = "lessons"
    title = "Lessons"
    gist = "Lessons on the real screens"
    help = (
        "Each lesson asks what you expect, has you do one thing on the real screen, and then measures on this machine "
        f"what came of it. {DONE} was walked through, {CHALLENGE} is a challenge: a small task without instructions. "
        "Up and down choose, Enter begins. In a lesson F7 goes on or gives a hint; esc leaves it, and all is as before."
    )

    def draw(self, scene: LearnScene, canvas: Canvas) -> None:
        """The groups as headings; as many lines around the cursor as there is room for."""
        done = sum(task.key in scene.learned for task in scene.tasks)
        headline(canvas, self.title, [f"{done} of {len(scene.tasks)}", "↑↓ choose", "⏎ begins"])
        lines = listed(scene)
        tall = max(canvas.height - 1, 0)
        first = first_shown(lines.index(scene.task), len(lines), tall)
        for y, line in enumerate(lines[first : first + tall], 1):
            if isinstance(line, str):
                canvas.put(0, y, text.fit(line, canvas.width), canvas.palette.strong)
            else:
                _row(scene, canvas, y, line)


def listed(scene: LearnScene) -> list[str | Task]:
    """The groups and what is in them, a blank line between."""
    lines: list[str | Task] = []
    for task in scene.tasks:
        if not any(isinstance(line, Task) and line.group == task.group for line in lines):
            lines += ["", task.group] if lines else [task.group]
        lines.append(task)
    return lines


def _row(scene: LearnScene, canvas: Canvas, y: int, task: Task) -> None:
    palette, is_here = canvas.palette, task is scene.task
    mark = OPEN if task.key == scene.open else DONE if task.key in scene.learned else " "
    which = f"{task.number:>2}" if isinstance(task, Lesson) else f" {CHALLENGE}"
    style = palette.accent if is_here else palette.text
    canvas.put(0, y, f"{HERE if is_here else ' '} {mark} {which}", style)
    canvas.put(NAME, y, text.fit(task.name, max(canvas.width - NAME - MINUTES, 1)).rstrip(), style)
    canvas.right(canvas.width, y, f"{task.minutes} min", palette.muted)
    canvas.hit(0, y, canvas.width, 1, _click(scene, task))


def _click(scene: LearnScene, task: Task) -> Act:
    """The first chooses, the next begins."""
    return Press("enter") if task is scene.task else partial(replace, at=list(scene.tasks).index(task))
