"""A word's meaning depends on its sentence: one vector before the layers, two after the last."""

from __future__ import annotations

from collections.abc import Iterator

from models.lenses.inside.senses import TwoSenses, two_senses
from models.lenses.probes import SenseVectors
from playground.inside.panes.senses import PAIRS, SensesLook
from playground.inside.scene import InsideScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import MEANING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Number

MODEL, WORD = "little-world", "bank"
(RIVER, CITY), LEFT, *_ = PAIRS  # which suggest themselves in the pane
SAME = "tom was by the river . he was late . the bank"


def measure(bench: Bench) -> Iterator[Measured]:
    """The cosine of two banks of one sense and of two, by depth; that of two lefts; and how often a sense is told."""
    same, two, left = (_senses(bench, *pair) for pair in ((RIVER, SAME), (RIVER, CITY), LEFT))
    yield Measured("same", "cosine of two banks by the river, after the last layer", float(same.cosine[-1]))
    yield Measured("before", "of one by the river and one in the city, before the layers", float(two.cosine[0]))
    yield Measured("middle", "of these after layer 1", float(two.cosine[-2]))
    yield Measured("last", "of these after the last layer", float(two.cosine[-1]))
    for name, row, where in (("river", 0, "by the river"), ("city", 1, "in the city")):
        says = two.traces[row].logits[-1]
        best = int(says.argmax())
        p = float(bench.after(MODEL, two.traces[row].tokens)[best])
        yield Measured(name, f"what the bank {where} does", p, "probability", bench.token(MODEL, best))
    yield Measured("left", "cosine of left early and turned left, after the last layer", float(left.cosine[-1]))
    told = SenseVectors().measure(bench.model(MODEL))
    words = f"of {told.cases} such words lie with their own sense after the last layer"
    yield Measured("told", words, told.score, "share")
    yield Measured("guess", "lie there before the layers", told.chance, "share")


def _senses(bench: Bench, first: str, second: str) -> TwoSenses:
    """Both texts begin as those it learned from."""
    return two_senses(bench.model(MODEL), f"\n{first}", f"\n{second}")


def holds(found: Findings) -> bool:
    """Alike in one sense, apart in two, and only after the last layer; and so for the other words."""
    value = {name: each.value for name, each in found.items()}
    apart = value["before"] > 0.999 and value["middle"] > 0.98 and value["last"] < 0.7 < 0.98 < value["same"]
    says = found["river"].token != found["city"].token
    return apart and says and value["left"] < 0.5 and value["told"] > 0.95 > 0.7 > value["guess"]


def done(here: Here) -> bool:
    """The bank in the city is there in the place of the second by the river."""
    scene = here.scene
    return isinstance(scene, InsideScene) and not scene.view.look(SensesLook).first and "senses" in scene.found


LESSON = Lesson(
    number=17,
    name="A word's meaning depends on its sentence",
    group=MEANING,
    claim=Claim(
        "A word has no one vector: it is another in every sentence.",
        "Ethayarajh 2019, How Contextual are Contextualized Word Representations?",
    ),
    start=Start(
        MODEL,
        f"\n{RIVER}",
        screen="inside",
        pane="senses",
        looks=(SensesLook(first=RIVER, second=SAME, word=WORD, opened=True),),
    ),
    question=Number(
        "Both banks are by the river, and their vectors point the same way at every depth: the cosine is 1.00. The "
        "second is about to be in the city. What is the cosine after the last layer? (0: nothing in common)",
        of="last",
        within=0.1,
    ),
    act=Act("⌫", "take the pair that the pane has ready: one bank then stands in the city", ("backspace",), done),
    measure=measure,
    holds=holds,
    shows="One row of the embedding, two meanings: the word starts as one vector, and the layers move it. For bank "
    "all of it comes with the last layer, where what it does next is decided.",
    shows_not="that the vector is a meaning: it is what the model needs to go on writing. Two banks by one river "
    "differ a little as well, and a word of one sense moves with its neighbours.",
    onward="Up and down say which part moved the word; x is off. Then Enter takes the next pair: left early.",
)
