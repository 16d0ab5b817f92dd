"""The keys of the Inside screen, and those while its prompt is typed."""

from __future__ import annotations

from dataclasses import replace

from playground import screens
from playground.inside.layout import PANES
from playground.kit.keys import EDIT, LOOK, PROGRAM, TYPING, Key, program, to_panes, while_typing
from playground.looking.prompts import MEND

WRITE = "Write"
INTO = "Look into it"
CHANGE = "Switch parts off"

KEYS: tuple[Key, ...] = (
    Key("edit", "e", "edit", "Type another prompt: Play's as well.", WRITE, True),
    Key("begin", "L", "line end", "Begin the text as every text in training began, with a line end.", WRITE),
    replace(MEND, group=WRITE),
    Key("enter", "enter", "into it", "Go down into what the cursor is on.", INTO, True, "⏎"),
    Key("back", "backspace", "back up", "Go back up.", INTO, True, "⌫"),
    Key("otherwise", "v", "show", "Show it otherwise, as the pane's help says.", INTO, True),
    Key("find", "f,slash", "type", "Type what the pane is to look at: a token, another text, words.", INTO, True),
    Key("put_in", "x", "switch", "Switch off, or put in, what the cursor is on; or take that back.", CHANGE, True),
    Key("larger", "plus,equals_sign", "larger", "Enlarge what the pane shows: a map.", INTO, shown="+"),
    Key("smaller", "minus,underscore", "smaller", "Make it smaller.", INTO, shown="-"),
    Key("mask", "m", "mask", "Open the causal mask, or close it.", CHANGE),
    Key("clear", "c", "all on", "Clear all switches: the model as it was trained.", CHANGE, True),
    Key("undo", "u,ctrl+z", "undo", "Undo the last act, whatever it was: Play's as well.", CHANGE, True),
    Key("redo", "U,ctrl+y", "redo", "Do again what was undone.", CHANGE),
    *to_panes(PANES),
    Key("left", "left,h", "left", "Move the cursor left: along the text, where the pane has no other use.", LOOK),
    Key("right", "right,l", "right", "Move the cursor right.", LOOK),
    Key("release", "escape", "release", "Let the cursor go: follow the newest token again.", LOOK, shown="esc"),
    Key("model", "o", "model", "Open another model.", PROGRAM),
    *program(screens.ALL),
)

EDITING: tuple[Key, ...] = (
    *TYPING,
    MEND,
    Key("undo", "ctrl+z", "undo", "Undo the last act.", EDIT, True, "^z"),
    Key("redo", "ctrl+y", "redo", "Do again what was undone.", EDIT, shown="^y"),
    *while_typing(screens.ALL),
)
