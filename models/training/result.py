"""What a run leaves behind: the model's folder, what was measured on it, its card."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models import baselines, checkpoints
from models.baselines.gru import GRU
from models.errors import UserError
from models.gpt import GPT
from models.ops import idle
from models.runs.config import TrainConfig
from models.sampling import Draw, Sampler, generate, write_on
from models.tokenizers import Tokenizer
from models.tracing import trace
from models.training import evaluate
from models.training.card import card
from models.training.corpus import Corpus
from models.training.learners import learner
from models.training.loop import Training

Model = GPT | GRU
MEASURED = 1 << 20  # held-out tokens the finished model is measured on, at most
SAMPLE_LINES, SAMPLE_TOKENS, SAMPLE_SEED = 10, 1000, 1
BATCH = 16


def save(training: Training, corpus: Corpus, folder: Path, name: str, facts: Mapping[str, Any], dtype: str) -> None:
    """Write the best weights so far as a model folder, rivals included; UserError if the place does not allow it."""
    everything = {**facts, "corpus": dict(corpus.facts), **outcome(training)}
    write(training.model(training.best, corpus.tokenizer, name, everything), folder, dtype)
    baselines.save(corpus.rivals, folder)


def outcome(training: Training) -> dict[str, Any]:
    """How far the run came, and on what."""
    config, environment = training.config, training.environment
    return {
        "settings": config.as_dict(),
        "steps": training.step,
        "minutes": round(training.seconds / 60, 2),
        "tokens_trained_on": training.step * config.batch * config.block_size,
        "best_step": training.best_step,
        "products_in": environment.products_in,
        "threads_used": environment.threads,
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }


def finish(folder: Path, corpus: Corpus, name: str, dtype: str) -> Model:
    """Measure the model as it is stored, and write the full card."""
    model = checkpoints.load_any(folder)
    measured = {
        **measure(model, corpus),
        "rivals": dict(corpus.rival_losses),
        "floor": corpus.floor(),
        "stored_as": dtype,
        "sample": sample(model, corpus),
    }
    model = replace(model, name=name, training={**model.training, **measured})
    write(model, folder, dtype)
    return model


def write(model: Model, folder: Path, dtype: str) -> None:
    """The model's folder, with its card."""
    if isinstance(model, GRU):
        model.save(folder, dtype, card(model))
    else:
        checkpoints.save(model, folder, dtype, card(model))


def measure(model: Model, corpus: Corpus) -> dict[str, Any]:
    """Losses over the held-out text, or its first million tokens: nats a token, and bits a character.

    `val_loss` reads it in windows of the full context that share nothing, `val_loss_sliding` in windows that overlap
    by half.
    """
    settings, held_out = TrainConfig.from_dict(model.training["settings"]), np.asarray(corpus.held_out[:MEASURED])
    ready, context = learner(settings, model.vocab_size), settings.block_size
    ready.load(model.weights)

    def loss(stride: int) -> float:
        return evaluate.windows(
            lambda tokens: ready.logits(tokens, torch.float32, idle), context, held_out, BATCH, stride
        )

    nats = loss(context)
    characters = len(corpus.tokenizer.decode(held_out[1:].tolist()))
    return {
        "val_loss": nats,
        "val_tokens": len(held_out),
        "bits_per_character": nats * (len(held_out) - 1) / math.log(2) / max(characters, 1),
        "val_loss_sliding": loss(-(-context // 2)),
    }


def sample(model: Model, corpus: Corpus) -> dict[str, Any]:
    """What the card shows of the model's writing."""
    text = write_lines(model, SAMPLE_SEED)
    words, known = corpus.known_words(text)
    return {"seed": SAMPLE_SEED, "text": text, "words": words, "known_words": known}


def write_lines(model: Model, seed: int) -> str:
    """Ten lines of the model's own, or 1,000 tokens: what `playground generate --seed` writes without a text."""
    tokenizer, tokens = _tokenizer(model), list[int]()
    for drawn in islice(_draws(model, seed), SAMPLE_TOKENS - 1):
        tokens.append(drawn.token)
        if "\n" in tokenizer.token(drawn.token) and tokenizer.decode(tokens).count("\n") >= SAMPLE_LINES:
            break
    return tokenizer.decode(tokens)


def write_tokens(model: Model, seed: int, count: int) -> str:
    """So many tokens of the model's own, the same beginning as `write_lines`."""
    return _tokenizer(model).decode([drawn.token for drawn in islice(_draws(model, seed), count)])


def _draws(model: Model, seed: int) -> Iterator[Draw]:
    """One token after another, from a line's start."""
    tokens = [_opening(_tokenizer(model))]
    if isinstance(model, GPT):
        yield from write_on(model, trace(model, tokens), Sampler(), seed)
    while True:
        (drawn,) = generate(model, tokens, 1, Sampler(), seed)
        yield drawn
        tokens.append(drawn.token)


def _tokenizer(model: Model) -> Tokenizer:
    assert model.tokenizer is not None
    return model.tokenizer


def _opening(tokenizer: Tokenizer) -> int:
    """A line end where it is a token, else the first token."""
    try:
        found = tokenizer.encode("\n")
    except UserError:
        return 0
    return found[0] if found else 0
