"""What a run leaves behind: the model's folder, what was measured on it, its card."""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models import baselines, checkpoints
from models.baselines import Baseline
from models.baselines.counts import MAX_ORDER, largest_order
from models.corpora import split
from models.errors import UserError
from models.gpt import GPT
from models.ops import Array
from models.sampling import Sampler, draw
from models.tokenizers import Tokenizer
from models.tracing import extend, trace
from models.training.card import card, known_words
from models.training.evaluate import loss, on_torch
from models.training.loop import Training

FRACTION = 0.9  # learned from
SAMPLE_LINES, SAMPLE_TOKENS, SAMPLE_SEED = 10, 1000, 1


@dataclass(frozen=True)
class Corpus:
    """A text as tokens: what is learned from, what is held out, and what training.json says of it."""

    text: str
    tokenizer: Tokenizer
    tokens: Array
    held_out: Array
    facts: Mapping[str, Any]

    @cached_property
    def rivals(self) -> list[Baseline]:
        """The baselines, counted on what the model learns from."""
        size = self.tokenizer.vocab_size
        order = min(MAX_ORDER, largest_order(size))
        return [
            baselines.Bigram.count(self.tokens, size, self.held_out, self.tokenizer),
            baselines.NGram.count(self.tokens, size, (), self.tokenizer, order),
        ]


def corpus(text: str, tokenizer: Tokenizer, name: str) -> Corpus:
    """The text with its first 90 % to learn from and the rest held out; `name` is for the card."""
    packed = np.uint16 if tokenizer.vocab_size <= 1 << 16 else np.uint32
    tokens, held_out = split(np.asarray(tokenizer.encode(text), packed), FRACTION)
    facts = {
        "file": name,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "characters": len(text),
        "tokenizer": tokenizer.kind,
        "tokens": len(tokens),
        "tokens_held_out": len(held_out),
    }
    return Corpus(text, tokenizer, tokens, held_out, facts)


def save(training: Training, corpus: Corpus, folder: Path, facts: Mapping[str, Any], dtype: str) -> None:
    """Write the best weights so far as a model folder, rivals included; UserError if the place does not allow it."""
    everything = {**facts, "corpus": dict(corpus.facts), **outcome(training)}
    model = GPT(training.sizes, training.best, corpus.tokenizer, folder.name, everything)
    checkpoints.save(model, folder, dtype, card(model))
    baselines.save(corpus.rivals, folder)


def outcome(training: Training) -> dict[str, Any]:
    """How far the run came, and on what."""
    config = training.config
    return {
        "settings": config.as_dict(),
        "steps": training.step,
        "tokens_trained_on": training.step * config.batch * config.block_size,
        "best_step": training.best_step,
        "products_in": str(training.dtype).removeprefix("torch."),
        "threads_used": torch.get_num_threads(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }


def finish(folder: Path, corpus: Corpus, dtype: str) -> GPT:
    """Measure the model as it is stored, and write the full card."""
    model = checkpoints.load(folder)
    measured = {
        **measure(model, corpus),
        "rivals": {rival.name: rival.loss(corpus.held_out) for rival in corpus.rivals},
        "stored_as": dtype,
        "sample": sample(model, corpus),
    }
    model = replace(model, training={**model.training, **measured})
    checkpoints.save(model, folder, dtype, card(model))
    return model


def measure(model: GPT, corpus: Corpus) -> dict[str, Any]:
    """Losses over the whole held-out text: nats a token, and bits a character.

    `val_loss` reads it in windows of the full context that share nothing, `val_loss_sliding` in windows that overlap
    by half.
    """
    ready, held_out, context = on_torch(model), corpus.held_out, model.config.block_size
    nats = loss(ready, held_out, batch=16)
    characters = len(corpus.tokenizer.decode(held_out[1:].tolist()))
    return {
        "val_loss": nats,
        "bits_per_character": nats * (len(held_out) - 1) / math.log(2) / max(characters, 1),
        "val_loss_sliding": loss(ready, held_out, batch=16, stride=-(-context // 2)),
    }


def sample(model: GPT, corpus: Corpus) -> dict[str, Any]:
    """What the card shows of the model's writing."""
    text = write_lines(model, SAMPLE_SEED)
    learned = corpus.text[: int(len(corpus.text) * FRACTION)]
    words, known = known_words(text, learned)
    return {"seed": SAMPLE_SEED, "text": text, "words": words, "known_words": known}


def write_lines(model: GPT, seed: int) -> str:
    """Ten lines of the model's own, or 1,000 tokens: what `playground generate --seed` writes without a text."""
    tokenizer = model.tokenizer
    assert tokenizer is not None
    tokens = [_opening(tokenizer)]
    now = trace(model, tokens)
    for position in range(1, SAMPLE_TOKENS):
        tokens.append(draw(now.logits[-1], Sampler(), seed, position).token)
        if "\n" in tokenizer.token(tokens[-1]) and tokenizer.decode(tokens[1:]).count("\n") >= SAMPLE_LINES:
            break
        now = extend(model, now, tokens[-1])
    return tokenizer.decode(tokens[1:])


def _opening(tokenizer: Tokenizer) -> int:
    """A line end where it is a token, else the first token."""
    try:
        found = tokenizer.encode("\n")
    except UserError:
        return 0
    return found[0] if found else 0
