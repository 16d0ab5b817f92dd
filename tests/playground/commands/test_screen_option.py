"""Every screen can be the one to begin with."""

from __future__ import annotations

from playground import screens
from playground.commands import play


def test_every_screen_can_be_named() -> None:
    assert play.SCREENS == screens.NAMES
