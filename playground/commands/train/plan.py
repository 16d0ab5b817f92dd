"""What a run would cost, found out without leaving anything behind: --dry-run."""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from models.corpora.token_files import Progress, unseen
from models.training import Training, result
from models.training.corpus import Corpus, open_corpus
from models.training.environment import peak
from playground.commands.output import emit, note, row, say
from playground.commands.train import training_options as options
from playground.commands.train.order import Order, order_of
from playground.commands.train.progress_bar import Bar, material
from playground.kit.numbers import clock, percent

TRIED = 20  # steps, at most
PATIENCE = 3.0  # seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """A run's cost; a second here is one on this machine, found by making a few of its steps."""

    parameters: int
    vocab_size: int
    tokens: int  # to learn from; 0 where they are made as they are needed
    held_out_tokens: int
    tokens_per_step: int
    operations_per_step: float
    seconds_per_step: float
    peak: float  # operations a second
    steps: int  # that the run will make
    seconds: float  # they take
    seconds_after: float  # what comes after them takes: the model is measured
    unknown: float | None  # the share of <unk> in what is learned from; None where no text is unknown
    unknown_held_out: float | None
    warnings: Sequence[str]


def show(args: argparse.Namespace) -> int:
    """Print the plan, as JSON if that is asked for."""
    if args.json or args.events:
        emit(make(order_of(args), args.measure == options.WHOLE))
    else:
        with Bar() as bar:
            plan = make(order_of(args), args.measure == options.WHOLE, bar.prepare)
            bar.clear()
        for name, value in _lines(plan):
            say(row([name, value], [16, 100]))
        for warning in plan.warnings:
            note(warning)
    return 0


def make(order: Order, measure_all: bool = False, progress: Progress = unseen) -> Plan:
    """Open what is learned from, make a few steps, and measure on a few windows."""
    with tempfile.TemporaryDirectory(prefix="playground-") as folder:
        start, config = order.start, order.config
        corpus = open_corpus(order.spec, Path(folder), start.model.tokenizer if start else None, progress)
        vocab_size = start.model.vocab_size if start else corpus.tokenizer.vocab_size
        unmeasured = replace(config, eval_every=1 << 20, steps=1 << 20, minutes=None)
        source = corpus.source(config.block_size, config.batch, config.seed)
        progress("trying a few steps", 0.0)
        training = Training(unmeasured, vocab_size, source, corpus.held_out)
        return _tried(training, corpus, order, result.seconds_to_finish(training, corpus, measure_all))


def _tried(training: Training, corpus: Corpus, order: Order, after: float) -> Plan:
    config, begun, times = order.config, time.monotonic(), list[float]()
    for report in islice(training.reports(), TRIED + 1):
        times.append(report.tokens / report.step / report.tokens_per_second)
        if time.monotonic() - begun > PATIENCE:
            break
    step = min(times)  # others use the machine as well, and the first step sets up much
    share = config.progress(1, step, after)  # of the run that one step is
    steps = math.ceil(1 / share - 1e-9)
    return Plan(
        parameters=training.n_parameters,
        vocab_size=corpus.tokenizer.vocab_size,
        tokens=corpus.facts.get("tokens", 0),
        held_out_tokens=len(corpus.held_out),
        tokens_per_step=config.batch * config.block_size,
        operations_per_step=training.operations,
        seconds_per_step=step,
        peak=peak(training.environment.products, training.device),
        steps=steps,
        seconds=steps * step,
        seconds_after=after,
        unknown=corpus.unknown,
        unknown_held_out=corpus.unknown_held_out,
        warnings=corpus.warnings(config.block_size),
    )


def _lines(plan: Plan) -> list[tuple[str, str]]:
    every = plan.steps * plan.tokens_per_step
    often = f", {every / plan.tokens:.3g} times the text" if plan.tokens else ""
    text, speed = material(plan.tokens), plan.operations_per_step / plan.seconds_per_step
    return [
        ("parameters", f"{plan.parameters:,}"),
        ("learns from", f"{text}, {plan.vocab_size:,} of them different; {plan.held_out_tokens:,} are held out"),
        *_unknown(plan),
        ("a step", f"{plan.tokens_per_step:,} tokens, {plan.operations_per_step:.3g} floating-point operations"),
        ("the run", f"{plan.steps:,} steps, {every:,} tokens{often}, {plan.operations_per_step * plan.steps:.3g} FLOP"),
        (
            "takes here",
            f"{clock(plan.seconds)}, {1000 * plan.seconds_per_step:.3g} ms a step, without samples measured",
        ),
        ("and then", f"{clock(plan.seconds_after)} to measure the model"),
        ("which is", f"{speed:.3g} FLOP/s, {percent(speed / plan.peak)} of what a large product reaches"),
    ]


def _unknown(plan: Plan) -> list[tuple[str, str]]:
    if plan.unknown is None or plan.unknown_held_out is None:
        return []
    learned, held_out = percent(plan.unknown), percent(plan.unknown_held_out)
    return [("unknown", f"{learned} of these are <unk>, and {held_out} of those held out")]
