"""What Play asks in dialogs: sets of switches by name, another model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models.errors import UserError
from models.switches import check, parse
from playground.kit.dialogs import Ask, Choose
from playground.play.session import decide_anew

if TYPE_CHECKING:
    from playground.play.screen import Play


def save_set(play: Play) -> None:
    """Save the switches that are on under a name."""
    switches = tuple(map(str, play.session.switches))

    def named(name: str | None) -> None:
        if name is not None:
            play.app.keep(play.app.store.with_set(name, switches))

    if switches:
        play.app.push_screen(Ask("Save these switches as", "a name", check=_a_name), named)
    else:
        play.app.tell("no switch is on - switch something off first, then save it")


def recall_set(play: Play) -> None:
    """Switch to a saved set; one with a switch for a place this model does not have is refused, and that is said."""
    assert play.model is not None
    sets, config = play.app.store.sets, play.model.config

    def chosen(name: str | None) -> None:
        if name is None:
            return
        try:
            switches = check(map(parse, sets[name]), config)
        except UserError as error:
            play.app.tell(str(error))
        else:
            play.do(decide_anew(play.session, switches=switches), "recall")

    def forget(name: str) -> None:
        play.app.keep(play.app.store.without_set(name))

    if sets:
        options = [(name, name, ", ".join(switches)) for name, switches in sets.items()]
        play.app.push_screen(Choose("Recall a set of switches", options, forget), chosen)
    else:
        play.app.tell("no set is saved yet - switch something off and press n")


def choose_model(play: Play) -> None:
    """Open another bundled model."""

    def chosen(name: str | None) -> None:
        if name is not None:
            play.app.open_model(name)

    play.app.push_screen(Choose("Open a model", [(name, name, "") for name in models.available()]), chosen)


def _a_name(value: str) -> str | None:
    return None if value.strip() else "a set needs a name - type at least one letter"
