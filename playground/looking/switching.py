"""Acts on switches that are more than one switch on or off: heads, padding, all of them."""

from __future__ import annotations

from collections.abc import Iterable

from models.gpt import GPTConfig
from models.switches import ALL, HeadOff, HeadSwitch, Input, Padding, Switch, UnitSwitch
from playground.looking import session as sessions
from playground.looking.session import Session, decide_anew

HEAD_KINDS: dict[str, type[HeadSwitch]] = {kind.slug: kind for kind in ALL if issubclass(kind, HeadSwitch)}


def head_switch(switches: Iterable[Switch], layer: int, head: int) -> HeadSwitch | None:
    """The switch that acts on this head alone; None where there is none."""
    mine = (switch for switch in switches if isinstance(switch, HeadSwitch))
    return next((switch for switch in mine if (switch.layer, switch.head) == (layer, head)), None)


def head_kind(session: Session, layer: int, head: int) -> str | None:
    """What is done to a head, as its switch's slug; None where it is left as it is."""
    switch = head_switch(session.switches, layer, head)
    return None if switch is None else switch.slug


def head_label(kind: type[HeadSwitch]) -> str:
    """What a kind of switch makes of a head, as its mark and a word: ✕ off."""
    return f"{kind.mark} {kind.title.removeprefix('head ')}"


def set_head(session: Session, kind: str | None, layer: int, head: int) -> Session:
    """This kind of switch, and no other, at this head; None leaves the head as it is."""
    others = tuple(switch for switch in session.switches if head_switch([switch], layer, head) is None)
    return decide_anew(session, switches=others if kind is None else (*others, HEAD_KINDS[kind](layer, head)))


def toggle_head(session: Session, kind: str, layer: int, head: int) -> Session:
    """This kind at this head, in the place of any other; or the head left as it is, where it was this kind."""
    return set_head(session, None if head_kind(session, layer, head) == kind else kind, layer, head)


def toggle(session: Session, switch: Switch) -> Session:
    """On if it was off, off if it was on; a head, or a neuron, does one thing at a time."""
    if switch in session.switches or not isinstance(switch, UnitSwitch):
        return sessions.toggle(session, switch)
    others = tuple(each for each in session.switches if not _same_unit(each, switch))
    return decide_anew(session, switches=(*others, switch))


def _same_unit(one: Switch, switch: UnitSwitch) -> bool:
    return isinstance(one, UnitSwitch) and (one.unit, one.place) == (switch.unit, switch.place)


def padded(session: Session) -> tuple[int, ...]:
    """The positions marked as padding, in order."""
    return next((s.positions for s in session.switches if isinstance(s, Padding)), ())


def toggle_padding(session: Session, position: int) -> Session:
    """Mark a position of the context as padding, or take its mark away."""
    marked = tuple(sorted({*padded(session)} ^ {position}))
    others = tuple(s for s in session.switches if not isinstance(s, Padding))
    return decide_anew(session, switches=(*others, Padding(marked)) if marked else others)


def set_input(session: Session, position: int, vector: tuple[float, ...] | None) -> Session:
    """This vector, and no other, for the token at a position of the context; None leaves it its own."""
    others = tuple(s for s in session.switches if not (isinstance(s, Input) and s.position == position))
    return decide_anew(session, switches=others if vector is None else (*others, Input(position, vector)))


def clear_switches(session: Session) -> Session:
    """No switch on."""
    return decide_anew(session, switches=()) if session.switches else session


def invert_heads(session: Session, config: GPTConfig) -> Session:
    """The silenced heads become the only ones that speak; all others, averaged or uniform ones too, fall silent."""
    off = {s for s in session.switches if isinstance(s, HeadOff)}
    others = tuple(s for s in session.switches if not isinstance(s, HeadSwitch))
    return decide_anew(session, switches=(*others, *(s for s in HeadOff.everywhere(config) if s not in off)))
