"""The lists of edges in words, for a dialog to choose from."""

from __future__ import annotations

from models.lenses.inside.edge_lists import Known, Lists
from models.lenses.inside.edges import HEAVY, NIL
from models.units import Unit
from playground import text
from playground.kit import numbers
from playground.looking.panes.absent import not_yet
from playground.looking.panes.attending import NO_ATTENTION
from playground.looking.scene import Scene

LABEL = 12  # cells of a token
Option = tuple[str, str, str]  # key, label, detail


def no_edges(scene: Scene) -> str:
    """Why no list of edges can be had; "" where one can."""
    if says := not_yet(scene):
        return says
    if scene.running:
        return "edges are cut to see while nothing is written - r pauses"
    return "" if scene.model.config.has("attention") else NO_ATTENTION


def edge_options(scene: Scene, lists: Lists, unit: Unit) -> list[Option]:
    """Both lists, what to cut first; an edge that is on both stands once."""
    return [
        *(_option(scene, each, "cut this one", unit) for each in lists.cut),
        *(_option(scene, each, "heavy but nil", unit) for each in lists.nil),
    ]


def share_said(lists: Lists) -> str:
    """How many of the heavy edges do nothing, as far as they were looked at."""
    if not lists.looked:
        return "What edges are worth"
    which = f"{lists.looked:,}" if lists.looked == lists.heavy else f"{lists.looked:,} looked at of {lists.heavy:,}"
    return f"Of {which} looks above {HEAVY}, {numbers.percent(lists.share)} cost less than {NIL} bits"


def _option(scene: Scene, known: Known, which: str, unit: Unit) -> Option:
    edge, dropped = known.edge, scene.dropped
    tokens = (f"{place + dropped} '{text.cut(scene.labels[place], LABEL)}'" for place in (edge.row, edge.column))
    worth = f"{numbers.bits(known.effect, unit):>6} {unit.name}, weight {numbers.weight(known.weight)}"
    return ".".join(map(str, edge)), f"{which:<13}  {worth}  L{edge.layer} H{edge.head}", " → ".join(tokens)
