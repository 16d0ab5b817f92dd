"""What keys do to a Session, one function each: the scene in, the next Session out. Nothing here knows a screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from models.baselines import chosen
from models.lenses.inside.edges import Edge
from models.switches import HeadOff, MaskOff
from playground.looking import session as sessions
from playground.looking import switching
from playground.looking.ladders import climb
from playground.looking.prompts import begun_as_learned, draft_of, mended_at, written
from playground.looking.scene import Scene
from playground.looking.session import Session, Shows, choose_head, look

SHOWS: tuple[Shows, ...] = ("after", "before", "difference")

Acted = Callable[[Scene], Session]


def _climb(field: str, by: int) -> Acted:
    return lambda scene: climb(scene.session, field, by)


def _go(scene: Scene) -> Session:
    session = scene.session
    return sessions.jump(session, session.row) if session.row < len(session.tokens) - 1 else session


def _head_off(scene: Scene) -> Session:
    view = scene.session.view
    chosen = choose_head(scene.session, view.layer, view.head)
    return switching.toggle_head(chosen, HeadOff.slug, view.layer, view.head)


def _most(scene: Scene) -> Session:
    """The head that matters most for what follows the row looked at."""
    head = scene.swept.head if scene.swept is not None else None
    return scene.session if head is None else choose_head(scene.session, head.layer, head.head)


def _cut(scene: Scene) -> Session:
    """The edge under the cursor, cut as the session cuts; one that is cut either way looks again."""
    view = scene.session.view
    if scene.results is None or not scene.known.intact.blocks[view.layer].visible[scene.row, scene.column]:
        return scene.session
    edge = Edge(view.layer, view.head, scene.row, scene.column)
    cut = {edge.cut(plain=plain) for plain in (False, True)}.intersection(scene.session.switches)
    here = look(scene.session, column=scene.column + scene.dropped)  # the strongest of the row is another without it
    return sessions.toggle(here, cut.pop() if cut else edge.cut(plain=view.plain))


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


def _mend(scene: Scene) -> Session:
    """What the model does not know of the text, as the nearest that it knows."""
    before = draft_of(scene.session, scene.model)
    text, caret = mended_at(scene.tokenizer, before, scene.session.view.caret)
    if text == before:
        return scene.session
    return look(replace(written(scene.session, scene.model, text), aside=None), caret=caret)


ACTS: dict[str, Acted] = {
    "back": lambda scene: sessions.back(scene.session),
    "go": _go,
    "begin": lambda scene: begun_as_learned(scene.session, scene.model),
    "branch": lambda scene: sessions.other_branch(scene.session),
    "head_off": _head_off,
    "most": _most,
    "mend": _mend,
    "mask": lambda scene: sessions.toggle(scene.session, MaskOff()),
    "cut": _cut,
    "plain": lambda scene: look(scene.session, plain=not scene.session.view.plain),
    "whole_head": lambda scene: look(scene.session, whole_head=not scene.session.view.whole_head),
    "clear": lambda scene: switching.clear_switches(scene.session),
    "invert": lambda scene: switching.invert_heads(scene.session, scene.model.config),
    "shows": _shows,
    "baseline": _baseline,
    "zoom": _zoom,
    "release": lambda scene: look(sessions.release(scene.session), grid=None),
    "cooler": _climb("temperature", -1),
    "warmer": _climb("temperature", 1),
    "fewer": _climb("top_k", 1),
    "more": _climb("top_k", -1),
    "narrower": _climb("top_p", 1),
    "wider": _climb("top_p", -1),
    "seed_down": _climb("seed", -1),
    "seed_up": _climb("seed", 1),
}
