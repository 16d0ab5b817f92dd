"""Where one model's context pays: the places at which it was less surprised than another, most bits saved first."""

from __future__ import annotations

import math

import numpy as np

from models.lenses.versus import Won
from playground import text
from playground.compare.panes.listing import Found
from playground.compare.panes.not_yet import nothing
from playground.compare.scene import Compared, CompareScene
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, headline, paragraph, say
from playground.kit.table import Column

BAR = 8  # cells of a number beside a bar, with the space between


class Wins(Found):
    """The list of wins."""

    name = which = "wins"
    title = "Where context wins"
    help = (
        "The places at which the GPT was less surprised by the token that came than the bigram, which sees only the "
        "token before: what context was worth there, in bits, the most first. One bit halves the surprise: the token "
        "was twice as likely for the GPT. Above the list, the same over the whole text.\n\n"
        "Up and down go from place to place: every other pane follows. Enter goes to the one under the cursor. m holds "
        "other models against each other."
    )

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """Title, the sums, the list."""
        results, won = scene.results, scene.won
        if results is None:
            nothing(scene, canvas, self.title)
            return
        pair = f"{text.visible(scene.leads)} over {text.visible(scene.against)}"
        headline(canvas, self.title, [pair] if scene.against else [])
        if won is None:
            paragraph(canvas, 1, "there is no other model to hold it against", canvas.palette.muted)
            return
        say(canvas, 0, 1, _sums(scene, won, canvas))
        columns = _columns(scene, results, won, canvas)
        self.put_list(scene, canvas, results.labels, columns)


def _columns(scene: CompareScene, results: Compared, won: Won, canvas: Canvas) -> tuple[Column[int], ...]:
    """What was saved, and from what."""
    most = float(won.bits[won.places[0]]) if won.places.size else 1.0
    first, second = results.versus[scene.leads], results.versus[scene.against]
    wide = max(BAR + 4, min(canvas.width // 4, 28))
    return (
        Column(
            "bits saved",
            wide,
            lambda place: f"+{numbers.bits(float(won.bits[place]))}",
            share=lambda place: float(won.bits[place]) / most if math.isfinite(most) else 1.0,
        ),
        Column(text.visible(first.name), BAR, lambda place: numbers.bits(float(first.bits[place]))),
        Column(text.visible(second.name), BAR, lambda place: numbers.bits(float(second.bits[place]))),
    )


def _sums(scene: CompareScene, won: Won, canvas: Canvas) -> list[Part]:
    palette = canvas.palette
    predicted = int(np.count_nonzero(~np.isnan(won.bits)))
    if not predicted:
        return [("nothing that both predicted", palette.muted)]
    saved = won.total / predicted
    does = "saves" if saved >= 0 else "loses"
    what = f"{text.visible(scene.leads)} {does} {numbers.bits(abs(saved))} bits a token"
    sides = [side for side in map(scene.side, (scene.leads, scene.against)) if side is not None and side.looks_ahead]
    return [
        *((f"not fair: {text.visible(side.name)} saw what came", palette.contrast) for side in sides),
        (what, palette.strong if saved >= 0 else palette.contrast),
        (f"{numbers.bits(won.total)} in all", palette.text),
        (f"wins at {len(won.places):,} of {predicted:,} tokens", palette.muted),
    ]
