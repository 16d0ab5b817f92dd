"""What a run leaves behind: the model's folder, what was measured on it, its card."""

from __future__ import annotations

import platform
import timeit
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from models import model_folders
from models.baselines import Bigram
from models.baselines.gru import GRU
from models.corpora import digits
from models.corpora.token_files import Progress
from models.errors import UserError
from models.formats import records
from models.gpt import GPT
from models.lenses import abilities, drawing, probes
from models.lenses.abilities import Ability
from models.lenses.beyond import beyond
from models.lenses.looking import chain
from models.lenses.sweep import Cut, Switches, contrasts, singles
from models.ops import idle
from models.runs.config import TrainConfig
from models.runs.cost import DRAWN, PROBED, SAMPLE
from models.runs.events import Working
from models.runs.measurement import KEY, THINGS, Measurement
from models.sampling import Draw, Sampler, draws, write_on
from models.switches import HeadOff
from models.tokenizers import Tokenizer
from models.tracing import trace
from models.training import drawing_card, evaluate
from models.training.card import card
from models.training.corpus import Corpus, DigitsCorpus, WorldCorpus
from models.training.distributed import world
from models.training.learners import learner
from models.training.loop import Training

T = TypeVar("T")
Model = GPT | GRU
OF_RUN = frozenset(  # what training.json says that is not measured on the weights
    "command started_from corpus settings steps minutes tokens_trained_on best_step products_in threads_used "
    "versions".split()
)
TIMED = 1 << 12  # of them, measured to know how long all will take
TOGETHER = 1 << 11  # tokens in a pass
LOST, ASKED = 0.15, 0.85  # how much of measuring a model of the little world is done after its losses, and its probes
SAMPLE_LINES, SAMPLE_TOKENS, SAMPLE_SEED = 10, 1000, 1


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


def seconds_to_finish(training: Training, corpus: Corpus, everything: bool = False) -> float:
    """How long `finishing` will take here, about, by a few windows that are measured now."""
    context, rows = training.config.block_size, _rows(training.config)
    some = evaluate.Slice(np.asarray(corpus.held_out), context, TIMED, rows, corpus.openings)

    def logits(tokens: Tensor) -> Tensor:
        return training.learner.logits(tokens, torch.float32, idle)

    took = min(timeit.repeat(lambda: some.measure(logits, training.device), number=1, repeat=2))
    tokens = len(corpus.held_out) if everything else min(len(corpus.held_out), SAMPLE)
    probed = PROBED if isinstance(corpus, WorldCorpus) else DRAWN if isinstance(corpus, DigitsCorpus) else 0
    return float(took / some.places.size * (tokens + probed))


def finishing(
    folder: Path, corpus: Corpus, name: str, dtype: str, everything: bool = False
) -> Generator[Working, None, Model]:
    """Measure the model as it is stored, and write the full card; tells again and again how far that is.

    It is measured on a sample of the held-out text, or on everything. Whoever goes no further has the model as it was.
    """
    model = model_folders.load_any(folder)
    border = LOST if isinstance(corpus, WorldCorpus | DigitsCorpus) else 1.0
    measured = yield from _within("measuring the held-out loss", 0.0, border, measuring(model, corpus, everything))
    if isinstance(corpus, WorldCorpus):
        measured |= yield from _asking(model, corpus)
    measured["stored_as"] = dtype
    if isinstance(corpus, DigitsCorpus) and isinstance(model, GPT) and drawing.can(model, digits.PICTURES):
        yield Working("having it draw", LOST)
        skill = drawing.skill(model, digits.PICTURES, digits.learned(), digits.held_out())
        measured[drawing_card.KEY] = records.plain(skill)
    else:
        measured["sample"] = sample(model, corpus)
    made = {fact: value for fact, value in model.training.items() if fact in OF_RUN}
    model = replace(model, name=name, training={**made, **measured})
    model_folders.save(model, folder, dtype, card(model), corpus.rivals)
    return model


