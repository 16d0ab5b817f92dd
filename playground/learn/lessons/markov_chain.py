"""Without attention a model of words is a Markov chain: only the last word counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import measures
from models.ops import Array
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import COUNTING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.looking.session import View

MODEL, WITH = "little-world-no-attention", "little-world"
TEXT, OTHER = "\nleo lives in greece. he eats in the", "\nthe dog chased the"  # both end with one word


def measure(bench: Bench) -> Iterator[Measured]:
    """How far apart two texts with one last word are to a model, and how far from what counting says."""
    last = float(np.abs(bench.after(MODEL, TEXT) - bench.after(MODEL, OTHER)).max())
    bigram, often = _rows(bench)
    model = np.stack([bench.after(MODEL, [token]) for token in range(len(bigram))])
    apart = 0.5 * np.abs(model - bigram).sum(-1)  # V, the probability that lies elsewhere
    agrees = model.argmax(-1) == bigram.argmax(-1)
    yield Measured("apart", "greatest difference between the two texts, of 466 probabilities", last, "number")
    yield Measured("with", "the same in a model with attention", _distance(bench, WITH), "number")
    mean = float(apart @ often)
    yield Measured("counted", "of the probability lies elsewhere than the bigram's, on average", mean, "share")
    yield Measured("agrees", "of the words have one first choice after them for both", float(agrees @ often), "share")


def _distance(bench: Bench, name: str) -> float:
    return float(np.abs(bench.after(name, TEXT) - bench.after(name, OTHER)).max())


def _rows(bench: Bench) -> tuple[Array, Array]:
    """What the bigram says after every word (V V), and how often each comes (V,)."""
    counted = bench.counted(MODEL)
    rows = [measures.softmax(counted["bigram"].next_logits([token])) for token in range(bench.model(MODEL).vocab_size)]
    return np.stack(rows), measures.softmax(counted["unigram"].next_logits([0]))


def holds(found: Findings) -> bool:
    """To the digit the same after one word, and near to what counting says; attention tells the texts apart."""
    chain = found["apart"].value == 0.0 and found["with"].value > 0.5
    return chain and found["counted"].value < 0.15 and found["agrees"].value > 0.75


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return 2 if found["apart"].value == 0.0 else 1 if found["apart"].value < 0.01 else 0


def done(here: Here) -> bool:
    """Another text, the last word the same."""
    now, began = here.session.tokens, here.began.tokens
    return now != began and now[-1:] == began[-1:] and here.session.view.caret is None


LESSON = Lesson(
    number=1,
    name="Without attention: a Markov chain",
    group=COUNTING,
    claim=Claim(
        "A model of words without attention is a Markov chain: the last word alone decides what comes next.",
        "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits, on zero layers.",
    ),
    start=Start(MODEL, TEXT, pane="next", view=View(chosen=True)),
    question=Choice(
        "This model grew up without attention. You are about to write another text before its last word, 'the'. "
        "The probabilities of what comes next will be ...",
        ("quite different", "a little different", "the same, to the last digit"),
        right,
    ),
    act=Act(
        "e",
        "type another text that ends with 'the' (^u empties the line), say the dog chased the, and press enter",
        ("e", "home", *"tom", "space", "enter"),
        done,
        "prompt the dog chased the",
    ),
    measure=measure,
    holds=holds,
    shows="The two texts share one word, the last, and every probability is the same: not nearly, but to the digit. "
    "Without attention nothing brings an earlier word to the place where the next is decided.",
    shows_not="that it is the counted bigram: it learned its table instead of counting it, gives rare words other "
    "chances, and is near to it, not equal.",
    onward="8 shows the bigram's table. Open little-world (o) on the same text: there the beginning counts.",
)
