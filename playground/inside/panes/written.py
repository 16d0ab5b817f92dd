"""What is listed of who said it: a line a part, a source position or a neuron; and what two columns say together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.lenses.inside.attribution import Attribution, Lost, Neurons, Part, Sources, strongest
from models.switches import Switch
from models.units import Unit
from playground.inside.scene import InsideScene
from playground.kit import numbers

BIASES = Part("bias")  # all of them as one line, to go down into
MOST = 48  # neurons that have a line of their own
TELLING = 1.0  # bits between what is written and what is lost from which on it is worth a sentence


@dataclass(frozen=True)
class WhoLook:
    """Which token's score it is (None: the likeliest), the line under the cursor, and what was gone down into."""

    token: int | None = None
    against: int | None = None
    opening: int = 0  # the model that this is about
    line: int = 0
    into: Part | None = None
    line_above: int = 0  # where the cursor was before
    sorts: bool = False  # the largest first


@dataclass(frozen=True, eq=False)
class Who:
    """What was found: the sum, what is lost without each part as far as it is known, and what is inside one."""

    found: Attribution
    was: Attribution | None  # before the switches
    lost: Lost
    inside: Sources | Neurons | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, what it adds to the score, and the number beside that."""

    name: str
    value: float  # in nats, as scores are
    beside: float = math.nan  # bits lost when off; or a weight of attention; or what a neuron fires
    was: float = math.nan  # nats, before the switches
    part: Part | None = None
    off: bool = False  # a switch has it off
    opens: bool = False  # there is something inside
    rest: bool = False  # all that have no line of their own


def look_of(scene: InsideScene) -> WhoLook:
    """Where the person looks; as at first in a model that was opened since."""
    look, opening = scene.view.look(WhoLook), scene.view.session.opening
    return look if look.opening == opening else WhoLook(opening=opening)


def lines_of(scene: InsideScene) -> list[Line]:
    """What is listed, in the order in which it is shown."""
    who, look = scene.found.get("who"), look_of(scene)
    if not isinstance(who, Who):
        return []
    if look.into == BIASES:
        lines = of_biases(who.found)
    elif isinstance(who.inside, Sources):
        lines = of_sources(who.inside, scene.play.labels)
    elif isinstance(who.inside, Neurons):
        lines = of_neurons(who.inside)
    else:
        lines = [] if look.into else of_parts(who.found, who.lost, who.was, scene.play.known.now.switches)
    return by_size(lines) if look.sorts else lines


def of_parts(found: Attribution, lost: Lost, was: Attribution | None, switches: Iterable[Switch]) -> list[Line]:
    """A line a part, in the order in which they write; all biases in one."""
    before = {} if was is None else {str(part): float(value) for part, value in _each(was)}
    lines, biases, old = list[Line](), 0.0, 0.0
    for (part, value), bits in zip(_each(found), lost.bits.tolist(), strict=True):
        if part.kind == "bias":
            biases, old = biases + value, old + before.get(str(part), math.nan)
            continue
        inside = part.kind in ("head", "mlp") and not part.is_set
        off = part.off is not None and part.off in switches
        lines.append(Line(str(part), value, bits, before.get(str(part), math.nan), part, off, inside))
    if any(part.kind == "bias" for part in found.parts):
        lines.append(Line("biases", biases, was=old if before else math.nan, part=BIASES, opens=True))
    return lines


def of_biases(found: Attribution) -> list[Line]:
    """A line a bias."""
    return [Line(str(part), value) for part, value in _each(found) if part.kind == "bias"]


def of_sources(inside: Sources, labels: Sequence[str]) -> list[Line]:
    """A line a position that a head may look at."""
    wide = len(str(len(labels) - 1))
    seen = np.flatnonzero((inside.weights != 0) | (inside.values != 0)).tolist()
    return [Line(f"{at:>{wide}} {labels[at]}", float(inside.values[at]), float(inside.weights[at])) for at in seen]


def of_neurons(inside: Neurons) -> list[Line]:
    """A line a neuron, of those that add most or take most away; and one for the rest."""
    top = sorted(strongest(inside.values, MOST))
    lines = [Line(f"N{at}", float(inside.values[at]), float(inside.acts[at])) for at in top]
    others = len(inside.values) - len(top)
    if others:
        rest = float(inside.values.sum() - inside.values[top].sum())
        lines.append(Line(f"{numbers.counted(others, 'other')}", rest, rest=True))
    return lines


def by_size(lines: Iterable[Line]) -> list[Line]:
    """The largest first, whatever their sign; what is left over last."""
    return sorted(lines, key=lambda line: (line.rest, -abs(line.value)))


def verdict(found: Attribution, lost: Lost, unit: Unit) -> str:
    """Where what is written and what is lost disagree most, in words; empty while nothing is known of what is lost."""
    tried = [place for place in np.flatnonzero(np.isfinite(lost.bits)).tolist() if found.parts[place].kind != "bias"]
    if not tried or not math.isfinite(found.total):
        return ""
    bits = found.values / math.log(2)
    gaps = {place: float(lost.bits[place] - abs(bits[place])) for place in tried}
    heads = [place for place in tried if found.parts[place].kind == "head" and gaps[place] >= TELLING]
    most = max(heads or tried, key=gaps.__getitem__)
    writer = max(tried, key=lambda place: float(bits[place]))

    def said(place: int) -> tuple[str, str, str]:
        written, gone = float(bits[place]), float(lost.bits[place])
        return str(found.parts[place]), signed(written * unit.bit), gone_words(gone * unit.bit)

    name, written, gone = said(writer)
    wrote = f"{name} writes the most of it, {written} {unit.name}; off, {gone}"
    if gaps[most] < TELLING or most == writer:
        return f"{wrote}: what is written and what is missed agree here"
    name, written, _ = said(most)
    why = "it fetches what others write" if heads else "others write from what it writes"
    lost_then = plain(float(lost.bits[most]) * unit.bit)
    return f"{name} writes {written} of it, but {lost_then} {unit.name} are lost when it is off: {why}. {wrote}"


def signed(value: float) -> str:
    """With its sign, to two digits."""
    return f"{round(value, 2) + 0.0:+,.2f}" if math.isfinite(value) else numbers.fixed(value, 2, "NaN")


def gone_words(value: float) -> str:
    """How much is lost when a part is off, or gained."""
    return f"{plain(abs(value))} are {'gained' if value < -0.005 else 'lost'}"


def plain(value: float) -> str:
    """To two digits."""
    return numbers.fixed(round(value, 2) + 0.0, 2) if math.isfinite(value) else numbers.fixed(value, 2, "NaN")


def _each(found: Attribution) -> Iterable[tuple[Part, float]]:
    return zip(found.parts, found.values.tolist(), strict=True)
