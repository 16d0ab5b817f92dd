"""Where a model is wrong, worst first: by how far it is from the truth, or by its surprise where nobody knows it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from models.lenses.versus import Side, Wrongs
from playground import text
from playground.compare.panes.listing import Found, barred
from playground.compare.scene import Compared, CompareScene
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, headline, paragraph
from playground.kit.table import Column

LABEL = 10  # cells of what was thought


class Wrong(Found):
    """The list of wrong places."""

    name = which = "wrong"
    title = "Where it is wrong"
    gist = "Where it is wrong, worst first"
    help = (
        "The places at which the model is wrong, the worst first. Where the truth is known, that is measured by how "
        "many bits the model's prediction is from the truth's, whatever token happened to come. Where nobody knows it, "
        "these are the places at which the model's first choice did not come, by its surprise.\n\n"
        "Beside each place: what the model thought likeliest, and what would have been (or what came), with the "
        "probabilities. w goes to the worst place, then to the next worst, from every pane; up and down do it here. m "
        "chooses another model."
    )

    def draw_results(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """Title, one sentence, the list."""
        wrongs = scene.wrongs
        by = f"by {canvas.unit.name} from the truth" if wrongs and wrongs.by == "kl" else "by surprise at what came"
        headline(canvas, f"Where {text.visible(scene.leads)} is wrong", [by])
        side = results.versus[scene.leads]
        if wrongs is None or not wrongs.places.size:
            says = "nowhere in this text" if (side.rank > 0).any() else "it predicted nothing of this text"
            paragraph(canvas, 1, says, canvas.palette.muted)
            return
        columns = _columns(scene, results, side, wrongs, canvas)
        self.put_list(scene, results, canvas, _sums(side, wrongs, canvas), columns)


def _sums(side: Side, wrongs: Wrongs, canvas: Canvas) -> list[Part]:
    palette, unit = canvas.palette, canvas.unit
    if wrongs.by == "kl":
        known = side.kl[~np.isnan(side.kl)]
        return [
            (f"{numbers.bits(float(known.mean()), unit)} {unit.name} a place from the truth", palette.strong),
            (f"more than {unit.a_bit} at {int((known > 1).sum()):,} of {known.size:,}", palette.muted),
        ]
    predicted = int((side.rank > 0).sum())
    return [
        (f"its first choice came at {predicted - len(wrongs.places):,} of {predicted:,} tokens", palette.strong),
        (f"the others, by surprise in {unit.name}", palette.muted),
    ]


def _columns(
    scene: CompareScene, results: Compared, side: Side, wrongs: Wrongs, canvas: Canvas
) -> Sequence[Column[int]]:
    def best(of: Side, place: int) -> str:
        token = int(of.best[place])
        return "" if token < 0 else f"{text.fit(scene.label(token, place), LABEL)} {float(of.best_p[place]):.3f}"

    wide, unit = max(12, min(canvas.width // 5, 24)), canvas.unit
    thought = Column("it thought", LABEL + 6, partial(best, side), left=True)
    if wrongs.by == "kl" and scene.truth:
        truth = Column("in truth", LABEL + 6, partial(best, results.versus[scene.truth]), left=True)
        return barred(unit.name, wide, side.kl, wrongs.places, unit), thought, truth
    chance: Column[int] = Column("chance", 7, lambda place: numbers.probability(float(side.p[place])))
    return barred(unit.name, wide, side.bits, wrongs.places, unit), thought, chance
