"""Any token among the candidates is found by some of its text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from textual.widgets import Input

from models.measures import rank, softmax
from playground.looking.panes.absent import NO_TEXT
from playground.looking.panes.next_token import candidates
from playground.play.finding_token import LISTED, FindToken, Ranked
from tests.playground import half_characters
from tests.playground.half_characters import LAST, WHOLE
from tests.playground.looking.panes.text_scenes import model, scene
from tests.playground.play.play_on_screen import at


def test_tokens_are_found_by_their_text_the_nearest_and_likeliest_first() -> None:
    shown = scene("To be", of=model("bpe"))
    assert shown.results is not None
    among = Ranked.of(shown)
    ranked = candidates(shown, count=shown.model.vocab_size)
    texts = [each.label for each in ranked]
    assert [texts[place] for place in among.holding("T")[:3]] == sorted(["T", "t", "·t"], key=texts.index)
    places = among.holding("e")
    assert {texts[place] for place in places} == {each for each in texts if "e" in each.casefold()}
    begins = [texts[place].casefold().startswith(("e", "·e")) for place in places]
    assert begins == sorted(begins, reverse=True) and not all(begins)
    assert [texts[place] for place in among.holding(" t")] == [texts[place] for place in among.holding("·t")]
    assert not among.holding("zebra") and among.holding("") == list(range(len(texts)))
    first = FindToken(among).found("e")[0]
    of = ranked[places[0]]
    probabilities = softmax(shown.results.now.logits[-1])
    assert (first.key, first.label) == (str(places[0]), of.label)
    assert first.detail.startswith(f"rank {rank(probabilities, of.token)} · p {of.p:.3f}")
    assert first.group == f"{len(places)} of {len(texts)} tokens hold it"
    every = FindToken(among).found("")
    assert len(every) == LISTED and [each.label for each in every] == texts[:LISTED]


def test_a_character_is_found_by_what_would_complete_it() -> None:
    among = Ranked.of(scene(f"a{WHOLE}", of=half_characters.model(), row=3))
    [place] = among.holding(WHOLE)
    assert among.order[place] == LAST and FindToken(among).found(WHOLE)[0].label == WHOLE
    assert not among.holding("<0x96>"), "it is not called so there"


async def test_the_cursor_goes_to_the_token_that_is_found(folder: Path) -> None:
    async with at(folder) as person:
        results = person.play.results
        assert results is not None and person.model.tokenizer is not None
        order = np.lexsort((np.arange(person.model.vocab_size), -softmax(results.now.logits[-1])))
        wanted = int(order[-1])  # the last anybody would come to by pressing an arrow
        await person.pilot.press("f")
        await person.until(lambda: isinstance(person.app.screen, FindToken))
        person.app.screen.query_one(Input).value = person.model.tokenizer.token(wanted)
        await person.pilot.pause()
        await person.press("enter")
        assert person.session.view.candidate == len(order) - 1
        assert person.play.focused is not None and person.play.focused.id == "next"
        await person.press("enter")
        assert person.session.tokens[-1] == wanted
        person.play.see(person.play.begin_typing())
        person.play.see(person.play.typed("", 0))
        await person.press("escape")
        await person.press("f")
        assert not isinstance(person.app.screen, FindToken) and person.notices[-1] == NO_TEXT
