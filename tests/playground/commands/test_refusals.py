"""Whatever is typed on the command line, a refusal is one short line that says what to do."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from playground.commands import ALL
from tests.playground.commands.calling import Command

VALUES = ["x" * 10_000, "1" + "0" * 400, "-1", "1e400", "nan", "\x1b]0;x\x07\n" * 999, "a b " * 2_500, "", "/" * 5_000]
# what makes the command short where the value is taken
REST = {
    "play": [], "generate": ["to", "--tokens=1"], "trace": ["to"], "compare": ["to"], "probe": [],
    "models": [], "train": ["none.txt", "--out", "run", "--dry-run"],
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_every_refusal_is_one_short_line_that_says_what_to_do(
    name: str, call: Command, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parser, refused, bad = argparse.ArgumentParser(), 0, dict[str, str]()
    ALL[name].add_arguments(parser)
    model = {"generate": ["--model", str(tiny_folder)], "probe": [str(tiny_folder)]}  # which knows no little world
    model |= dict.fromkeys(("trace", "compare"), model["generate"])
    for action in parser._actions:
        for value in VALUES if action.nargs != 0 else []:
            if action.option_strings:
                answer = call(name, *REST[name], *model.get(name, []), f"{action.option_strings[-1]}={value}")
            else:
                answer = call(name, value, *model[name] if name in ("generate", "trace", "compare") else ())
            line = answer.err.removesuffix("\n")
            if answer.code == 0:
                continue
            refused += 1
            short = len(line) < 420 and line.isprintable() and line.startswith("error: ")
            if answer.code != 2 or not short or not any(way in line for way in (" - ", " must be ", "can name")):
                bad[f"{action.dest} {value[:9]!r}"] = f"{answer.code} {answer.err[:600]}"
    assert not bad
    assert refused > 8
