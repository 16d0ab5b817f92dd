"""Every character on the real screens can be read on what it stands on, in each of our themes."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Region

from playground.app import Playground
from playground.kit.contrast import LEAST, contrast
from playground.kit.themes import OWN
from tests.playground.play.play_on_screen import Person, at

DRAWINGS = ((0x2190, 0x2200), (0x2500, 0x2600), (0x2800, 0x2900))  # arrows, boxes and blocks, Braille
DRAWN = {"·", "…"} | {chr(code) for start, stop in DRAWINGS for code in range(start, stop)}
PANES = "123456789"


def is_faint(style: Style) -> bool:
    """Whether what is written so cannot be read well; the terminal's own colours are its own."""
    if style.color is None or style.bgcolor is None:
        return False
    return contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor()) < LEAST or bool(style.dim)


def unread(app: Playground, within: Region) -> set[str]:
    """The words that are too faint, each with its style."""
    found = set()
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for text, style, _ in strip:
            words, here = {*text.strip()} - DRAWN - {" "}, within.contains(x, y)
            x += cell_len(text)
            if words and here and style is not None and is_faint(style):
                found.add(f"{text.strip()!r} {style}")
    return found


async def check(person: Person, where: str, frame: str = "") -> None:
    """In each theme, as far as it is not seen through the frame of a dialog."""
    for theme in OWN:
        person.app.theme = theme.name
        await person.pilot.pause()
        screen = person.app.screen
        within = screen.query_one(frame).region if frame else screen.region
        assert unread(person.app, within) == set(), f"{where} in {theme.name}"


async def dialog(person: Person, key: str) -> None:
    await person.pilot.press(key)
    await person.until(lambda: person.app.screen.query(".frame"))
    await person.pilot.pause()
    await check(person, f"the dialog of {key}", ".frame")
    await person.pilot.press("escape")
    await person.pilot.pause()


async def test_every_word_can_be_read(tiny_folder: Path) -> None:
    async with at(tiny_folder, "to be that") as person:
        await person.press("3", "x")
        for pane in PANES:
            await person.press(pane)
            await check(person, f"pane {pane}")
        for told in (person.app.tell, person.app.say):
            told("this was so [/] - do something else")
            await person.pilot.pause()
            await check(person, "a notice")
            person.app.notices.read()
        for key in ("question_mark", "ctrl+p", "o", "n"):
            await dialog(person, key)
        await person.pilot.press("f3")
        await person.until(lambda: person.app.here is not person.play and person.app.here)
        await check(person, "Train")
        await dialog(person, "n")
