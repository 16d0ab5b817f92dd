"""Help and version."""

from __future__ import annotations

import pytest

from playground import __version__
from playground.commands import ALL
from tests.playground.commands.calling import Command


@pytest.mark.parametrize("name", [None, *ALL])
def test_help_is_worth_reading(name: str | None, call: Command) -> None:
    answer = call(*([name] if name else []), "--help")
    assert (answer.code, answer.err) == (0, "")
    assert "examples:" in answer.out and answer.out.count("playground ") > 3
    assert max(map(len, answer.out.split("\n"))) <= 120


def test_version(call: Command) -> None:
    assert call("--version").out == f"playground {__version__}\n"
