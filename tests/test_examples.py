"""Every example of the little world that is printed is a text of it from the beginning, so that Compare knows it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

import models
from models.corpora.little_world import world
from models.gpt import GPT
from models.lenses import probes
from models.lenses.abilities import example
from models.lenses.truth import Truth
from playground.commands import ALL as COMMANDS
from playground.compare.comparer import compared
from playground.compare.lineup import TRUTH
from playground.inside import panes as inside
from playground.learn import challenges, lessons
from playground.learn.catalogue import every
from playground.learn.lesson import Challenge, Lesson, Task
from tests.conftest import ROOT

WORLDLY = ("little-world", "little-world-no-attention")
QUOTED = re.compile(r'"([^"]+)"|`([^`]+)`')
TITLES = {kind.title for kind in probes.ALL} | {kind.title for kind in inside.ALL}
LONG = 7  # so many words of the world in a row are no accident, quotation marks or not
TASKS = {Path(folder) for package in (lessons, challenges) for folder in package.__path__}
WORD = re.compile(r"\w+|[^\w\s]")


@pytest.fixture(scope="module")
def model() -> GPT:
    return models.load("little-world")


def quoted(text: str) -> Iterator[str]:
    """What stands in quotation marks, or as code, and is made of the world's words."""
    for found in QUOTED.finditer(" ".join(text.split())):
        said = found[1] or found[2]
        words = WORD.findall(said.lower())
        if (
            said == said.strip()
            and said not in TITLES
            and sum(word.isalpha() for word in words) > 2
            and set(words) <= _vocabulary()
        ):
            yield said


def unquoted(text: str) -> Iterator[str]:
    """Runs of the world's words elsewhere."""
    words = WORD.findall(QUOTED.sub('"', " ".join(text.lower().split())))
    for worldly, run in groupby(words, lambda word: word in _vocabulary()):
        said = list(run)
        if worldly and sum(word.isalpha() for word in said) >= LONG:
            yield " ".join(said)


def _vocabulary() -> frozenset[str]:
    return frozenset(world().vocabulary)


def pages() -> Iterator[str]:
    """What is read: the pages but for what a model wrote, the help of all commands, and every string of the screens."""
    cards = (models.folder(name) / "README.md" for name in WORLDLY)
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *cards):
        yield "\n".join(line for line in page.read_text("utf-8").split("\n") if not line.startswith("    "))
    for command in COMMANDS.values():
        yield f"{command.__doc__}\n{command.EXAMPLES}"
    for kind in probes.ALL:
        yield kind.asks
    for file in ROOT.glob("models/**/*.py"):
        if "little_world" not in file.parts:  # the world's own lists and rules
            yield ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    for file in ROOT.glob("playground/**/*.py"):
        if file.parent not in TASKS:
            yield from strings(file)
    for task in every():
        yield from said(task)


def said(task: Task) -> Iterator[str]:
    """What a lesson or a challenge says; the other strings of its file are what it measures with."""
    yield task.claim.words
    if isinstance(task, Lesson):
        yield from (task.question.words, *task.question.options)
        yield from (step.act.words for step in task.steps)
        yield from (task.shows, task.shows_not, task.onward)
    if isinstance(task, Challenge):
        yield from (task.words, *task.hints, task.shows)


def strings(file: Path) -> Iterator[str]:
    """The strings of a file, as they are and quoted."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
            yield f'"{node.value}"' if '"' not in node.value else ""


def examples() -> Iterator[str]:
    """What Compare is to know: what the pages quote, and what the cards' probes and `playground probe` show."""
    for text in pages():
        yield from quoted(text)
    for name in WORLDLY:
        told = json.loads((models.folder(name) / "training.json").read_text("utf-8"))["probes"]
        yield from (probe["example"]["text"] for probe in told if probe["example"])


def understood(model: GPT, typed: str) -> bool:
    """Whether Compare, with the truth beside the model, knows it to the end."""
    assert model.tokenizer is not None
    truth = Truth(model.tokenizer, world("training"), TRUTH)
    return None not in compared({TRUTH: truth}, model.tokenizer.encode(typed)).beliefs


def test_compare_knows_every_example_that_is_printed(model: GPT) -> None:
    found = set(examples())
    assert len(found) >= 13 and "michael jordan plays" in found
    assert [typed for typed in sorted(found) if not understood(model, typed)] == []


def test_no_example_stands_without_quotation_marks() -> None:
    assert [run for text in pages() for run in unquoted(text)] == []


def test_every_probe_that_reads_a_text_shows_one_and_what_can_come(model: GPT) -> None:
    assert model.tokenizer is not None
    for kind in probes.ALL:
        if not issubclass(kind, probes.CaseProbe):
            assert example(kind(), model.tokenizer) is None
            continue
        shown = example(kind(), model.tokenizer)
        assert shown is not None and understood(model, shown.text)
        assert set(shown.right) == world().truth(shown.text).p.keys()


@pytest.mark.parametrize(
    "typed", ["when anna and tom went to the fair, tom bought bread for", "then tom took the key from anna"]
)
def test_what_begins_in_the_middle_of_a_story_is_noticed(model: GPT, typed: str) -> None:
    assert not understood(model, typed)
    assert [*quoted(f'so "{typed}" is it')] == [typed] and [*unquoted(f"- the name: {typed} ...")]
