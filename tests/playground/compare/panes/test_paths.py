"""The bigram's likeliest paths, gone through and followed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.lenses.paths import paths
from playground.compare.panes.paths import Paths
from playground.compare.scene import (
    CompareView,
    follow,
    let_go,
    turn_back,
)
from tests.playground.compare.compare_scenes import of_letters, of_the_world
from tests.playground.compare.panes.drawn_panes import drawn
from tests.playground.compare.panes.scored_scenes import looked
from tests.playground.looking.scenes import PALETTE


def test_the_tree_has_the_bigram_s_likeliest_paths() -> None:
    of = of_letters(place=3)
    bigram, root = of.bigram, of.before
    assert bigram is not None and root == of.view.tokens[2]
    canvas = drawn(Paths(), of, 100, 30)
    lines = canvas.plain().split("\n")[1:-1]
    p = bigram.probabilities([root])[0]
    first = [line[5:].split() for line in lines if line[5:6].strip()]
    for words, token in zip(first, np.argsort(-p, kind="stable"), strict=False):
        assert words[0] == of.label(int(token)) and f"{p[token]:.3f}" in words
    tree = paths(bigram, root, depth=6, width=6, most=240, least=0.0005)
    node, product_ = tree, 1.0
    for word in (each for each in lines[0][1:].replace("─", " ").replace("┬", " ").split() if each[0] != "0"):
        if word.startswith(tuple("▏▎▍▌▋▊▉█")):
            continue
        node = node.after[0]
        product_ *= node.p
        assert word == of.label(node.token)
    assert lines[0].split()[-1] == f"{product_:.3f}"


def test_a_tree_never_has_more_lines_than_there_are() -> None:
    for height in range(3, 30):
        canvas = drawn(Paths(), of_the_world(place=4), 90, height)
        said = canvas.plain().split("\n")[-1]
        assert said.startswith("the") and len(said) < 90  # no path's probability beside the words
        assert any(style is PALETTE.cursor for style in canvas.styles[1])


def test_the_cursor_goes_through_the_tree_and_enter_moves_its_root() -> None:
    of, pane = of_letters(place=3), Paths()
    drawn(pane, of, 100, 30)
    right = looked(of, pane.move(of, 1, 0))
    assert right.view.branch == (0,)
    down = looked(of, pane.move(right, 0, 1))
    assert down.view.branch == (1,)
    assert pane.move(down, -1, 0).branch == ()
    assert pane.move(down, 0, -5).branch == (0,)
    assert of.bigram is not None and of.before is not None
    followed = pane.enter(down)
    second = int(np.argsort(-of.bigram.probabilities([of.before])[0], kind="stable")[1])
    assert (followed.followed, followed.branch) == ((second,), ())
    assert f"→ {of.label(second)}" in drawn(pane, looked(of, followed), 100, 30).plain()
    assert pane.move(looked(of, followed), -1, 0) == turn_back(followed) == replace(followed, followed=())
    assert pane.move(of, -1, 0).place == 2  # at the text's own root: along the text
    assert pane.enter(of) is of.view


def test_a_click_moves_the_cursor_and_another_follows() -> None:
    of, pane = of_letters(place=3), Paths()
    act = drawn(pane, of, 100, 30).at(5, 1)
    assert act is not None
    there = looked(of, act(of.view))
    assert there.view.branch == (0,)
    again = drawn(pane, there, 100, 30).at(5, 1)
    assert again is not None and again(there.view) == pane.enter(there) != there.view


def test_views_of_the_tree() -> None:
    view = follow(CompareView(branch=(1, 2)), 4, 5)
    assert (view.followed, view.branch) == ((4, 5), ())
    assert turn_back(view).followed == (4,)
    assert let_go(replace(view, search="a", match=2)) == CompareView()
