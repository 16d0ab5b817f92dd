"""Whatever is a word can be read: in every theme there is, with and without colours."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from playground.kit.contrast import BLACK, LEAST, WHITE, best_on, contrast, legible
from playground.kit.css_colours import BACKS, FIRST, ON, SECONDS, readable
from playground.kit.palette import SECOND, Palette
from playground.kit.themes import OWN

THEMES = [*OWN, *BUILTIN_THEMES.values()]
COLOURED = [theme for theme in THEMES if not theme.ansi]
NAMED = ("text", "strong", "muted", "gone", "accent", "contrast", "cursor")


def of(style: Style) -> float:
    assert style.color is not None and style.bgcolor is not None and not style.dim
    return contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor())


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast(BLACK, WHITE) == contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast((119, 119, 119), WHITE) == pytest.approx(4.48, abs=0.005)
    assert contrast((0, 0, 255), WHITE) == pytest.approx(8.59, abs=0.005)


def test_a_colour_is_changed_only_as_much_as_it_must_be() -> None:
    assert legible((118, 118, 118), WHITE) == (118, 118, 118)
    assert LEAST <= contrast(legible((150, 150, 150), WHITE), WHITE) < LEAST + 0.3
    assert contrast(legible((150, 150, 150), BLACK, (60, 60, 60)), (60, 60, 60)) >= LEAST
    assert best_on((128, 128, 128), (120, 120, 120), (140, 140, 140)) == BLACK


@pytest.mark.parametrize("grey", [False, True], ids=["colours", "grey"])
@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_every_style_of_words_can_be_read(theme: Theme, grey: bool) -> None:
    palette = Palette.of(theme, grey=grey)
    for name in NAMED:
        assert of(getattr(palette, name)) >= LEAST, name
    assert of(palette.muted) >= SECOND
    for step in range(-100, 101):
        assert of(palette.shade(step / 100, signed=True)) >= LEAST, step
        assert of(palette.shade(abs(step) / 100, bold=True)) >= LEAST, step


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_every_colour_of_words_in_widgets_can_be_read(theme: Theme) -> None:
    variables = {**theme.to_color_system().generate(), **theme.variables}
    variables |= readable(variables)

    def rgb(name: str) -> tuple[int, int, int]:
        return Color.parse(variables[name]).rgb

    for name in (*FIRST, *SECONDS):
        assert min(contrast(rgb(name), rgb(back)) for back in BACKS) >= LEAST, name
    for name, back in ON.items():
        assert contrast(rgb(name), rgb(back)) >= LEAST, name


@pytest.mark.parametrize("name", ["ansi-dark", "ansi-light"])
def test_in_the_terminals_own_colours_nothing_is_dim(name: str) -> None:
    palette = Palette.of(BUILTIN_THEMES[name])
    assert not any(getattr(palette, each).dim for each in (*NAMED, "faint"))
    assert readable(BUILTIN_THEMES[name].to_color_system().generate()) == {}
