"""The colours of one theme as finished styles: one accent, one ramp, one diverging ramp.

Ramps are monotone in lightness, so they survive NO_COLOR's greys; where there are only 16 colours, or the terminal's
own theme is chosen, a shade is a glyph. Styles are made once: drawing compares them by identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from rich.color import Color, parse_rgb_hex
from rich.style import Style
from textual.theme import Theme

from playground.kit.contrast import RGB, best_on, greyed, legible, mix

LEVELS = 24  # shades of a ramp: 24 x 24 half-block pairs fit Textual's style caches
GLYPHS = " ·░▒▓█"
SECOND = 5.0  # to 1: the contrast of what is second to the text, at least


def _ramp(stops: tuple[RGB, ...], count: int = LEVELS) -> list[RGB]:
    """So many colours through the stops, evenly."""
    places = [level * (len(stops) - 1) / (count - 1) for level in range(count)]
    pairs = [(min(int(place), len(stops) - 2), place) for place in places]
    return [mix(stops[i], stops[i + 1], place - i) for i, place in pairs]


def _light(colour: RGB) -> float:
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


@dataclass(frozen=True, eq=False)
class Palette:
    """Finished styles for one theme. With `glyphs`, shades are glyphs; with `bare`, colours are the terminal's own.

    Whatever is a word or a number can be read on what it stands on, in any theme (`contrast.LEAST`).
    """

    background: RGB
    text_rgb: RGB
    accent_rgb: RGB
    contrast_rgb: RGB  # the other end of a difference
    glyphs: bool = False
    bare: bool = False
    grey: bool = False  # NO_COLOR: the screen turns every colour into its lightness

    @classmethod
    def of(cls, theme: Theme, *, few_colours: bool = False, grey: bool = False) -> Palette:
        """The one palette of a Textual theme; shades become glyphs in the terminal's own colours or in 16 colours."""
        background = "#121212" if theme.dark else "#fafafa"
        foreground = "#e0e0e0" if theme.dark else "#1f1f1f"
        plain = theme.ansi or not (theme.background or background).startswith("#")

        def colour(value: str | None, default: str) -> RGB:
            named = value if value and value.startswith("#") and not plain else default
            found = parse_rgb_hex(named.lstrip("#"))
            return greyed(found) if grey else found

        back = colour(theme.background, background)
        return _kept(
            back,
            legible(colour(theme.foreground, foreground), back),
            legible(colour(theme.accent or theme.primary, "#4fd1c5" if theme.dark else "#0f766e"), back),
            legible(colour(theme.warning, "#f0876a" if theme.dark else "#c2410c"), back),
            few_colours or plain,
            plain,
            grey,
        )

    @cached_property
    def _table(self) -> dict[tuple[object, ...], Style]:
        return {}

    def _style(
        self,
        fg: RGB,
        bg: RGB | None = None,
        *,
        bold: bool = False,
        underline: bool = False,
        reverse: bool = False,
    ) -> Style:
        """The one Style of its kind; in the terminal's own colours only the attributes are left."""
        key = (fg, bg, bold, underline, reverse)
        if key not in self._table:
            self._table[key] = Style(
                color=None if self.bare else Color.from_rgb(*fg),
                bgcolor=None if self.bare else Color.from_rgb(*bg or self.background),
                bold=bold,
                underline=underline,
                reverse=reverse,
            )
        return self._table[key]

    @cached_property
    def text(self) -> Style:
        """Ordinary words and numbers."""
        return self._style(self.text_rgb)

    @cached_property
    def strong(self) -> Style:
        """What matters most in a line."""
        return self._style(self.text_rgb, bold=True)

    @cached_property
    def muted(self) -> Style:
        """Labels and units: readable, but second."""
        return self._style(legible(mix(self.background, self.text_rgb, 0.62), self.background, least=SECOND))

    @cached_property
    def gone(self) -> Style:
        """What does not count any more, or not here: still to be read, and no more than that."""
        return self._style(legible(mix(self.background, self.text_rgb, 0.4), self.background))

    @cached_property
    def faint(self) -> Style:
        """Rules and guides, never a word."""
        return self._style(mix(self.background, self.text_rgb, 0.25))

    @cached_property
    def accent(self) -> Style:
        """The one accent: what is chosen or on."""
        return self._style(self.accent_rgb, bold=True)

    @cached_property
    def contrast(self) -> Style:
        """The other colour: less than before, off, wrong."""
        return self._style(self.contrast_rgb, bold=True, underline=self.bare)

    @cached_property
    def cursor(self) -> Style:
        """The cell, bar or token under the cursor."""
        if self.bare:
            return self._style(self.text_rgb, reverse=True)
        return self._style(self._readable(self.accent_rgb), self.accent_rgb, bold=True)

    @cached_property
    def ramp(self) -> list[RGB]:
        """From nothing to everything, monotone in lightness."""
        end = (255, 255, 255) if _light(self.background) < 0.5 else (0, 0, 0)
        first = mix(self.background, self.text_rgb, 0.05)
        middle, top = mix(self.background, self.accent_rgb, 0.5), mix(self.accent_rgb, end, 0.65)
        return _ramp((first, middle, self.accent_rgb, top))

    @cached_property
    def diverging(self) -> list[RGB]:
        """From less (contrast) through nothing (background) to more (accent): 2 LEVELS - 1 colours."""
        if self.grey:  # without colours, less is dark and more is light
            return _ramp((self.background, self.text_rgb), 2 * LEVELS - 1)
        zero = mix(self.background, self.text_rgb, 0.05)
        down, up = _ramp((zero, self.contrast_rgb)), _ramp((zero, self.accent_rgb))
        return down[:0:-1] + up

    def level(self, value: float) -> int:
        """The ramp's level for a value from 0 to 1; NaN is 0."""
        return min(int(value * LEVELS), LEVELS - 1) if value > 0 else 0

    def shade(self, value: float, *, signed: bool = False, bold: bool = False) -> Style:
        """Text on the shade of a value from 0 to 1, or signed from -1 to 1; with glyphs, underlined or reversed."""
        if self.glyphs:
            high, low = (value > 0.33, value < -0.33) if signed else (value > 0.66, 0.33 < value <= 0.66)
            return self._style(self.text_rgb, reverse=high, underline=low, bold=bold)
        level, back = self.level(abs(value)), self.ramp[self.level(value)]
        if signed:
            back = self.diverging[LEVELS - 1 + (level if value > 0 else -level)]
        return self._style(self._readable(back), back, bold=bold)

    def pair(self, top: int, bottom: int, *, signed: bool = False) -> Style:
        """For a "▀" whose halves show two levels, -1 being nothing at all; not for glyphs."""
        ramp = self.diverging if signed else self.ramp
        upper, lower = (self.background if level < 0 else ramp[level] for level in (top, bottom))
        return self._style(upper, lower)

    def bar(self, value: float) -> Style:
        """For block characters of a bar."""
        if self.glyphs:
            return self.text
        return self._style(self.ramp[max(self.level(value), LEVELS // 2)], self.background)

    def _readable(self, back: RGB) -> RGB:
        return best_on(back, self.background, self.text_rgb)


_kept = lru_cache(maxsize=16)(Palette)  # asked for with every drawing: its styles are made once
