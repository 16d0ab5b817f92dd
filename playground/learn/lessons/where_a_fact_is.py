"""Where a fact is: the place that carries it is not the best to rewrite it, and no neuron has it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models import passes
from models.gpt import GPT
from models.lenses.inside.patching import Carried, Part, both, carried, parts
from models.lenses.inside.rewriting import Report, reports
from models.lenses.probes.probe import words_of
from models.measures import ranked, softmax
from models.switches import NeuronOff, Rewritten
from models.tracing import Trace
from playground.inside.panes.patch_look import PatchLook
from playground.inside.scene import InsideScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LAYERS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL, TEXT, OTHER = "little-world", "\nmichael jordan plays", "\nserena jordan plays"
ANSWER, OTHERS = "basketball", "rugby"
LAST = 3  # the position of plays
EDITED = (0, 1)  # layers whose MLP is rewritten
MOST = 10  # neurons that are off together


def measure(bench: Bench) -> Iterator[Measured]:
    """Which place carries the other answer, what a rewritten layer does to others, and how many neurons hold it."""
    model = bench.model(MODEL)
    here, there = both(bench.trace(MODEL, TEXT), words_of(model).encode(OTHER))
    found = carried(here, there, parts(model.config, heads=False))
    for position, word in enumerate(("michael", "jordan", "plays"), 1):
        share = _share(found, Part(1, "resid_pre"), position)
        yield Measured(word, f"carried by {word} after layer 0", share, "share")
    for layer in range(model.config.n_layer):
        share = _share(found, Part(layer, "mlp_out"), LAST)
        yield Measured(f"mlp {layer}", f"by the MLP of layer {layer} at plays", share, "share")
    for report in _rewritten(model, here, there):
        layer, near = report.switch.layer, report.neighbours
        assert near is not None
        words = f"{OTHERS}, with that written into layer {layer}'s MLP"
        yield Measured(f"says {layer}", words, report.p[1], "probability")
        yield Measured(f"kept {layer}", f"of {near.before} facts of others still right then", near.after, "count")
    yield from _by_neurons(model, here)


def _share(found: Carried, part: Part, position: int) -> float:
    return float(found.shares[found.parts.index(part), position])


def _rewritten(model: GPT, here: Trace, there: Trace) -> Sequence[Report]:
    """The other answer written into the MLPs of some layers."""
    *_, found = reports(model, [Rewritten(layer, here.tokens, there.tokens) for layer in EDITED], texts=())
    return found


def _by_neurons(model: GPT, here: Trace) -> Iterator[Measured]:
    """What is lost without each neuron, and how many must be off together until the answer is another."""
    answer, config = words_of(model).ids[ANSWER], model.config
    every = [NeuronOff(layer, neuron) for layer in range(config.n_layer) for neuron in range(config.mlp_width)]
    alone = softmax(passes.after(here, [(each,) for each in every]))[:, answer]
    first = [every[at] for at in ranked(-alone, MOST)]
    together = passes.after(here, [first[:count] for count in range(1, MOST + 1)]).argmax(-1)
    lost = np.flatnonzero(together != answer)
    words = f"with the one neuron off, of {len(every):,}, that is missed most"
    yield Measured("alone", words, float(alone.min()), "probability", ANSWER)
    yield Measured("together", "neurons off together until the answer is another", float(lost[0]) + 1, "count")


def holds(found: Findings) -> bool:
    """The first MLP carries most, and the second is the better one to rewrite; no neuron has the fact alone."""
    moved = found["plays"].value > 0.9 and found["michael"].value < 0.1 > found["jordan"].value
    most = found["mlp 0"].value > 0.8 > max(found["mlp 1"].value, found["mlp 2"].value)
    spread = sum(found[f"mlp {layer}"].value for layer in range(3)) > 1.5
    better = found["kept 1"].value > 120 > 110 > found["kept 0"].value
    works = found["says 0"].value > 0.5 < found["says 1"].value
    neurons = found["alone"].value > 0.9 and found["together"].value == 3
    return moved and most and spread and better and works and neurons


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return max(range(3), key=lambda choice: found[("michael", "jordan", "plays")[choice]].value)


def done(here: Here) -> bool:
    """The text is held against another, and what that carries is there."""
    scene = here.scene
    return isinstance(scene, InsideScene) and bool(scene.view.look(PatchLook).other) and "patch" in scene.found


LESSON = Lesson(
    number=14,
    name="Where a fact is",
    group=LAYERS,
    claim=Claim(
        "A fact sits in one place: the MLP that carries it.",
        "Meng et al. 2022, Locating and Editing Factual Associations in GPT; doubted by Hase et al. 2023, "
        "Does Localization Inform Editing?",
    ),
    start=Start(MODEL, TEXT, screen="inside", pane="patch"),
    question=Choice(
        "Serena jordan plays rugby. You are about to give one place of michael's text after the other what it holds "
        "in hers. Before the layers, the place of michael turns the answer to rugby. After layer 0, which does?",
        ("michael, where the names differ", "jordan, where the name ends", "plays, where the answer comes"),
        right,
    ),
    act=Act("⏎", "take serena jordan plays, and wait for the map of all places", ("enter",), done),
    measure=measure,
    holds=holds,
    shows="One layer brings the names to plays, and there the first MLP carries nearly all. But so does more than half "
    "of the next, and of the last; and the fact is best rewritten in layer 1, not where most is carried: in layer 0 "
    "facts of others fall with it.",
    shows_not="that the fact is nowhere: three of 1,152 neurons off together, and it is lost. It is in many places at "
    "once, and what carries it, what holds it and where to change it are three questions.",
    onward="v turns to single heads, then to the fact rewritten: Enter keeps one. Then ask for played (e).",
)
