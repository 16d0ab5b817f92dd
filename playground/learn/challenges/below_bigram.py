"""Get below the bigram with one layer's attention."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from models import measures
from models.switches import AttentionOff
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import COUNTING, Challenge, Claim, Here, Start

MODEL, TEXT = "little-world", "\nleo lives in greece. he eats olives. he speaks greek."
LAYERS = 3
ALL_OFF = tuple(map(AttentionOff, range(LAYERS)))
TEXTS = 20


def measure(bench: Bench) -> Iterator[Measured]:
    """The surprise of new texts with the attention of one layer alone."""
    others = bench.held_out(MODEL, TEXTS)
    counted = bench.counted_surprise(MODEL, "bigram", others)
    yield Measured("bigram", f"the bigram, a word of {TEXTS} new texts", counted, "bits")
    for own in ALL_OFF:
        silent = [each for each in ALL_OFF if each != own]
        bits = bench.surprise(MODEL, others, *silent)
        yield Measured(f"layer {own.layer}", f"the attention of layer {own.layer} alone", bits, "bits")
    yield Measured("whole", "of all layers", bench.surprise(MODEL, others), "bits")


def holds(found: Findings) -> bool:
    """The first layer's attention is enough, and no other's is."""
    bar = found["bigram"].value
    return found["layer 0"].value < 0.6 * bar and bar < min(found["layer 1"].value, found["layer 2"].value)


@cache
def bar(tokens: tuple[int, ...]) -> float:
    """What the bigram needs for a text, a token."""
    return Bench().counted_surprise(MODEL, "bigram", [tokens])


def done(here: Here) -> bool:
    """One layer's attention is on, nothing else is changed, and the text costs less than the bigram's."""
    on, now = here.session.switches, here.now
    if now is None or len(now) < 2 or len(on) != LAYERS - 1 or not {*on} < {*ALL_OFF}:
        return False
    return float(np.mean(measures.surprise(now.logits, now.tokens)[1:])) < bar(now.tokens)


CHALLENGE = Challenge(
    slug="below-bigram",
    name="Below the bigram, with one layer",
    group=COUNTING,
    claim=Claim(
        "The attention of one layer is enough to get below the bigram, and of one layer only.", "Measured here."
    ),
    start=Start(MODEL, TEXT, tuple(map(str, ALL_OFF)), pane="switches"),
    words="The attention of all layers is off, and counted pairs do better on this text than the model. Give back the "
    "attention of one single layer so that the model gets below the bigram.",
    done=done,
    hints=(
        "On the board of switches the column attn has one for each layer: Enter turns it.",
        "The bigram's pane (8) has the bits a token of both.",
        "Later layers read what earlier ones have found: without that they look for nothing.",
    ),
    pressed=("right", "down", *["right"] * 4, "enter"),
    measure=measure,
    holds=holds,
    shows="The first layer brings the country to the verb, and that is most of what this text needs. The others ask "
    "for what the first has gathered, and alone they find nothing.",
)
