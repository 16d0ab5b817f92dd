"""What training costs: operations counted, and held against this machine and against GPT-3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.runs import TrainConfig, preset
from models.runs.cost import n_parameters, operations
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LEARNING, Act, Claim, Here, Lesson, Start
from playground.learn.plans import Told, on_pages
from playground.learn.questions import Choice
from playground.train.scene import TrainScene

RUN = on_pages("what-it-costs", replace(preset("tiny"), steps=60, eval_every=20, seed=1))
# Brown et al. 2020, tables 2.1 and D.1
GPT_3 = TrainConfig(n_layer=96, n_head=96, n_embd=12288, block_size=2048, batch=1)
VOCABULARY, TOKENS, PARAMETERS, OPERATIONS = 50257, 300e9, 175e9, 3.14e23
YEAR = 365.25 * 24 * 3600  # seconds
BILLION, TRILLION, ZETTA = 1e9, 1e12, 1e21


def measure(bench: Bench) -> Iterator[Measured]:
    """The run's operations by its sizes, how near it came to what this machine can, and GPT-3's by the same rule."""
    assert bench.trained is not None
    told = Told(bench.trained)
    last, vocab_size = told.steps[-1], told.started.vocab_size
    own = operations(RUN.config, vocab_size) * last.step
    per_token = operations(GPT_3, VOCABULARY) / GPT_3.block_size
    large = per_token * TOKENS
    yield Measured("times", "million million such runs are one training of GPT-3", large / own / TRILLION, "about")
    yield Measured("run", "thousand million operations in this run", own / BILLION, "about")
    yield Measured(
        "each", "of them for each number learned and token read", own / last.tokens / told.started.parameters, "about"
    )
    yield Measured("share", "of this machine's peak was reached", _share(told), "share")
    yield Measured("ours", "times 10^21 operations for GPT-3 by this rule", large / ZETTA, "about")
    yield Measured("published", "times 10^21, as its makers reckon", OPERATIONS / ZETTA)
    yield Measured(
        "size", "its numbers by its sizes, over those published", n_parameters(GPT_3, VOCABULARY) / PARAMETERS
    )
    yield Measured(
        "years", "years on this machine, at the speed of this run", large / last.operations_per_second / YEAR, "about"
    )


def _share(told: Told) -> float:
    """Of the operations a second in a large product, measured as the run began: to be read, not to be judged by."""
    return told.steps[-1].operations_per_second / told.started.peak


def holds(found: Findings) -> bool:
    """Some six operations a number and token, here and there, and a rule that agrees with what was published."""
    ours = found["ours"].value / found["published"].value
    agrees = 0.95 < ours < 1.05 and 0.99 < found["size"].value < 1.01
    return agrees and 4 < found["each"].value < 9 and 1 < found["times"].value < 100


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return 0 if found["times"].value < 1e-4 else 1 if found["times"].value < 0.1 else 2


def done(here: Here) -> bool:
    """The curve is drawn along seconds."""
    return isinstance(here.scene, TrainScene) and here.scene.view.along == "seconds"


LESSON = Lesson(
    number=28,
    name="What training costs",
    group=LEARNING,
    claim=Claim(
        "Training costs six operations for each number of the model and each token it reads, and little else.",
        "Kaplan et al. 2020, Scaling Laws for Neural Language Models; GPT-3: Brown et al. 2020, tables 2.1 and D.1.",
    ),
    start=Start("little-world", "\nleo lives in greece. he eats", screen="train", pane="progress"),
    run=RUN,
    question=Choice(
        "A small model is being trained here, for some seconds. How many such runs would one training of GPT-3 be, "
        "counted in multiplications and additions?",
        ("some millions", "some thousand millions", "some million millions"),
        right,
    ),
    act=Act("a", "draw the curve along seconds: what it learned for what it took", ("a",), done),
    measure=measure,
    holds=holds,
    shows="A number meets a token once forward and twice back, each time with a multiplication and an addition: six. "
    "Count numbers and tokens, and you know the price, of this run and of GPT-3's, to a few in a hundred.",
    shows_not="how long that takes: this machine reaches only a part of its peak with small matrices, and the years "
    "are at this run's speed. Nor does it count the runs that failed before.",
    onward="Progress says what share of the peak a run reaches. Begin a wider one (n), and watch the share grow.",
)
