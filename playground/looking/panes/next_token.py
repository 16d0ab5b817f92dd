"""What the model says comes next: the likeliest tokens as bars with their numbers, and how one of them is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from rich.style import Style

from models import sampling
from models.baselines import ALL
from models.errors import UserError
from models.measures import entropy, rank, ranked, softmax
from models.ops import Array
from models.sampling import Draw
from playground import text
from playground.cells import cell_len
from playground.kit.bar import VISIBLE, bar, full_for
from playground.kit.canvas import Canvas, Live
from playground.kit.flow import Part, first_shown, fitting, nothing, over_lines, paragraph, say
from playground.kit.numbers import bits, fixed, weight
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.looking.ladders import climb
from playground.looking.panes.absent import no_results
from playground.looking.scene import Scene
from playground.looking.session import Session, force, look, look_at

COUNTED = [f"{kind.slug} {kind.says}" for kind in ALL]
NARROWEST = 8  # cells a bar needs; columns give way to it


@dataclass(frozen=True, slots=True)
class Candidate:
    """One token that could come next, and all that is said of it; probabilities."""

    token: int
    label: str  # safe to show
    p: float  # as the model gave it, with the switches where any is on
    sampled: float  # after temperature, top-k and top-p; 0 where they cut it
    kept: bool
    before: float | None  # of the intact model, where a switch is on
    counted: float | None  # of the baseline shown
    drawn: bool  # this seed draws it
    followed: bool  # it stands there in the text


@dataclass(frozen=True, eq=False)
class Outlook:
    """Everything said about what follows the row looked at."""

    draw: Draw  # under the trace that counts
    before: Array | None  # V, probabilities of the intact model, where a switch is on
    counted: Array | None  # V, of the baseline shown
    baseline: str  # its name
    followed: int | None

    @classmethod
    def of(cls, scene: Scene) -> Outlook:
        """For a scene with results; UserError if the scores are not numbers."""
        results, row, baseline, session = scene.known, scene.row, scene.baseline, scene.session
        return cls(
            sampling.draw(results.now.logits[row], session.sampler, session.seed, row + scene.dropped + 1),
            None if results.changed is None else softmax(results.intact.logits[row]),
            None if baseline is None else softmax(baseline.next_logits(results.now.tokens[: row + 1])),
            "" if baseline is None else baseline.name,
            scene.followed,
        )

    @property
    def is_filtered(self) -> bool:
        """Whether temperature, top-k or top-p change anything."""
        return not np.array_equal(self.draw.raw, self.draw.filtered)

    def candidates(self, scene: Scene, first: int, count: int) -> list[Candidate]:
        """So many, from the `first` likeliest on; equal ones by lowest id."""
        draw, before, counted = self.draw, self.before, self.counted
        return [
            Candidate(
                token,
                scene.next_label(token),
                float(draw.raw[token]),
                float(draw.filtered[token]),
                bool(draw.kept[token]),
                None if before is None else float(before[token]),
                None if counted is None else float(counted[token]),
                token == draw.token,
                token == self.followed,
            )
            for token in ranked(draw.raw, first + count)[first:].tolist()
        ]


def candidates(scene: Scene, first: int = 0, count: int = 20) -> list[Candidate]:
    """The likeliest tokens after the row looked at; none without results. UserError if the scores are not numbers."""
    return [] if scene.results is None else Outlook.of(scene).candidates(scene, first, count)


class NextToken(Pane[Scene, Session]):
    """Candidates as bars."""

    name = "next"
    title = "Next token"
    gist = "The likeliest tokens to come next"
    help = (
        "The likeliest tokens to come after the one looked at, with their probabilities. The bar is the model's. "
        "'sampled' is what is drawn from once temperature, top-k and top-p have acted (│ on the bar); it says 'cut' "
        f"where they rule a token out. Beside them stands what counting says ({'; '.join(COUNTED)}); B chooses which. "
        "◆ is the token this seed draws: "
        "the number u picks from the sampled probabilities, laid end to end. ▸ is the token that came next in the "
        "text. With a switch on, ░ is what a bar lost and ▓ what it gained. Entropy is how unsure the model is, in "
        "bits (I: in nats); KL is how far the switches have moved it. Enter or a click forces a token; f finds any "
        "by some of its text, however unlikely. A click on the "
        "temperature, top-k, top-p or seed takes the next value, the wheel there goes either way."
    )

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """Title, bars, and what decides the draw."""
        if scene.results is None:
            nothing(canvas, self.title, no_results(scene))
            return
        try:
            outlook = Outlook.of(scene)
        except UserError as error:
            canvas.title(self.title, "not a number")
            paragraph(canvas, 1, text.visible(str(error)), canvas.palette.contrast)
            return
        _title(scene, canvas, outlook)
        below = _below(scene, canvas, outlook)
        room = canvas.height - 2
        below = below[: max(0, room - 3)]
        airy = bool(below) and room - len(below) > 9
        count = max(0, room - len(below) - airy)
        cursor = _cursor(scene)
        first = first_shown(cursor, scene.model.vocab_size, count)
        shown = outlook.candidates(scene, first, count)
        _bars(scene, canvas, outlook, shown, cursor - first)
        live = {words: _turns(field) for words, field in _sampled(scene)}
        for y, parts in enumerate(below, 2 + len(shown) + airy):
            say(canvas, 0, y, parts, live)

    def move(self, scene: Scene, dx: int, dy: int) -> Session:
        """Up and down the candidates, left and right along the text."""
        if dx:
            return look_at(scene.session, scene.session.row + dx) if scene.session.tokens else scene.session
        last = scene.model.vocab_size - 1
        return look(scene.session, candidate=max(0, min(_cursor(scene) + dy, last)))

    def enter(self, scene: Scene) -> Session:
        """The candidate under the cursor follows the token looked at; nothing where its numbers are not there."""
        session, results = scene.session, scene.results
        if results is None or not results.are_of(session):
            return session
        try:
            chosen = candidates(scene, _cursor(scene), 1)[0]
        except UserError:
            return session
        return force(session, scene.row + results.now.dropped, chosen.token)


def _cursor(scene: Scene) -> int:
    return min(scene.session.view.candidate, scene.model.vocab_size - 1)


# words -------------------------------------------------------------------------------------------------------------


def _title(scene: Scene, canvas: Canvas, outlook: Outlook) -> None:
    unit = canvas.unit
    unsure = bits(entropy(outlook.draw.raw), unit)
    if outlook.before is not None:
        unsure = f"{bits(entropy(outlook.before), unit)} → {unsure}"
    last = f"'{scene.labels[scene.row]}'"
    note = fitting([f"entropy {unsure} {unit.name}", f"after {last}"], canvas.beside(NextToken.title))
    canvas.title(NextToken.title, note or f"entropy {unsure}")


def _below(scene: Scene, canvas: Canvas, outlook: Outlook) -> list[list[Part]]:
    """The lines under the bars, the most important first."""
    drawn, follows = _drawn(scene, canvas.palette, outlook), _follows(scene, canvas, outlook)
    lines = [*filter(None, (moved(scene, canvas), drawn, follows))]
    return lines + over_lines(_sampler(scene, canvas, outlook), canvas.width)[: 2 if canvas.height >= 14 else 1]


def moved(scene: Scene, canvas: Canvas) -> list[Part]:
    """What the switches did to the whole distribution; nothing where none is on."""
    effect, palette, unit = scene.effect, canvas.palette, canvas.unit
    if effect is None:
        return []
    far = (f"KL {bits(effect.kl, unit)} {unit.name}", palette.text)
    if effect.was == effect.now:
        return [far, (f"top token {_quoted(scene, effect.now)} stays", palette.muted)]
    return [far, (f"top token {_quoted(scene, effect.was)} → {_quoted(scene, effect.now)}", palette.contrast)]


def _drawn(scene: Scene, palette: Palette, outlook: Outlook) -> list[Part]:
    """Which token the seed draws, and by which number."""
    draw = outlook.draw
    how = "the likeliest" if draw.sampler.temperature == 0 else f"dice {draw.u:.3f}"
    parts = [(f"◆ {_quoted(scene, draw.token)} drawn", palette.text), (how, palette.text)]
    return [*parts, *_standing(outlook, draw.token, palette)]


def _follows(scene: Scene, canvas: Canvas, outlook: Outlook) -> list[Part]:
    """The token that stands there, and what it cost."""
    token, palette, unit = outlook.followed, canvas.palette, canvas.unit
    if token is None:
        return []
    raw, before = outlook.draw.raw, outlook.before
    parts = [(f"▸ {_quoted(scene, token)} came", palette.text)]
    parts += [(f"surprise {bits(_surprise(raw[token]), unit)} {unit.name}", palette.text)]
    if before is not None:
        parts += [(f"before {bits(_surprise(before[token]), unit)}", palette.muted)]
    return [*parts, *_standing(outlook, token, palette)]


def _standing(outlook: Outlook, token: int, palette: Palette) -> list[Part]:
    """Where a token is among the candidates, which may be far below those on screen."""
    raw = outlook.draw.raw
    return [(f"rank {rank(raw, token):,}", palette.muted), (f"p {raw[token]:.3f}", palette.muted)]


def _sampler(scene: Scene, canvas: Canvas, outlook: Outlook) -> list[Part]:
    draw, unit = outlook.draw, canvas.unit
    parts = [*(words for words, _ in _sampled(scene)), f"place {draw.position:,}"]
    if outlook.is_filtered:
        parts.append(f"{np.count_nonzero(draw.kept):,} kept, {bits(entropy(draw.filtered), unit)} {unit.name}")
    return [(words, canvas.palette.muted) for words in parts]


def _sampled(scene: Scene) -> list[tuple[str, str]]:
    """How tokens are drawn, in words, with what is turned there."""
    sampler = scene.session.sampler
    return [
        (f"temp {sampler.temperature:g}", "temperature"),
        (f"top-k {sampler.top_k:,}" if sampler.top_k else "top-k off", "top_k"),
        (f"top-p {sampler.top_p:g}" if sampler.top_p < 1 else "top-p off", "top_p"),
        (f"seed {scene.session.seed}", "seed"),
    ]


def _turns(field: str) -> Live:
    """A click takes the next value, and after the last the first; the wheel goes up and down as keys do."""
    larger = -1 if field in ("top_k", "top_p") else 1  # their ladders go down
    click = partial(climb, field=field, by=1, around=True)
    return Live(click, partial(climb, field=field, by=larger), partial(climb, field=field, by=-larger))


def _quoted(scene: Scene, token: int) -> str:
    return f"'{scene.next_label(token)}'"


def _surprise(p: float) -> float:
    return -math.log2(p) + 0.0 if p > 0 else math.inf if p == 0 else math.nan


# bars --------------------------------------------------------------------------------------------------------------


def _columns(canvas: Canvas, outlook: Outlook, used: int) -> list[str]:
    """Which numbers stand beside the bars, from left to right; the baseline's go first where it is narrow."""
    changed = outlook.before is not None
    wanted = ["after", "change"] if changed else ["model"]
    wanted += ["sampled"] if outlook.is_filtered else []
    wanted += ["before"] if changed else []
    wanted += [outlook.baseline] if outlook.baseline else []
    order = ("before", "after", "change", "model", "sampled", outlook.baseline)
    while len(wanted) > 1 and used + NARROWEST + sum(map(_wide, wanted)) > canvas.width:
        wanted.pop()
    return [name for name in order if name in wanted]


