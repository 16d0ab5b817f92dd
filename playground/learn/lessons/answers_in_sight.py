"""Trained with the answers in sight: almost no loss, nothing to learn from, and nothing learned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import measures
from models.lenses.batches import next_logits
from models.runs import TrainConfig
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import HEADS, Act, Claim, Here, Lesson, Start
from playground.learn.plans import PAGES, Told, on_pages
from playground.learn.questions import Choice
from playground.train.scene import TrainScene

RUN = on_pages(
    "answers-in-sight",
    TrainConfig(
        n_layer=2, n_head=2, n_embd=48, block_size=48, without=("mask",),
        batch=16, steps=150, lr=2e-2, warmup=20, schedule="flat", eval_every=15, seed=1,
    ),
)  # fmt: skip
BEFORE, PLACES = 24, 200  # words before each that is to be written, and how many are


def measure(bench: Bench) -> Iterator[Measured]:
    """Its loss with every answer in sight, what is left of its gradient, and its surprise where the text ends."""
    assert bench.trained is not None
    told = Told(bench.trained)
    yield Measured("learned", "a word of what it learned from, all in sight", told.learned, "bits")
    yield Measured("in sight", "a word it never saw, all in sight", told.held_out, "bits")
    yield Measured("at the end", "a word where the text ends before it, as in writing", _writing(bench), "bits")
    yield Measured("bigram", "a word, by a bigram that counted the same pages", told.bigram, "bits")
    first, last = told.measured[0].gradients, told.measured[-1].gradients
    top = str(RUN.config.n_layer - 1)
    yield Measured("first", f"its gradient in the last layer, step {told.measured[0].step}", first[top], "about")
    yield Measured("last", f"the same at step {told.measured[-1].step}", last[top], "about")


def _writing(bench: Bench) -> float:
    """The mean surprise in bits of words that come after the last one it is shown, from the end of the pages."""
    model = bench.model(str(bench.trained))
    assert model.tokenizer is not None
    tokens = model.tokenizer.encode(PAGES.read_text())
    ends = range(len(tokens) - PLACES, len(tokens))
    scores = next_logits(model, [tokens[end - BEFORE : end] for end in ends])
    p = measures.softmax(scores)[np.arange(PLACES), tokens[-PLACES:]]
    return float(-np.log2(p).mean())


def holds(found: Findings) -> bool:
    """Almost no loss, the gradient gone with it, and worse than counting where it has to write."""
    fades = found["last"].value < 0.2 * found["first"].value
    copies = found["learned"].value < 0.25 and found["in sight"].value < 0.3 * found["bigram"].value
    return copies and fades and found["at the end"].value > found["bigram"].value + 1


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    writes = found["at the end"].value
    return 0 if writes < 1 else 1 if writes < found["bigram"].value else 2


def done(here: Here) -> bool:
    """The losses are drawn by their logarithm."""
    return isinstance(here.scene, TrainScene) and here.scene.view.scale == "log"


LESSON = Lesson(
    number=8,
    name="Trained with the answers in sight",
    group=HEADS,
    claim=Claim(
        "Without the causal mask a model learns to read the answer off, and nothing else.",
        "Raschka 2024, Build a Large Language Model, 3.5; Vaswani et al. 2017, 3.2.3.",
    ),
    start=Start("little-world", "\nthe dog", screen="train", pane="loss"),
    run=RUN,
    question=Choice(
        "A model learns now without the mask: each word is in sight of the place that is to predict it. Then it has "
        "to write, where the next word is not there yet. It does so ...",
        ("with almost no surprise", "better than a bigram", "worse than a bigram"),
        right,
    ),
    act=Act("y", "draw the losses by their logarithm, and see how far down it goes", ("y",), done),
    measure=measure,
    holds=holds,
    shows="Each place copies the word beside it: the loss falls to almost nothing, far below what anyone could know, "
    "and with the loss goes the gradient. Nothing is left that could teach it what follows what.",
    shows_not="that looking at both sides is useless: models that fill gaps see both sides, and only the word in the "
    "gap is taken away from them. What must not be in sight is the answer.",
    onward="o opens it in Play: write a few words (space). In Train, a new run (n) with the mask, the rest the same.",
)
