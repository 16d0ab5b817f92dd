"""The table of a fact rewritten: a line a layer and strength, what it says then, and what else has changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from models.lenses.inside.rewriting import Report, best
from models.units import Unit
from playground.cells import cell_len
from playground.inside.panes.patch_look import on_line
from playground.inside.scene import InsideScene
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown, headline, paragraph
from playground.kit.table import Column, needed, put_heads, put_row, with_room

TITLE = "Rewriting a fact"
NAME = 12  # cells of a line's layer and strength
SAID = 5  # lines below the table


def draw(scene: InsideScene, found: Sequence[Report], line: int, canvas: Canvas, against: str) -> None:
    """Head line, table, and in words what the line under the cursor says."""
    if not found:
        headline(canvas, TITLE, ["the fact rewritten", against])
        paragraph(canvas, 1, "rewriting one layer after the other ...", canvas.palette.muted)
        return
    was, wanted = scene.last_label(found[0].was), scene.last_label(found[0].wanted)
    headline(canvas, TITLE, [f"{wanted} written in the place of {was}", "v shows places", against])
    palette, kept = canvas.palette, best(found)
    columns = with_room(_columns(scene, canvas.unit), canvas.width - NAME)
    rows = max(canvas.height - 2 - SAID, 1)
    first, on = first_shown(line, len(found), rows), set(scene.view.session.switches)
    put_heads(canvas, NAME, 1, columns)
    for y, (number, each) in enumerate([*enumerate(found)][first : first + rows], 2):
        canvas.put(0, y, "●" if each.switch in on else " ", palette.accent)
        name = f"L{each.switch.layer} × {each.switch.scale:g}"
        canvas.put(2, y, name.ljust(NAME - 3), palette.cursor if number == line and canvas.focused else palette.text)
        put_row(canvas, NAME, y, columns, each, palette.strong if each is kept and each.works else palette.text)
        canvas.hit(0, y, max(NAME + needed(columns), 1), 1, partial(on_line, line=number))
    y = 3 + min(len(found), rows)
    does = "it is kept, ⏎ lets it go" if found[line].switch in on else "⏎ keeps it"
    paragraph(canvas, y, f"{_told(scene, found[line], canvas.unit)} · {does}", palette.text)


def _columns(scene: InsideScene, unit: Unit) -> list[Column[Report]]:
    """What is told of each, what matters most first."""
    return [
        Column("it says", 11, lambda each: scene.last_label(each.says), left=True),
        Column("p", 7, lambda each: numbers.probability(each.p[1])),
        Column("tenses", 6, _tenses),
        Column("others right", 12, _others),
        Column(f"{unit.name} a word", cell_len(f"{unit.name} a word"), lambda each: _loss(each, unit)),
    ]


def _tenses(each: Report) -> str:
    near = each.neighbours
    return f"{each.tenses} of {len(near.says)}" if near and near.says else numbers.ABSENT


def _others(each: Report) -> str:
    near = each.neighbours
    return f"{near.after} of {near.asked}" if near else numbers.ABSENT


def _loss(each: Report, unit: Unit) -> str:
    return numbers.fixed(each.bits[1] * unit.bit, 3)


def _told(scene: InsideScene, each: Report, unit: Unit) -> str:
    """In words."""
    was, wanted, now = map(scene.last_label, (each.was, each.wanted, each.says))
    times = {1.0: "once", 2.0: "twice"}.get(each.switch.scale, f"{each.switch.scale:g} times")
    said = f"layer {each.switch.layer}, {times}: the text is followed by {now}"
    said += f", p of {wanted} {numbers.probability(each.p[0])} → {numbers.probability(each.p[1])}"
    said += "" if each.works else f", not {wanted}" if each.says != each.was else f", as before: {was}"
    near = each.neighbours
    if near is not None:
        said += f"; {near.person}: {wanted} in {each.tenses} of {len(near.says)} tenses" if near.says else ""
        said += f"; of {near.asked} facts about others {near.after} are right, {near.before} before"
    if each.tokens:
        before, after = (numbers.fixed(value * unit.bit, 3) for value in each.bits)
        said += f"; {unit.name} a word on {each.tokens:,} fresh words {before} → {after}"
    return said
