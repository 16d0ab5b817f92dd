"""Make it say chess by changing one neuron."""

from __future__ import annotations

from collections.abc import Iterator

from models import passes
from models.lenses.inside.neurons import neurons
from models.lenses.probes.probe import words_of
from models.measures import softmax
from models.switches import NeuronSet, NeuronSwitch
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LAYERS, Challenge, Claim, Here, Start

MODEL, TEXT, WANTED = "little-world", "\nmichael jordan plays", "chess"
OTHER, VERB = "\nthe bees near the tree", "buzz"  # a text in which no sport can come
STRENGTH = 20.0
ONE = NeuronSet(1, 12, STRENGTH)  # the third of the list, which raises chess above all


def measure(bench: Bench) -> Iterator[Measured]:
    """The answer as it is and with the neuron set, what that does elsewhere, and how many neurons could do it."""
    of, ids = bench.trace(MODEL, TEXT), words_of(bench.model(MODEL)).ids
    before, after = bench.after(MODEL, TEXT), bench.after(MODEL, TEXT, ONE)
    yield Measured("before", "nothing changed", float(before.max()), "probability", bench.first(MODEL, before))
    yield Measured("after", f"with L1 N12 set to {STRENGTH:.0f}", float(after[ids[WANTED]]), "probability", WANTED)
    elsewhere = float(bench.after(MODEL, OTHER, ONE)[ids[VERB]])
    yield Measured(
        "elsewhere", "after the bees near the tree, with the same neuron set", elsewhere, "probability", VERB
    )
    every = neurons(of, len(of) - 1).places
    scores = passes.after(of, [(NeuronSet(int(layer), int(neuron), STRENGTH),) for layer, neuron in every])
    could = int((softmax(scores).argmax(-1) == ids[WANTED]).sum())
    yield Measured("could", f"neurons of {len(every):,} that can do it at that strength", could, "count")


def holds(found: Findings) -> bool:
    """One is enough here, it is one of few, and where no sport can come it is hardly heard."""
    said = found["before"].token != WANTED and found["after"].value > 0.9
    return said and found["elsewhere"].value > 0.5 and 0 < found["could"].value < 60


def done(here: Here) -> bool:
    """One neuron is changed and nothing else, the text is the same, and chess comes first."""
    on, now, tokenizer = here.session.switches, here.now, here.model.tokenizer
    if now is None or tokenizer is None or here.session.tokens != here.began.tokens:
        return False
    is_one = len(on) == 1 and isinstance(on[0], NeuronSwitch)
    return is_one and tokenizer.token(int(now.logits[-1].argmax())) == WANTED


CHALLENGE = Challenge(
    slug="say-chess",
    name="Make it say chess",
    group=LAYERS,
    claim=Claim("One neuron, set by hand, is enough to change a fact that no one neuron holds.", "Measured here."),
    start=Start(MODEL, TEXT, screen="inside", pane="memories"),
    words="michael jordan plays basketball. Change one single neuron, leave the text, and have the model say chess.",
    done=done,
    hints=(
        "f types another token: the list is then of what adds to that.",
        "Enter goes into a neuron, and there f sets how strongly it fires.",
        "The first of the list raises other sports more. Take the one that raises chess most of all: set it to 20.",
    ),
    pressed=("f", *"chess", "enter", "down", "down", "enter", "f", *"20", "enter"),
    measure=measure,
    holds=holds,
    shows="No neuron has the fact, and one that shouts drowns it: to change an answer is not to find where it was. "
    "Where no sport can come, the same neuron says nothing that counts.",
)
