"""What a run leaves behind: the model's folder, what was measured on it, its card."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import model_folders
from models.baselines import Bigram
from models.baselines.gru import GRU
from models.errors import UserError
from models.gpt import GPT
from models.lenses import abilities, probes
from models.lenses.beyond import beyond
from models.lenses.looking import chain
from models.lenses.sweep import contrasts, singles
from models.ops import idle
from models.runs.config import TrainConfig
from models.sampling import Draw, Sampler, draws, write_on
from models.switches import HeadOff
from models.tokenizers import Tokenizer
from models.tracing import trace
from models.training import evaluate
from models.training.card import card
from models.training.corpus import Corpus, WorldCorpus
from models.training.learners import learner
from models.training.loop import Training

Model = GPT | GRU
Look = Callable[[], object]  # called again and again while something is measured; what it raises ends that
MEASURED = 1 << 20  # held-out tokens the finished model is measured on, at most
OF_RUN = frozenset(  # what training.json says that is not measured on the weights
    "command started_from corpus settings steps minutes tokens_trained_on best_step products_in threads_used "
    "versions".split()
)
SAMPLE_LINES, SAMPLE_TOKENS, SAMPLE_SEED = 10, 1000, 1
BATCH = 16


def save(training: Training, corpus: Corpus, folder: Path, name: str, facts: Mapping[str, Any], dtype: str) -> None:
    """Write the best weights so far as a model folder, rivals included; UserError if the place does not allow it."""
    everything = {**facts, "corpus": dict(corpus.facts), **outcome(training)}
    model = training.learner.model(training.best, corpus.tokenizer, name, everything)
    model_folders.save(model, folder, dtype, card(model), corpus.rivals)


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


def finish(folder: Path, corpus: Corpus, name: str, dtype: str, look: Look) -> Model:
    """Measure the model as it is stored, and write the full card; whatever `look` raises on the way ends it."""
    model = model_folders.load_any(folder)
    measured = {
        **(measure_world(model, corpus, look) if isinstance(corpus, WorldCorpus) else measure(model, corpus, look)),
        "stored_as": dtype,
        "sample": sample(model, corpus),
    }
    made = {fact: value for fact, value in model.training.items() if fact in OF_RUN}
    model = replace(model, name=name, training={**made, **measured})
    model_folders.save(model, folder, dtype, card(model), corpus.rivals)
    return model


def measure(model: Model, corpus: Corpus, look: Look) -> dict[str, Any]:
    """Losses over the held-out text, or its first million tokens: nats a token, bits a character; its rivals' as well.

    `val_loss` reads it in windows of the full context that share nothing, `val_loss_sliding` in windows that overlap
    by half.
    """
    held_out, context = np.asarray(corpus.held_out[:MEASURED]), model.training["settings"]["block_size"]
    loss = partial(evaluate.windows, _logits(model, look), context, held_out, BATCH)
    nats = loss(context)
    characters = len(corpus.tokenizer.decode(held_out[1:].tolist()))
    return {
        "val_loss": nats,
        "val_tokens": len(held_out),
        "bits_per_character": nats * (len(held_out) - 1) / math.log(2) / max(characters, 1),
        "val_loss_sliding": loss(-(-context // 2)),
        "rivals": corpus.rival_losses(),
        "floor": corpus.floor(),
    }


def measure_world(model: Model, corpus: WorldCorpus, look: Look) -> dict[str, Any]:
    """Losses in nats a word over the same windows for all, the truth included; what it can do, and what it cannot.

    The windows begin where texts begin, so that what the model is shown is all that the truth goes by.
    """
    held_out = np.asarray(corpus.held_out)
    some = evaluate.Slice(held_out, model.training["settings"]["block_size"], len(held_out), BATCH, corpus.openings)
    return {
        "val_loss": float(np.mean(some.measure(_logits(model, look), torch.device("cpu")))),
        "val_tokens": some.places.size,
        "rivals": corpus.rival_losses(some.rows),
        "floor": corpus.floor(some.places),
        "probes": _probed(model, next(rival for rival in corpus.rivals if isinstance(rival, Bigram)), look),
        "chain": chain(model).as_dict() if isinstance(model, GPT) and "attention" not in model.config.without else None,
        "beyond": asdict(beyond(model)),
    }


def _probed(model: Model, bigram: Bigram, look: Look) -> list[dict[str, Any]]:
    """Every probe, and what becomes of it under the cuts that a card shows."""
    found = []
    for kind in probes.ALL:
        look()
        ability, cuts = abilities.ask(kind(), model, bigram), dict[str, float]()
        if isinstance(model, GPT) and ability.found and ability.found.score > ability.found.chance:
            wanted = contrasts(model.config) | singles(model.config, HeadOff)
            ability = abilities.dissect(ability, model, wanted)
            head = ability.single(HeadOff)
            shown = {*contrasts(model.config), *([head.name] if head and ability.hangs_on(head) else [])}
            cuts = {cut.name: cut.score for cut in ability.cuts if cut.name in shown}
        found.append(ability.as_dict() | {"cuts": cuts})
    return found


def _logits(model: Model, look: Look) -> evaluate.Logits:
    """The model's scores, by torch."""

    def logits(tokens: Tensor) -> Tensor:
        look()
        return ready.logits(tokens, torch.float32, idle)

    ready = learner(TrainConfig.from_dict(model.training["settings"]), model.vocab_size)
    ready.load(model.weights)
    return logits


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
        return write_on(model, trace(model, tokens), Sampler(), seed)
    return draws(model, tokens, Sampler(), seed)


def _tokenizer(model: Model) -> Tokenizer:
    assert model.tokenizer is not None
    return model.tokenizer


def _opening(tokenizer: Tokenizer) -> int:
    """A line end where it is a token, else the first token."""
    with suppress(UserError, IndexError):
        return tokenizer.encode("\n")[0]
    return 0
