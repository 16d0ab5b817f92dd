"""What the program remembers from one start to the next, in one JSON file: theme, sets of switches, where one was, ...

It lies in the user's own configuration folder, or in the folder `PLAYGROUND_HOME` names. Every change starts from the
file as it is by then, so two programs at a time lose nothing of each other's, and replaces it whole, so a crash leaves
the old one or the new. A file that cannot be read is set aside, never overwritten.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_data_path

from models.errors import UserError
from models.formats import records
from models.formats.files import open_own, read_json, reason, shown, write_whole

MAX_BYTES = 4 << 20
OWN = "theme", "unit", "sets", "memory", "learned", "recent", "prompts", "left"
MOST_RECENT, MOST_PROMPTS = 12, 50
LONGEST = 20_000  # characters of a text that is remembered


@dataclass(frozen=True)
class Left:
    """Where the person was when the program ended."""

    model: str  # a bundled one's name, or a folder
    text: str
    switches: tuple[str, ...] = ()  # in their text form
    screen: str = "play"


@dataclass(frozen=True)
class Settings:
    """What is remembered. `load` makes one; each change is written down and makes another.

    `problem` is one sentence about what went wrong with the file in the last step; the values hold all the same.
    """

    theme: str | None = None
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # switches in their text form, by any name
    memory: int = 256  # MB that may be kept of what was computed, to be there at once
    problem: str | None = None
    unit: str | None = None  # what surprise and losses are told in, by its name
    learned: Mapping[str, bool] = field(
        default_factory=dict
    )  # lessons walked through: whether the prediction came true
    recent: tuple[str, ...] = ()  # folders of models that were opened by their paths, the newest first
    prompts: tuple[str, ...] = ()  # texts that were typed, the newest first
    left: Left | None = None

    def with_theme(self, name: str) -> Settings:
        """Remember the theme."""
        return _kept(replace(self, theme=name), theme=name)

    def with_unit(self, name: str) -> Settings:
        """Remember the unit."""
        return _kept(replace(self, unit=name), unit=name)

    def with_set(self, name: str, switches: Iterable[str]) -> Settings:
        """Remember these switches under a name, in the place of an earlier set of that name."""
        return _kept(replace(self, sets={**self.sets, name: tuple(switches)}))

    def with_learned(self, lesson: str, right: bool) -> Settings:
        """Remember that a lesson was walked through, and whether its prediction came true."""
        return _kept(replace(self, learned={**self.learned, lesson: right}))

    def without_set(self, name: str) -> Settings:
        """Forget a set."""
        return _kept(self, forget=name)

    def with_recent(self, folder: str) -> Settings:
        """Remember the folder of a model that was opened."""
        now = replace(self, recent=_before(_read()[0].recent, folder, MOST_RECENT))
        return _kept(now, recent=list(now.recent))

    def with_prompt(self, prompt: str) -> Settings:
        """Remember a text that was typed, unless it is empty or very long."""
        if not prompt.strip() or len(prompt) > LONGEST:
            return self
        now = replace(self, prompts=_before(_read()[0].prompts, prompt, MOST_PROMPTS))
        return _kept(now, prompts=list(now.prompts))

    def with_left(self, left: Left) -> Settings:
        """Remember where the person was; of a very long text its beginning."""
        now = replace(self, left=replace(left, text=left.text[:LONGEST]))
        return _kept(now, left=records.plain(now.left))


def _before(older: tuple[str, ...], new: str, most: int) -> tuple[str, ...]:
    """With a new one in front of the older ones, each there once."""
    return (new, *(each for each in older if each != new))[:most]


def path() -> Path:
    """Where the file is, or would be."""
    home = os.environ.get("PLAYGROUND_HOME")
    folder = Path(home) if home else user_config_path("transformer-playground", appauthor=False)
    return folder / "settings.json"


def runs() -> Path:
    """Where runs are kept unless --runs says otherwise."""
    home = os.environ.get("PLAYGROUND_HOME")
    return (Path(home) if home else user_data_path("transformer-playground", appauthor=False)) / "runs"


def load() -> Settings:
    """What is remembered; a damaged file is set aside as `settings.json.bad`, which `problem` says."""
    return _read()[0]


class Log(logging.FileHandler):
    """Faults of ours, in `playground.log` beside the settings; there is no such file before the first."""

    def __init__(self) -> None:
        super().__init__(path().with_name("playground.log"), delay=True, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """As any file's; its folder may be the first thing to be kept there, and no disk makes a fault of a fault."""
        with suppress(OSError):
            path().parent.mkdir(parents=True, exist_ok=True)
            super().emit(record)

    def _open(self) -> TextIOWrapper:
        return os.fdopen(open_own(Path(self.baseFilename), os.O_WRONLY | os.O_APPEND), "a", encoding=self.encoding)


def _kept(now: Settings, forget: str | None = None, **changed: Any) -> Settings:
    """Written down beside what the file holds by now; what cannot be written holds until the program ends."""
    there, values = _read()
    unit = {} if now.unit is None else {"unit": now.unit}
    sets = {name: switches for name, switches in {**there.sets, **now.sets}.items() if name != forget}
    learned = {"learned": {**there.learned, **now.learned}} if there.learned or now.learned else {}
    problem = there.problem
    if problem is None or not os.path.lexists(path()):
        try:
            told = {"theme": now.theme, **unit, **values, **changed, "sets": sets, **learned}
            content = json.dumps(told, indent=1).encode("ascii")
            path().parent.mkdir(parents=True, exist_ok=True)
            write_whole(path(), lambda file: file.write(content), mode=0o600)
        except OSError as error:
            where = shown(path().parent)
            problem = f"settings cannot be kept in {where}: {reason(error)} - name another folder in PLAYGROUND_HOME"
    return replace(now, sets=sets, problem=problem)


def _read() -> tuple[Settings, dict[str, Any]]:
    """What the file says, or what was wrong with it; and its object, with whatever another version added."""
    if not os.path.lexists(path()):
        return Settings(), {}
    try:
        values = read_json(path(), MAX_BYTES)
        own = {name: values[name] for name in OWN if name in values}
        return records.read(Settings, own, shown(path())), values
    except UserError as error:
        return Settings(problem=_set_aside(str(error))), {}


def _set_aside(problem: str) -> str:
    aside = path().with_name("settings.json.bad")
    try:
        os.replace(path(), aside)
    except OSError as error:
        return f"{problem}; it could not be set aside: {reason(error)}"
    return f"{problem}; it was set aside as {aside.name}"
