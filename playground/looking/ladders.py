"""How tokens are drawn: the values that keys, clicks and the wheel go through, one rung at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from playground.looking.session import Session, decide_anew

LADDERS: Mapping[str, Sequence[float]] = {  # each from what leaves most to what leaves least to chance, or the reverse
    "temperature": tuple(round(step / 10, 1) for step in range(31)),
    "top_k": (0, 50, 20, 10, 5, 3, 2, 1),  # 0 keeps all
    "top_p": (1.0, 0.95, 0.9, 0.8, 0.7, 0.5, 0.3, 0.1),
}


def climb(session: Session, field: str, by: int, *, around: bool = False) -> Session:
    """So many rungs on, from wherever the value is; `around`: from the last to the first."""
    if field == "seed":
        return decide_anew(session, seed=max(0, session.seed + by))
    ladder, value = LADDERS[field], getattr(session.sampler, field)
    nearest = min(range(len(ladder)), key=lambda rung: abs(ladder[rung] - value))
    rung = (nearest + by) % len(ladder) if around else max(0, min(nearest + by, len(ladder) - 1))
    changes: dict[str, Any] = {field: ladder[rung]}
    return decide_anew(session, sampler=replace(session.sampler, **changes))
