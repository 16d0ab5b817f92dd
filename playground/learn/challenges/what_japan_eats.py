"""Have a sum of words come out at a dish that is not among them."""

from __future__ import annotations

from collections.abc import Iterator

from models.lenses.inside.words import near, summed
from models.lenses.probes import Analogies
from models.lenses.probes.probe import words_of
from models.lenses.vectors import embedding
from playground.inside.panes.word_found import SUM, OfSum, WordsLook
from playground.inside.scene import InsideScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import MEANING, Challenge, Claim, Here, Start

MODEL, WANTED = "little-world", "sushi"
DISH, LAND, OTHER = "pizza", "italy", "japan"


def measure(bench: Bench) -> Iterator[Measured]:
    """What is nearest to the sum, its own words left in, and without the difference; how many such sums are right."""
    model = bench.model(MODEL)
    vectors, ids = embedding(model), words_of(model).ids
    plus, minus = (ids[DISH], ids[OTHER]), (ids[LAND],)
    ways = (("sum", f"nearest to {DISH} - {LAND} + {OTHER}", minus), ("plus", f"nearest to {DISH} + {OTHER}", ()))
    for name, words, less in ways:
        found = near(summed(vectors, plus, less), vectors)
        yield Measured(name, words, float(found.cosines[0]), token=bench.token(MODEL, int(found.nearest[0])))
    told = Analogies().measure(model)
    for name in ("food", "capital", "language"):
        yield Measured(
            name, f"of {told.sizes[name]} sums over lands and their {name} are right", told.parts[name], "share"
        )


def holds(found: Findings) -> bool:
    """The difference is needed, and it works for other lands, and for more than dishes."""
    right = found["sum"].token == WANTED != found["plus"].token
    return right and min(found[name].value for name in ("food", "capital", "language")) > 0.95


def done(here: Here) -> bool:
    """A sum is there, the dish is no part of it, and nothing lies nearer, not even a word of the sum."""
    scene = here.scene
    found = scene.found.get("words") if isinstance(scene, InsideScene) else None
    if not isinstance(scene, InsideScene) or not isinstance(found, OfSum):
        return False
    given = scene.view.look(WordsLook).sum.partition("=")[0].split()
    return WANTED not in given and found.all_listed[0].label == WANTED


CHALLENGE = Challenge(
    slug="what-japan-eats",
    name="What does japan eat?",
    group=MEANING,
    claim=Claim(
        "A relation is a direction: what leads from a land to its dish does so from another.", "Measured here."
    ),
    start=Start(MODEL, f"\n{DISH}", screen="inside", pane="words", looks=(WordsLook(shows=SUM),)),
    words=f"{LAND} has {DISH}. Find what {OTHER} has: a sum of words that comes out at {WANTED}, before all words that "
    f"are in it, though {WANTED} is not.",
    done=done,
    hints=(
        "f types a sum, such as king - man + woman. The list at the right leaves the words of the sum in.",
        f"What is left of {DISH} once {LAND} is taken away? Give that to {OTHER}.",
        f"f {DISH} - {LAND} + {OTHER} ⏎",
    ),
    pressed=("f", *DISH, "space", "-", "space", *LAND, "space", "+", "space", *OTHER, "enter"),
    needs_panes=True,
    measure=measure,
    holds=holds,
    shows="Nobody told it what a dish or a land is. Words that stand in the same places of their sentences differ in "
    "the same way, and the difference can be taken from one and given to another.",
)
