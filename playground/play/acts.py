"""What keys do to a Session, one function each: the scene in, the next Session out. Nothing here knows a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from models.baselines import chosen
from models.switches import HeadOff, MaskOff
from playground.play import session as sessions
from playground.play import switching
from playground.play.scene import Scene
from playground.play.session import Session, Shows, look

TEMPERATURES = tuple(round(step / 10, 1) for step in range(31))
TOP_KS = (0, 50, 20, 10, 5, 3, 2, 1)  # 0 keeps all
TOP_PS = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5, 0.3, 0.1)
SHOWS: tuple[Shows, ...] = ("after", "before", "difference")

Acted = Callable[[Scene], Session]


def _sampler(field: str, ladder: Sequence[float], by: int) -> Acted:
    """One rung up or down the ladder, from wherever the value is."""

    def act(scene: Scene) -> Session:
        value = getattr(scene.session.sampler, field)
        nearest = min(range(len(ladder)), key=lambda i: abs(ladder[i] - value))
        rung = ladder[max(0, min(nearest + by, len(ladder) - 1))]
        changes: dict[str, Any] = {field: rung}
        return sessions.decide_anew(scene.session, sampler=replace(scene.session.sampler, **changes))

    return act


def _seed(by: int) -> Acted:
    return lambda scene: sessions.decide_anew(scene.session, seed=max(0, scene.session.seed + by))


def _go(scene: Scene) -> Session:
    return sessions.jump(scene.session, scene.session.row) if scene.session.tokens else scene.session


def _head_off(scene: Scene) -> Session:
    view = scene.session.view
    return switching.toggle_head(scene.session, HeadOff.slug, view.layer, view.head)


def _shows(scene: Scene) -> Session:
    if not scene.session.switches:
        return scene.session
    return look(scene.session, shows=SHOWS[(SHOWS.index(scene.session.view.shows) + 1) % len(SHOWS)])


def _baseline(scene: Scene) -> Session:
    """The one after that which is shown."""
    shown, every = chosen(scene.baselines, scene.session.view.baseline), list(scene.baselines)
    return look(scene.session, baseline=every[(every.index(shown.slug) + 1) % len(every)]) if shown else scene.session


def _zoom(scene: Scene) -> Session:
    return look(scene.session, zoom="whole" if scene.session.view.zoom == "cells" else "cells")


ACTS: dict[str, Acted] = {
    "back": lambda scene: sessions.back(scene.session),
    "go": _go,
    "branch": lambda scene: sessions.other_branch(scene.session),
    "head_off": _head_off,
    "mask": lambda scene: sessions.toggle(scene.session, MaskOff()),
    "clear": lambda scene: switching.clear_switches(scene.session),
    "invert": lambda scene: switching.invert_heads(scene.session, scene.model.config),
    "shows": _shows,
    "baseline": _baseline,
    "zoom": _zoom,
    "release": lambda scene: look(sessions.release(scene.session), grid=None),
    "cooler": _sampler("temperature", TEMPERATURES, -1),
    "warmer": _sampler("temperature", TEMPERATURES, 1),
    "fewer": _sampler("top_k", TOP_KS, 1),
    "more": _sampler("top_k", TOP_KS, -1),
    "narrower": _sampler("top_p", TOP_PS, 1),
    "wider": _sampler("top_p", TOP_PS, -1),
    "seed_down": _seed(-1),
    "seed_up": _seed(1),
}
