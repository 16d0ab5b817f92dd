"""One line: who is compared, on how much text, and what is being computed."""

from __future__ import annotations

from playground import text
from playground.compare.scene import CompareScene, CompareView
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, say_what_fits
from playground.kit.pane import Pane


class LineupLine(Pane[CompareScene, CompareView]):
    """The models' short names, and what the GPT among them is."""

    name = "status"
    title = "Status"
    help = "The models that are compared: the GPT that is open in Play, with its switches off, and those beside it."

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """The parts that fit; the least important go first."""
        palette = canvas.palette
        if not scene.models:
            canvas.put(0, 0, "meeting the models ...", palette.muted)
            return
        assert scene.gpt is not None
        parts: list[Part] = [(text.visible(scene.gpt.name), palette.strong)]
        if scene.gpt.config.lacks:
            parts.append((f"built without {', '.join(scene.gpt.config.lacks)}", palette.contrast))
        if scene.view.problem and scene.view.caret is None:
            parts.append((text.visible(f"cut: {scene.view.problem}"), palette.contrast))
        parts.append((" · ".join(map(text.visible, scene.models)), palette.text))
        if scene.results is not None:
            parts.append((f"{scene.results.end:,} tokens", palette.text))
        if scene.waits:
            parts.append((f"{scene.waits} ...", palette.accent))
        elif scene.results is not None:
            parts.append((f"{scene.results.milliseconds:.0f} ms", palette.muted))
        say_what_fits(canvas, list(enumerate(parts)))
