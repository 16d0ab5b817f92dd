"""High dimensions: far more directions fit that have next to nothing in common than there are dimensions."""

from __future__ import annotations

from collections.abc import Iterator

from models.lenses.inside.words import NEAR_ZERO, angles, fitting
from models.lenses.vectors import embedding
from playground.inside.panes.word_found import DIRECTION, OfAngles, WordsLook
from playground.inside.scene import InsideScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import MEANING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL, TEXT = "little-world", "\nthe king"
SIZES = 3, 96, 768  # our space, this model's and GPT-2's
DRAWN, MOST = 2000, 0.3  # random directions; a cosine of 0.3 is an angle of 73 degrees


def measure(bench: Bench) -> Iterator[Measured]:
    """How many of the random directions stay in each space, and how near to orthogonal the model's words are."""
    for size in SIZES:
        words = f"of {DRAWN:,} random directions fit in {size} dimensions"
        yield Measured(f"fit {size}", words, fitting(size, DRAWN, MOST), "count")
    found = angles(embedding(bench.model(MODEL)))
    yield Measured("words", f"of all pairs of words are within {NEAR_ZERO} of 0", found.near_zero, "share")
    yield Measured("chance", f"of random pairs in {found.dimensions} dimensions", found.chance_near_zero, "share")
    yield Measured("three", "of random pairs in 3 dimensions", NEAR_ZERO, "share")


def holds(found: Findings) -> bool:
    """Three in three, far more than 96 in 96, and all in 768; the words have come closer than chance."""
    three, own, large = (found[f"fit {size}"].value for size in SIZES)
    fits = three == 3 and own > 4 * SIZES[1] and large == DRAWN
    return fits and found["chance"].value > 0.9 > found["words"].value > 0.6 > found["three"].value


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    own = found[f"fit {SIZES[1]}"].value
    return 0 if own < SIZES[1] else 1 if own < 2 * SIZES[1] else 2


def done(here: Here) -> bool:
    """The angles are there."""
    return isinstance(here.scene, InsideScene) and isinstance(here.scene.found.get("words"), OfAngles)


LESSON = Lesson(
    number=19,
    name="High dimensions",
    group=MEANING,
    claim=Claim(
        "In many dimensions there is room for far more nearly orthogonal directions than there are dimensions.",
        "Elhage et al. 2022, Toy Models of Superposition.",
    ),
    start=Start(MODEL, TEXT, screen="inside", pane="words", looks=(WordsLook(shows=DIRECTION),)),
    question=Choice(
        "Call two directions nearly orthogonal if they are 73 to 107 degrees apart. In our space three fit, no more. "
        f"Of {DRAWN:,} random ones in this model's 96 dimensions, how many can be kept, all nearly orthogonal?",
        ("fewer than 96", "about 96, one a dimension", "several hundred"),
        right,
    ),
    act=Act("v", "turn to the angles between words, and compare the three columns", ("v",), done),
    measure=measure,
    holds=holds,
    shows="In three dimensions directions crowd; in 96 most pairs are nearly orthogonal by themselves, and in 768 all "
    "that were drawn. So a stream has room for many more features than it is wide, as long as few are on at once.",
    shows_not="that the model uses that room: its words lie closer than chance, since they share a mean and belong "
    "together in groups. And nearly is not quite: many at once disturb each other.",
    onward="f types depth 2: the words of the text after two layers. v again is the map: what is lost in two?",
)
