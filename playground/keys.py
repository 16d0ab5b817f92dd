"""Every key, once: bindings, footer, help and command palette are all made from this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

from playground.layout import PANES

Group = Literal["write", "change", "look", "draw", "program", "edit"]

GROUPS: dict[Group, str] = {
    "write": "Write",
    "change": "Switch parts off",
    "look": "Look around",
    "draw": "How tokens are drawn",
    "program": "Program",
    "edit": "While editing the prompt",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One act of the person; `action` names it in `acts.ACTS` or among the screen's own."""

    action: str
    keys: str  # Textual's key names, separated by commas
    label: str  # one or two words, for the footer
    words: str  # a sentence, for help and palette
    group: Group
    footer: bool = False
    shown: str = ""  # how the key is written, where its name is not how one says it

    @property
    def written(self) -> str:
        """How the key is written in help and footer."""
        return self.shown or self.keys.split(",")[0]


KEYS: tuple[Key, ...] = (
    Key("step", "space", "step", "Write one token: the one that is drawn.", "write", True),
    Key(
        "back",
        "backspace",
        "back",
        "Take the newest token back; stepping on writes the same again.",
        "write",
        True,
        "⌫",
    ),
    Key("run", "r", "run", "Write token after token, or pause.", "write", True),
    Key("slower", "comma", "slower", "Write slower.", "write", shown=","),
    Key("faster", "full_stop", "faster", "Write faster.", "write", shown="."),
    Key(
        "enter",
        "enter",
        "choose",
        "Take what the cursor is on: force that token, toggle that switch.",
        "write",
        shown="⏎",
    ),
    Key("go", "g", "go here", "Go back to where the token under the cursor was the newest.", "write"),
    Key("branch", "b", "branch", "Return to the line of text left last.", "write"),
    Key("edit", "e,slash", "edit", "Type another prompt.", "write", True),
    Key("head_off", "x", "silence", "Silence the chosen head, or let it speak again.", "change", True),
    Key("mask", "m", "mask", "Open the causal mask, or close it.", "change", True),
    Key("clear", "c", "all on", "Clear all switches: the model as it was trained.", "change"),
    Key("invert", "i", "invert", "Silence the heads that speak, and let the silenced speak.", "change"),
    Key("shows", "v", "compare", "Attention with the switches, without, or the difference.", "change", True),
    Key("save_set", "n", "save set", "Save the switches that are on under a name.", "change"),
    Key("recall_set", "N", "recall set", "Recall a saved set of switches.", "change"),
    Key("undo", "u,ctrl+z", "undo", "Undo the last act, whatever it was.", "change", True),
    Key("redo", "U,ctrl+y", "redo", "Do again what was undone.", "change"),
    *(Key(f"pane_{name}", str(n), name, f"To the pane {name}.", "look") for n, name in enumerate(PANES, 1)),
    Key("next_pane", "tab", "pane", "To the next pane.", "look"),
    Key("previous_pane", "shift+tab", "pane before", "To the pane before.", "look"),
    Key("left", "left,h", "left", "Move the cursor of the focused pane left.", "look", shown="← h"),
    Key("right", "right,l", "right", "Move the cursor right.", "look", shown="→ l"),
    Key("up", "up,k", "up", "Move the cursor up.", "look", shown="↑ k"),
    Key("down", "down,j", "down", "Move the cursor down.", "look", shown="↓ j"),
    Key("page_up", "pageup", "page up", "Move the cursor up by ten.", "look"),
    Key("page_down", "pagedown", "page down", "Move the cursor down by ten.", "look"),
    Key("release", "escape", "release", "Let the cursor go: follow the newest token again.", "look", shown="esc"),
    Key("zoom", "z", "zoom", "The whole attention pattern at once, or cell by cell.", "look"),
    Key("cooler", "t", "cooler", "Lower the temperature: surer. 0 always takes the likeliest.", "draw"),
    Key("warmer", "T", "warmer", "Raise the temperature: bolder.", "draw"),
    Key("fewer", "y", "top-k", "Keep fewer candidates (top-k).", "draw"),
    Key("more", "Y", "top-k", "Keep more candidates (top-k).", "draw"),
    Key("narrower", "p", "top-p", "Keep a smaller share of the probability (top-p).", "draw"),
    Key("wider", "P", "top-p", "Keep a larger share of the probability (top-p).", "draw"),
    Key("seed_down", "s", "seed", "The seed before.", "draw"),
    Key("seed_up", "S", "seed", "The next seed: other draws, same model.", "draw"),
    Key("model", "o", "model", "Open another model.", "program"),
    Key("theme", "d", "theme", "The next theme: dark, light, the terminal's own.", "program"),
    Key("help", "question_mark,f1", "help", "Explain the focused pane, and list the keys.", "program", True, "?"),
    Key("quit", "q,ctrl+q", "quit", "Leave.", "program", True),
)

EDITING: tuple[Key, ...] = (
    Key("done", "enter,escape", "done", "Done: back to stepping and looking.", "edit", True, "⏎"),
    Key("newline", "ctrl+n", "new line", "Start a new line in the prompt.", "edit", True, "^n"),
    Key("word_back", "ctrl+w", "word back", "Delete the word before the caret.", "edit", shown="^w"),
    Key("erase", "ctrl+u", "erase", "Delete to the start of the line.", "edit", True, "^u"),
    Key("leave", "tab", "done", "Done, and to the next pane.", "edit"),
    Key("undo", "ctrl+z", "undo", "Undo the last act.", "edit", True, "^z"),
    Key("redo", "ctrl+y", "redo", "Do again what was undone.", "edit", shown="^y"),
    Key("help", "f1", "help", "Explain the focused pane, and list the keys.", "edit", True, "F1"),
    Key("quit", "ctrl+q", "quit", "Leave.", "edit", True, "^q"),
)


def key_table() -> list[tuple[str, str]]:
    """The table for people: how a key is written and what it does, under the names of the groups."""
    rows: list[tuple[str, str]] = []
    for group, title in GROUPS.items():
        rows += [("", ""), ("", title)] if rows else [("", title)]
        for key in (*KEYS, *EDITING):
            if key.group == group and not key.action.startswith("pane_"):
                rows.append((key.written, key.words))
        if group == "look":
            rows.append((f"1 ... {len(PANES)}", f"To a pane: {', '.join(PANES)}."))
    return rows


def bindings() -> list[BindingType]:
    """The table as Textual bindings; each can be remapped by its id."""
    return [*(_binding("press", key) for key in KEYS), *(_binding("press_editing", key) for key in EDITING)]


def _binding(action: str, key: Key) -> Binding:
    return Binding(
        key.keys,
        f"{action}('{key.action}')",
        key.label,
        show=key.footer,
        key_display=key.written,
        id=f"{action}-{key.action}",
        tooltip=key.words,
    )
