"""Queries, keys and values: question, answer, and what is passed on."""

from __future__ import annotations

from collections.abc import Iterator

from models import measures, passes
from models.ops import Array
from models.switches import EdgeOff, EdgeSwitch, HeadOff
from models.switches.edits import Patch
from models.tracing import Trace
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured, called
from playground.learn.lesson import HEADS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Token
from playground.looking.session import View

MODEL = "little-world"
TEXT, OTHER = "\nleo lives in greece. he eats", "\nleo lives in japan. he eats"
HEAD, NAME, COUNTRY, VERB = HeadOff(0, 3), 1, 4, 7  # the head, and where leo, greece and eats stand
FOOD, OTHER_FOOD = "olives", "sushi"


def measure(bench: Bench) -> Iterator[Measured]:
    """What the model says when one of the key and the value of greece is another's."""
    here, other = bench.trace(MODEL, TEXT), bench.trace(MODEL, OTHER)
    tokenizer = bench.model(MODEL).tokenizer
    assert tokenizer is not None
    food = tokenizer.ids[FOOD]
    weight = float(here.blocks[HEAD.layer].pattern[HEAD.head, VERB, COUNTRY])
    yield Measured("weight", f"of the weight of {called(HEAD)}, from eats, is on greece", weight, "share")
    p = {site: after(here, site, other, COUNTRY) for site in ("k", "v")}
    says = bench.first(MODEL, p["v"])
    yield Measured("value", "greece with the value of japan", float(p["v"].max()), "probability", says)
    yield Measured("key", "greece with the key of japan", float(p["k"][food]), "probability", FOOD)
    lost = after(here, "k", here, NAME)
    yield Measured("no answer", "greece with the key of leo", float(lost[food]), "probability", FOOD)
    cut = bench.after(MODEL, TEXT, EdgeOff(HEAD.layer, HEAD.head, VERB, COUNTRY))
    yield Measured("cut", "with that look cut", float(cut[food]), "probability", FOOD)


def after(trace: Trace, site: str, other: Trace, place: int) -> Array:
    """What follows where that head's key or value of the country is that of a place of another text: (V,)."""
    value = other.blocks[HEAD.layer].value(site)[HEAD.head, place]
    patched = Patch(site, HEAD.layer, COUNTRY, value, HEAD.head)
    return measures.softmax(passes.after(trace, [[patched]])[0])


def holds(found: Findings) -> bool:
    """The value alone decides which food; a country's key is as good as another's, and without one it is lost."""
    passed_on = found["value"].token == OTHER_FOOD and found["value"].value > 0.9 and found["weight"].value > 0.5
    return passed_on and found["key"].value > 0.9 and max(found["no answer"].value, found["cut"].value) < 0.5


def done(here: Here) -> bool:
    """The look from eats to greece is cut."""
    place = (HEAD.layer, HEAD.head, VERB, COUNTRY)
    on = (each for each in here.session.switches if isinstance(each, EdgeSwitch))
    return any((each.layer, each.head, each.row, each.column) == place for each in on)


LESSON = Lesson(
    number=5,
    name="Query, key and value",
    group=HEADS,
    claim=Claim(
        "Query and key decide where a head looks; the value is what it brings back.",
        "Vaswani et al. 2017, Attention Is All You Need, 3.2: queries mapped to key-value pairs.",
    ),
    start=Start(MODEL, TEXT, pane="cell", view=View(layer=HEAD.layer, head=HEAD.head, chosen=True)),
    question=Token(
        "'eats' asks with its query, 'greece' answers with its key, and its value is passed on. In japan it would be "
        "sushi. If 'greece' kept its key, and had the value of 'japan': which word would the model say?",
        of="value",
    ),
    act=Act(
        "C",
        "cut this one look, from eats to greece, and see what is lost of olives",
        ("C",),
        done,
        f"switch edge-off:{HEAD.layer}.{HEAD.head}.{VERB}.{COUNTRY}",
    ),
    measure=measure,
    holds=holds,
    shows="The key only says: here is a country. Japan's serves as well, and the head still looks there. Which country "
    "it is comes along in the value alone. With a key that does not answer, or with the look cut, it is not known.",
    shows_not="that olives are written in that value: it says greece, and the MLPs after it make the food of it.",
    onward="left goes to other cells: what do their keys answer? O lets the others not make up for the cut look.",
)
