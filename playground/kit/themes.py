"""The themes: two dark and two light of our own, and the terminal's own colours; any of Textual's can be chosen."""

from __future__ import annotations

from textual.theme import Theme


def _theme(
    name: str, dark: bool, accent: str, warning: str, foreground: str, background: str, surface: str, panel: str
) -> Theme:
    return Theme(
        name,
        primary=accent,
        accent=accent,
        warning=warning,
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        dark=dark,
    )


OWN = (
    _theme("night", True, "#4fd1c5", "#f0876a", "#dfe4ea", "#12141a", "#171a21", "#1d212a"),
    _theme("dusk", True, "#e3b341", "#6cb6ff", "#e6e1d6", "#1b1a17", "#211f1b", "#2a2822"),
    _theme("paper", False, "#0f766e", "#c2410c", "#1f2328", "#fbfaf7", "#f4f2ec", "#ebe8df"),
    _theme("chalk", False, "#1d4ed8", "#b45309", "#1e2430", "#ffffff", "#f5f7fa", "#e9edf3"),
)

CYCLE = (*(theme.name for theme in OWN), "ansi-dark", "ansi-light")
