"""Labels of tokens: what several make together is shown where it is complete; what a terminal may not get is a mark."""

from __future__ import annotations

from playground.looking.labels import label, label_at, labelled
from tests.playground.half_characters import BEGIN, BYTES, LAST


def test_a_character_of_several_tokens_is_shown_at_the_last_of_them() -> None:
    tokens = BYTES.encode("a🤖 b")
    shown = ("a", "⋯", "⋯", "⋯", "🤖", "·", "b")
    assert labelled(BYTES, tokens) == shown and labelled(BYTES, tokens[3:], tokens[:3]) == shown[3:]
    assert tuple(label_at(BYTES, tokens, place) for place in range(7)) == shown


def test_half_a_character_says_what_it_completes_or_which_byte_it_is() -> None:
    assert label(BYTES, LAST, BEGIN) == "🤖" and label(BYTES, LAST, BEGIN[:2]) == label(BYTES, LAST) == "<0x96>"
    escape = BYTES.encode("\x1b")[0]
    assert label(BYTES, escape) == labelled(BYTES, [escape])[0] == "␛"
