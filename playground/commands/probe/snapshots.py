"""What a run could do at each of its snapshots: a line an ability, or JSON."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from models.errors import UserError
from models.formats.files import shown
from models.lenses.growth import Course, growing
from models.lenses.looking import LOOKS
from models.lenses.probes import CaseProbe, Probe
from models.lenses.probes.probe import CASES
from models.runs import catalogue, snapshots
from playground.cells import wrap
from playground.commands import output
from playground.kit import numbers
from playground.train.skills import looks

WIDEST = 100  # of a table, however wide the terminal
LABEL, SINCE, NUMBER = 14, 7, 6  # cells


def make(args: argparse.Namespace, probes: Sequence[Probe]) -> int:
    """Ask all snapshots, and print what was found; UserError where there are none, or they know other words."""
    if args.examples or args.inside:
        raise UserError("--examples and --inside are of one model", "leave them out, or --snapshots")
    asked, folders = [probe for probe in probes if isinstance(probe, CaseProbe)], _snapshots(Path(args.model))
    if not asked:
        raise UserError("no snapshot is asked that, only a model", "leave out --snapshots, or ask another probe")
    output.note(f"{numbers.counted(len(folders), 'snapshot')} are asked, one after the other")
    *_, courses = growing(folders, probes=asked)
    if args.json:
        told = [course.as_dict() for course in courses]
        output.emit({"run": args.model, "steps": list(folders), "abilities": told})
    else:
        _table(courses)
    return 0


def _snapshots(run: Path) -> Mapping[int, Path]:
    if not catalogue.is_run(run):
        what = f"{shown(run)} is not the folder of a run, which has snapshots"
        raise UserError(what, "give the one that playground train --out has made")
    found = snapshots.listing(run)
    if not found:
        raise UserError(f"{shown(run)} has no snapshot yet", "wait for its first")
    return found


def _table(courses: Sequence[Course]) -> None:
    """As many of the steps as fit, evenly."""
    wide = min(output.columns() or WIDEST, WIDEST)
    steps = courses[0].steps.tolist()
    room = (wide - LABEL - 2 - SINCE) // (NUMBER + 2)
    kept = snapshots.spread(steps, max(room, 2))
    at = [steps.index(step) for step in kept]
    heads = ("", *(f"{step:,}" for step in kept), "since")
    table = output.Table(heads, (LABEL, *[-NUMBER] * len(kept), -SINCE), output.columns())

    def line(label: str, values: Iterable[float], since: int | None) -> None:
        came = numbers.ABSENT if since is None else f"{since:,}"
        table.line(label, *(numbers.fixed(each, 2) for each in values), came)

    for course in courses:
        if course.weights is not None:
            line(looks(course), course.weights[at], course.head_came)
        line(course.probe.slug, course.scores[at], course.came)
    meaning = (
        f"the share of {CASES} cases whose likeliest word is right, at each step; since: from there on at least half "
        "are. looks: how much of its attention, from the last word, that head gives to what followed the same word "
        f"before; of all heads it gives most there at the end; since: from there on at least {LOOKS}."
    )
    output.say("\n" + "\n".join(wrap(meaning, wide)))
