"""All screens' keys together: none is harmless on one and drastic on another; what a shared one means is listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module

from benchmarks import acts
from playground import screens
from playground.kit.keys import Key
from tests.conftest import ROOT

HOUSE = ROOT / "CONTRIBUTING.md"


def of(screen: str) -> tuple[Sequence[Key], Sequence[Key]]:
    """A screen's keys, and those while its text is typed."""
    place = next(place for place in screens.ALL if place.name == screen)
    kind = getattr(import_module(place.module), place.kind)
    return kind.TABLE, kind.EDITING


def everything() -> Iterator[tuple[str, Key]]:
    """Every key with the screen it stands on."""
    for name in screens.NAMES:
        for table in of(name):
            yield from ((name, key) for key in table)


def own(screen: str) -> dict[str, Key]:
    """What each key does on a screen, but for those that are the same on all."""
    keys = [key for key in of(screen)[0] if not key.action.startswith(("pane_", "screen_"))]
    return {name: key for key in keys for name in key.names}


def test_a_drastic_key_does_nothing_anywhere_else() -> None:
    drastic = [(screen, key) for screen, key in everything() if key.drastic]
    assert {(screen, name) for screen, key in drastic for name in key.names} == {
        ("train", "X"), ("train", "R"), ("train", "D"), ("train", "delete"),
    }  # fmt: skip
    for screen, key in drastic:
        others = [(where, each) for where, each in everything() if each is not key]
        taken = [(where, each.action) for where, each in others if set(each.names) & set(key.names)]
        assert not taken, f"{key.written} is drastic on {screen}"


def test_seeds_and_wrong_places_keep_their_keys() -> None:
    """What one presses by habit on one screen must do no harm on the next."""
    assert {own(screen)[key].label for screen in ("play", "compare") for key in "sS"} == {"seed"}
    assert not {"s", "S", "w", "W"} & set(own("train"))
    assert own("compare")["w"].action == "wrong" and "w" not in own("play")


def listed() -> dict[str, dict[str, str]]:
    """The table in CONTRIBUTING.md: by key, what it is called on each screen."""
    head = f"| key | {' | '.join(screens.NAMES)} | in common |"
    assert head in HOUSE.read_text(), f"the table in {HOUSE.name} has a column for each screen"
    lines = HOUSE.read_text().split(head)[1].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip().strip("`") for cell in line[1:-1].split("|")] for line in lines]
    return {key: {name: word for name, word in zip(screens.NAMES, words, strict=False) if word} for key, *words in rows}


def test_what_a_shared_key_means_on_each_screen_is_listed() -> None:
    tables = {screen: own(screen) for screen in screens.NAMES}
    found: dict[str, dict[str, str]] = {}
    for name in dict.fromkeys(name for table in tables.values() for name in table):
        here = {screen: table[name] for screen, table in tables.items() if name in table}
        if len({key.action for key in here.values()}) > 1:
            found[name] = {screen: key.label for screen, key in here.items()}
    assert listed() == found, f"the table in {HOUSE.name} has a line for each of these"


def test_a_campaign_of_random_keys_has_the_bytes_of_every_key() -> None:
    assert {name for _, key in everything() for name in key.keys.split(",")} <= acts.NAMED.keys()
