"""The model card: README.md, written from what was measured."""

from __future__ import annotations

import math
import re
import shlex
import textwrap
from collections.abc import Mapping
from typing import Any

from models.gpt import GPT

KINDS = {"char": "one a character", "word": "words and marks", "bpe": "byte-level BPE"}


def card(model: GPT) -> str:
    """The card's text (Mitchell et al. 2019, "Model Cards for Model Reporting"), Markdown, from `model.training`."""
    facts = model.training
    parts = [f"# {model.name}", "A GPT-2 in Hugging Face's layout.", _sizes(model), *_data(facts)]
    if "val_loss" in facts:
        parts += _scores(facts)
    parts += _making(facts)
    if "sample" in facts:
        parts += _sample(model, facts["sample"])
    parts += _limits(model, facts)
    return "\n\n".join(parts) + "\n"


def known_words(sample: str, text: str) -> tuple[int, int]:
    """How many words the sample has, and how many of them are in the text."""
    known = set(re.findall(r"\w+", text.lower()))
    words = re.findall(r"\w+", sample.lower())
    return len(words), sum(word in known for word in words)


def _sizes(model: GPT) -> str:
    config = model.config
    return _table(
        ("", ""),
        ("parameters", f"{model.n_parameters:,}"),
        ("layers", config.n_layer),
        ("heads in each layer", config.n_head),
        ("width", config.n_embd),
        ("context", f"{config.block_size:,} tokens"),
        ("vocabulary", f"{config.vocab_size:,} tokens"),
        ("positions", config.positions),
        ("nonlinearity", config.activation),
        ("unembedding", "the embedding, transposed" if config.tied else "its own"),
    )


def _data(facts: Mapping[str, Any]) -> list[str]:
    data = facts["corpus"]
    return [
        "## Data",
        _paragraph(
            f"`{data['file']}`, {data['characters']:,} characters, SHA-256 `{data['sha256']}`.",
            f"The first 90 % of its tokens ({data['tokens']:,}; {KINDS[data['tokenizer']]}) were learned from,",
            f"the last 10 % ({data['tokens_held_out']:,}) were held out.",
        ),
    ]


def _scores(facts: Mapping[str, Any]) -> list[str]:
    nats = facts["val_loss"]
    rows = [("**this model**", nats), *sorted(facts["rivals"].items(), key=lambda rival: rival[1])]
    return [
        "## Score",
        "On the whole of the held-out text:",
        _table(
            ("", "nats a token", "geometric mean of the right token's probability"),
            *((name, f"{loss:.4f}", f"{math.exp(-loss):.3f}") for name, loss in rows),
        ),
        _paragraph(
            f"That is {facts['bits_per_character']:.4f} bits a character.",
            "The text was read in windows of the whole context that share nothing, so a window's first tokens have",
            f"little to go on; in windows that overlap by half it is {facts['val_loss_sliding']:.4f} nats.",
            f"Measured on the weights as they are stored ({facts['stored_as']}), computing in float32.",
            "The weights that were best on this same text were kept.",
            "The others were counted on the same first 90 % and read the held-out text in one piece.",
        ),
    ]


def _making(facts: Mapping[str, Any]) -> list[str]:
    settings, versions = facts["settings"], facts["versions"]
    kept = "" if facts["best_step"] == facts["steps"] else f"; kept: step {facts['best_step']:,}, the best"
    return [
        "## Training",
        f"    {facts['command']}",
        _paragraph(
            f"{facts['steps']:,} steps of {settings['batch']} windows, {facts['tokens_trained_on']:,} tokens in all,",
            f"in {facts['minutes']:.1f} minutes (threads: {facts['threads_used']}),",
            f"with matrix products in {facts['products_in']}{kept}.",
            "Muon for the matrices, AdamW for the rest;",
            f"learning rate {settings['lr']:g} after {settings['warmup']} steps, then falling in a straight line to 0;",
            f"dropout {settings['dropout']:g}; weight decay {settings['weight_decay']:g}; seed {settings['seed']}.",
            f"Python {versions['python']}, torch {versions['torch']}, NumPy {versions['numpy']}.",
        ),
    ]


def _sample(model: GPT, sample: Mapping[str, Any]) -> list[str]:
    lines = [f"    {_printable(line)}" for line in sample["text"].split("\n")]
    return [
        "## What it writes",
        f"`playground generate --model {shlex.quote(model.name)} --seed {sample['seed']}` begins:",
        "\n".join(lines).rstrip(),
    ]


def _limits(model: GPT, facts: Mapping[str, Any]) -> list[str]:
    words = ""
    if "sample" in facts:
        sample = facts["sample"]
        words = f"Of the {sample['words']:,} words above, {sample['known_words']:,} are in the text it learned from."
    return [
        "## Limits",
        _paragraph(
            "It knows one text and nothing else: no facts, no other style, no instructions.",
            "It repeats what that text says, in its manner.",
            f"It sees {model.config.block_size:,} tokens and forgets what came before. {words}",
        ),
    ]


def _table(head: tuple[object, ...], *rows: tuple[object, ...]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _paragraph(*sentences: str) -> str:
    return textwrap.fill(" ".join(sentences), 120, break_long_words=False, break_on_hyphens=False)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
