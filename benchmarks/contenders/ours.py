"""Our step, with everything captured; our sweep of all parts; and, for scale, reading the weights once."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

import playground
from benchmarks.contenders.clock import Clock, Steps
from benchmarks.contenders.size import SIZES
from benchmarks.made_up_tokens import made_up
from models.gpt import BLOCK_NAMES, GPT, GPTConfig, forward, weight_shapes
from models.lenses.inside.sweep import parts as every
from models.lenses.inside.sweep import sweeping
from models.measures import effect
from models.model_files import WEIGHTS
from models.model_folders import load, save
from models.switches import HeadOff, MLPOff
from models.tracing import Trace, extend, trace

TOKEN = 5


@cache
def model(size: str) -> GPT:
    """Random weights of that size."""
    s = SIZES[size]
    config = GPTConfig(s.vocabulary, s.context, s.layers, s.heads, s.width)
    rng = np.random.default_rng(0)
    weights = {n: rng.standard_normal(shape, np.float32) * 0.02 for n, shape in weight_shapes(config).items()}
    for name, weight in weights.items():
        if "ln_" in name and name.endswith("weight"):
            weight += 1
    return GPT(config, weights)


def extend_steps(size: str, context: int, steps: int, look: bool = False) -> Steps:
    """Append tokens to a text; each step records all values of the new position, and `look` also takes every one."""
    ours, clock = model(size), Clock()
    now = extend(ours, trace(ours, [TOKEN] * (context - 1)), TOKEN)
    for _ in range(steps):
        clock.mark()
        now = extend(ours, now, TOKEN)
        blocks = now.blocks
        if look:
            for block in blocks:
                for name in BLOCK_NAMES:
                    getattr(block, name)
        clock.mark()
    _check(ours, now)
    return clock.pairs()


def full_pass(size: str, context: int, steps: int, capture: bool = True) -> Steps:
    """A pass over a whole text, with every value to be had, or without."""
    ours, clock, text = model(size), Clock(), [TOKEN] * context
    for _ in range(steps + 1):
        clock.mark()
        kept = trace(ours, text) if capture else forward(ours, np.asarray(text))  # held until the next is there
    clock.mark()
    assert len(kept) == context
    return clock.steps(skip=1)


def record_bytes(size: str, context: int) -> int:
    """Memory of a record, with the room it takes to be gone on from."""
    ours = model(size)
    return extend(ours, trace(ours, [TOKEN] * (context - 1)), TOKEN).tape.nbytes


def sweep(size: str, context: int, parts: str) -> Steps:
    """Every head, and every MLP as well unless it is to be "heads" alone, switched off in turn over one text."""
    ours, clock = model(size), Clock()
    text = trace(ours, [at * 7 % ours.vocab_size for at in range(context)])
    kinds = HeadOff if parts == "heads" else (HeadOff, MLPOff)
    wanted = [part for part in every(ours.config) if isinstance(part, kinds)]
    clock.mark()
    found = [lost for some in sweeping(text, among=wanted) for lost in some]
    clock.mark()
    assert len(found) == len(wanted)
    for lost in random.Random(0).sample(found, 3):
        whole = effect(text.logits[-1], trace(ours, text.tokens, [lost.part]).logits[-1])
        np.testing.assert_allclose(lost.effect.kl, whole.kl, rtol=1e-2, atol=1e-5, err_msg=lost.name)
    return clock.steps()


def growing(size: str, to: int) -> Steps:
    """Every step from one token on, copying to larger buffers included."""
    ours, clock = model(size), Clock()
    now = trace(ours, [TOKEN])
    clock.mark()
    while len(now) < to:
        now = extend(ours, now, TOKEN)
        _ = now.blocks
        clock.mark()
    return clock.steps()


def read_weights(size: str, steps: int) -> Steps:
    """Every weight read once from memory: the dot product of each array with itself."""
    flat, clock = [weight.reshape(-1) for weight in model(size).weights.values()], Clock()
    for _ in range(steps):
        clock.mark()
        for weight in flat:
            weight.dot(weight)
        clock.mark()
    return clock.pairs()


def weight_bytes(size: str) -> int:
    """How much that is."""
    return sum(weight.nbytes for weight in model(size).weights.values())


def save_folder(size: str, folder: str) -> str:
    """That model in a folder, with tokens made up; gives the folder."""
    ours = model(size)
    save(replace(ours, tokenizer=made_up(ours.vocab_size)), folder)
    return folder


def open_folder(folder: str, steps: int) -> Steps:
    """A model folder read, the model in memory."""
    clock = Clock()
    for _ in range(steps):
        clock.mark()
        load(folder)
        clock.mark()
    return clock.pairs()


def read_file(folder: str, steps: int) -> Steps:
    """Its weights as they lie on disk, or in the system's memory of it, into memory of our own."""
    clock = Clock()
    for _ in range(steps):
        clock.mark()
        Path(folder, WEIGHTS).read_bytes()
        clock.mark()
    return clock.pairs()


def versions() -> dict[str, str]:
    """What runs here."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "numpy": f"{np.__version__} ({blas['name']} {blas['version']})",
        "transformer playground": playground.__version__,
    }


def _check(ours: GPT, grown: Trace) -> None:
    """What was captured on the way is what one pass over the whole text gives."""
    whole = trace(ours, grown.tokens)
    for mine, theirs in zip(grown.blocks, whole.blocks, strict=True):
        for name in BLOCK_NAMES:
            np.testing.assert_allclose(getattr(mine, name), getattr(theirs, name), rtol=1e-3, atol=1e-4, err_msg=name)
    np.testing.assert_allclose(grown.logits, whole.logits, rtol=1e-3, atol=1e-4)


JOBS = {
    "save_folder": save_folder,
    "open_folder": open_folder,
    "read_file": read_file,
    "extend_steps": extend_steps,
    "full_pass": full_pass,
    "record_bytes": record_bytes,
    "growing": growing,
    "sweep": sweep,
    "read_weights": read_weights,
    "weight_bytes": weight_bytes,
    "versions": versions,
}
