"""Neurons as memories: what makes one fire, and what it then writes, are about the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from models.corpora.little_world.parts.facts import SPORT
from models.corpora.little_world.words import LISTS
from models.lenses.inside.edges import rank_correlation
from models.lenses.inside.neurons import firing, writes
from models.lenses.probes.probe import words_of
from models.measures import ranked
from models.ops import Array
from models.switches import NeuronOff
from playground.inside.remembered import look_of
from playground.inside.scene import InsideScene
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LAYERS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL, TEXT, ANSWER = "little-world", "\nserena moore plays", "golf"
NEURON = NeuronOff(2, 264)  # the first of the list
FIRST, LAST = "serena", "moore"
WORDS, ALIKE = 8, 6  # of the words that a neuron raises most, so many from one list: it can be read

Who = tuple[str, str]


def measure(bench: Bench) -> Iterator[Measured]:
    """For whom it fires, what it writes, what is lost without it, and how many neurons can be read as it can."""
    ids, fired, raised = words_of(bench.model(MODEL)).ids, _fired(bench), _raised(bench)
    players = {sport: _mean(fired, {who for who in SPORT if SPORT[who] == sport}) for sport in LISTS["sport"]}
    yield Measured("golf", "how strongly it fires for those who play golf", players[ANSWER])
    yield Measured("first", f"for all named {FIRST}", _mean(fired, {who for who in SPORT if who[0] == FIRST}))
    yield Measured("last", f"for all named {LAST}", _mean(fired, {who for who in SPORT if who[1] == LAST}))
    yield Measured("all", f"for all {len(SPORT)} people", _mean(fired, set(SPORT)))
    own = raised[NEURON.layer, NEURON.neuron]
    ranks = rank_correlation(np.array([*players.values()]), np.array([own[ids[sport]] for sport in players]))
    yield Measured("alike", "rank correlation, over 8 sports, of firing and writing", ranks)
    without = float(bench.after(MODEL, TEXT, NEURON)[ids[ANSWER]])
    yield Measured("without", "with the neuron silenced", without, "probability", ANSWER)
    told = f"neurons of {raised[..., 0].size:,} of whose {WORDS} words {ALIKE} are of one kind"
    yield Measured("read", told, _readable(raised, ids), "count")


def _fired(bench: Bench) -> Mapping[Who, float]:
    """How strongly the neuron fires where everyone is asked what they play."""
    model = bench.model(MODEL)
    texts = [np.array(words_of(model).encode(f"\n{first} {last} plays")) for first, last in SPORT]
    *_, found = firing(model, texts, NEURON.layer, NEURON.neuron)
    return {who: float(acts[-1]) for who, acts in zip(SPORT, found.activations, strict=True)}


def _mean(fired: Mapping[Who, float], some: set[Who]) -> float:
    return float(np.mean([strength for who, strength in fired.items() if who in some]))


def _raised(bench: Bench) -> Array:
    """What each neuron adds to each score: (L F V)."""
    config = bench.model(MODEL).config
    places = np.moveaxis(np.indices((config.n_layer, config.mlp_width)), 0, -1)  # L F 2
    of = bench.trace(MODEL, TEXT)
    return writes(of, len(of) - 1, places.reshape(-1, 2)).reshape(*places.shape[:2], -1)


def _readable(raised: Array, ids: Mapping[str, int]) -> int:
    """How many neurons raise words of one list of the world above all others."""
    kinds = [{ids[word] for word in words} for name, words in LISTS.items() if name != "item"]
    most = [set(ranked(scores, WORDS)) for scores in raised.reshape(-1, raised.shape[-1])]
    return sum(any(len(kind & words) >= ALIKE for kind in kinds) for words in most)


def holds(found: Findings) -> bool:
    """It fires for what it writes, and not for a name; it is not the only one; and few can be read so."""
    golf = found["golf"].value
    memory = golf > 1.3 * max(found[other].value for other in ("first", "last", "all")) and found["alike"].value > 0.6
    return memory and found["without"].value > 0.95 and 40 < found["read"].value < 300


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return max(range(3), key=lambda choice: found[("last", "golf", "first")[choice]].value)


def done(here: Here) -> bool:
    """They have gone into the neuron."""
    return isinstance(here.scene, InsideScene) and look_of(here.scene.view).inside == (NEURON.layer, NEURON.neuron)


LESSON = Lesson(
    number=15,
    name="Neurons as memories",
    group=LAYERS,
    claim=Claim(
        "An MLP is a store of memories: a key says when a neuron fires, a value what it then writes.",
        "Geva et al. 2021, Transformer Feed-Forward Layers Are Key-Value Memories.",
    ),
    start=Start(MODEL, TEXT, screen="inside", pane="memories"),
    question=Choice(
        "The first neuron of the list fires at plays, and raises golf most, then rugby and chess. In all texts of the "
        "form X Y plays it fires most strongly for ...",
        ("people named moore", "people who play golf", "people named serena"),
        right,
    ),
    act=Act("⏎", "go into the first neuron of the list: what it writes, and which texts fire it", ("enter",), done),
    measure=measure,
    holds=holds,
    shows="Key and value fit: it fires most for those whose sport it writes most, whatever they are called, and least "
    "for those whose sport it writes least. So it can be read: at 'plays', after a name of this kind, golf.",
    shows_not="that the fact is in this neuron: silenced, golf stays, since others write it as well. And most "
    "neurons cannot be read at all: the words that they raise have nothing in common.",
    onward="f sets how strongly it fires, everywhere: does the model say golf of the dog, too? ⌫ goes back.",
)
