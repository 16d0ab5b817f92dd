"""The keys of the Train screen."""

from __future__ import annotations

from dataclasses import replace

from playground import screens
from playground.kit.keys import LOOK, Key, program, to_panes
from playground.looking.prompts import MEND
from playground.train.layout import PANES

RUN = "Runs"
TIME = "Back and forth in time"
CURVE = "The loss curve"

KEYS: tuple[Key, ...] = (
    Key("new", "n", "new run", "Start a new run: choose data, sizes and parts.", RUN, True),
    Key("pause", "space", "pause", "Pause the training, or let it go on.", RUN, True),
    Key("one", "full_stop", "one step", "Train one single step, then wait.", RUN, True, "."),
    Key("stop", "X", "stop", "Save the run and end its process; it can be continued.", RUN, True, drastic=True),
    Key("onward", "c", "continue", "Continue a run that was stopped, from its last checkpoint.", RUN, True),
    Key(
        "rewind", "R", "rewind", "The run again from step 0, beside the old one; asked first.", RUN, True, drastic=True
    ),
    Key("delete", "D,delete", "delete", "Delete the chosen run; asked first.", RUN, True, drastic=True),
    Key("pin", "m", "pin", "Keep the chosen run drawn while you choose another, or no longer.", RUN, True),
    Key("log", "g", "log", "The last lines that the training process wrote.", RUN),
    Key("left", "left,h", "earlier", "To the snapshot before: the run as it was then.", TIME, True, "←"),
    Key("right", "right,l", "later", "To the next snapshot.", TIME, True, "→"),
    Key("first", "home", "first", "To the first snapshot.", TIME),
    Key("newest", "end,escape", "newest", "Follow the newest snapshot.", TIME, shown="end esc"),
    Key("open", "o", "open in Play", "Open the snapshot in the Play screen.", TIME, True),
    Key("edit", "e,slash", "prompt", "Type the prompt that is watched.", TIME, True),
    replace(MEND, group=TIME),
    Key("watching", "v", "watch", "Watch bars, heads or the text, where there is room for one.", TIME),
    Key("axis", "a", "axis", "Draw along steps, seconds or tokens.", CURVE),
    Key("scale", "y", "log", "Logarithmic losses, or linear ones.", CURVE),
    *to_panes(PANES),
    Key("enter", "enter", "choose", "What the focused pane's help says of it.", LOOK, shown="⏎"),
    *program(screens.ALL),
)
