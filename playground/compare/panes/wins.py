"""Where one model's context pays: the places at which it was less surprised than another, most bits saved first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from models.lenses.versus import Side, Won
from models.units import Unit
from playground import text
from playground.compare.panes.listing import Found, barred
from playground.compare.scene import Compared, CompareScene
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, headline, paragraph
from playground.kit.table import Column

BAR = 8  # cells of a number beside a bar, with the space between


class Wins(Found):
    """The list of wins."""

    name = which = "wins"
    title = "Where context wins"
    gist = "Where the GPT beat the bigram"
    help = (
        "The places at which the GPT was less surprised by the token that came than the bigram, which sees only the "
        "token before: what context was worth there, in bits, the most first. One bit halves the surprise: the token "
        "was twice as likely for the GPT. Above the list, the same over the whole text.\n\n"
        "Up and down go from place to place: every other pane follows. Enter goes to the one under the cursor. m holds "
        "other models against each other."
    )

    def draw_results(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """Title, the sums, the list."""
        won = scene.won
        pair = f"{text.visible(scene.leads)} over {text.visible(scene.against)}"
        headline(canvas, self.title, [pair] if scene.against else [])
        if won is None:
            paragraph(canvas, 1, "there is no other model to hold it against", canvas.palette.muted)
            return
        sides = [results.versus[name] for name in (scene.leads, scene.against)]
        unit, wide = canvas.unit, max(BAR + 4, min(canvas.width // 4, 28))
        columns = [barred(f"{unit.name} saved", wide, won.bits, won.places, unit, "+")]
        columns += [Column(text.visible(side.name), BAR, partial(_bits, side, unit)) for side in sides]
        self.put_list(scene, results, canvas, _sums(sides, won, canvas), columns)


def _bits(side: Side, unit: Unit, place: int) -> str:
    return numbers.bits(float(side.bits[place]), unit)


def _sums(sides: Sequence[Side], won: Won, canvas: Canvas) -> list[Part]:
    palette, unit = canvas.palette, canvas.unit
    predicted = int(np.count_nonzero(~np.isnan(won.bits)))
    if not predicted:
        return [("nothing that both predicted", palette.muted)]
    saved = won.total / predicted
    does = "saves" if saved >= 0 else "loses"
    what = f"{text.visible(sides[0].name)} {does} {numbers.bits(abs(saved), unit)} {unit.name} a token"
    ahead = [text.visible(side.name) for side in sides if side.looks_ahead]
    return [
        *((f"not fair: {name} saw what came", palette.contrast) for name in ahead),
        (what, palette.strong if saved >= 0 else palette.contrast),
        (f"{numbers.bits(won.total, unit)} in all", palette.text),
        (f"wins at {len(won.places):,} of {predicted:,} tokens", palette.muted),
    ]
