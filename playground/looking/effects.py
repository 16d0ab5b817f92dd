"""What mattered and what changed, in words: each part's effect on the next token, and where to look after a switch."""

from __future__ import annotations

import math

from models.lenses.inside.stirred import Stirred
from models.lenses.inside.sweep import Lost
from models.measures import Effect
from models.switches import HeadOff, HeadSwitch, LayerSwitch, Switch
from models.units import Unit
from playground.kit import numbers
from playground.looking.scene import Scene

LEAST = 0.005  # of a row's weight: what two decimals can tell from nothing
NOWHERE = "no head looks elsewhere: what was switched reaches the answer without one"


def stirred(scene: Scene) -> Stirred | None:
    """The head that the switches moved most, if it can be seen at all; None as well while nobody knows."""
    head = scene.moved_most.head if scene.moved_most is not None else None
    return head if head is not None and head.share >= LEAST else None


def where_to_look(scene: Scene) -> tuple[str, str]:
    """Which head looks elsewhere, once that is known, at length and in short."""
    head = stirred(scene)
    if head is None:
        return (NOWHERE, "no head looks elsewhere") if scene.moved_most is not None else ("", "")
    which = f"layer {head.layer} head {head.head} changed most"
    at = f"at place {head.row + scene.dropped:,} '{scene.labels[head.row]}'"
    return f"{which}: {at} {numbers.weight(head.share)} of its weight moved", f"{which}, {at}"


def each_alone(scene: Scene, unit: Unit) -> list[str]:
    """What each of several switches costs by itself, the dearest first: ways to say it, that with all of them first."""
    known = [(switch, effect.kl) for switch in scene.session.switches if (effect := scene.cost(switch)) is not None]
    if len(scene.session.switches) < 2 or not known:
        return [""]
    known.sort(key=lambda each: (not math.isnan(each[1]), -each[1]))  # what is no number any more is the worst
    parts = [f"{called(switch)} {numbers.bits(kl, unit)}" for switch, kl in known]
    rest = [f", {len(parts) - count} more" if count < len(parts) else "" for count in range(len(parts) + 1)]
    return [f"alone: {', '.join(parts[:count])} {unit.name}{rest[count]}" for count in range(len(parts), 0, -1)]


def costs_alone(scene: Scene, switch: Switch, unit: Unit) -> str:
    """What one switch costs by itself, before its explanation; "" while nobody knows."""
    effect = scene.cost(switch)
    return "" if effect is None else f"{distance(effect, unit)} by itself. "


def called(switch: Switch) -> str:
    """A switch in a few words, its place among them."""
    if isinstance(switch, HeadSwitch):
        return f"L{switch.layer} H{switch.head} {switch.mark}"
    if switch.aimed:
        return switch.label
    return f"L{switch.layer} {switch.title}" if isinstance(switch, LayerSwitch) else switch.title


def changed_most(scene: Scene) -> str:
    """The same for a switch that was just thrown, with what the answer became; "" where that is no number."""
    effect = scene.effect
    if effect is None or math.isnan(effect.kl):
        return ""
    return f"{where_to_look(scene)[0]}; {_answer(scene, effect)}"


def told_most(scene: Scene, unit: Unit) -> str:
    """The head that matters most, and the MLP that matters more."""
    assert scene.swept is not None and scene.swept.head is not None
    lost, first = scene.swept.by_part[scene.swept.head], scene.swept.found[0]
    says = f"{place(lost)} matters most of the heads: {distance(lost.effect, unit)} without it, {becomes(scene, lost)}"
    return says if first is lost else f"{says} - {place(first)} matters more: {distance(first.effect, unit)}"


def heading(scene: Scene) -> str:
    """What stands above the list of all parts."""
    assert scene.swept is not None
    so_far = "" if scene.swept.done else ", so far"
    return f"What matters after '{scene.labels[scene.row]}': each part off in turn{so_far}"


def listed(scene: Scene, unit: Unit) -> list[tuple[str, str, str]]:
    """Every part for a list to choose from, as (key, label, detail), what matters most first."""
    assert scene.swept is not None
    return [
        (str(lost.part), f"{numbers.bits(lost.effect.kl, unit):>6} {unit.name}  {place(lost)}", becomes(scene, lost))
        for lost in scene.swept.found
    ]


def place(lost: Lost) -> str:
    """Which part it is, in words."""
    part = lost.part
    return f"layer {part.layer} head {part.head}" if isinstance(part, HeadOff) else f"the MLP of layer {part.layer}"


def distance(effect: Effect, unit: Unit) -> str:
    """How far the next token's probabilities move."""
    return f"{numbers.bits(effect.kl, unit)} {unit.name}"


def becomes(scene: Scene, lost: Lost) -> str:
    """What the likeliest token is without it."""
    was, now = scene.next_label(lost.effect.was), scene.next_label(lost.effect.now)
    return f"'{was}' stays" if lost.effect.was == lost.effect.now else f"'{was}' becomes '{now}'"


def _answer(scene: Scene, effect: Effect) -> str:
    was, now = scene.next_label(effect.was), scene.next_label(effect.now)
    return f"'{was}' stays the likeliest" if effect.was == effect.now else f"'{now}' is the likeliest now, not '{was}'"
