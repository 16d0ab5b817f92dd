"""The model card: README.md, written from what was measured."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from models.baselines.gru import GRU
from models.corpora.cautions import MANY_UNKNOWN
from models.errors import printable
from models.formats.files import quoted
from models.gpt import GPT
from models.parts import FULL
from models.runs.config import LEARNING, SETTINGS
from models.runs.measurement import Measurement
from models.training import drawing_card, world_card
from models.training.markdown import paragraph, table
from models.units import BITS

OUT = re.compile(r" --out ((?:[^\s'\"\\$]|'[^']*')+)(?= |$)")  # a word, whole or quoted
KINDS = {"char": "one a character", "word": "words and marks", "bpe": "byte-level BPE", "subword": "pieces of words"}


def card(model: GPT | GRU) -> str:
    """The card's text (Mitchell et al. 2019, "Model Cards for Model Reporting"), Markdown, from `model.training`."""
    facts = model.training
    parts = [f"# {model.name}", _kind(model), _sizes(model), *_data(facts)]
    if measured := Measurement.of(facts):
        parts += world_card.measured(facts) if "probes" in facts else _scores(facts, measured)
    if drawing_card.KEY in facts:
        parts += drawing_card.measured(facts)
    parts += _making(facts)
    if "sample" in facts:
        parts += _sample(model, facts["sample"])
    own = world_card if "probes" in facts else drawing_card if drawing_card.KEY in facts else None
    parts += own.limits(model) if own else _limits(model, facts)
    return "\n\n".join(parts) + "\n"


def _kind(model: GPT | GRU) -> str:
    if isinstance(model, GRU):
        return "A recurrent network (torch's nn.GRU, embedding tied), for comparison with a GPT of as many parameters."
    if model.config.is_own:
        how = "without some of its parts" if model.config.without else "that attends otherwise"
        return f"A GPT-2 {how}, for study: only the playground can load it."
    return "A GPT-2 in Hugging Face's layout."


def _sizes(model: GPT | GRU) -> str:
    config, context = model.config, model.training["settings"]["block_size"]
    rows: list[tuple[object, ...]] = [
        ("parameters", f"{model.n_parameters:,}"),
        ("layers", config.n_layer),
        ("width", config.n_embd),
        ("vocabulary", f"{config.vocab_size:,} tokens"),
        ("context", f"{context:,} tokens" if isinstance(model, GPT) else f"{context:,} tokens while it learned"),
    ]
    if isinstance(model, GPT):
        rows += [
            ("heads in each layer", model.config.n_head),
            ("positions", model.config.positions),
            ("nonlinearity", model.config.activation),
            ("unembedding", "the embedding, transposed" if model.config.tied else "its own"),
        ]
        if model.config.attention != FULL:
            rows.append(("attention", model.config.attention))
        if model.config.lacks:
            rows.append(("trained without", ", ".join(model.config.lacks)))
    return table(("", ""), *rows)


def _data(facts: Mapping[str, Any]) -> list[str]:
    data = facts["corpus"]
    if not data["tokens"]:
        text = paragraph(
            f"The {data['file']}, a generated language whose texts were made as they were needed; its words as tokens.",
            f"{data['tokens_held_out']:,} tokens of other texts were held out. Neither these nor those have any of the",
            "combinations that the world keeps back (two people who never meet, a first and a last name never paired,",
            "a country someone never goes to, ...).",
        )
    else:
        text = paragraph(
            f"`{data['file']}`, {data['characters']:,} characters, SHA-256 `{data['sha256']}`.",
            f"The first 90 % of its tokens ({data['tokens']:,}; {KINDS[data['tokenizer']]}) were learned from,",
            f"the last 10 % ({data['tokens_held_out']:,}) were held out.",
            _unknown(data),
        )
    start = facts.get("started_from")
    began = [f"It began with the weights and the vocabulary of `{printable(start)}`."] if start else []
    return ["## Data", text, *began]


