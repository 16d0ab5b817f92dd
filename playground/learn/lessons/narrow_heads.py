"""Why q and k are narrower than the stream: a head needs few numbers to find what it looks for."""

from __future__ import annotations

from collections.abc import Iterator

from models.switches import LowRank
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import HEADS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL = "little-world"
TEXT = "\nthe king slept in the palace. he ruled the"
TEXTS, RANKS = 20, (16, 12, 8, 4)
LITTLE, MUCH = 0.05, 0.8  # bits a word


def measure(bench: Bench) -> Iterator[Measured]:
    """The surprise of new texts with every head's q . k cut to a lower rank."""
    others, config = bench.held_out(MODEL, TEXTS), bench.model(MODEL).config
    whole = bench.surprise(MODEL, others)
    words = f"a word of {TEXTS} new texts, q · k through all {config.head_width} numbers"
    yield Measured("whole", words, whole, "bits")
    for rank in RANKS:
        yield Measured(f"{rank}", f"a word, q · k through {rank}", bench.surprise(MODEL, others, LowRank(rank)), "bits")
    wide = config.n_embd**2
    yield Measured("wide", "numbers of one matrix that compares words in full", wide, "count")
    yield Measured("narrow", "of a head's W_Q and W_K together", 2 * config.n_embd * config.head_width, "count")


def holds(found: Findings) -> bool:
    """The first third is hardly missed, most of it is; and each cut costs more than the one before."""
    bits = [found[name].value for name in ("whole", *map(str, RANKS))]
    return bits == sorted(bits) and bits[1] < bits[0] + LITTLE and bits[-1] > bits[0] + MUCH


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    lost = found[str(RANKS[0])].value - found["whole"].value
    return 0 if lost < LITTLE else 1 if lost < MUCH else 2


def done(here: Here) -> bool:
    """Through all numbers again."""
    return not any(isinstance(each, LowRank) for each in here.session.switches)


LESSON = Lesson(
    number=31,
    name="Why q and k are narrow",
    group=HEADS,
    claim=Claim(
        "A head compares words through far fewer numbers than a word has, and needs fewer still.",
        "Bhojanapalli et al. 2020, Low-Rank Bottleneck in Multi-head Attention Models.",
    ),
    start=Start(MODEL, TEXT, (f"low-rank:{RANKS[-1]}",), pane="heads"),
    question=Choice(
        "A word has 96 numbers, q and k have 24, and here q · k goes through only 4: the model is lost. "
        "Through the 16 that count most, the surprise of a word would be higher than through all 24 by ...",
        ("next to nothing", "about half a bit", "more than a bit"),
        right,
    ),
    act=Act("c", "give the heads all of their numbers back, and see where they look now", ("c",), done, "clear"),
    measure=measure,
    holds=holds,
    shows="To compare words in full a head would need a matrix of 96 by 96. W_Q and W_K are that matrix in two narrow "
    "parts: half the numbers, and still more than it needs. What a head looks for is said in a few numbers.",
    shows_not="that narrower is always enough: what must be told apart sets how many, and at 4 the heads find nothing.",
    onward="u puts the cut back; v shows in attention (4) what it does.",
)
