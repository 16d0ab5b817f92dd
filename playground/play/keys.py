"""The keys of the Play screen, and those while its prompt is typed."""

from __future__ import annotations

from dataclasses import replace

from playground import screens
from playground.kit.keys import EDIT, LOOK, PROGRAM, TYPING, Key, program, to_panes, while_typing
from playground.looking.prompts import MEND
from playground.play.layout import PANES

WRITE = "Write"
CHANGE = "Switch parts off"
DRAW = "How tokens are drawn"

KEYS: tuple[Key, ...] = (
    Key("step", "space", "step", "Write one token: the one that is drawn.", WRITE, True),
    Key("back", "backspace", "back", "Take the newest token back; stepping on writes it again.", WRITE, True, "⌫"),
    Key("run", "r", "run", "Write token after token, or pause.", WRITE, True),
    Key("slower", "comma", "slower", "Write slower.", WRITE, shown=","),
    Key("faster", "full_stop", "faster", "Write faster.", WRITE, shown="."),
    Key("enter", "enter", "choose", "Take what the cursor is on: force a token, toggle a switch.", WRITE, shown="⏎"),
    Key("go", "g", "go here", "Go back to where the token under the cursor was the newest.", WRITE),
    Key("branch", "b", "branch", "Return to the line of text left last.", WRITE),
    Key("edit", "e,slash", "edit", "Type another prompt.", WRITE, True),
    Key("begin", "L", "line end", "Begin the text as every text in training began, with a line end.", WRITE),
    replace(MEND, group=WRITE),
    Key("head_off", "x", "silence", "Silence the chosen head, or let it speak again.", CHANGE, True),
    Key("most", "G", "what mattered", "Choose the head that mattered most for the next token.", CHANGE),
    Key("cut", "C", "cut", "Cut the look under the cursor, from row to column, or let it look again.", CHANGE),
    Key("plain", "O", "others", "The others of a row make up for a look that is cut, or stay as they are.", CHANGE),
    Key("whole_head", "H", "whole head", "What every look of the head is worth, or of the row alone.", CHANGE),
    Key("list_edges", "V", "looks", "List the looks to cut, and the heavy ones that do nothing.", CHANGE),
    Key("effects", "E", "effects", "List what every head and MLP does to the next token.", CHANGE),
    Key("mask", "m", "mask", "Open the causal mask, or close it.", CHANGE, True),
    Key("clear", "c", "all on", "Clear all switches: the model as it was trained.", CHANGE),
    Key("invert", "i", "invert", "Silence the heads that speak, and let the silenced speak.", CHANGE),
    Key("shows", "v", "compare", "Attention with the switches, without, or the difference.", CHANGE, True),
    Key("save_set", "n", "save set", "Save the switches that are on under a name.", CHANGE),
    Key("recall_set", "N", "recall set", "Recall a saved set of switches.", CHANGE),
    Key("undo", "u,ctrl+z", "undo", "Undo the last act, whatever it was.", CHANGE, True),
    Key("redo", "U,ctrl+y", "redo", "Do again what was undone.", CHANGE),
    *to_panes(PANES),
    Key("left", "left,h", "left", "Move the cursor of the focused pane left.", LOOK, shown="← h"),
    Key("right", "right,l", "right", "Move the cursor right.", LOOK, shown="→ l"),
    Key(
        "release",
        "escape",
        "release",
        "Leave what is still due, or let the cursor go: follow the newest.",
        LOOK,
        shown="esc",
    ),
    Key("find", "f", "find", "Find a token among all that may come next, by some of its text.", LOOK),
    Key("baseline", "B", "baseline", "What stands beside the model: the next of those that count.", LOOK),
    Key("zoom", "z", "zoom", "The whole attention pattern at once, or cell by cell.", LOOK),
    Key("cooler", "t", "cooler", "Lower the temperature: surer. 0 always takes the likeliest.", DRAW),
    Key("warmer", "T", "warmer", "Raise the temperature: bolder.", DRAW),
    Key("fewer", "y", "top-k", "Keep fewer candidates (top-k).", DRAW),
    Key("more", "Y", "top-k", "Keep more candidates (top-k).", DRAW),
    Key("narrower", "p", "top-p", "Keep a smaller share of the probability (top-p).", DRAW),
    Key("wider", "P", "top-p", "Keep a larger share of the probability (top-p).", DRAW),
    Key("seed_down", "s", "seed", "The seed before.", DRAW),
    Key("seed_up", "S", "seed", "The next seed: other draws, same model.", DRAW),
    Key("model", "o", "model", "Open another model.", PROGRAM),
    *program(screens.ALL),
)

EDITING: tuple[Key, ...] = (
    *TYPING,
    MEND,
    Key("prompt_before", "pageup", "text before", "The text that was typed before this one.", EDIT, True, "⇞"),
    Key("prompt_after", "pagedown", "text after", "The text that was typed after it.", EDIT, shown="⇟"),
    Key("undo", "ctrl+z", "undo", "Undo the last act.", EDIT, True, "^z"),
    Key("redo", "ctrl+y", "redo", "Do again what was undone.", EDIT, shown="^y"),
    *while_typing(screens.ALL),
)