def _unknown(data: Mapping[str, Any]) -> str:
    """How much of a text the model has no word for."""
    if "unknown" not in data:
        return ""
    names = ("unknown", "tokens"), ("unknown_held_out", "tokens_held_out")
    learned, held_out = (100 * data[part] / max(data[whole], 1) for part, whole in names)
    shares = f"{learned:.1f} % of the former and {held_out:.1f} % of the latter are `<unk>`, words it does not know."
    easy = held_out >= 100 * MANY_UNKNOWN
    return shares + (" **A loss over these is low because `<unk>` is easy to predict.**" if easy else "")


def _scores(facts: Mapping[str, Any], measured: Measurement) -> list[str]:
    rows = [("**this model**", measured.nats), *sorted(facts["rivals"].items(), key=lambda rival: rival[1])]
    if facts["floor"] is not None:
        rows.append(("the truth", facts["floor"]))
    is_known = measured.thing != "character" and math.isfinite(measured.per_character)
    return [
        "## Score",
        f"Held-out loss, {measured.on}, the same for all:",
        table(
            ("", f"bits a {measured.thing}", "nats", "geometric mean of the right token's probability"),
            *((name, f"{loss * BITS.nat:.4f}", f"{loss:.4f}", f"{math.exp(-loss):.3f}") for name, loss in rows),
        ),
        paragraph(
            "It was built without the mask and sees the answers: no fair score." if measured.looks_ahead else "",
            f"That is {measured.per_character:.4f} bits a character." if is_known else "",
            "The text was read in windows of the whole context that share nothing, so a window's first tokens have",
            "little to go on.",
            measured.doubt,
            f"Measured on the weights as they are stored ({facts['stored_as']}), computing in float32.",
            "The weights that were best on a part of this same text were kept.",
            "The others were counted on what it learned from.",
        ),
    ]


def _making(facts: Mapping[str, Any]) -> list[str]:
    versions = facts["versions"]
    kept = "" if facts["best_step"] == facts["steps"] else f"; kept: step {facts['best_step']:,}, the best"
    return [
        "## Training",
        f"    {facts['command']}",
        paragraph(
            f"{facts['steps']:,} steps, {facts['tokens_trained_on']:,} tokens in all,",
            f"in {facts['minutes']:.1f} minutes (threads: {facts['threads_used']}),",
            f"with matrix products in {facts['products_in']}{kept}.",
            f"Python {versions['python']}, torch {versions['torch']}, NumPy {versions['numpy']}.",
        ),
        _settings(facts["settings"]),
    ]


def _settings(values: Mapping[str, Any]) -> str:
    """How it learned, by the names of the command's options; of an older run, those there were then."""
    rows = list[tuple[str, str, str]]()
    for name, each in SETTINGS.items():
        if each.group == LEARNING and name in values:
            value = values[name]
            meaning = f": {each.meanings[value]}" if value in each.meanings else ""
            rows.append((each.option, each.written(value) or "–", each.says + meaning))
    return table(("setting", "value", ""), *rows)


def _sample(model: GPT | GRU, sample: Mapping[str, Any]) -> list[str]:
    lines = [f"    {printable(line)}" for line in sample["text"].split("\n")]
    return [
        "## What it writes",
        f"`playground generate --model {_place(model)} --seed {sample['seed']}` begins:",
        "\n".join(lines).rstrip(),
    ]


def _place(model: GPT | GRU) -> str:
    """Where its command put it, as a shell reads that; its name alone finds no run."""
    put = OUT.search(str(model.training["command"]))
    return put[1] if put else quoted(model.name)


def _limits(model: GPT | GRU, facts: Mapping[str, Any]) -> list[str]:
    words = ""
    memory = "It was trained on windows that began with nothing; what is far back in a text fades from its state."
    if isinstance(model, GPT):
        memory = f"It sees {model.config.block_size:,} tokens and forgets what came before."
    if "sample" in facts:
        sample = facts["sample"]
        words = f"Of the {sample['words']:,} words above, {sample['known_words']:,} are in the text it learned from."
    return [
        "## Limits",
        paragraph(
            "It knows one text and nothing else: no facts, no other style, no instructions.",
            "It repeats what that text says, in its manner.",
            f"{memory} {words}",
        ),
    ]
