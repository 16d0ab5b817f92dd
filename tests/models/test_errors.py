"""What the library says to a person is said in its own words: whoever shows it may be a screen or a command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from models.errors import UserError
from tests.conftest import ROOT

OPTION = re.compile(r"(^|[^\w-])--[a-z]")
SAYS = {"Warned", "Ended", "NoMemory", "SaveFailed", "NonFinite", UserError.__name__}


def said(source: str) -> Iterator[str]:
    """The sentences that are given to errors and events, as far as they are written there or just above."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
            if any(isinstance(each.func, ast.Name) and each.func.id in SAYS for each in calls):
                docstring = ast.get_docstring(node, clean=False)
                words = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
                yield from (word for word in words if isinstance(word, str) and word != docstring)


def test_sentences_are_found_wherever_they_are_written() -> None:
    source = 'def f(x):\n    """--doc"""\n    do = "use --force"\n    raise UserError(f"{x} is there", do)\n'
    assert "use --force" in list(said(source)) and "--doc" not in list(said(source))


def test_no_error_of_the_library_speaks_of_options() -> None:
    files = sorted((ROOT / "models").rglob("*.py"))
    found = [(file.name, words) for file in files for words in said(file.read_text()) if OPTION.search(words)]
    assert not found and len(files) > 50