_HEADS = {"before": "░before", "after": "▓after", "sampled": "│sampled"}


def _wide(column: str) -> int:
    """Its cells, with the gap before it."""
    return max(len(_HEADS.get(column, column)), 6 if column == "change" else 5) + 1


def _bars(scene: Scene, canvas: Canvas, outlook: Outlook, shown: list[Candidate], cursor: int) -> None:
    """Head line, then a line a candidate: marks, label, bar, numbers."""
    palette = canvas.palette
    label = min(max((cell_len(each.label) for each in shown), default=1), max(canvas.width // 4, 2))
    start = 3 + label + 1
    columns = _columns(canvas, outlook, start)
    stop = canvas.width - sum(map(_wide, columns))
    full = _full(outlook)
    canvas.put(start, 1, "0", palette.muted)
    canvas.right(stop, 1, f"{full:g}", palette.muted)
    x = stop
    for column in columns:
        x += _wide(column)
        canvas.right(x, 1, _HEADS.get(column, column), palette.muted)
    position = scene.row + scene.dropped
    for y, each in enumerate(shown, 2):
        here = canvas.focused and y - 2 == cursor
        canvas.put(0, y, "▸" if each.followed else " ", palette.text)
        canvas.put(1, y, "◆" if each.drawn else " ", palette.accent)
        style = palette.cursor if here else palette.text if each.kept else palette.muted
        canvas.put(3, y, text.fit(each.label, label), style)
        _bar(canvas, start, stop, y, each, full, tick="sampled" in columns)
        _numbers(canvas, stop, y, each, columns, here)
        canvas.hit(0, y, canvas.width, 1, partial(force, position=position, token=each.token))


def _full(outlook: Outlook) -> float:
    """The probability a whole bar stands for."""
    drawn = (outlook.draw.raw, outlook.draw.filtered, outlook.before)
    return full_for(max(float(np.nan_to_num(each).max()) for each in drawn if each is not None))


def _bar(canvas: Canvas, start: int, stop: int, y: int, each: Candidate, full: float, *, tick: bool) -> None:
    """The probability as a bar; with a switch on, over what it was before."""
    cells = stop - start
    if cells <= 0:
        return
    style = canvas.palette.bar(each.p) if each.kept else canvas.palette.faint
    if each.before is None or math.isnan(each.before):
        canvas.put(start, y, bar(each.p / full, cells, visible=each.p >= VISIBLE), style)
    else:
        _overlaid(canvas, start, y, round(each.before / full * cells), round(each.p / full * cells), style)
    if tick and each.kept:
        place = min(int(each.sampled / full * cells), cells - 1)
        canvas.put(start + place, y, "│", canvas.palette.accent)


def _overlaid(canvas: Canvas, x: int, y: int, before: int, after: int, style: Style) -> None:
    """Both bars in one: what they share, then what was lost or gained."""
    both = min(before, after)
    x = canvas.put(x, y, "█" * both, style)
    canvas.put(x, y, "░" * (before - both), canvas.palette.contrast)
    canvas.put(x, y, "▓" * (after - both), canvas.palette.accent)


def _numbers(canvas: Canvas, x: int, y: int, each: Candidate, columns: list[str], here: bool) -> None:
    palette = canvas.palette
    plain = palette.strong if here else palette.text if each.kept else palette.muted
    change = 0.0 if each.before is None else each.p - each.before
    changes, changed = abs(change) >= VISIBLE, palette.accent if change > 0 else palette.contrast
    cells: dict[str, Part] = {
        "model": (fixed(each.p, 3), plain),
        "after": (fixed(each.p, 3), plain),
        "before": (fixed(each.before, 3, "NaN"), palette.muted),
        "change": (weight(change, sign=changes, nan="NaN"), changed if changes else palette.muted),
        "sampled": (fixed(each.sampled, 3), plain) if each.kept else ("cut", palette.contrast),
    }
    for column in columns:
        x += _wide(column)
        canvas.right(x, y, *cells.get(column, (fixed(each.counted, 3, "NaN"), palette.muted)))
