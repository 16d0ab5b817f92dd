"""A letter and what belongs to it share a cell, cells add up, and cutting loses nothing that it does not say."""

from __future__ import annotations

import re

import pytest
import rich.cells
from hypothesis import example, given
from hypothesis import strategies as st

from playground.cells import JOINER, MOST_MARKS, cell_len, cells, chop, clusters, crop, settled, tail, wrap
from playground.text import running, visible
from tests.conftest import ROOT

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
KISS = "\U0001f469\U0001f3fb\u200d\u2764\ufe0f\u200d\U0001f48b\u200d\U0001f468\U0001f3fc"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
GERMANY, FRANCE = "\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7"
KA, VIRAMA, SSA, VOWEL = "\u0915", "\u094d", "\u0937", "\u093f"
SRI = ["\u0dc1\u0dca\u200d", "\u0dbb\u0dd3"]  # Sri Lanka's first word: a virama, a joiner, and what it joins
ACUTE = "\u0301"
MARKS = {"◌", "⟨", "⟩", *map(chr, range(0x2400, 0x2422))}

# letters of every kind that clusters tell apart, so that chance puts them beside one another
kinds = st.sampled_from(
    "a1 \n\x1b日\u0301\u0915\u094d\u0937\u093f\u0e01\u0e33\u0e48\u06cc\u064e\u200b\u200c\u200d\ufe0e\ufe0f\u20e3\u202e"
    "\U0001f469\u2764\U0001f3fd\U0001f1e9\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e007f\u1100\u1161\u2028\udc80"
)
anything = st.one_of(st.text(st.characters(exclude_categories=()), max_size=30), st.text(kinds, max_size=40))


