"""The footer: what the pane shows that has the keys, said whole or not at all."""

from __future__ import annotations

import pytest

from playground.cells import cell_len
from playground.compare.panes import ALL as COMPARE
from playground.inside.panes import ALL as INSIDE
from playground.kit.keybar import LEAST_GAP, KeyBar
from playground.learn.panes import ALL as LEARN
from playground.play.panes import ALL as PLAY
from playground.train.panes import ALL as TRAIN
from tests.playground.kit.tiny_screen import alone

PANES = tuple(dict.fromkeys((*PLAY, *TRAIN, *COMPARE, *INSIDE, *LEARN)))  # some stand on several screens
ROOM = 33  # cells beside the longest row of keys of a terminal of 120


@pytest.mark.parametrize("kind", PANES, ids=lambda kind: kind.__module__)
def test_what_a_pane_shows_can_be_said_beside_the_keys(kind: type) -> None:
    pane = kind()
    if pane.name != "status":  # which never has the keys
        assert 0 < min(cell_len(each) for each in (pane.in_short, pane.gist) if each) <= ROOM


async def test_it_is_said_whole_or_shorter_or_not_at_all() -> None:
    async with alone() as person:
        bar, palette = person.tiny.query_one(KeyBar), person.app.palette_now()
        bar.about = ("The sentence as it stands in the help", "In a few words")

        def said(room: int) -> str:
            behind = bar.behind(bar.size.width - 1 - LEAST_GAP - room, palette)
            return "".join(segment.text for segment in behind).strip()

        assert [said(room) for room in (37, 36, 14, 13)] == [bar.about[0], bar.about[1], bar.about[1], ""]
