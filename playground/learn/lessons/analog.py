"""Analog computers: weights that are only about right, or have few bits, and what a model makes of them."""

from __future__ import annotations

from collections.abc import Iterator

from models.switches import WeightBits, WeightNoise
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LAYERS, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice

MODEL = "little-world"
TEXT = """
nina lived in the hills with her nephew hugo. when nina and hugo went to the market, hugo bought bread for"""
TEXTS, BITS, NOISE = 20, (8, 4, 3, 2), (10, 20, 40)
LITTLE, MUCH = 0.1, 2.0  # bits a word


def measure(bench: Bench) -> Iterator[Measured]:
    """What new texts cost more, with weights that are rounded, and with weights that are off at random."""
    others = bench.held_out(MODEL, TEXTS)
    words = [f"more with weights of {bits} bits" for bits in BITS]
    words += [f"more with each weight {percent} % off" for percent in NOISE]
    yield Measured("whole", f"a word of {TEXTS} new texts", bench.surprise(MODEL, others), "bits")
    switches = (*map(WeightBits, BITS), *(WeightNoise(percent) for percent in NOISE))
    for switch, said, cost in zip(switches, words, bench.costs(MODEL, others, switches), strict=True):
        yield Measured(switch.told, said, cost.value, "bits", error=cost.error)


def _of_bits(found: Findings) -> list[float]:
    return [found[WeightBits(bits).told].value for bits in BITS]


def _of_noise(found: Findings) -> list[float]:
    return [found[WeightNoise(percent).told].value for percent in NOISE]


def holds(found: Findings) -> bool:
    """What four bits and a tenth of noise leave out is hardly missed; two bits and two fifths of noise are too much."""
    bits, noise = _of_bits(found), _of_noise(found)
    falls = bits == sorted(bits) and noise == sorted(noise)
    return falls and bits[1] < LITTLE and bits[-1] > MUCH and noise[0] < LITTLE and noise[-1] > 10 * LITTLE


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    lost = found[WeightBits(4).told].value
    return 0 if lost < LITTLE else 1 if lost < MUCH else 2


def done(here: Here) -> bool:
    """The weights are as they were learned."""
    return not any(isinstance(each, WeightBits | WeightNoise) for each in here.session.switches)


LESSON = Lesson(
    number=34,
    name="Analog computers",
    group=LAYERS,
    claim=Claim(
        "What a model knows does not hang on exact weights: it can stand a good deal of noise, and coarse steps.",
        "Joshi et al. 2020, inference using computational phase-change memory; Dettmers et al. 2022, LLM.int8().",
    ),
    start=Start(MODEL, TEXT, (str(WeightBits(2)),), pane="next"),
    question=Choice(
        "An analog computer holds weights as currents, never quite right, as if they were rounded. Rounded to 2 bits, "
        "3 values, as here, the model is lost. Rounded to 4 bits, 15 values, a word would cost more by ...",
        ("next to nothing", "about a bit", "several bits"),
        right,
    ),
    act=Act("c", "give the weights all of their digits back, and see what comes next", ("c",), done, "clear"),
    measure=measure,
    holds=holds,
    shows="A sum over many weights that are each a little off is hardly off: the errors cancel. So weights are stored "
    "in 8 or 4 bits, and may one day be currents. Beyond a point the errors no longer cancel, and all falls at once.",
    shows_not="that noise is harmless on real devices: theirs also drifts with time and comes anew with every product. "
    "Nor does a larger model need as many bits as this one, and one that is trained with noise stands more.",
    onward="playground --switch weight-noise:20 begins with noise, weight-noise:20/2 with another draw, weight-bits:3 "
    "with 7 values.",
)
