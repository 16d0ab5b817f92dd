"""Every key, once: bindings, footer, help and command palette are all made from this table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

from playground import screens
from playground.compare.layout import PANES as COMPARE_PANES
from playground.play.layout import PANES
from playground.train.layout import PANES as TRAIN_PANES

Group = Literal[
    "write", "change", "look", "draw", "run", "time", "curve", "sides", "scores", "search", "program", "edit"
]

GROUPS: dict[Group, str] = {
    "write": "Write",
    "change": "Switch parts off",
    "run": "Runs",
    "time": "Back and forth in time",
    "curve": "The loss curve",
    "sides": "Models side by side",
    "scores": "Scores over held-out text",
    "search": "The bigram's grid and paths",
    "look": "Look around",
    "draw": "How tokens are drawn",
    "program": "Program",
    "edit": "While editing the text",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One act of the person; `action` names it in the screen's acts or among what is the screen's own."""

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


def _screens(own: str, *, typing: bool = False) -> tuple[Key, ...]:
    """To every screen by its key, the others in the footer, and to the one before and after; not while one types."""
    group: Group = "edit" if typing else "program"
    named = [
        Key(f"screen_{place.name}", place.key, place.name, place.words, group, place.name != own, place.key.upper())
        for place in screens.ALL
    ]
    beside = (
        Key("screen_before", "left_square_bracket", "screen before", "To the screen before.", group, shown="["),
        Key("screen_after", "right_square_bracket", "screen after", "To the screen after.", group, shown="]"),
    )
    return (*named, *(() if typing else beside))


def _program(own: str) -> tuple[Key, ...]:
    """What every screen has, itself by the name `own`."""
    return (
        *_screens(own),
        Key("theme", "d", "theme", "The next theme: dark, light, the terminal's own.", "program"),
        Key("help", "question_mark,f1", "help", "Explain the focused pane, and list the keys.", "program", True, "?"),
        Key("quit", "q,ctrl+q", "quit", "Leave.", "program", True),
    )


def _panes(names: Sequence[str]) -> tuple[Key, ...]:
    """To each pane by its number, and from one to the next."""
    return (
        *(Key(f"pane_{name}", str(n % 10), name, f"To the pane {name}.", "look") for n, name in enumerate(names, 1)),
        Key("next_pane", "tab", "pane", "To the next pane.", "look"),
        Key("previous_pane", "shift+tab", "pane before", "To the pane before.", "look"),
    )


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
    *_panes(PANES),
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
    *_program("play"),
)

EDITING: tuple[Key, ...] = (
    Key("done", "enter,escape", "done", "Done: back to stepping and looking.", "edit", True, "⏎"),
    Key("newline", "ctrl+n", "new line", "Start a new line in the prompt.", "edit", True, "^n"),
    Key("word_back", "ctrl+w", "word back", "Delete the word before the caret.", "edit", shown="^w"),
    Key("erase", "ctrl+u", "erase", "Delete to the start of the line.", "edit", True, "^u"),
    Key("leave", "tab", "done", "Done, and to the next pane.", "edit"),
    Key("undo", "ctrl+z", "undo", "Undo the last act.", "edit", True, "^z"),
    Key("redo", "ctrl+y", "redo", "Do again what was undone.", "edit", shown="^y"),
    *_screens("play", typing=True),
    Key("help", "f1", "help", "Explain the focused pane, and list the keys.", "edit", True, "F1"),
    Key("quit", "ctrl+q", "quit", "Leave.", "edit", True, "^q"),
)

TRAIN: tuple[Key, ...] = (
    Key("new", "n", "new run", "Start a new run: choose data, sizes and parts.", "run", True),
    Key("pause", "space", "pause", "Pause the training, or let it go on.", "run", True),
    Key("one", "full_stop", "one step", "Train one single step, then wait.", "run", True, "."),
    Key("stop", "s", "stop", "Save the run and end its process; it can be continued.", "run", True),
    Key("onward", "c", "continue", "Continue a run that was stopped, from its last checkpoint.", "run", True),
    Key("rewind", "w", "rewind", "The same run again from step 0, paused there, beside the old one.", "run", True),
    Key("delete", "delete,D", "delete", "Delete the chosen run; asked first.", "run", True, "del"),
    Key("compare", "m", "compare", "Draw the run under the cursor, or the next one, with the chosen.", "run", True),
    Key("log", "g", "log", "The last lines that the training process wrote.", "run"),
    Key("left", "left,h", "earlier", "To the snapshot before: the run as it was then.", "time", True, "←"),
    Key("right", "right,l", "later", "To the next snapshot.", "time", True, "→"),
    Key("first", "home", "first", "To the first snapshot.", "time"),
    Key("newest", "end,escape", "newest", "Follow the newest snapshot.", "time", shown="end esc"),
    Key("open", "o", "open in Play", "Open the snapshot in the Play screen.", "time", True),
    Key("edit", "e,slash", "prompt", "Type the prompt that is watched.", "time", True),
    Key("watching", "v", "watch", "Watch bars, heads or the text, where there is room for one.", "time"),
    Key("axis", "a", "axis", "Draw along steps, seconds or tokens.", "curve"),
    Key("scale", "y", "log", "Logarithmic losses, or linear ones.", "curve"),
    *_panes(TRAIN_PANES),
    Key("up", "up,k", "up", "Move the cursor of the focused pane up.", "look", shown="↑ k"),
    Key("down", "down,j", "down", "Move the cursor down.", "look", shown="↓ j"),
    Key("page_up", "pageup", "page up", "Move up by ten.", "look"),
    Key("page_down", "pagedown", "page down", "Move down by ten.", "look"),
    Key("enter", "enter", "choose", "What the focused pane's help says of it: choose a run.", "look", shown="⏎"),
    *_program("train"),
)


