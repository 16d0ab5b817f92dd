"""Layers as a storyboard: some answers stand after the first layer, some come with the last."""

from __future__ import annotations

from collections.abc import Iterator

from models.lenses.logit_lens import decided, logit_lens, shares_right
from models.lenses.probes import Agreement, CaseProbe, Countries, Facts, Order, Owner, RightName
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LAYERS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL = "little-world"
TEXT, OTHER = "\nleo lives in greece. he eats", "\nmichael jordan plays"
CASES = 15  # texts of each ability
EARLY: dict[str, type[CaseProbe]] = {"agreement": Agreement, "countries": Countries}
LATE: dict[str, type[CaseProbe]] = {"names": RightName, "order": Order, "owner": Owner, "facts": Facts}
ASKED = {
    "agreement": "the verb agrees with its noun, after layer 0",
    "countries": "what a country eats and speaks, after layer 0",
    "names": "who the bread is for, after layer 0",
    "order": "who chased whom, after layer 0",
    "owner": "whose thing was found, after layer 0",
    "facts": "what a person plays, after layer 0",
}


def measure(bench: Bench) -> Iterator[Measured]:
    """After which layer the two texts are answered, and how much of each ability is there after the first layer."""
    model = bench.model(MODEL)
    for name, answer, text in (("dish", "olives", TEXT), ("fact", "basketball", OTHER)):
        found = logit_lens(model, bench.trace(MODEL, text))
        yield Measured(name, f"the layer from which on {answer} is first", decided(found, -1) - 1, "count")
    end = 1.0
    for name, probe in {**EARLY, **LATE}.items():
        shares = shares_right(model, probe().cases(CASES))
        yield Measured(name, ASKED[name], float(shares[1]), "share")
        end = min(end, float(shares[-1]))
    yield Measured("end", "the least sure of these after the last layer", end, "share")


def holds(found: Findings) -> bool:
    """Agreement and countries come first, the others later, and all are there in the end."""
    early = all(found[name].value > 0.95 for name in EARLY)
    late = all(found[name].value < 0.7 for name in LATE) and found["owner"].value < 0.2
    return early and late and found["end"].value > 0.9 and found["dish"].value == 0 and found["fact"].value == 2


def done(here: Here) -> bool:
    """The other text is there, with the line end before it or without."""
    tokenizer, other = here.model.tokenizer, OTHER.strip()
    if tokenizer is None or tokenizer.unseen(other):  # of another model, which was opened meanwhile
        return False
    wanted = tuple(tokenizer.encode(other))
    return here.session.tokens[-len(wanted) :] == wanted and here.session.view.caret is None


LESSON = Lesson(
    number=16,
    name="Layers as a storyboard",
    group=LAYERS,
    claim=Claim(
        "Early layers settle the syntax, later ones the meaning.",
        "Tenney, Das & Pavlick 2019, BERT Rediscovers the Classical NLP Pipeline.",
    ),
    start=Start(MODEL, TEXT, screen="inside", pane="story"),
    question=Choice(
        "Read downwards, the last column says what the model would say after each layer: olives stands from layer 0 "
        "on. You are about to type: michael jordan plays. Its answer, basketball, stands from ...",
        ("layer 0 on", "layer 1 on", "layer 2, the last, on"),
        lambda found: int(found["fact"].value),
    ),
    act=Act(
        "e",
        "type michael jordan plays in the place of the text (^u empties the line), and leave it with enter",
        ("e", "ctrl+u", *"michael", "space", *"jordan", "space", *"plays", "enter"),
        done,
        "prompt michael jordan plays",
    ),
    measure=measure,
    holds=holds,
    shows="Grammar early, meaning late, is partly true. The verb agrees with its noun after one layer; who owns what, "
    "who chased whom and who plays what come with the last. But what is eaten in greece, meaning if anything is, "
    "stands after layer 0.",
    shows_not="that a middle layer thinks in words: it was never trained to be read so, and an answer may "
    "lie in it in a form that this reading does not see.",
    onward="Left and right go along the text. Type the dogs near the tree: where does the verb come from?",
)
