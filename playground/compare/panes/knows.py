"""What the little world knows at the place looked at: every way to read the text so far, in plain words."""

from __future__ import annotations

from functools import partial

from models.corpora.little_world import Belief
from models.measures import entropy
from models.units import Unit
from playground import text
from playground.cells import wrap
from playground.compare.panes.pane_kinds import TextPane
from playground.compare.scene import Compared, CompareScene, go_to
from playground.kit import numbers
from playground.kit.bar import VISIBLE, bar
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, headline, nothing, over_lines, paragraph, say

BAR, NUMBER, INDENT = 6, 6, 2
MOST = 60  # words that may come
CERTAIN = 0.9995  # what three decimals round to one
BETWEEN = "; "  # between the facts of a reading


class Knows(TextPane):
    """The live readings of the truth."""

    name = "knows"
    title = "What the world knows here"
    gist = "How the text can be understood"
    help = (
        "The little world is written by rules, so what a text means can be computed. These are the ways in which the "
        "text before the place looked at can be understood, each with its probability, and what is settled in each: "
        "who lives where, who has the key, which bank is meant. The truth's prediction is the mean of what follows "
        "from each of them; the words that may come stand below.\n\n"
        "• is what has been known for longer, + what the last word has just settled. Go along the text with left and "
        "right, and watch the world make up its mind."
    )

    def draw_results(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """Title, then a paragraph a reading."""
        if not results.beliefs:
            words = "this model was not trained on the little world, and of no other text is the truth known"
            nothing(canvas, self.title, words)
        elif (belief := results.beliefs[scene.place]) is None:
            headline(canvas, self.title, ["nothing any more"])
            _left(results, canvas)
        else:
            headline(canvas, self.title, _note(belief, canvas.unit))
            before = results.beliefs[scene.place - 1] if scene.place else None
            y = _draw(canvas, belief, _certain(belief) - _certain(before))
            _next(canvas, y + 1, belief)


def _note(belief: Belief, unit: Unit) -> list[str]:
    count = len(belief.readings)
    ways = "one way to read it" if count == 1 else f"{count} ways to read it"
    return [ways, f"{numbers.bits(float(entropy([*belief.p.values()])), unit)} {unit.name} to come"]


def _left(results: Compared, canvas: Canvas) -> None:
    """Where the text stopped being one of the world's."""
    at = results.beliefs.index(None) - 1
    after = f" here, after '{results.labels[at - 1]}'" if at else " at the start"
    words = f"no text of the little world goes on with '{results.labels[at]}'{after}: from there on there is no truth"
    paragraph(canvas, 1, words, canvas.palette.muted)
    canvas.hit(0, 1, canvas.width, max(canvas.height - 1, 0), partial(go_to, place=at))


def _facts(says: str) -> tuple[str, ...]:
    return tuple(text.visible(fact) for fact in says.split(BETWEEN))


def _certain(belief: Belief | None) -> frozenset[str]:
    """What holds in every reading."""
    if belief is None:
        return frozenset()
    total: dict[str, float] = {}
    for reading in belief.readings:
        for fact in set(_facts(reading.says)):
            total[fact] = total.get(fact, 0.0) + reading.p
    return frozenset(fact for fact, p in total.items() if p >= CERTAIN)


def _draw(canvas: Canvas, belief: Belief, fresh: frozenset[str]) -> int:
    """Each reading with its facts, or as one sentence where that is too long; returns the line after them."""
    room, readings = canvas.height - 1, belief.readings
    blocks = [[way(canvas, reading.says, fresh) for reading in readings] for way in (_listed, _told)]
    chosen = next((each for each in blocks if sum(map(len, each)) <= room), blocks[-1])
    y = 1
    for number, (reading, lines) in enumerate(zip(readings, chosen, strict=True)):
        rest = len(readings) - number
        if rest > 1 and y + len(lines) > room:  # a line is kept for what is left out
            others = sum(each.p for each in readings[number:])
            canvas.put(0, y, f"{others:.3f} {rest} more", canvas.palette.muted)
            return y + 1
        _share(canvas, y, reading.p)
        for parts in lines:
            x = _start(canvas)
            for words, style in parts:
                x = canvas.put(x, y, words, style)
            y += 1
    return y


def _next(canvas: Canvas, y: int, belief: Belief) -> None:
    """What may come, likeliest first, in what room is left below a line."""
    shown = ((word, p) for word, p in belief.p.items() if p >= VISIBLE)
    words = sorted(shown, key=lambda each: (-each[1], each[0]))[:MOST]
    parts: list[Part] = [(f"{text.token(word)} {p:.3f}", canvas.palette.text) for word, p in words]
    lines = over_lines([("next may come", canvas.palette.muted), *parts], canvas.width)
    for row, line in enumerate(lines[: canvas.height - y], y):
        say(canvas, 0, row, line)


def _start(canvas: Canvas) -> int:
    """Where the words begin: after the probability, and its bar where there is room."""
    return NUMBER + (BAR + 1 if canvas.width >= 48 else 0)


def _share(canvas: Canvas, y: int, p: float) -> None:
    style = canvas.palette.strong if p >= CERTAIN else canvas.palette.text
    canvas.put(0, y, f"{p:.3f}", style)
    if _start(canvas) > NUMBER:
        canvas.put(NUMBER, y, bar(p, BAR), canvas.palette.bar(p))


def _listed(canvas: Canvas, says: str, fresh: frozenset[str]) -> list[list[Part]]:
    """What it is about, and a line a fact."""
    palette, room = canvas.palette, max(canvas.width - _start(canvas), 8)
    about, *facts = _facts(says)
    lines: list[list[Part]] = [[(line, palette.strong)] for line in wrap(about, room)]
    for fact in facts:
        mark: Part = ("+ " if fact in fresh else "• ", palette.accent if fact in fresh else palette.muted)
        wrapped = wrap(fact, max(room - INDENT, 4))
        style = palette.accent if fact in fresh else palette.text
        lines += [[mark if not n else ("  ", palette.text), (line, style)] for n, line in enumerate(wrapped)]
    return lines


def _told(canvas: Canvas, says: str, fresh: frozenset[str]) -> list[list[Part]]:
    """All of it as one sentence."""
    room = max(canvas.width - _start(canvas), 8)
    return [[(line, canvas.palette.text)] for line in wrap(BETWEEN.join(_facts(says)), room)]
