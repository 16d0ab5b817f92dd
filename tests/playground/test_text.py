"""Nothing invisible, nothing that moves the cursor, and columns that stay columns."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from playground.cells import cell_len, clusters
from playground.text import fit, token, visible

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
anything = st.text(st.characters(exclude_categories=()), max_size=30)  # lone surrogates as well


def kinds(text: str) -> set[str]:
    return {unicodedata.category(char) for char in text}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("To be, or not to be", "To be, or not to be"),
        ("a\x1b[31mb", "a␛[31mb"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("\x00\t\n\x7f", "␀␉␊␡"),
        ("\x9b31m", "⟨009B⟩31m"),
        ("\u202egnp.exe", "⟨202E⟩gnp.exe"),
        ("a\u200bb\ufeff", "a⟨200B⟩b⟨FEFF⟩"),
        ("\udc80", "⟨DC80⟩"),
        ("\ue000\ufe0f\u3164\u2028", "⟨E000⟩⟨FE0F⟩⟨3164⟩⟨2028⟩"),
        ("\u0301", "◌\u0301"),
        ("e\u0301", "e\u0301"),
        ("日本", "日本"),
        ("[/][@click=app.quit]x", "[/][@click=app.quit]x"),
        ("", ""),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_visible_keeps_what_it_is_told_to() -> None:
    assert visible("a\tb\r\nc", keep="\n") == "a␉b␍\nc"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" the", "·the"),
        ("\n", "⏎"),
        ("\n\n\t", "⏎⏎⇥"),
        ("\r", "␍"),
        ("\u0301", "◌\u0301"),
        ("\u00a0", "⍽"),
        ("\u3000", "⟨3000⟩"),
        ("", "∅"),
        ("[red]", "[red]"),
    ],
)
def test_token(text: str, shown: str) -> None:
    assert token(text) == shown


def test_every_character_can_be_seen_and_measures_at_least_a_cell() -> None:
    everyday = range(0x3100)
    for char in map(chr, [*everyday, *range(0xA000, 0x10000, 7), *range(0x10000, 0x110000, 97)]):
        for shown in (visible(char), token(char)):
            assert cell_len(shown) >= 1
            assert not kinds(shown) & FORBIDDEN
            if char.isascii():
                assert cell_len(shown) == 1


def test_one_character_tokens_differ_from_each_other() -> None:
    shown = [token(chr(code)) for code in range(0x3000) if unicodedata.category(chr(code)) in FORBIDDEN | {"Zs"}]
    assert len(set(shown)) == len(shown)


@given(anything)
@example("\x1b\u0301\u1161\u200d👨")
def test_visible_text_is_safe_stays_as_it_is_and_adds_up(text: str) -> None:
    shown = visible(text)
    for cluster in clusters(shown):
        joiners = kinds(cluster) & FORBIDDEN if len(cluster) > 1 else set()
        assert kinds(cluster) & FORBIDDEN == joiners <= {"Cf"}
    assert visible(shown) == shown
    assert cell_len(shown) == sum(map(cell_len, clusters(shown)))
    shown.encode()


@given(anything, st.integers(-1, 40))
def test_fit_is_exactly_as_wide_as_asked(text: str, cells: int) -> None:
    assert cell_len(fit(text, cells)) == max(cells, 0)


def test_fit_says_that_it_cut() -> None:
    assert [fit("日本語", cells) for cells in (7, 6, 5, 4, 1)] == ["日本語 ", "日本語", "日本…", "日 …", "…"]
