"""What attention buys: the same text, with it and without, and where the context won."""

from __future__ import annotations

from collections.abc import Iterator

from models import measures
from models.lenses.surprises import surprises
from playground.compare.scene import CompareScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import COUNTING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL, WITHOUT = "little-world", "little-world-no-attention"
TEXT = "\nthe snake hisses. the horse near the trees neighs."
TEXTS = 20
HALF = 0.5  # of the surprise without attention: less is left with it


def measure(bench: Bench) -> Iterator[Measured]:
    """Bits a word on new texts, and the word of the text on screen at which the context saved most."""
    others = bench.held_out(MODEL, TEXTS)
    counted = bench.counted_surprise(MODEL, "bigram", others)
    yield Measured("bigram", f"the bigram, a word of {TEXTS} new texts", counted, "bits")
    yield Measured("without", "the model without attention", bench.surprise(WITHOUT, others), "bits")
    yield Measured("with", "the same with attention", bench.surprise(MODEL, others), "bits")
    trace = bench.trace(MODEL, TEXT)
    beside = surprises(bench.counted(MODEL)["bigram"], trace.tokens)
    saved = (beside - measures.surprise(trace.logits, trace.tokens))[1:]
    word = bench.token(MODEL, trace.tokens[1 + int(saved.argmax())])
    yield Measured("saved", "saved most over the bigram in this text", float(saved.max()), "bits", word)


def holds(found: Findings) -> bool:
    """With attention less than half is left; without, the model is not much better than counting pairs."""
    without, counted = found["without"].value, found["bigram"].value
    return found["with"].value < HALF * without and 0.7 * counted < without < counted and found["saved"].value > 8


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    left = found["with"].value / found["without"].value
    return 0 if left > 0.75 else 1 if left > HALF else 2


def done(here: Here) -> bool:
    """The place is looked at where the context saves most."""
    scene = here.scene
    return isinstance(scene, CompareScene) and scene.view.place is not None and scene.place in scene.found("wins")[:1]


LESSON = Lesson(
    number=2,
    name="What attention buys",
    group=COUNTING,
    claim=Claim(
        "What attention adds over counting pairs is the context, and it pays where an earlier word decides.",
        "Khandelwal et al. 2018, Sharp Nearby, Fuzzy Far Away: how neural language models use context.",
    ),
    before=Start(MODEL, "\nthe", screen="compare", pane="strips"),
    start=Start(MODEL, TEXT, screen="compare", pane="strips"),
    question=Choice(
        "Two models grew up alike on the same texts, one without attention. That one is left with about 4 bits of "
        "surprise a word, hardly less than counted pairs. With attention there are ...",
        ("about 3.5 bits", "about 2.5 bits", "less than 2 bits"),
        right,
    ),
    act=Act("n", "go to the place where the context saves most, and look at what the others expected", ("n",), done),
    measure=measure,
    holds=holds,
    shows="The verb agrees with the horse, four words back. The bigram sees only trees, and is taken by surprise; "
    "attention brings the horse to where the verb is decided. Such places make the difference over all texts.",
    shows_not="that context always helps: that 'the' follows 'near' the bigram knows as well, and which noun comes "
    "then nobody can know: the truth itself is surprised there.",
    onward="n goes to the next win, m holds it against another model. w goes to where it is worst.",
)
