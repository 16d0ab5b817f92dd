"""Have it write a certain word, by chance alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import measures
from models.sampling import Sampler, draw
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import WRITING, Challenge, Claim, Here, Start

MODEL, TEXT, WANTED = "little-world", "\nthe dog chased the", "lion"
SEEDS = 2000


def measure(bench: Bench) -> Iterator[Measured]:
    """How likely the word is, and for how many seeds it is drawn."""
    tokenizer, trace = bench.model(MODEL).tokenizer, bench.trace(MODEL, TEXT)
    assert tokenizer is not None
    wanted, logits = tokenizer.ids[WANTED], trace.logits[-1]
    p = measures.softmax(logits)
    drawn = np.array([draw(logits, Sampler(), seed, len(trace)).token for seed in range(1, SEEDS + 1)]) == wanted
    yield Measured("said", "what the model says of it", float(p[wanted]), "share", WANTED)
    yield Measured("drawn", f"of {SEEDS:,} seeds draw it", float(drawn.mean()), "share")
    yield Measured("first", "the first seed that does", int(drawn.argmax()) + 1, "count")
    greedy = draw(logits, Sampler(temperature=0), 1, len(trace)).token
    yield Measured(
        "greedy", "what every seed draws at temperature 0", float(p[greedy]), "share", tokenizer.token(greedy)
    )


def holds(found: Findings) -> bool:
    """Some seeds draw it, as many as the model says; the likeliest is another."""
    fair = abs(found["said"].value - found["drawn"].value) < 0.03
    return fair and found["drawn"].value > 0 and found["first"].value > 1 and found["greedy"].token != WANTED


def done(here: Here) -> bool:
    """The same text and that word, drawn: not typed, not forced, and nothing switched off."""
    now, began, tokenizer = here.session, here.began, here.model.tokenizer
    if tokenizer is None or now.switches or now.forced or now.typed != began.typed:
        return False
    return now.tokens == (*began.tokens, tokenizer.ids.get(WANTED))  # another model may be open, without it


CHALLENGE = Challenge(
    slug="draw-a-lion",
    name="A lion, by chance",
    group=WRITING,
    claim=Claim("Which word is written is decided by the draw, as often as the model says.", "Measured here."),
    start=Start(MODEL, TEXT, pane="next"),
    words=f"Whom does the dog chase? Have the model write {WANTED} next, without typing it, forcing it, or switching "
    "anything off.",
    done=done,
    hints=(
        "The model need not change, only the draw: a mark shows which word it will be.",
        "S takes the next seed, s the one before; the mark moves.",
        "Once the mark stands at lion, space writes it.",
    ),
    pressed=("S", "S", "S", "S", "S", "space"),
    measure=measure,
    holds=holds,
    shows="The model gave the lion its chance before you came, and one seed in nine takes it. Whoever shows a text "
    "that a model wrote has chosen a seed, wittingly or not.",
)
