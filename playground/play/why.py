"""Why a key of Play has done nothing, in one sentence: nobody should wonder whether it is broken."""

from __future__ import annotations

from collections.abc import Callable

from playground.kit.screen import MOVES
from playground.looking.panes.absent import COMPUTED, NO_COUNTS, NO_TEXT, not_yet
from playground.looking.prompts import all_known
from playground.looking.scene import Scene
from playground.play.layout import PANES

NEWEST = "the token looked at is the newest: there is nothing to go back to"
MEASURED = "what each part does is still being measured - press it again"
UNMEASURED = "what each part does is measured while nothing is written - r pauses"
CHOSEN = "this is what is done to heads already - Enter on a head, below, does it"
PADDING = "padding marks the place looked at, and there is no text"
ONLY_SHOWS = "there is nothing to choose in this pane: it shows what the cursor is on"


def _not_forced(scene: Scene) -> str:
    fresh = scene.results is not None and scene.results.are_of(scene.session)
    return "the scores are not numbers: there is no candidate" if fresh else COMPUTED


def _not_found(scene: Scene) -> str:
    return not_yet(scene) or ("" if scene.is_fresh else COMPUTED)


def unmeasured(scene: Scene, *, all_of_it: bool = True) -> str:
    """Why nothing, or not all, is known of what each part does to the next token; "" where it is."""
    if says := not_yet(scene):
        return says
    if scene.running:
        return UNMEASURED
    swept = scene.swept
    return "" if swept is not None and (swept.done or (swept.found and not all_of_it)) else MEASURED


def _most(scene: Scene) -> str:
    if unmeasured(scene):
        return unmeasured(scene)
    assert scene.swept is not None
    return "it is chosen already" if scene.swept.head else "no head does anything here: there is none, or all are off"


ENTERED: dict[str, Callable[[Scene], str]] = {  # by pane
    "prompt": lambda scene: NEWEST if scene.session.tokens else NO_TEXT,
    "next": lambda scene: _not_forced(scene) if scene.session.tokens else NO_TEXT,
    "switches": lambda scene: CHOSEN if scene.session.tokens else f"{PADDING} - {NO_TEXT}",
    "grid": lambda scene: NO_TEXT if scene.baselines else NO_COUNTS,
}

WHY: dict[str, Callable[[Scene], str]] = {  # by what the key does
    "back": lambda scene: "the first token stays" if scene.session.tokens else NO_TEXT,
    "go": lambda scene: NEWEST if scene.session.tokens else NO_TEXT,
    "begin": lambda _: "the text begins as in training, or nothing is known of how texts began there",
    "branch": lambda _: "there is no other line of text - force a token (⏎ on a candidate), and b returns",
    "mend": lambda _: all_known(),
    "find": _not_found,
    "most": _most,
    "cut": lambda scene: not_yet(scene) or "that look is hidden: there is nothing to cut",
    "clear": lambda _: "no switch is on",
    "shows": lambda _: "no switch is on: there is nothing to compare - silence a head (x), for example",
    "baseline": lambda scene: "nothing else was counted beside this model" if scene.baselines else NO_COUNTS,
    "release": lambda _: "no cursor is held: the newest token is followed",
    "cooler": lambda _: "temperature 0 is the lowest: the likeliest token is always taken",
    "warmer": lambda _: "this is the highest temperature",
    "fewer": lambda _: "top-k 1 is the lowest: only the likeliest token is kept",
    "more": lambda _: "top-k is off: all tokens are kept",
    "narrower": lambda _: "this is the smallest top-p",
    "wider": lambda _: "top-p is off: all tokens are kept",
    "seed_down": lambda _: "0 is the first seed",
    "slower": lambda _: "this is the slowest",
    "faster": lambda _: "this is the fastest",
    **dict.fromkeys(MOVES, lambda scene: "nothing lies further that way" if scene.session.tokens else NO_TEXT),
    **dict.fromkeys([f"pane_{name}" for name in PANES], lambda _: "this pane has the keys already"),
    "screen_play": lambda _: "this is the Play screen already",
}


def why(scene: Scene, action: str, pane: str) -> str:
    """Why this key, in this pane, did nothing; "" where nothing is to be said."""
    if action == "enter":
        return ENTERED[pane](scene) if pane in ENTERED else ONLY_SHOWS
    return WHY[action](scene) if action in WHY else ""
