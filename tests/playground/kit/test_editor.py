"""Editing keys: where the caret goes, what is inserted, and that no text is harmed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.kit.editor import edit, insert

KEYS = ("left", "right", "home", "end", "up", "down", "backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+n")


def press(text: str, key: str, character: str | None = None, *, apart: bool = False) -> str | None:
    """Edit a text whose caret is written as |."""
    edited = edit(text.replace("|", ""), text.index("|"), key, character, apart=apart)
    return None if edited is None else edited[0][: edited[1]] + "|" + edited[0][edited[1] :]


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("to| be", "left", "t|o be"),
        ("|to", "left", "|to"),
        ("to| be", "right", "to |be"),
        ("to|", "right", "to|"),
        ("to\nbe|at", "home", "to\n|beat"),
        ("to\nbe|at\nx", "end", "to\nbeat|\nx"),
        ("to|", "home", "|to"),
        ("to|be\nnot", "up", "|tobe\nnot"),
        ("to\nbeat|", "up", "to|\nbeat"),
        ("to be\nno|t", "up", "to| be\nnot"),
        ("t|o\nnot", "down", "to\nn|ot"),
        ("to be|\nnot", "down", "to be\nnot|"),
        ("to\n|\nnot", "down", "to\n\n|not"),
        ("to\nn|ot", "down", "to\nnot|"),
        ("to| be", "backspace", "t| be"),
        ("|to", "backspace", "|to"),
        ("to\n|be", "backspace", "to|be"),
        ("to| be", "delete", "to|be"),
        ("to|", "delete", "to|"),
        ("to be|", "ctrl+w", "to |"),
        ("to be  |x", "ctrl+w", "to |x"),
        ("to\nbe|", "ctrl+w", "to\n|"),
        ("|to", "ctrl+w", "|to"),
        ("to\nbe or| not", "ctrl+u", "to\n| not"),
        ("to\n|be", "ctrl+u", "to|be"),
        ("to\n\n|be", "ctrl+u", "to\n|be"),
        ("|to\nbe", "ctrl+u", "|to\nbe"),
        ("to be| or\nnot", "ctrl+u", "| or\nnot"),
        ("to|be", "ctrl+n", "to\n|be"),
    ],
)
def test_keys(before: str, key: str, after: str) -> None:
    assert press(before, key) == after


FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("a\u0301|b", "left", "|a\u0301b"),
        ("|\u091a\u094d\u091a\u093e", "right", "\u091a\u094d|\u091a\u093e"),
        (f"{FAMILY}|x", "left", f"|{FAMILY}x"),
        (f"x\n{FAMILY}|", "left", f"x\n|{FAMILY}"),
        ("\U0001f1e9\U0001f1ea|\U0001f1eb\U0001f1f7", "right", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7|"),
        ("|a\u0301b", "delete", "|b"),
        ("a\u0301|b", "backspace", "a|b"),  # a mark that was typed wrong can be typed again
        (f"ab\n{FAMILY}|x", "up", f"ab|\n{FAMILY}x"),
        ("日本\na\u0301b|", "up", "日|本\na\u0301b"),
        ("ab|c\na\u0301b\u0301c", "down", "abc\na\u0301b\u0301|c"),
        ("\x1b|\na\u0301b", "down", "\x1b\na\u0301|b"),
    ],
)
def test_the_caret_stops_where_a_cell_begins(before: str, key: str, after: str) -> None:
    assert press(before, key) == after


def test_where_every_character_is_a_token_the_caret_stops_at_each() -> None:
    assert press("a\u0301|b", "left", apart=True) == "a|\u0301b"
    assert press("|a\u0301b", "right", apart=True) == "a|\u0301b"
    assert press("|a\u0301b", "delete", apart=True) == "|\u0301b"
    assert press("a\u0301b|\nabc", "down", apart=True) == "a\u0301b\nabc|"


def test_what_joins_letters_can_be_typed() -> None:
    text = ""
    for character in FAMILY:
        text, _ = edit(text, len(text), "x", character) or ("", 0)
    assert text == FAMILY
    assert press("\u06cc|", "x", "\u200c") == "\u06cc\u200c|"


def test_characters_are_inserted_at_the_caret() -> None:
    assert press("t|o", "e", "e") == "te|o"
    assert press("t|o", "space", " ") == "t |o"
    assert press("|", "é", "é") == "é|"


def test_pasted_text_is_kept_as_it_is() -> None:
    pasted = "[/]\x1b]52;c;aGk=\x07\u202e\n\udc80"
    assert insert("to", 1, pasted) == (f"t{pasted}o", 1 + len(pasted))


@pytest.mark.parametrize(
    ("key", "character"),
    [("enter", "\r"), ("escape", "\x1b"), ("tab", "\t"), ("f1", None), ("ctrl+z", "\x1a"), ("pageup", None)],
)
def test_other_keys_are_left_to_others(key: str, character: str | None) -> None:
    assert edit("to", 1, key, character) is None


@given(st.text(st.characters(exclude_categories=()), max_size=12), st.integers(-3, 15), st.sampled_from(KEYS))
def test_the_caret_stays_in_the_text_and_motions_change_nothing(text: str, caret: int, key: str) -> None:
    edited = edit(text, caret, key, None)
    assert edited is not None
    after, place = edited
    assert 0 <= place <= len(after)
    if key in KEYS[:6]:
        assert after == text
    else:
        assert len(after) <= len(text) or key == "ctrl+n"


@given(st.text("ab \n", max_size=12), st.integers(0, 12))
def test_up_and_down_keep_to_lines(text: str, caret: int) -> None:
    caret = min(caret, len(text))
    line = text.count("\n", 0, caret)
    for key, there in (("up", max(line - 1, 0)), ("down", min(line + 1, text.count("\n")))):
        edited = edit(text, caret, key, None)
        assert edited is not None
        assert text.count("\n", 0, edited[1]) == there
