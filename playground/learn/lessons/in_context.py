"""Learning from examples in the text, the head that does it, and how such a head is born."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.lenses.growth import KNOWS, ask, since
from models.lenses.looking import LOOKS, at_examples, strongest
from models.lenses.probes import FewShot, Induction, MadeUpNames
from models.lenses.probes.few_shot import by_examples
from models.model_folders import PRETRAINED
from models.runs import snapshots
from models.switches import HeadOff
from playground.kit import numbers
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured, called
from playground.learn.lesson import LEARNING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.train.scene import TrainScene

MODEL = "little-world"
TEXT = "\na girl named hob dekra lived in the hills with her brother max. hob"
RUN = PRETRAINED / "birth"
STEPS, LATER = (600, 650, 700, 750), (750, 1250, 1500, 2000)
LOOKED_AT = 650
CASES = 60  # of words said again: enough to tell few from most


def measure(bench: Bench) -> Iterator[Measured]:
    """Lists by examples and without a head; another head's birth, step by step; and induction, which climbs."""
    for examples, share in enumerate(by_examples(bench.model(MODEL))):
        words = f"of lists right after {numbers.counted(examples, 'example')}"
        yield Measured(f"after {examples}", words, share, "share")
    table = at_examples(bench.model(MODEL))
    looks = strongest(table)
    words = f"of {called(looks)}'s look is at the answers"
    yield Measured("looks", words, float(table.max()), "share")
    kept = bench.right(MODEL, FewShot().cases(), looks)
    yield Measured("without", f"of lists right, {called(looks)} silenced", kept, "share")
    found = {step: ask(bench.model(snapshot(step)), MadeUpNames()) for step in STEPS}
    head = newborn(bench)
    for step, each in found.items():
        assert each.ahead is not None
        words = f"step {step}: {called(head)} at the surname"
        yield Measured(f"head {step}", words, float(each.ahead[head.layer, head.head]), "share")
        yield Measured(f"names {step}", f"step {step}: names right", each.score, "share")
    again = Induction().cases(CASES)
    for step in LATER:
        share = bench.right(snapshot(step), again)
        yield Measured(f"again {step}", f"step {step:,}: words said again", share, "share")


def snapshot(step: int) -> str:
    """The model of that step of the bundled run."""
    return str(snapshots.listing(RUN)[step])


def newborn(bench: Bench) -> HeadOff:
    """The head that looks at the surname most, at the end."""
    ahead = ask(bench.model(snapshot(LATER[-1])), MadeUpNames()).ahead
    assert ahead is not None
    return strongest(ahead)


def came(found: Findings) -> tuple[int | None, int | None]:
    """Since which of the steps the head looks there, and since which most names are right."""
    steps = np.array(STEPS)
    return (
        since(steps, np.array([found[f"head {step}"].value for step in STEPS]), LOOKS),
        since(steps, np.array([found[f"names {step}"].value for step in STEPS]), KNOWS),
    )


def holds(found: Findings) -> bool:
    """Examples help, a head carries them; another is born before what it is for; and induction takes its time."""
    value = {name: each.value for name, each in found.items()}
    examples = value["after 0"] < 0.5 < 0.85 < value["after 3"] and value["without"] < 0.6
    head, names = came(found)
    birth = head is not None and names is not None and names - head >= 100 and value[f"head {STEPS[0]}"] < 0.1
    alone = value[f"names {LOOKED_AT}"] < 0.2 < 0.8 < value[f"names {STEPS[-1]}"]
    first, *between, last = (value[f"again {step}"] for step in LATER)
    return examples and birth and alone and first < 0.1 < between[-1] < 0.5 < last and sorted(between) == between


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    head, names = came(found)
    return 1 if head == names else 0 if names is None or (head is not None and head < names) else 2


def done(here: Here) -> bool:
    """They look at the snapshot in which the head is there, and the names are not."""
    scene = here.scene
    return isinstance(scene, TrainScene) and scene.record is not None and scene.step == LOOKED_AT


LESSON = Lesson(
    number=26,
    name="In-context learning, and a head's birth",
    group=LEARNING,
    claim=Claim(
        "A model learns from examples in its text, with no weight changed, by heads that look back; such a head is "
        "born in the middle of training.",
        "Brown et al. 2020, Language Models are Few-Shot Learners; Olsson et al. 2022, In-context Learning and "
        "Induction Heads.",
    ),
    before=Start(MODEL, TEXT, screen="train", pane="watch"),
    start=Start(MODEL, TEXT, screen="train", pane="skill"),
    lends=RUN,
    question=Choice(
        "A text speaks of hob dekra, and later of hob again: then dekra follows. In a small run that learns this, one "
        "head comes to look from the second hob to dekra. When does it begin to?",
        ("before most names are right", "at the same snapshot", "after most names are right"),
        right,
    ),
    act=Act(
        "←",
        f"back, snapshot by snapshot, to step {LOOKED_AT}: compare the first two rows, the head and the names",
        ("left",) * 5,
        done,
    ),
    measure=measure,
    holds=holds,
    shows="Nobody tells little-world what is asked: examples do, and a head that looks at them carries it. In the "
    "small run the head of the names is born within 50 steps; most names are right 100 steps later, once other parts "
    "have learned to read what it brings.",
    shows_not="induction, though it looks like it: a text has one surname, so the newest is right. True induction, "
    "words said again in an order never seen, climbs smoothly over 1,000 steps here, not by the jump of the books.",
    onward="↓, then ⏎, in Skills: which ability came when. On Train any run on little-world has this strip, and "
    "playground probe RUN --snapshots prints it.",
)
