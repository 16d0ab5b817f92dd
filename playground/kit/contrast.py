"""How well a colour can be read on another, as WCAG 2 counts it, and the nearest one that can be read."""

from __future__ import annotations

RGB = tuple[int, int, int]

LEAST = 4.5  # to 1: WCAG 2.1, success criterion 1.4.3, level AA
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
STEPS = 64


def mix(a: RGB, b: RGB, t: float) -> RGB:
    """The colour so far from one to the other."""
    return (round(a[0] + (b[0] - a[0]) * t), round(a[1] + (b[1] - a[1]) * t), round(a[2] + (b[2] - a[2]) * t))


def contrast(a: RGB, b: RGB) -> float:
    """From 1, the same, to 21, black on white."""
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def best_on(back: RGB, *choices: RGB) -> RGB:
    """That of the colours which is read best there; where none is read well, black or white."""
    best = max(choices, key=lambda each: contrast(each, back))
    return best if contrast(best, back) >= LEAST else max((BLACK, WHITE), key=lambda each: contrast(each, back))


def legible(colour: RGB, *backs: RGB, least: float = LEAST) -> RGB:
    """The colour, as much darker or lighter as it must be to be read on all of these."""
    end = best_on(backs[0], BLACK, WHITE)
    shades = (mix(colour, end, step / STEPS) for step in range(STEPS + 1))
    return next((each for each in shades if all(contrast(each, back) >= least for back in backs)), end)


def greyed(colour: RGB) -> RGB:
    """Its lightness alone, as the screen shows it without colours."""
    value = round(0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2])
    return (value, value, value)


def _luminance(colour: RGB) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
