"""One line about the machine: model, context, switches, time."""

from __future__ import annotations

from rich.style import Style

from models.model_folders import USUAL, family_of
from models.units import Unit
from playground import text
from playground.cells import cell_len
from playground.kit import numbers
from playground.kit.canvas import Canvas, GoTo, Live, Press
from playground.kit.flow import BETWEEN, Part, first_that_fits, say_what_fits
from playground.kit.pane import Pane
from playground.looking.scene import Scene
from playground.looking.session import Session

NAMED = 3  # switches named at most; the rest are counted
NAMES = 4  # how soon their names are left out


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
        """The parts that fit, in their places; the least important go first, and switches but for the first."""
        parts = _parts(scene, canvas, "")
        needed = BETWEEN.join(words for order, (words, _) in parts if order < NAMES)
        names = first_that_fits(_names(scene, canvas.unit), canvas.width - cell_len(needed) - cell_len(BETWEEN))
        say_what_fits(canvas, _parts(scene, canvas, names), _live(scene, names))


def _live(scene: Scene, names: str) -> dict[str, Live]:
    """What a click or the wheel does to a part, by its words."""
    return {
        text.visible(scene.model.name): Live(Press("model")),
        _state(scene): Live(Press("run"), Press("faster"), Press("slower")),
        _count(scene.session): Live(GoTo("switches")),
        names: Live(GoTo("switches")),
    }


def _parts(scene: Scene, canvas: Canvas, names: str) -> list[tuple[int, Part]]:
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
        (NAMES, names, palette.contrast),
        (6, f"step {scene.results.milliseconds:.1f} ms" if scene.results else "", palette.muted),
        (7, f"frame {frame:.1f} ms" if frame else "", palette.muted),
        (10, f"holds {scene.held / 1e6:,.0f} MB" if scene.held else "", palette.muted),
    ]
    parts.append((5, _state(scene), palette.accent if scene.running else palette.muted))
    return [(order, (words, style)) for order, words, style in parts if words]


def _state(scene: Scene) -> str:
    return f"▶ running at {scene.speed:g}/s" if scene.running else f"paused, {scene.speed:g}/s"


def _count(session: Session) -> str:
    on = len(session.switches)
    return f"{on} {'switch' if on == 1 else 'switches'} on" if on else ""


def _names(scene: Scene, unit: Unit) -> list[str]:
    """The switches that are on, each with what it costs by itself: the first of them by name, and fewer."""
    on = scene.session.switches
    costs = {switch: numbers.bits(cost.kl, unit) for switch in on[:NAMED] if (cost := scene.cost(switch)) is not None}
    said = [f"{switch} {costs.get(switch, '')}".rstrip() for switch in on[:NAMED]]
    tail = f" {unit.name}" if costs else ""
    ways = [
        ", ".join(said[:first]) + tail + f" +{len(on) - first}" * (len(on) > first) for first in range(len(said), 0, -1)
    ]
    return [*ways, ""]