COMPARE: tuple[Key, ...] = (
    Key("edit", "e", "edit", "Type another text.", "write", True),
    Key("wrong", "w", "next wrong", "To the place where the model is worst, then the next worst.", "sides", True),
    Key("wrong_back", "W", "wrong before", "To the one before.", "sides"),
    Key("win", "n", "next win", "To the place where its context saves most, then the next.", "sides", True),
    Key("win_back", "N", "win before", "To the one before.", "sides"),
    Key("pair", "m", "models", "Which model wins and is wrong, and which it is held against.", "sides", True),
    Key("pair_back", "M", "models before", "The pair before.", "sides"),
    Key("shows", "v", "strips show", "Surprise, its sum, bits from the truth, or chances.", "sides", True),
    Key("seed_down", "s", "seed", "Let the models write with the seed before.", "sides"),
    Key("seed_up", "S", "seed", "Let them write with the next seed.", "sides"),
    Key("measure", "r", "score", "Score the models over held-out text, or pause.", "scores", True),
    Key("file", "f", "text file", "Score them on a text file of yours.", "scores", True),
    Key("search", "slash", "search", "Find tokens in the grid.", "search", shown="/"),
    Key("larger", "plus,equals_sign,z", "larger", "Enlarge the grid's cells.", "search", shown="+ z"),
    Key("smaller", "minus,underscore,Z", "smaller", "Make them smaller.", "search", shown="- Z"),
    Key("turn_back", "backspace", "back", "The tree of paths from the token before.", "search", shown="⌫"),
    *_panes(COMPARE_PANES),
    Key("left", "left,h", "left", "Along the text, a token back.", "look", True, "←"),
    Key("right", "right,l", "right", "Along the text, a token on.", "look", True, "→"),
    Key("up", "up,k", "up", "Move the cursor of the focused pane up.", "look", shown="↑ k"),
    Key("down", "down,j", "down", "Move the cursor down.", "look", shown="↓ j"),
    Key("page_up", "pageup", "page up", "Move up by ten.", "look"),
    Key("page_down", "pagedown", "page down", "Move down by ten.", "look"),
    Key("first", "home", "first", "To the start of the text.", "look"),
    Key("last", "end", "last", "To its end: what may come next.", "look"),
    Key("enter", "enter", "choose", "What the focused pane's help says of it.", "look", shown="⏎"),
    Key("release", "escape", "release", "Let the cursors go: follow the end of the text.", "look", shown="esc"),
    *_program("compare"),
)

TYPING: tuple[Key, ...] = (
    *(key for key in EDITING if key.action in ("done", "newline", "word_back", "erase", "leave")),
    *_screens("compare", typing=True),
    *(key for key in EDITING if key.action in ("help", "quit")),
)


def key_table(keys: Sequence[Key], panes: Sequence[str]) -> list[tuple[str, str]]:
    """The table for people: how a key is written and what it does, under the names of the groups."""
    rows: list[tuple[str, str]] = []
    for group, title in GROUPS.items():
        here = [key for key in keys if key.group == group]
        if not here:
            continue
        rows += [("", ""), ("", title)] if rows else [("", title)]
        rows += [(key.written, key.words) for key in here if not key.action.startswith("pane_")]
        if group == "look":
            rows.append((f"1 ... {len(panes) % 10}", f"To a pane: {', '.join(panes)}."))
    return rows


def bindings(**tables: Sequence[Key]) -> list[BindingType]:
    """Tables by the name of their action, as Textual bindings; each can be remapped by its id."""
    return [_binding(action, key) for action, keys in tables.items() for key in keys]


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
