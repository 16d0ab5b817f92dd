"""What attention costs: nothing to speak of in a short text, nearly everything in a long one; and what saving costs."""

from __future__ import annotations

from collections.abc import Iterator

from models.corpora.little_world import world
from models.lenses.probes.probe import drawn
from models.lenses.products import by_attention, by_linear_attention, by_weights
from models.switches import LinearAttention, Strided, Window
from playground.learn.bench import Bench
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import WRITING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Choice
from playground.looking.session import View

MODEL = "little-world"
TEXT = """
nina lived in the hills with her nephew hugo. when nina and hugo went to the market, hugo bought bread for"""
SHORT, LONG, NEAR = 64, 4096, 64  # words; NEAR of a window and of a stride in the long text
WINDOW = Window()
NAME = "nina"
TEXTS, SEED = 20, 1


def measure(bench: Bench) -> Iterator[Measured]:
    """Products counted in a layer of the model's width, and what each way to save costs in surprise."""
    config, tokenizer = bench.model(MODEL).config, bench.model(MODEL).tokenizer
    assert tokenizer is not None

    def share(words: int) -> float:
        own = by_attention(config, words)
        return own / (own + by_weights(config, words))

    yield Measured("short", f"attention's share of a layer's products at {SHORT} words", share(SHORT), "share")
    yield Measured("long", f"its share at {LONG:,} words", share(LONG), "share")
    whole = by_attention(config, LONG)
    for name, words, products in (
        ("window", f"of these products are left with a window of {NEAR}", by_attention(config, LONG, NEAR)),
        ("strided", f"are left with every {NEAR}th place as well", by_attention(config, LONG, NEAR + LONG // NEAR)),
        ("linear", "are left with linear attention", by_linear_attention(config, LONG)),
    ):
        yield Measured(name, words, products / whole, "share")
    texts = [text[: config.block_size] for text in drawn(tokenizer, world("held-out"), TEXTS, SEED)]
    yield Measured("full", f"a word of {TEXTS} new texts, nothing saved", bench.surprise(MODEL, texts), "bits")
    for name, words, switch in (
        ("full window", "a word, looking no further back than 8 words", WINDOW),
        ("full strided", "a word, looking 8 back, and then at every 8th", Strided()),
        ("full linear", "a word, with linear attention", LinearAttention()),
    ):
        yield Measured(name, words, bench.surprise(MODEL, texts, switch), "bits")
    both = ("says", "what it says behind the window", (WINDOW,)), ("said", "what it says without", ())
    for name, words, switches in both:
        p = bench.after(MODEL, TEXT, *switches)
        yield Measured(name, words, float(p.max()), "probability", bench.first(MODEL, p))


def holds(found: Findings) -> bool:
    """From a tenth to nearly nine tenths; all three ways save most of that, and all cost a model not trained so."""
    grows = found["short"].value < 0.11 and found["long"].value > 0.85
    saved = all(found[name].value < 0.1 for name in ("window", "strided", "linear"))
    costs = all(found[f"full {name}"].value > found["full"].value + 0.5 for name in ("window", "strided", "linear"))
    return grows and saved and costs and found["says"].token != found["said"].token == NAME


def right(found: Findings) -> int:
    """Which of the choices was measured."""
    return 0 if found["long"].value < 0.2 else 1 if found["long"].value < 0.7 else 2


def done(here: Here) -> bool:
    """The window is gone."""
    return WINDOW not in here.session.switches


LESSON = Lesson(
    number=24,
    name="Quadratic cost",
    group=WRITING,
    claim=Claim(
        "Attention's cost grows with the square of the text, everything else with the text alone.",
        "Vaswani et al. 2017, Attention Is All You Need, table 1; windows and strides: Child et al. 2019; linear: "
        "Katharopoulos et al. 2020.",
    ),
    start=Start(MODEL, TEXT, (str(WINDOW),), pane="next", view=View(chosen=True)),
    question=Choice(
        "In a text of 64 words, a tenth of what a layer multiplies is attention's own: every word against every word. "
        "Of a text of 4,096 words it is ...",
        ("a tenth as well", "about half", "almost nine tenths"),
        right,
    ),
    act=Act(
        "c",
        "let all words be seen again, no longer only 8 back, and look at what comes next",
        ("c",),
        done,
        "clear",
    ),
    measure=measure,
    holds=holds,
    shows="Every word against every word: twice the text is four times the products, and in a long text they are "
    "nearly all. Windows, strides and sums that can be kept save most of that, and this model pays for it at once.",
    shows_not="that they are bad: this model grew up without them, and never learned to live with them (lesson 33 has "
    "some that did). It counts products, not seconds: those depend on the machine, and on how well it is kept busy.",
    onward="playground --switch window:16 begins with another window, strided:8 and linear-attention with the others. "
    "With which is the name still found?",
)
