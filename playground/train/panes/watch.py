"""The person's own prompt under the snapshot looked at, of one run or of two side by side."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, get_args

from playground import text
from playground.cells import wrap
from playground.kit.canvas import Act, Canvas, Press
from playground.kit.flow import fitting, nothing, paragraph
from playground.kit.pane import Pane
from playground.looking.panes.heads import Heads
from playground.looking.panes.next_token import NextToken
from playground.looking.panes.prompt import Prompt
from playground.looking.scene import Scene
from playground.looking.session import Session
from playground.train.panes import words
from playground.train.panes.words import RunPane
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, Watching, see, turn

TALL = 24  # lines from which everything is shown at once
MIDDLE = 13  # lines from which the text stands above what is shown
TEXT = 4  # lines of the text: its title, two lines, and the token looked at
NARROWEST = 24  # cells of a run, where two stand side by side
GUTTER = 2
TYPE_IT = "e: another"  # prompt


class Watch(RunPane):
    """Bars, heads and text of the Play screen, under the weights of a moment in training."""

    name = "watch"
    title = "Watch"
    gist = "Your prompt under this snapshot"
    help = (
        "Your prompt under the snapshot of the place looked at: what comes next, what every head looks at, how "
        "surprised the model is by each token. It is drawn anew with every snapshot; go back in time to see how it "
        "came about. Where there is room for one thing only, a click on its name or Enter changes it; arrows move in "
        "it. With another run pinned (m), the same prompt stands under both, or one of its own under the other "
        "where it cannot read yours."
    )

    def __init__(self) -> None:
        kinds: dict[Watching, type[Pane[Scene, Session]]] = {"bars": NextToken, "heads": Heads, "text": Prompt}
        self.panes = {name: (kind(), kind()) for name, kind in kinds.items()}  # of the chosen run, the one beside it

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The runs shown, their snapshots at the place, what is loaded of them, and where one looks in it."""
        view, names = scene.view, (scene.view.run, scene.second or "")
        wanted = tuple(scene.runs[name].snapshot_at(scene.step) for name in names if name in scene.runs)
        return names, view.pinned, wanted, len(scene.places) > 0, scene.watch, view.watching, view.look

    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """Head line, then a part for each run."""
        if not scene.watch and not len(scene.places):
            nothing(canvas, self.title, "with the first snapshot, your prompt appears here")
            return
        canvas.title(self.title, fitting([_prompts(scene), TYPE_IT], canvas.beside(self.title)))
        if canvas.height < TALL + 2:
            _choices(scene, canvas)
        else:
            canvas.hit(len(self.title) + 1, 0, canvas.beside(self.title), 1, Press("edit"))
        names = list(scene.shown)[:2]
        columns = len(names) if canvas.width >= 2 * NARROWEST + GUTTER else 1
        wide, tall = (canvas.width - GUTTER * (columns - 1)) // columns, (canvas.height - 1) // (len(names) // columns)
        for at, name in enumerate(names):
            part = canvas.part(max(wide, 1), tall, canvas.focused and at == 0)
            self._run(scene, part, name, at)
            canvas.paste(part, at % columns * (wide + GUTTER), 1 + at // columns * tall)

    def _run(self, scene: TrainScene, canvas: Canvas, name: str, at: int) -> None:
        """One run: its name and step, then what is shown of it."""
        palette, watched = canvas.palette, scene.watch.get(name)
        wanted = scene.runs[name].snapshot_at(scene.step)
        head = f"{words.mark(scene.view, name)} {text.visible(name)}"
        head += f", step {watched.step:,}" if watched else ""
        if wanted and (watched is None or watched.step != wanted.step):
            head += f", loading step {wanted.step:,} ..."
        canvas.put(0, 0, text.cut(head, canvas.width), palette.accent if at == 0 else palette.contrast)
        if watched is None:
            return
        if watched.scene is None:
            paragraph(canvas, 1, text.visible(watched.problem), palette.contrast)
            return
        y = 1 + len(wrap(watched.says, canvas.width))
        paragraph(canvas, 1, watched.says, palette.contrast)
        for kind, tall in _plan(scene, canvas.height - y, watched.attends):
            if kind != "heads" or watched.attends:  # else it was said above why there are none
                self._part(scene, canvas, watched.scene, kind, at, y, tall)
            y += tall + 1

    def _part(self, scene: TrainScene, canvas: Canvas, of: Scene, kind: Watching, at: int, y: int, tall: int) -> None:
        """One of the panes, `tall` lines high."""
        has_keys = canvas.focused and kind == scene.view.watching
        part = canvas.part(canvas.width, tall, has_keys)
        seen = _seen(scene.view, of)
        self.panes[kind][at].draw(seen, part)
        canvas.paste(part, 0, y, partial(_lifted, seen=seen, kind=kind))
        if kind == "text":
            canvas.hit(0, y, canvas.width, 1, Press("edit"))  # its title

    def move(self, scene: TrainScene, dx: int, dy: int) -> TrainView:
        """Within what is shown; through time where it does not use these keys."""
        watched = scene.watch.get(scene.view.run)
        kind = scene.view.watching
        if watched is None or watched.scene is None or (dx and kind == "bars"):
            return super().move(scene, dx, dy)
        if kind == "heads" and not watched.attends:
            return super().move(scene, dx, dy)
        of, pane = _seen(scene.view, watched.scene), self.panes[kind][0]
        return see(scene.view, look=replace(pane.move(of, dx, dy).view, caret=None))

    def wheel(self, scene: TrainScene, by: int) -> TrainView:
        """Up and down in what is shown; through time where there is nothing yet."""
        return self.move(scene, 0, by) if scene.view.run in scene.watch else super().wheel(scene, by)

    def enter(self, scene: TrainScene) -> TrainView:
        """Show the next thing, where there is any."""
        return turn(scene.view, "watching") if scene.watch else scene.view


def _prompts(scene: TrainScene) -> str:
    """Whose prompt stands under what."""
    if not scene.second:
        return "your prompt under this snapshot"
    shown = (scene.watch.get(name) for name in (scene.view.run, scene.second))
    texts = {watched.scene.session.text for watched in shown if watched and watched.scene}
    return "the same prompt under both" if len(texts) <= 1 else "each under a prompt that it can read"


def _seen(view: TrainView, scene: Scene) -> Scene:
    """The scene looked at as this screen's view says, as far as its model has such heads."""
    look, config = view.look, scene.model.config
    look = replace(look, layer=min(look.layer, config.n_layer - 1), head=min(look.head, config.n_head - 1))
    return replace(scene, session=replace(scene.session, view=look))


def _lifted(act: Act, seen: Scene, kind: Watching) -> Act:
    """A click inside: look there, and let the keys go there; what it would do to text or model is left undone."""
    return lambda view: see(view, look=replace(act(seen.session).view, caret=None), watching=kind)


def _plan(scene: TrainScene, room: int, attends: bool) -> list[tuple[Watching, int]]:
    """What is shown, from the top, and how many lines each gets."""
    watching = scene.view.watching
    if room >= TALL and not attends:
        return [("text", TEXT), ("bars", room - TEXT - 1)]
    if room >= TALL:
        rest = room - TEXT - 2
        return [("text", TEXT), ("bars", rest - rest // 2), ("heads", rest // 2)]
    if room >= MIDDLE and watching != "text":
        return [("text", TEXT), (watching, room - TEXT - 1)]
    return [(watching, room)]


def _choices(scene: TrainScene, canvas: Canvas) -> None:
    """The names of what can be shown, on the head line."""
    palette = canvas.palette
    canvas.title(Watch.title)
    every: tuple[Watching, ...] = get_args(Watching)
    x = len(Watch.title) + 1
    if x + len(" ".join(every)) + 4 > canvas.width:
        every = (scene.view.watching,)
    for kind in every:
        style = palette.accent if kind == scene.view.watching else palette.muted
        end = canvas.put(x, 0, kind, style)
        canvas.hit(x, 0, end - x, 1, partial(see, watching=kind) if len(every) > 1 else partial(turn, what="watching"))
        x = canvas.put(end, 0, "  ")
    start = canvas.width - len(TYPE_IT)
    if x <= start:
        canvas.put(start - 1, 0, f" {TYPE_IT}", palette.muted)
        canvas.hit(start, 0, len(TYPE_IT), 1, Press("edit"))
