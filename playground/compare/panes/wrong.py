"""Where a model is wrong, worst first: by how far it is from the truth, or by its surprise where nobody knows it."""

from __future__ import annotations

import math

import numpy as np

from models.lenses.versus import Side, Wrongs
from playground import text
from playground.compare.panes.listing import Found
from playground.compare.panes.not_yet import nothing
from playground.compare.scene import CompareScene
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, headline, paragraph, say
from playground.kit.table import Column

LABEL = 10  # cells of what was thought


class Wrong(Found):
    """The list of wrong places."""

    name = which = "wrong"
    title = "Where it is wrong"
    help = (
        "The places at which the model is wrong, the worst first. Where the truth is known, that is measured by how "
        "many bits the model's prediction is from the truth's, whatever token happened to come. Where nobody knows it, "
        "these are the places at which the model's first choice did not come, by its surprise.\n\n"
        "Beside each place: what the model thought likeliest, and what would have been (or what came), with the "
        "probabilities. w goes to the worst place, then to the next worst, from every pane; up and down do it here. m "
        "chooses another model."
    )

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """Title, one sentence, the list."""
        results, wrongs = scene.results, scene.wrongs
        if results is None:
            nothing(scene, canvas, self.title)
            return
        name = text.visible(scene.leads)
        by = "by bits from the truth" if wrongs and wrongs.by == "kl" else "by surprise at what came"
        title = f"Where {name} is wrong"
        headline(canvas, title, [by])
        if wrongs is None or not wrongs.places.size:
            paragraph(canvas, 1, "nowhere in this text", canvas.palette.muted)
            return
        say(canvas, 0, 1, _sums(results.versus[scene.leads], wrongs, canvas))
        self.put_list(scene, canvas, results.labels, _columns(scene, wrongs, canvas))


def _sums(side: Side, wrongs: Wrongs, canvas: Canvas) -> list[Part]:
    palette = canvas.palette
    if wrongs.by == "kl":
        known = side.kl[~np.isnan(side.kl)]
        return [
            (f"{numbers.bits(float(known.mean()))} bits a place from the truth", palette.strong),
            (f"more than 1 bit at {int((known > 1).sum()):,} of {known.size:,}", palette.muted),
        ]
    predicted = int((side.rank > 0).sum())
    return [
        (f"its first choice came at {predicted - len(wrongs.places):,} of {predicted:,} tokens", palette.strong),
        ("the others, by surprise in bits", palette.muted),
    ]


def _columns(scene: CompareScene, wrongs: Wrongs, canvas: Canvas) -> tuple[Column[int], ...]:
    assert scene.results is not None
    versus = scene.results.versus
    side, most = versus[scene.leads], float(wrongs.bits[0])
    bits = side.kl if wrongs.by == "kl" else side.bits

    def best(of: Side, place: int) -> str:
        token = int(of.best[place])
        return "" if token < 0 else f"{text.fit(scene.label(token), LABEL)} {float(of.best_p[place]):.3f}"

    columns: list[Column[int]] = [
        Column(
            "bits",
            max(12, min(canvas.width // 5, 24)),
            lambda place: numbers.bits(float(bits[place])),
            share=lambda place: float(bits[place]) / most if math.isfinite(most) else 1.0,
        ),
        Column("it thought", LABEL + 6, lambda place: best(side, place), left=True),
    ]
    if wrongs.by == "kl" and scene.truth:
        truth = versus[scene.truth]
        columns.append(Column("in truth", LABEL + 6, lambda place: best(truth, place), left=True))
    else:
        columns.append(Column("chance", 7, lambda place: numbers.probability(float(side.p[place]))))
    return tuple(columns)
