"""The keys of the Compare screen, and those while its text is typed."""

from __future__ import annotations

from dataclasses import replace

from playground import screens
from playground.compare.layout import PANES
from playground.kit.keys import LOOK, PROGRAM, TYPING, Key, program, to_panes, while_typing
from playground.looking.prompts import MEND

WRITE = "Write"
SIDES = "Models side by side"
SCORES = "Scores over held-out text"
SEARCH = "The bigram's grid and paths"

KEYS: tuple[Key, ...] = (
    Key("edit", "e", "edit", "Type another text.", WRITE, True),
    replace(MEND, group=WRITE),
    Key("wrong", "w", "next wrong", "To the place where the model is worst, then the next worst.", SIDES, True),
    Key("wrong_back", "W", "wrong before", "To the one before.", SIDES),
    Key("win", "n", "next win", "To the place where its context saves most, then the next.", SIDES, True),
    Key("win_back", "N", "win before", "To the one before.", SIDES),
    Key("pair", "m", "models", "Which model wins and is wrong, and which it is held against.", SIDES, True),
    Key("pair_back", "M", "models before", "The pair before.", SIDES),
    Key("shows", "v", "strips show", "Surprise, its sum, bits from the truth, or chances.", SIDES, True),
    Key("seed_down", "s", "seed", "Let the models write with the seed before.", SIDES),
    Key("seed_up", "S", "seed", "Let them write with the next seed.", SIDES),
    Key("score", "r", "score", "Score the models over held-out text; it goes on by itself.", SCORES, True),
    Key("measure", "space", "pause", "Pause the scoring, or let it go on.", SCORES, True),
    Key("file", "f", "text file", "Score them on a text file of yours.", SCORES, True),
    Key("search", "slash", "search", "Find tokens in the grid.", SEARCH, shown="/"),
    Key("larger", "plus,equals_sign,z", "larger", "Enlarge the grid's cells.", SEARCH, shown="+ z"),
    Key("smaller", "minus,underscore,Z", "smaller", "Make them smaller.", SEARCH, shown="- Z"),
    Key("turn_back", "backspace", "back", "The tree of paths from the token before.", SEARCH, shown="⌫"),
    *to_panes(PANES),
    Key("left", "left,h", "left", "Along the text, a token back.", LOOK, True, "←"),
    Key("right", "right,l", "right", "Along the text, a token on.", LOOK, True, "→"),
    Key("first", "home", "first", "To the start of the text.", LOOK),
    Key("last", "end", "last", "To its end: what may come next.", LOOK),
    Key("enter", "enter", "choose", "What the focused pane's help says of it.", LOOK, shown="⏎"),
    Key("release", "escape", "release", "Let the cursors go: follow the end of the text.", LOOK, shown="esc"),
    Key("model", "o", "model", "Put another model beside, a recurrent one as well, or open one.", PROGRAM, True),
    *program(screens.ALL),
)

EDITING: tuple[Key, ...] = (*TYPING, MEND, *while_typing(screens.ALL))
