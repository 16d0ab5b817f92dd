"""A recurrent network against attention: equal parameters, the same pages; what each costs as the text grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import models
from models.baselines.gru import GRU
from models.gpt import GPT
from models.lenses.products import counting
from models.runs import preset
from models.tracing import extend, trace
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import WRITING, Act, Claim, Lesson, Start
from playground.learn.plans import Told, on_pages, shows_first
from playground.learn.questions import Choice

ATTENTION = replace(preset("tiny"), batch=8, steps=100, eval_every=25, seed=1)
RUNS = (on_pages("attention", ATTENTION), on_pages("recurrent", replace(ATTENTION, model="gru")))
EARLY = 8  # words before the next


def measure(bench: Bench) -> Iterator[Measured]:
    """Their losses on held-out pages, and what the next word costs each, early and late in a text."""
    attention, recurrent = (Told(bench.runs[plan.name]) for plan in RUNS)
    gpt, gru = (models.load_any(bench.runs[plan.name]) for plan in RUNS)
    assert isinstance(gpt, GPT) and isinstance(gru, GRU)
    context = gpt.config.block_size
    size = attention.started.parameters
    yield Measured("attention", "a held-out word, by attention", attention.held_out, "bits")
    yield Measured("recurrent", "by the recurrent network", recurrent.held_out, "bits")
    yield Measured("size", "numbers learned by attention", size, "count")
    yield Measured("sizes", "as many in the recurrent network", recurrent.started.parameters / size, "share")
    for when, words in (("early", EARLY), ("late", context - 1)):
        yield Measured(f"next {when}", f"products for the word after {words}, by attention", _next(gpt, words), "count")
    constant = sum(weight.size for weight in gru.weights.values() if weight.ndim == 2)
    yield Measured("next", "by the recurrent network, after any", constant, "count")
    kept = 2 * gpt.config.n_layer * gpt.config.n_embd * context  # a key and a value
    yield Measured("kept", f"numbers kept of {context} words by attention", kept, "count")
    yield Measured("state", "by the recurrent network, of any text", gru.begin().size, "count")
    yield Measured("one by one", "steps in which it reads them, also in training; attention: 1", context, "count")


def _next(gpt: GPT, words: int) -> int:
    """Products for one word more, with keys and values kept."""
    model, work = counting(gpt)
    before = trace(model, [0] * words)
    return work.of(lambda: extend(model, before, 0))[1]


def holds(found: Findings) -> bool:
    """Of one size; attention pays more for each word further on, recurrence does not, and here predicts better."""
    alike = abs(found["sizes"].value - 1) < 0.05
    grows = found["next late"].value > found["next early"].value and found["kept"].value > 10 * found["state"].value
    return alike and grows and found["recurrent"].value < found["attention"].value - 0.2


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    ahead = found["attention"].value - found["recurrent"].value
    return 0 if ahead < -0.1 else 1 if ahead > 0.1 else 2


LESSON = Lesson(
    number=25,
    name="Recurrence against attention",
    group=WRITING,
    claim=Claim(
        "A recurrent network hands on one state of fixed size; attention keeps every word, and pays for it.",
        "Cho et al. 2014 on gated recurrent units; Vaswani et al. 2017, table 1.",
    ),
    start=Start("little-world", "\nthe parrot heard", screen="train", pane="loss"),
    run=RUNS[0],
    against=RUNS[1:],
    question=Choice(
        "Two models of equal size read the same few pages for 100 steps: one looks back with attention, one hands a "
        "state on from word to word. Which predicts the words of a page it has not read better?",
        ("attention", "the recurrent one", "neither: they are alike"),
        right,
    ),
    act=Act(
        "↓",
        "once both are trained, choose the one with attention, and look at both curves",
        ("down",),
        shows_first(RUNS),
    ),
    measure=measure,
    holds=holds,
    shows="On a few pages the state is enough, and learned sooner: what was said last comes first in it. It stays as "
    "small however long the text is; attention keeps all words, and each new word costs more than the one before.",
    shows_not="that recurrence is better: 100 steps on a few pages are not a training. It must read word after word, "
    "where attention learns from all places at once, and what its state has dropped it cannot look up.",
    onward="In Compare (F4) o puts a trained GRU beside a GPT. n here trains both for longer: does the order stay?",
)
