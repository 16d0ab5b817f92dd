"""What only the card of a model of the little world has: bits above the floor, probes, and what it is bad at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from models.baselines import Bigram
from models.baselines.gru import GRU
from models.gpt import GPT
from models.training.markdown import items, paragraph, table

SHOWN = {  # the large cuts, as headers
    "without positions": "positions off",
    "with the mask open": "mask open",
    "with linear MLPs": "MLPs linear",
}
WEAK = 0.95  # below this an ability is named among the limits,
NAMED = 8  # the worst so many of them
COMPARED = "docs/little-world.md"


def measured(facts: Mapping[str, Any]) -> list[str]:
    """The sections "Score" and "What it can do"."""
    return [*_scores(facts), *_abilities(facts)]


def limits(model: GPT | GRU) -> list[str]:
    """The section "Limits", from the same measurements."""
    facts = model.training
    beyond, weak = facts["beyond"], _weak(facts)
    more = f", and {len(weak) - NAMED:,} more are below {WEAK}" if len(weak) > NAMED else ""
    said = [
        f"It knows the {model.vocab_size:,} words of a made-up world and its rules, nothing else. The world has paris "
        "and tennis in it, but what it says of them need not hold anywhere else. Any other word is `<unk>` to it, "
        "about which it has learned nothing.",
        f"Of what the probes ask, it is weakest at: {', '.join(weak[:NAMED])}{more}." if weak else "",
        *(() if _looks_ahead(facts) else _in_bits(beyond)),
        "It cannot say that it does not know: half-way through a text its likeliest word has "
        f"{100 * beyond['sure']:.0f} % on average, and still {100 * beyond['sure_of_nothing']:.0f} % after the same "
        "words in any order, where nothing makes sense.",
        "Lists to repeat had up to six words while it learned. The share of words it repeats right, by a list's "
        f"length: {', '.join(f'{length} words {_share(share)}' for length, share in beyond['repeated'])}.",
        _memory(model),
    ]
    return ["## Limits", items(filter(None, said))]


def _in_bits(beyond: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"Texts with a combination that training never makes cost it {beyond['new']:.2f} bits a word, where the truth "
        f"needs {beyond['new_floor']:.2f}.",
        "One wrong word puts it off: after any other took its place, the rest of a text costs "
        f"{beyond['disturbed']:.2f} bits a word instead of {beyond['undisturbed']:.2f}.",
    )


def _looks_ahead(facts: Mapping[str, Any]) -> bool:
    return "mask" in facts["settings"]["without"]


def _scores(facts: Mapping[str, Any]) -> list[str]:
    rows = {"**this model**": facts["val_loss"], "the truth (the floor)": facts["floor"], **facts["rivals"]}
    lowest_first = sorted(rows.items(), key=lambda row: row[1])
    above = (facts["val_loss"] - facts["floor"]) / math.log(2)
    verdict = (
        "It was built without the mask and sees the words it is scored on: the score says nothing about it."
        if _looks_ahead(facts)
        else f"The model is {above:.3f} bits above it."
    )
    return [
        "## Score",
        paragraph(
            f"On {facts['val_tokens']:,} of the held-out words, in windows of {facts['settings']['block_size']} that",
            "begin where a text begins and share nothing; the same for all:",
        ),
        table(
            ("", "bits a word", "geometric mean of the right word's probability"),
            *((name, f"{nats / math.log(2):.4f}", f"{math.exp(-nats):.3f}") for name, nats in lowest_first),
        ),
        paragraph(
            "The truth knows the rules that made the world. What it needs on exactly these words is the floor: nobody",
            f"who does not look ahead can do with less. {verdict}",
            f"Measured on the weights as they are stored ({facts['stored_as']}), computing in float32.",
            "The weights that were best on a part of these words were kept.",
            "The others were counted on other texts of the world.",
        ),
    ]


def _abilities(facts: Mapping[str, Any]) -> list[str]:
    rows = (
        (
            probe["title"],
            _share(probe["score"]),
            _share(probe[Bigram.slug]),
            _share(probe.get("chance")),
            _head(probe.get("cuts", {})),
            *(_share(probe.get("cuts", {}).get(cut)) for cut in SHOWN),
        )
        for probe in facts["probes"]
    )
    return [
        "## What it can do",
        paragraph(
            "Each probe asks for one word in texts with a combination that training never makes; the score is the",
            "share of cases in which the likeliest word of all is right, beside it that of a bigram and of a guess",
            "among the words that could be meant. The rest is the score with a part switched off while it runs: the",
            "one head (layer.head) whose loss hurts most, if any does; all positions; the mask; the nonlinearity of",
            "the MLPs (–: nothing to switch, or nothing to lose). `playground probe` measures them again, `--examples`",
            "shows what is asked.",
        ),
        table(("probe", "score", Bigram.slug, "chance", "head off", *SHOWN.values()), *rows),
        items(f"{probe['title']}: {probe['asks']}" for probe in facts["probes"]),
        paragraph(
            f"`{COMPARED}` of the playground holds it against models that grew up without such a part, which is",
            "another thing.",
        ),
    ]


def _head(cuts: Mapping[str, float]) -> str:
    """The one it hangs on; none where there was something to lose, and no head alone carries it."""
    for name, score in cuts.items():
        what, _, where = name.partition(":")
        if what == "head-off":
            return f"{where}: {_share(score)}"
    return "none alone" if cuts else "–"


def _weak(facts: Mapping[str, Any]) -> list[str]:
    """What it gets wrong more than once in twenty, worst first: a probe by kinds, where it has kinds."""
    found = list[tuple[float, str]]()
    for probe in facts["probes"]:
        kinds = probe.get("kinds") if probe["name"] != "sense-vectors" else None  # its kinds are layers
        scores = {f"{probe['title']} ({kind})": score for kind, score in (kinds or {}).items()}
        whole = {probe["title"]: probe["score"]} if probe["score"] is not None else {}
        found += [(score, name) for name, score in (scores or whole).items() if score < WEAK]
    return [f"{name} {_share(score)}" for score, name in sorted(found)]


def _memory(model: GPT | GRU) -> str:
    context = model.training["settings"]["block_size"]
    if isinstance(model, GPT) and "attention" in model.config.without:
        return "It sees one word, the last, and nothing of what came before."
    if isinstance(model, GPT):
        return f"It sees {context:,} words and forgets what came before."
    return f"It was trained on windows of {context:,} words; what is far back in a text fades from its state."


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
