"""The themes: two dark and two light of our own, and the terminal's own colours; any of Textual's can be chosen."""

from __future__ import annotations

from textual.theme import Theme

OWN = (
    Theme(
        name="night",
        primary="#4fd1c5",
        accent="#4fd1c5",
        warning="#f0876a",
        foreground="#dfe4ea",
        background="#12141a",
        surface="#171a21",
        panel="#1d212a",
        dark=True,
    ),
    Theme(
        name="dusk",
        primary="#e3b341",
        accent="#e3b341",
        warning="#6cb6ff",
        foreground="#e6e1d6",
        background="#1b1a17",
        surface="#211f1b",
        panel="#2a2822",
        dark=True,
    ),
    Theme(
        name="paper",
        primary="#0f766e",
        accent="#0f766e",
        warning="#c2410c",
        foreground="#1f2328",
        background="#fbfaf7",
        surface="#f4f2ec",
        panel="#ebe8df",
        dark=False,
    ),
    Theme(
        name="chalk",
        primary="#1d4ed8",
        accent="#1d4ed8",
        warning="#b45309",
        foreground="#1e2430",
        background="#ffffff",
        surface="#f5f7fa",
        panel="#e9edf3",
        dark=False,
    ),
)

CYCLE = (*(theme.name for theme in OWN), "ansi-dark", "ansi-light")
