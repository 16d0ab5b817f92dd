"""What a person reads has plain words: where something stands in a text is a place, on all screens and in commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import playground
from models import lenses, switches

READ = [Path(package.__path__[0]) for package in (playground, switches, lenses)]
JARGON = re.compile(r"\bposition\b", re.IGNORECASE)
NAME = re.compile(r"\w+")  # of a field, or of a part of the model
NAMED = re.compile(
    r"position \(its place\)|embedding, position, heads|: position-wise"
)  # such a name, or another's word


def sentences(file: Path) -> Iterator[str]:
    """Every text in a file but docstrings, a part of an f-string as well; of a command its first docstring, too."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    said = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    if "commands" in file.parts:
        yield ast.get_docstring(tree) or ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in said:
            yield node.value


def test_where_something_stands_is_a_place() -> None:
    files = [file for folder in READ for file in sorted(folder.rglob("*.py"))]
    assert len(files) > 200
    every = [words for file in files for words in sentences(file) if not NAME.fullmatch(words)]
    assert any("place" in words for words in every)
    assert [words for words in every if JARGON.search(NAMED.sub("", words))] == []
