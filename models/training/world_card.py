"""What only the card of a model of the little world has: bits above the floor, probes, and what it is bad at.

A figure that is measured on a draw of texts has its standard error beside it, a share the number that it is of.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from models.baselines import Bigram
from models.baselines.gru import GRU
from models.gpt import GPT
from models.lenses.abilities import spelled
from models.lenses.looking import LOOKS
from models.runs.measurement import Measurement
from models.training.markdown import items, paragraph, table
from models.units import BITS

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
    sure, of_nothing = (_estimate(beyond[name], 0, 100) for name in ("sure", "sure_of_nothing"))
    more = f", and {len(weak) - NAMED:,} more are below {WEAK}" if len(weak) > NAMED else ""
    said = [
        f"It knows the {model.vocab_size:,} words of a made-up world and its rules, nothing else. The world has paris "
        "and tennis in it, but what it says of them need not hold anywhere else. Any other word is `<unk>` to it, "
        "about which it has learned nothing.",
        f"Of what the probes ask, it is weakest at: {', '.join(weak[:NAMED])}{more}." if weak else "",
        *(() if _looks_ahead(facts) else _in_bits(beyond)),
        f"It cannot say that it does not know: half-way through a text its likeliest word has {sure} % on average, and "
        f"still {of_nothing} % after the same words in any order, where nothing makes sense ({beyond['texts']:,} "
        "texts).",
        *_repeating(beyond),
        _memory(model),
    ]
    return ["## Limits", items(filter(None, said))]


def _in_bits(beyond: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{beyond['texts']:,} texts with a combination that training never makes cost it {_estimate(beyond['new'])} "
        f"bits a word, where the truth needs {_estimate(beyond['new_floor'])}: on the same words it is "
        f"{_estimate(beyond['new_above'], 3)} above it. After ± stands the standard error, each text one draw.",
        "One wrong word puts it off: after any other took its place, the rest of a text costs "
        f"{_estimate(beyond['disturbed'])} bits a word instead of {_estimate(beyond['undisturbed'])} "
        f"({beyond['texts']:,} texts).",
    )


def _repeating(beyond: Mapping[str, Any]) -> tuple[str, ...]:
    asked, lengths = f"{beyond['asked']:,}", beyond["repeated"]
    skipped, strange, earlier, confused = (
        f"{_share(beyond[name])} of {asked}" for name in ("skipped", "in_no_list", "earlier", "confused")
    )
    return (
        "Lists to repeat had up to six words while it learned. The share of words it repeats right, by a list's "
        f"length: {', '.join(f'{length} words {_share(share)}' for length, share in lengths)} (of {asked} each).",
        f"Where the parrot leaves out a word, {skipped} lists go on after the word it said. Where words are said again "
        f"that are in none of the world's lists, {strange} are right.",
        f"Of two made-up people in two stories, asked for the first by forename, it says the newest's surname in "
        f"{confused} cases, and the right one in {earlier}.",
    )


def _looks_ahead(facts: Mapping[str, Any]) -> bool:
    return "mask" in facts["settings"]["without"]


def _scores(facts: Mapping[str, Any]) -> list[str]:
    loss = Measurement.of(facts)
    assert loss is not None
    rows = {"**this model**": loss.nats, "the truth (the floor)": facts["floor"], **facts["rivals"]}
    lowest_first = sorted(rows.items(), key=lambda row: row[1])
    above = (loss.nats - facts["floor"]) * BITS.nat
    verdict = (
        "It was built without the mask and sees the words it is scored on: the score says nothing about it."
        if _looks_ahead(facts)
        else f"The model is {above:.3f} bits above it."
    )
    return [
        "## Score",
        paragraph(
            f"Held-out loss, {loss.on}, in windows of {facts['settings']['block_size']} that begin where a text begins",
            "and share nothing; the same for all:",
        ),
        table(
            ("", "bits a word", "nats", "geometric mean of the right word's probability"),
            *((name, f"{nats * BITS.nat:.4f}", f"{nats:.4f}", f"{math.exp(-nats):.3f}") for name, nats in lowest_first),
        ),
        paragraph(
            "The truth knows the rules that made the world. What it needs on exactly these words is the floor: nobody",
            f"who does not look ahead can do with less. {verdict}",
            loss.doubt,
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
            _share(probe.get("newest")),
            _share(probe.get("chance")),
            f"{probe['cases']:,}" if "cases" in probe else "–",
            _head(probe.get("cuts", {})),
            *(_share(probe.get("cuts", {}).get(cut)) for cut in SHOWN),
        )
        for probe in facts["probes"]
    )
    return [
        "## What it can do",
        paragraph(
            "Each probe but the analogies asks for one word in texts with a combination that training never makes; the",
            "score is the share of cases in which the likeliest word of all is right. Beside it stands what would be",
            "right without any understanding: a bigram, whichever of the words that could be meant was said last",
            "(newest), and a guess among them (chance). A share p of n cases has a standard error of the root of",
            "p (1 - p) / n, 0.02 for 0.90 of 200; where none of 200 is wrong, fewer than 1.5 % are (95 % sure). The",
            "rest is the score with a part switched off while it runs: the one head (layer.head) whose loss hurts",
            "most, if any does; all positions; the mask; the nonlinearity of the MLPs (–: nothing to switch, or",
            "nothing to lose). `playground probe` measures them again, `--examples` shows more of what is asked.",
        ),
        table(("probe", "score", Bigram.slug, "newest", "chance", "cases", "head off", *SHOWN.values()), *rows),
        items(_meaning(probe) for probe in facts["probes"]),
        *_chain(facts.get("chain")),
        paragraph(
            f"`{COMPARED}` of the playground holds it against models that grew up without such a part, which is",
            "another thing.",
        ),
    ]


def _meaning(probe: Mapping[str, Any]) -> str:
    shown = probe.get("example")
    return f"{probe['title']}: {probe['asks']}{f'; {spelled(**shown)}' if shown else ''}"


def _chain(found: Mapping[str, Any] | None) -> list[str]:
    """How words are said again, where heads can be asked."""
    if not found:
        return []
    back, ahead = (_lookers(found[name]) for name in ("back", "ahead"))
    said = [
        f"How words are said again, over the {found['cases']:,} cases of that probe, by the heads that give at least "
        f"{LOOKS} of their attention (its mean). From what followed a word the first time, to that word, one before: "
        f"{back or 'none'}. From the word said again, to what followed it: {ahead or 'none'}."
    ]
    if back and ahead:
        heads = [name for name, share in found["ahead"].items() if share >= LOOKS]
        left = max(found["ahead_without"][name] for name in heads)
        said.append(
            f"With the former off, the latter give at most {left:.2f}, and the score falls from "
            f"{_share(found['score'])} to {_share(found['score_without_back'])}; with the latter off, to "
            f"{_share(found['score_without_ahead'])}. No head of layer 0 can look for what followed a word: what it "
            "looks at knows nothing yet of what stands before it."
        )
    return [paragraph(*said)]


def _lookers(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} ({_share(share)})" for name, share in shares.items() if share >= LOOKS)


def _head(cuts: Mapping[str, float]) -> str:
    """The one it hangs on; none where there was something to lose, and no head alone carries it."""
    for name, score in cuts.items():
        what, _, where = name.partition(":")
        if what == "head-off":
            return f"{where}: {_share(score)}"
    return "none alone" if cuts else "–"


def _weak(facts: Mapping[str, Any]) -> list[str]:
    """What it gets wrong more than once in twenty, worst first: a probe by kinds, where it has kinds."""
    found = list[tuple[float, str, int]]()
    for probe in facts["probes"]:
        sizes = probe.get("cases_of_kinds") or {}  # none where its kinds are layers
        scores = [(probe["kinds"][kind], f"{probe['title']} ({kind})", size) for kind, size in sizes.items()]
        whole = [] if probe["score"] is None else [(probe["score"], probe["title"], probe["cases"])]
        found += [each for each in scores or whole if each[0] < WEAK]
    return [f"{name} {_share(score)} of {size:,}" for score, name, size in sorted(found)]


def _memory(model: GPT | GRU) -> str:
    context = model.training["settings"]["block_size"]
    if isinstance(model, GPT) and "attention" in model.config.without:
        return "It sees one word, the last, and nothing of what came before."
    if isinstance(model, GPT):
        return f"It sees {context:,} words and forgets what came before."
    return f"It was trained on windows of {context:,} words; what is far back in a text fades from its state."


def _estimate(found: Mapping[str, float], digits: int = 2, unit: float = 1) -> str:
    """A figure and its standard error; more digits where the error would be none."""
    value, error = unit * found["value"], unit * found["error"]
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
