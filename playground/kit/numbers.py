"""How numbers are written, in one place, so that every pane, sentence, table and dialog writes them alike.

No number is either what is not known, a dash, or what has gone wrong, which is said in words.
"""

from __future__ import annotations

import math

from models.units import BITS, Unit

ABSENT = "–"
BROKEN = "not a number"
_SIZES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K"))


def fixed(value: float | None, digits: int, nan: str = ABSENT) -> str:
    """So many digits after the point, no -0.00; `nan` where it is no number, a dash where there is nothing."""
    if value is None or math.isnan(value):
        return ABSENT if value is None else nan
    return f"{round(value, digits) + 0.0:,.{digits}f}" if math.isfinite(value) else "∞" if value > 0 else "-∞"


def bits(value: float, unit: Unit = BITS) -> str:
    """Surprise, entropy or divergence, which are reckoned in bits, to two digits of the unit."""
    return fixed(value * unit.bit, 2, BROKEN)


def bits_or_dash(value: float, unit: Unit = BITS) -> str:
    """The same where there may be none: nothing predicted the token, or nobody is to be held against."""
    return fixed(value * unit.bit, 2)


def loss(nats: float | None, unit: Unit = BITS) -> str:
    """A loss, which is reckoned in nats, to three digits of the unit."""
    return fixed(nats and nats * unit.nat, 3, BROKEN)


def probability(value: float) -> str:
    """Three digits, or two that count and the power of ten of a tiny one."""
    return f"{value:.3f}" if value >= 0.0005 or value <= 0 else f"{value:.1e}"


def precise(value: float) -> str:
    """At least four digits that count."""
    size = abs(value)
    if 0 < size < 1e-4 or 1e5 <= size < math.inf:
        return f"{value:.3e}"
    digits = 2 if size >= 1e3 else 3 - math.floor(math.log10(size)) if 0 < size < 0.1 else 4
    return fixed(value + 0.0, digits, BROKEN).replace(",", "")


def rough(value: float) -> str:
    """What is measured by the clock, or reckoned by a rule: three digits that count, without a power of ten."""
    if not math.isfinite(value) or not value:
        return fixed(value, 0, BROKEN)
    digits = 2 - math.floor(math.log10(abs(value)))
    return fixed(round(value, digits), max(digits, 0))


def weight(value: float, *, sign: bool = False, nan: str = BROKEN) -> str:
    """A weight of attention, or with its sign a difference of two."""
    if not math.isfinite(value):
        return nan
    return f"{round(value, 3) + 0.0:{'+' if sign else ''}.3f}"  # no -0.000


def short_weight(value: float, *, sign: bool = False) -> str:
    """The same in three or four cells, to two decimals: .62, +.62."""
    if not math.isfinite(value):
        return "?"
    said = f"{round(value, 2) + 0.0:{'+' if sign else ''}.2f}"
    return said.replace("0.", ".", 1) if abs(value) < 0.995 else said[:-1]


def four_cells(value: float) -> str:
    """A number that is not negative in at most four cells."""
    return fixed(value, 2 if value < 9.995 else 1 if value < 99.95 else 0).replace(",", "")


def magnitude(value: float) -> str:
    """In six cells, whatever its size: 0.375, 1.7e-3."""
    if not math.isfinite(value) or 0.01 <= abs(value) < 1000:
        return fixed(value, 3, "NaN")
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e+")


def large(value: float, unit: str = "") -> str:
    """Three digits and the size: 814 K, 1.23 M."""
    if not math.isfinite(value):
        return ABSENT
    for size, letter in _SIZES:
        if abs(value) >= 0.9995 * size:
            scaled = value / size
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f} {letter}{unit}"
    return f"{value:.0f} {unit}".rstrip() if abs(value) >= 10 or value == int(value) else f"{value:.2g} {unit}".rstrip()


def file_size(count: int) -> str:
    """So many bytes."""
    return large(count, "B") if count >= 1000 else f"{count} bytes"


def tick(value: float, digits: int = 0) -> str:
    """A number on an axis."""
    if abs(value) >= 100_000:
        return large(value).replace(".00", "").replace(".0 ", " ")
    return f"{value:,.{digits}f}"


def percent(share: float) -> str:
    """A share of the whole."""
    return f"{round(share * 100)} %" if math.isfinite(share) else ABSENT  # no -0 %


def again(length: int) -> str:
    """What a text repeats whose end is a cycle of so many tokens."""
    return f"the same {counted(length, 'token')} again and again"


def counted(count: int, thing: str) -> str:
    """So many things, in the plural where they are."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def clock(seconds: float) -> str:
    """Time as 0:42, 12:05 or 1:02:33."""
    if not math.isfinite(seconds):
        return ABSENT
    whole = max(round(seconds), 0)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def duration(seconds: float) -> str:
    """So many seconds as one says it: "40 s", "7 min", "1 h 20 min", "3 days"."""
    if not math.isfinite(seconds):
        return "a time unknown"
    if seconds < 99.5:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{round(hours / 24):,} days"
    return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
