"""The colours of Textual's widgets in a theme, as readable as those that panes draw with."""

from __future__ import annotations

from collections.abc import Mapping

from textual.color import Color, ColorParseError

from playground.kit.contrast import LEAST, RGB, best_on, legible
from playground.kit.palette import SECOND

BACKS = ("background", "surface", "panel")  # what words stand on
FIRST = ("foreground", "accent", "warning", "error")
SECONDS = ("foreground-muted", "foreground-disabled", "text-muted", "text-disabled")  # all one: disabled is still read
ON = {"block-cursor-foreground": "block-cursor-background"}


def readable(variables: Mapping[str, str]) -> dict[str, str]:
    """What must be another colour to be read; nothing where the colours are the terminal's own."""
    try:
        base = Color.parse(variables["background"])
        colours = {name: _over(base, variables[name]) for name in (*BACKS, *FIRST, *ON.values())}
    except ColorParseError:
        return {}
    if base.ansi is not None:
        return {}
    backs = [colours[name] for name in BACKS]
    muted = (Color(*colours["foreground"]).blend(base, 0.38)).rgb
    return {
        **{name: _hex(legible(colours[name], *backs, least=LEAST)) for name in FIRST},
        **{name: _hex(legible(muted, *backs, least=SECOND)) for name in SECONDS},
        **{name: _hex(best_on(colours[back], *backs[:1], colours["foreground"])) for name, back in ON.items()},
    }


def _over(base: Color, value: str) -> RGB:
    colour = Color.parse(value)
    return base.blend(colour, colour.a, 1).rgb


def _hex(colour: RGB) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
