"""What is listed of who said it: a line a part, a source position or a neuron; and what two columns say together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.lenses.inside.attribution import Attribution, Neurons, Part, Sources, strongest
from models.lenses.inside.causes import CarriedOver, Lost
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
    """What was found: the sum, what each part is missed for and carries over as far as known, what is inside one."""

    found: Attribution
    was: Attribution | None  # before the switches
    lost: Lost
    inside: Sources | Neurons | None
    other: str = ""  # the text that parts are taken from; none where it is empty
    carried: CarriedOver | None = None
    unpaired: str = ""  # why nothing is carried over from it


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, what it adds to the score, and the number beside that."""

    name: str
    value: float  # in nats, as scores are
    beside: float = math.nan  # bits lost when off; or a weight of attention; or what a neuron fires
    was: float = math.nan  # nats, before the switches
    carried: float = math.nan  # the share of another text's answer that comes with it
    at_last: float = math.nan  # and with what it writes at the last position alone
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
        lines = [] if look.into else of_parts(who, scene.play.known.now.switches)
    return by_size(lines) if look.sorts else lines


def of_parts(who: Who, switches: Iterable[Switch]) -> list[Line]:
    """A line a part, in the order in which they write; all biases in one."""
    found, lost, carried = who.found, who.lost.bits.tolist(), who.carried
    before = {} if who.was is None else {str(part): float(value) for part, value in _each(who.was)}
    lines, biases, old = list[Line](), 0.0, 0.0
    for at, (part, value) in enumerate(_each(found)):
        if part.kind == "bias":
            biases, old = biases + value, old + before.get(str(part), math.nan)
            continue
        inside = part.kind in ("head", "mlp") and not part.is_set
        off = part.off is not None and part.off in switches
        line = Line(str(part), value, lost[at], before.get(str(part), math.nan), part=part, off=off, opens=inside)
        if carried is not None:
            line = replace(line, carried=float(carried.everywhere[at]), at_last=float(carried.at_last[at]))
        lines.append(line)
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
        is_missed = float(lost.bits[writer]) >= float(bits[writer]) / 2
        why = "what is written and what is missed agree here" if is_missed else "the rest makes up for it"
        return f"{wrote}: {why}"
    name, written, _ = said(most)
    why = "it fetches what others write" if heads else "others write from what it writes"
    lost_then = plain(float(lost.bits[most]) * unit.bit)
    return f"{name} writes {written} of it, but {lost_then} {unit.name} are lost when it is off: {why}. {wrote}"


def carrier(who: Who) -> str:
    """Which part carries most of the other text's answer over, in words; empty while nothing is known of it."""
    shares = np.array([]) if who.carried is None else who.carried.everywhere
    if not np.isfinite(shares).any():
        return ""
    most = int(np.nanargmax(shares))
    return f", most by {who.found.parts[most]}, {plain(float(shares[most]))}"


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
