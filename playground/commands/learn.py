"""Lessons: predict, do one thing on the real screen, and see what is measured.

Without anything it opens the list. Every claim is measured on this machine, with the models that are there.
"""

from __future__ import annotations

import argparse
import sys

from models.errors import UserError
from playground.commands import options, output
from playground.commands.play import check_terminal

EXAMPLES = """\
examples:
  playground learn                   choose a lesson on the screen
  playground learn 6                 begin with lesson 6
  playground learn --list            all lessons
  playground learn --check           measure every claim; exit status 1 where one does not hold
  playground learn --plain 6         lesson 6 in sentences, for screen readers
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of learn."""
    add = parser.add_argument
    add("lesson", metavar="LESSON", nargs="?", help="the number of a lesson, or the name of a challenge")
    add("--list", action="store_true", help="list the lessons and challenges")
    add("--check", action="store_true", help="measure every claim, or that of LESSON, and say whether it holds")
    add("--plain", action="store_true", help="no screen: the lesson in sentences, commands line by line")
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Open the screen, or do without; 1 where a claim does not hold."""
    if args.json and not (args.list or args.check):
        raise UserError("--json needs something to list", "give --list or --check as well")
    if args.list:
        return show_list(args.json)
    if args.check:
        return check(args.lesson, args.json)
    if args.plain:
        return in_sentences(args.lesson)
    check_terminal()
    from playground import app
    from playground.commands.options import DEFAULT_MODEL
    from playground.learn.catalogue import named

    if args.lesson is not None:
        named(args.lesson)
    return app.run(app.Playground(DEFAULT_MODEL, first="learn", lesson=args.lesson))


def show_list(as_json: bool) -> int:
    """A line each."""
    from playground import settings
    from playground.learn.catalogue import every

    learned = settings.load().learned
    if as_json:
        rows = [
            {
                "lesson": task.key,
                "name": task.name,
                "group": task.group,
                "minutes": task.minutes,
                "done": task.key in learned,
            }
            for task in every()
        ]
        output.emit(rows)
        return 0
    wide = max(len(task.key) for task in every())
    table = output.Table(("lesson", "name", "group", "min", ""), (wide, 40, 28, -3, 4), output.columns())
    for task in every():
        table.line(task.key, task.name, task.group, str(task.minutes), "done" if task.key in learned else "")
    return 0


def check(lesson: str | None, as_json: bool) -> int:
    """Each as soon as it is measured; the status says whether all hold."""
    from playground.learn import checking
    from playground.learn.catalogue import every, named

    tasks = every() if lesson is None else (named(lesson),)
    if as_json:
        checked = list(checking.check(tasks))
        found = [
            {"lesson": each.task.key, "claim": each.task.claim.words, "value": each.values, "holds": each.holds}
            for each in checked
        ]
        output.emit(found)
        return 0 if all(each.holds for each in checked) else 1
    wide = max(len(task.key) for task in tasks)
    table = output.Table(("lesson", "claim", "measured", "holds"), (wide, 60, 32, 5), output.columns())
    status = 0
    for each in checking.check(tasks):
        table.line(each.task.key, each.task.claim.words, each.told, "yes" if each.holds else "no")
        sys.stdout.flush()
        status = status if each.holds else 1
    return status


def in_sentences(lesson: str | None) -> int:
    """A lesson in the text mode; the list where none is named."""
    if lesson is None:
        return show_list(False)
    from playground.learn.catalogue import named
    from playground.plain.lessons import run as walk

    return walk(named(lesson))
