"""Have it answer otherwise, by examples alone."""

from __future__ import annotations

from collections.abc import Iterator

from models import measures
from models.lenses.probes.few_shot import by_examples
from playground.kit import numbers
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LEARNING, Challenge, Claim, Here, Start
from playground.looking.session import View

MODEL, TEXT, SHOWN = "little-world", "\ngermany :", "italy : pizza ; "
WANTED, SURE = "bratwurst", 0.9


def measure(bench: Bench) -> Iterator[Measured]:
    """One example before the text, and by how many examples lists are answered right."""
    alone, shown = bench.after(MODEL, TEXT), bench.after(MODEL, f"\n{SHOWN}{TEXT[1:]}")
    yield Measured("alone", "without an example", float(alone.max()), "probability", bench.first(MODEL, alone))
    yield Measured("shown", f"after {SHOWN.strip(' ;')}", float(shown.max()), "probability", bench.first(MODEL, shown))
    for examples, share in enumerate(by_examples(bench.model(MODEL))):
        yield Measured(f"after {examples}", f"of 200 lists right, with {examples} in front", share, "share")


def holds(found: Findings) -> bool:
    """One example turns the answer, and most lists need no more than one."""
    turned = found["alone"].token != WANTED == found["shown"].token and found["shown"].value > SURE
    return turned and found["after 0"].value < 0.5 < 0.85 < found["after 1"].value <= found["after 3"].value + 0.02


def done(here: Here) -> bool:
    """The same question at the end of a longer text, typed to its end, and the wanted answer comes; no switch is on."""
    asked, tokens, tokenizer = here.began.tokens, here.session.tokens, here.model.tokenizer
    is_typing, is_longer = here.session.view.caret is not None, len(tokens) > len(asked)
    if here.intact is None or tokenizer is None or here.session.switches or is_typing or not is_longer:
        return False
    p = measures.softmax(here.intact.logits[-1])
    return tokens[-2:] == asked[-2:] and tokenizer.token(int(p.argmax())) == WANTED and float(p.max()) > SURE


CHALLENGE = Challenge(
    slug="by-example",
    name="Teach it without teaching",
    group=LEARNING,
    claim=Claim(
        "A model learns from examples in its text what is asked, with not one weight changed.",
        "Brown et al. 2020, Language Models are Few-Shot Learners.",
    ),
    start=Start(MODEL, TEXT, pane="next", view=View(chosen=True)),
    words=f"Asked about germany it says berlin. Have it say {WANTED}, surer than {numbers.percent(SURE)}, without a "
    "switch: only by what stands before the question.",
    done=done,
    hints=(
        "It has read lists: a land, a colon, and one and the same thing of each land.",
        "The food of italy is pizza; a pair ends with a semicolon.",
        "e opens the text, home goes to its beginning: italy : pizza ; and enter.",
    ),
    pressed=("e", "home", *"italy", "space", ":", "space", *"pizza", "space", ";", "space", "enter"),
    measure=measure,
    holds=holds,
    shows="One example says what is asked, though nobody puts the question. Nothing was trained: the weights are as "
    "they were, and the next text begins without it.",
)
