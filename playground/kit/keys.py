"""What a key is, and the keys that every screen has: bindings, footer, help and palette are made from such tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from textual.binding import Binding, BindingType

from playground.kit.pane_app import Place

LOOK, PROGRAM, EDIT = "Look around", "Program", "While editing the text"  # groups that every screen has
DIGITS = "1234567890"
WRITTEN = 6  # cells of a key among the commands


@dataclass(frozen=True, slots=True)
class Key:
    """One act of the person; `action` names it among the acts of its screen."""

    action: str
    keys: str  # Textual's key names, separated by commas
    label: str  # one or two words, for the footer
    words: str  # a sentence, for help and palette
    group: str  # the heading it stands under in help
    footer: bool = False
    shown: str = ""  # how the key is written, where its name is not how one says it
    drastic: bool = False  # it ends or deletes what no undo brings back: its keys do nothing on any other screen

    @property
    def names(self) -> tuple[str, ...]:
        """Textual's names of all its keys."""
        return tuple(self.keys.split(","))

    @property
    def written(self) -> str:
        """How the key is written in help and footer."""
        return self.shown or self.names[0]

    @property
    def command(self) -> tuple[str, str]:
        """How it stands in the command palette: title, and words."""
        return f"{self.label[:1].upper()}{self.label[1:]}", f"{self.written:<{WRITTEN}} {self.words}"


HELP = Key("help", "question_mark,f1", "help", "Explain the focused pane, and list the keys.", PROGRAM, shown="?")
STARTS = Key("starts", "f8", "starts", "Begin anew: three ways to start.", PROGRAM, shown="F8")
HELP_TYPING = replace(HELP, keys="f1", group=EDIT, shown="F1")


def to_screens(places: Iterable[Place], *, group: str = PROGRAM) -> tuple[Key, ...]:
    """To every screen by its key; the first line of each names them."""
    return tuple(
        Key(f"screen_{place.name}", place.key, place.name.capitalize(), place.words, group, shown=place.key.upper())
        for place in places
    )


def program(places: Iterable[Place]) -> tuple[Key, ...]:
    """What every screen has."""
    return (
        *to_screens(places),
        Key("screen_before", "left_square_bracket", "screen before", "To the screen before.", PROGRAM, shown="["),
        Key("screen_after", "right_square_bracket", "screen after", "To the screen after.", PROGRAM, shown="]"),
        Key("unit", "I", "bits or nats", "Tell surprise and losses in bits, or in nats.", PROGRAM),
        Key("theme", "d", "theme", "The next theme: dark, light, the terminal's own.", PROGRAM),
        STARTS,
        HELP,
        Key("quit", "q,ctrl+q", "quit", "Leave.", PROGRAM, True),
    )


def to_panes(names: Sequence[str]) -> tuple[Key, ...]:
    """To each of the first ten panes by its digit, to any by its name, from one to the next, and up and down in one."""
    return (
        *(Key(f"pane_{name}", digit(names, name), name, f"To the pane {name}.", LOOK) for name in names[:10]),
        Key("jump", "J", "jump", "To any pane, by typing some of its name.", LOOK),
        Key("next_pane", "tab", "pane", "To the next pane.", LOOK),
        Key("previous_pane", "shift+tab", "pane before", "To the pane before.", LOOK),
        Key("up", "up,k", "up", "Move the cursor of the focused pane up.", LOOK, shown="↑ k"),
        Key("down", "down,j", "down", "Move the cursor down.", LOOK, shown="↓ j"),
        Key("page_up", "pageup", "page up", "Move up by ten.", LOOK),
        Key("page_down", "pagedown", "page down", "Move down by ten.", LOOK),
    )


def digit(names: Sequence[str], name: str) -> str:
    """The digit that leads to a pane; empty beyond the tenth."""
    place = names.index(name)
    return DIGITS[place] if place < len(DIGITS) else ""


TYPING: tuple[Key, ...] = (
    Key("done", "enter,escape", "done", "Done: back to stepping and looking.", EDIT, True, "⏎"),
    Key("newline", "ctrl+n", "new line", "Start a new line in the prompt.", EDIT, True, "^n"),
    Key("word_back", "ctrl+w", "word back", "Delete the word before the caret.", EDIT, shown="^w"),
    Key("erase", "ctrl+u", "erase line", "Delete to the start of the line, then the line break.", EDIT, True, "^u"),
    Key("leave", "tab,shift+tab", "done", "Done, and to the next pane.", EDIT),
)

QUIT_TYPING = Key("quit", "ctrl+q", "quit", "Leave.", EDIT, True, "^q")

WHILE_TYPING: tuple[Key, ...] = (
    HELP_TYPING,
    QUIT_TYPING,
)


def while_typing(places: Iterable[Place]) -> tuple[Key, ...]:
    """What every screen has while its text is typed: a letter is a letter then."""
    return (*to_screens(places, group=EDIT), *WHILE_TYPING)


LEAVING = frozenset(name for key in TYPING if key.action in ("done", "leave") for name in key.names)


def key_table(keys: Sequence[Key], panes: Sequence[str]) -> list[tuple[str, str]]:
    """The table for people: how a key is written and what it does, under the names of the groups."""
    rows: list[tuple[str, str]] = []
    for group in dict.fromkeys(key.group for key in keys):
        rows += [("", ""), ("", group)] if rows else [("", group)]
        here = [key for key in keys if key.group == group]
        rows += [(key.written, key.words) for key in here if not key.action.startswith("pane_")]
        if group == LOOK:
            rows.append((f"1 ... {digit(panes, panes[:10][-1])}", f"To a pane: {', '.join(panes)}."))
    return rows


def bindings(**tables: Sequence[Key]) -> list[BindingType]:
    """Tables by the name of their action, as Textual bindings; each can be remapped by its id."""
    return [_binding(action, key) for action, keys in tables.items() for key in keys]


def own_keys(of: str, *keys: tuple[str, str, str]) -> list[BindingType]:
    """What only a widget has, as (keys, action, word), as Textual bindings; each can be remapped by its id."""
    return [Binding(each, act, word, id=f"{of}-{word.replace(' ', '-')}") for each, act, word in keys]


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