def _asking(model: Model, corpus: WorldCorpus) -> Generator[Working, None, dict[str, Any]]:
    """What a model of the little world can do, and where it fails."""
    bigram = next(rival for rival in corpus.rivals if isinstance(rival, Bigram))
    found = yield from _within("asking what it can do", LOST, ASKED, probing(model, bigram))
    yield Working("asking where it fails", ASKED)
    chained = chain(model).as_dict() if isinstance(model, GPT) and "attention" not in model.config.without else None
    return {"probes": found, "chain": chained, "beyond": asdict(beyond(model))}


def finish(folder: Path, corpus: Corpus, name: str, dtype: str, progress: Progress) -> Model:
    """The same at one go; whatever `progress` raises on the way ends it."""
    work = finishing(folder, corpus, name, dtype)
    while True:
        try:
            told = next(work)
        except StopIteration as done:
            model: Model = done.value
            return model
        progress(told.doing, told.share)


def _within(doing: str, low: float, high: float, work: Generator[float, None, T]) -> Generator[Working, None, T]:
    """A part of the work, told as from `low` to `high` of the whole."""
    share = 0.0
    while True:
        yield Working(doing, low + (high - low) * share)
        try:
            share = next(work)
        except StopIteration as done:
            found: T = done.value
            return found


def measuring(model: Model, corpus: Corpus, everything: bool = False) -> Generator[float, None, dict[str, Any]]:
    """The loss over windows of the held-out text, a sample of them or all; rivals and floor on the same tokens.

    Windows share nothing; those of the little world begin where texts begin, so that what the model is shown is all
    that the truth goes by.
    """
    config, held_out = TrainConfig.from_dict(model.training["settings"]), np.asarray(corpus.held_out)
    tokens = len(held_out) if everything else SAMPLE
    some = evaluate.Slice(held_out, config.block_size, tokens, _rows(config), corpus.openings)
    device = world(config.device).device
    losses = yield from some.measuring(_logits(model, config, device), device)
    rows, places = some.rows, some.places
    measured = Measurement(
        losses.mean, places.size, len(held_out), losses.error, len(rows), corpus.characters(rows),
        THINGS[corpus.tokenizer.kind], "mask" in config.without, corpus.unknown_held_out or 0.0,
    )  # fmt: skip
    return {
        KEY: records.plain(measured),
        "rivals": corpus.rival_losses(rows),
        "floor": corpus.floor(places),
    }


def probing(model: Model, bigram: Bigram) -> Generator[float, None, list[dict[str, Any]]]:
    """Every probe, and what becomes of it under the cuts that a card shows."""
    found = []
    for at, kind in enumerate(probes.ALL):
        ability, cuts = abilities.ask(kind(), model, bigram), dict[str, float]()
        if isinstance(model, GPT) and ability.found and ability.found.score > ability.found.chance:
            wanted = contrasts(model.config) | singles(model.config, HeadOff)
            ability = yield from _dissecting(ability, model, wanted, at)
            head = ability.single(HeadOff)
            shown = {*contrasts(model.config), *([head.name] if head and ability.hangs_on(head) else [])}
            cuts = {cut.name: cut.score for cut in ability.cuts if cut.name in shown}
        found.append(ability.as_dict() | {"cuts": cuts})
        yield (at + 1) / len(probes.ALL)
    return found


def _dissecting(
    ability: Ability, model: GPT, wanted: Mapping[str, Switches], at: int
) -> Generator[float, None, Ability]:
    """As `abilities.dissect`, a cut at a time; `at` is which of all the probes it is."""
    cuts = list[Cut]()
    for done, (name, switches) in enumerate(wanted.items()):
        cuts += abilities.dissect(ability, model, {name: switches}).cuts
        yield (at + done / len(wanted)) / len(probes.ALL)
    return replace(ability, cuts=tuple(sorted(cuts, key=lambda cut: cut.score)))


def _rows(config: TrainConfig) -> int:
    """Windows that go through together."""
    return max(TOGETHER // config.block_size, 1)


def _logits(model: Model, config: TrainConfig, device: torch.device) -> evaluate.Logits:
    """The model's scores, by torch."""
    ready = learner(config, model.vocab_size)
    ready.load(model.weights)
    for leaf in ready.leaves.values():
        leaf.data = leaf.data.to(device)
    return lambda tokens: ready.logits(tokens, torch.float32, idle)


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
        return tokenizer.continued("\n")[0]
    return 0
