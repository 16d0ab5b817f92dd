"""One line about the machine: model, context, switches, time."""

from __future__ import annotations

from rich.style import Style

from models.model_folders import USUAL, family_of
from models.units import Unit
from playground import text
from playground.kit import numbers
from playground.kit.canvas import Canvas, GoTo, Live, Press
from playground.kit.flow import Part, say_what_fits
from playground.kit.pane import Pane
from playground.looking.scene import Scene
from playground.looking.session import Session

NAMED = 3  # switches named; the rest are counted


class ModelLine(Pane[Scene, Session]):
    """What runs, how full its context is, and how fast it goes."""

    name = "status"
    title = "Status"
    help = (
        "The model, its family where that is not GPT-2, what it was built without, its sizes, how much of its "
        "context the text fills, which switches are on and what each of them costs by itself, how long the last pass "
        "through the model and the last picture took, and how much memory the model holds, with all that is kept of "
        "passes to be there at once. A click on the model opens another, one on the switches leads to them, one on "
        "the speed runs or pauses; the wheel there changes it."
    )

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """The parts that fit, in their places; the least important go first."""
        say_what_fits(canvas, _parts(scene, canvas), _live(scene, canvas.unit))


def _live(scene: Scene, unit: Unit) -> dict[str, Live]:
    """What a click or the wheel does to a part, by its words."""
    return {
        text.visible(scene.model.name): Live(Press("model")),
        _state(scene): Live(Press("run"), Press("faster"), Press("slower")),
        _count(scene.session): Live(GoTo("switches")),
        _names(scene, unit): Live(GoTo("switches")),
    }


def _parts(scene: Scene, canvas: Canvas) -> list[tuple[int, Part]]:
    """What there is to say, from left to right; the larger the number, the sooner it is left out."""
    palette, session, config = canvas.palette, scene.session, scene.model.config
    used = min(len(session.tokens), config.block_size)
    sizes = f"{config.n_layer} layers × {config.n_head} heads × {config.n_embd} wide"
    frame = scene.frame_milliseconds
    parts: list[tuple[int, str, Style]] = [
        (0, text.visible(scene.model.name), palette.strong),
        (3, family if (family := family_of(scene.model)) != USUAL else "", palette.text),
        (1, f"built without {', '.join(config.lacks)}" if config.lacks else "", palette.contrast),
        (8, sizes, palette.muted),
        (9, f"{numbers.large(scene.model.n_parameters)} parameters", palette.muted),
        (3, f"context {used:,}/{config.block_size:,}", palette.text),
        (2, _count(session), palette.contrast),
        (5, _names(scene, canvas.unit), palette.contrast),
        (6, f"step {scene.results.milliseconds:.1f} ms" if scene.results else "", palette.muted),
        (7, f"frame {frame:.1f} ms" if frame else "", palette.muted),
        (10, f"holds {scene.held / 1e6:,.0f} MB" if scene.held else "", palette.muted),
    ]
    parts.append((4, _state(scene), palette.accent if scene.running else palette.muted))
    return [(order, (words, style)) for order, words, style in parts if words]


def _state(scene: Scene) -> str:
    return f"▶ running at {scene.speed:g}/s" if scene.running else f"paused, {scene.speed:g}/s"


def _count(session: Session) -> str:
    on = len(session.switches)
    return f"{on} {'switch' if on == 1 else 'switches'} on" if on else ""


def _names(scene: Scene, unit: Unit) -> str:
    """The switches that are on, the first of them by name, each with what it costs by itself."""
    first, more = scene.session.switches[:NAMED], len(scene.session.switches) - NAMED
    costs = {switch: numbers.bits(cost.kl, unit) for switch in first if (cost := scene.cost(switch)) is not None}
    named = ", ".join(f"{switch} {costs.get(switch, '')}".rstrip() for switch in first)
    return named + (f" {unit.name}" if costs else "") + (f" +{more}" if more > 0 else "")
