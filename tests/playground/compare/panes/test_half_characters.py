"""Tokens that are half a character: every pane of Compare shows the character where the text before begins it."""

from __future__ import annotations

from dataclasses import replace

from playground.compare.panes.bars import Bars
from playground.compare.panes.paths import Paths
from playground.compare.panes.strips import Strips
from playground.compare.panes.writes import Writes
from playground.compare.panes.wrong import Wrong
from tests.playground.compare import compare_scenes
from tests.playground.compare.panes.drawn_panes import drawn, line_with
from tests.playground.half_characters import BYTES, LAST, TEXT, bigram, model

SCENE = compare_scenes.scene(TEXT, {"GPT": model(), "bigram": bigram()}, BYTES, place=4, leads="bigram")


def test_what_comes_and_what_was_thought_are_whole_characters() -> None:
    assert line_with(drawn(Strips(), SCENE), "🤗").split() == ["a", "⋯", "⋯", "⋯", "🤗", "?"]
    bars = drawn(Bars(), SCENE)
    assert line_with(bars, "▸ 🤗") and line_with(bars, "🤖") and "after '⋯'" in bars.plain()
    assert "<0x96>" in drawn(Bars(), replace(SCENE, view=replace(SCENE.view, place=1))).plain(), "alone it is a byte"
    assert "🤖" in line_with(drawn(Wrong(), SCENE), "🤗")


def test_paths_and_what_is_written_go_on_from_the_text() -> None:
    tree = drawn(Paths(), replace(SCENE, view=replace(SCENE.view, place=1)), 160)
    at = [line_with(tree, "🤖").index(label) for label in ("a", "<0x9F>", "<0xA4>", "🤖")]
    assert at == sorted(at), "one line of the tree"
    begun = drawn(Paths(), SCENE).plain().splitlines()
    assert "from '⋯'" in begun[0] and begun[1].startswith("<0xA4> ─┬─🤖")
    written = drawn(Writes(), replace(SCENE, continuations={"bigram": (LAST, *BYTES.encode("a"))}))
    assert line_with(written, "bigram").split()[1] == "🤖a"