@pytest.mark.parametrize(
    ("parts", "wide"),
    [
        (["e" + ACUTE, "a\u0308", "o\u0302"], [1, 1, 1]),
        (["\u092c", "\u091a" + VIRAMA, "\u091a\u093e"], [1, 1, 1]),  # "child" in Hindi
        ([KA + VIRAMA + "\u200d", SSA], [1, 1]),
        ([KA + VIRAMA + "\u200c", SSA], [1, 1]),
        (SRI, [1, 1]),
        (["\u0e17\u0e35\u0e48", "\u0e19", "\u0e49" * MOST_MARKS], None),  # the last ones stand on the letter before
        (["\u0e19\u0e49", "\u0e33"], [1, 1]),  # Thai "water"
        (["\u0627\u064e", "\u0644\u0652", "\u062d"], [1, 1, 1]),  # Arabic, vowels written
        (["\u0645", "\u06cc\u200c", "\u062e"], [1, 1, 1]),  # Persian: a letter that does not join the next
        (["\u1112\u1161\u11ab", "\u1100\u1173"], [2, 2]),  # Korean, letter by letter
        (["日", "本"], [2, 2]),
        ([FAMILY, KISS], [2, 2]),
        (["\U0001f44d\U0001f3fd", "\u2764\ufe0f", "\u2708\ufe0e", "1\ufe0f\u20e3"], [2, 2, 1, 2]),
        ([GERMANY, FRANCE, "\U0001f1e9"], [2, 2, 1]),
        ([ENGLAND, GERMANY], [2, 2]),
    ],
)
def test_what_belongs_together_shares_a_cell(parts: list[str], wide: list[int] | None) -> None:
    text = "".join(parts)
    if wide is None:
        assert clusters(text)[:2] == [parts[0], parts[1] + parts[2]]
        return
    assert clusters(text) == parts and visible(text) == text
    assert cells(text) == tuple(zip(parts, wide, strict=True))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200db", "a⟨200D⟩b"),  # a joiner that joins nothing
        ("\u200d", "⟨200D⟩"),
        ("\U0001f469\u200d", "\U0001f469⟨200D⟩"),
        ("\U0001f469\u200db", "\U0001f469⟨200D⟩b"),
        ("a\u200c", "a⟨200C⟩"),
        ("\u06cc\u200cx", "\u06cc⟨200C⟩x"),
        ("a\ufe0f", "a⟨FE0F⟩"),
        ("\u2764\ufe0f\ufe0f", "\u2764\ufe0f⟨FE0F⟩"),  # hidden bytes are sent as variations in a row
        ("a\U0001f3fd", "a⟨1F3FD⟩"),
        ("a\U000e0041", "a⟨E0041⟩"),
        ("\U0001f3f4\U000e0067\U000e0067\U000e007f", "\U0001f3f4⟨E0067⟩⟨E0067⟩⟨E007F⟩"),
        (ACUTE, "◌" + ACUTE),
        ("\x1b" + ACUTE, "␛◌" + ACUTE),
        ("e" + ACUTE * 20, "e" + ACUTE * 8 + "◌" + ACUTE * 8 + "◌" + ACUTE * 4),
        ("\u200d".join("\U0001f469" * 5), "\u200d".join("\U0001f469" * 4) + "⟨200D⟩\U0001f469"),
    ],
)
def test_what_belongs_to_nothing_is_seen(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert all(wide for _, wide in cells(shown))


@given(anything)
@example("\u06cc\u200c\u06cc")
def test_no_code_point_is_lost_and_cells_add_up(text: str) -> None:
    text = "".join(char for char in text if char not in MARKS)
    assert "".join(clusters(text)) == text
    shown = visible(text)
    assert "".join(cluster for cluster, _ in cells(shown)) == shown
    assert all(1 <= wide <= 2 for _, wide in cells(shown))
    assert cell_len(shown) == sum(wide for _, wide in cells(shown))
    assert all(len(cluster) <= 1 + max(MOST_MARKS, 3 * 3 + 2 + MOST_MARKS) for cluster, _ in cells(shown))
    assert unmarked(shown) == [*text]


@given(anything)
@example("".join(SRI))
def test_rich_measures_the_same_where_it_is_not_shown_what_follows_a_joiner(text: str) -> None:
    parts = [""]
    for cluster, _ in cells(visible(text)):
        parts[-1] += cluster
        parts += [""] * cluster.endswith(JOINER)
    assert cell_len(visible(text)) == sum(map(rich.cells.cell_len, parts))


def unmarked(shown: str) -> list[str]:
    """The characters again for which marks stand."""
    back = re.sub("⟨([0-9A-F]{4,6})⟩", lambda mark: chr(int(mark[1], 16)), shown.replace("◌", ""))
    pictures = {0x2400 + code: code for code in range(32)} | {ord("␡"): 0x7F}
    return [*back.translate(pictures)]


@given(anything, st.integers(0, 30))
def test_cutting_keeps_cells_whole(text: str, room: int) -> None:
    shown = visible(text)
    assert cell_len(crop(shown, room)) == room and shown.startswith(crop(shown, room).rstrip(" "))
    end = tail(shown, room)
    assert shown.endswith(end) and cell_len(end) <= room
    lines = chop(shown, max(room, 2))
    assert "".join(lines) == shown and all(0 < cell_len(line) <= max(room, 2) for line in lines)


@given(anything, st.integers(2, 30))
def test_wrapping_keeps_every_word(text: str, room: int) -> None:
    shown = visible(text, keep="\n")
    lines = wrap(shown, room)
    assert all(0 < cell_len(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == re.sub("[ \n]", "", shown)


def test_words_are_broken_at_blanks_hyphens_and_in_cells() -> None:
    assert wrap("the held-out loss", 9) == ["the held-", "out loss"]
    assert wrap("the held-out loss", 9, hyphens=False) == ["the", "held-out", "loss"]
    assert wrap("日本語の文 is text", 6) == ["日本語", "の文", "is", "text"]
    assert wrap("a word", 4, indent="  ", after="    ") == ["  a", "    w", "    o", "    r", "    d"]
    assert wrap("e" + ACUTE + "e" + ACUTE, 1) == ["e" + ACUTE] * 2
    assert wrap("", 5) == []


@given(st.lists(anything, max_size=6))
@example(["\U0001f469", "\u200d", "\U0001f467"])
@example(["\u06cc", "\u200c", "\u062e"])
@example([*ENGLAND])
@example(["1", "\ufe0f", "\u20e3"])
def test_a_text_in_pieces_is_shown_as_in_one(pieces: list[str]) -> None:
    assert "".join(running(pieces, keep="\n")) == visible("".join(pieces), keep="\n")


def test_only_what_may_still_change_waits() -> None:
    assert settled("ab\n") == (["a", "b", "\n"], "")
    assert settled("abc") == (["a", "b"], "c")
    assert settled("ae" + ACUTE) == (["a"], "e" + ACUTE)
    assert settled("a\U0001f469\u200d") == (["a"], "\U0001f469\u200d")


def test_nothing_else_counts_cells() -> None:
    users = {file.name for file in (ROOT / "playground").rglob("*.py") if "rich.cells" in file.read_text("utf-8")}
    assert users == {"cells.py", "line_filter.py"}
