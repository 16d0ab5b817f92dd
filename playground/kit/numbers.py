"""How numbers are written where they stand among words, so that every pane, sentence and table writes them alike."""

from __future__ import annotations

import math


def bits(value: float) -> str:
    """Surprise, entropy or divergence to two digits."""
    return "not a number" if math.isnan(value) else f"{value:,.2f}" if math.isfinite(value) else "∞"


def probability(value: float) -> str:
    """Three digits, or two that count and the power of ten of a tiny one."""
    return f"{value:.3f}" if value >= 0.0005 or value <= 0 else f"{value:.1e}"
