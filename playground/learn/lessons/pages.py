"""Two texts: what a question takes from the pages before it, and what it says without them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.corpora.little_world.words import LANDS
from models.lenses.inside import texts
from models.switches import Apart, HeadOff
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured, called
from playground.learn.lesson import MEANING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.looking.session import View

MODEL = "little-world"
TEXT = "\ngreece is far away.\nfrance is far away.\nthe capital is"
HEAD = HeadOff(0, 3)  # by which the answer comes
CAPITALS = frozenset(LANDS["capital"].values())


def measure(bench: Bench) -> Iterator[Measured]:
    """What the question answers, and what it loses where it may not look at the pages, at one, or with one head."""
    of = bench.trace(MODEL, TEXT)
    parts = texts.parted([bench.token(MODEL, token) for token in of.tokens])
    assert parts is not None
    *_, found = texts.losses(of, parts)
    heads = np.sort(found.heads.bits, None)
    guess = bench.after(MODEL, TEXT, parts.closed())
    answer = bench.token(MODEL, found.answer)
    yield Measured("open", "with the pages in sight", found.p, "probability", answer)
    yield Measured("closed", "with none", float(found.whole.p), "probability", answer)
    yield Measured("guess", "its first choice then", float(guess.max()), "probability", bench.first(MODEL, guess))
    yield Measured("first", "lost without the first page", float(found.pages.bits[0]), "bits")
    yield Measured("second", "lost without the second", float(found.pages.bits[1]), "bits")
    through = float(found.heads.bits[HEAD.layer, HEAD.head])
    yield Measured("head", f"lost where {called(HEAD)} alone may not look", through, "bits")
    yield Measured("others", "the worst of the other heads", float(heads[-2]), "bits")


def holds(found: Findings) -> bool:
    """The answer comes from one page, by one head; without the pages it is another, of the same kind."""
    taken = found["open"].value > 0.9 and found["closed"].value < 0.1 and found["guess"].token in CAPITALS
    page = found["second"].value > 5 > 0.5 > found["first"].value
    return taken and page and found["head"].value > 3 and found["others"].value < 0.5


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    guess = found["guess"].token
    return 0 if guess == found["open"].token else 1 if guess in CAPITALS else 2


def done(here: Here) -> bool:
    """The question may look at no page."""
    return any(type(switch) is Apart for switch in here.session.switches)


LESSON = Lesson(
    number=29,
    name="A question looks into pages",
    group=MEANING,
    claim=Claim(
        "A model answers from pages that stand before the question, because attention brings their words to it.",
        "Lewis et al. 2020, Retrieval-Augmented Generation; Bahdanau et al. 2015 on attention between two texts.",
    ),
    before=Start(MODEL, TEXT, screen="inside", pane="story"),
    start=Start(MODEL, TEXT, screen="inside", pane="texts", view=View(layer=HEAD.layer, head=HEAD.head, chosen=True)),
    question=Choice(
        "Two pages, of greece and of france, and a question: the capital is ... The model says paris. You are about "
        "to close the pages to the question: no word of it may look at them. What does it say then?",
        ("still paris", "another capital", "no capital at all"),
        right,
    ),
    act=Act("x", "close the pages to the question, in every head", ("x",), done, "switch apart:13=1-12"),
    measure=measure,
    holds=holds,
    shows="That a capital comes is known from the question alone; which one, only the page says. It is the page "
    "nearest to the question, and the look of one head that brings its country over.",
    shows_not="that it understands the pages: it takes the country nearest before the question, and a page of the "
    "right country further up is passed over.",
    onward="x opens them again. Right and then x closes one page alone; up and down take another head.",
)
