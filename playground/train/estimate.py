"""What a run will cost, before it begins, in time: from the speed of earlier runs or of one product."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.runs.config import TrainConfig
from models.runs.cost import SHARE, finishing, operations
from playground.train.record import Record
from playground.train.sources import Source

PRODUCTS = 0.05  # seconds a measurement may take
ROWS, WIDTH = 1 << 12, 1 << 10  # at most, of the product measured
# of the speed of NumPy products that a step reaches: on two cores with AMX 0.4 (tiny) to 1.3 (small, in bfloat16)
REACHED = 0.5
WORLD_HELD_OUT = 1 << 16  # words, about


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will come to."""

    steps: int  # all of them, or as many as its minutes allow
    seconds: float  # with all its measuring, on the way and at the end


def estimate(config: TrainConfig, source: Source, vocab_size: int, speed: float) -> Estimate:
    """Of a run at so many operations a second, on a text of so many tokens, a tenth of them held out."""
    is_world = math.isinf(source.tokens)
    held_out = WORLD_HELD_OUT if is_world else source.tokens / 10
    after = finishing(config, vocab_size, held_out, is_world) / speed
    step = operations(config, vocab_size) * (1 + 1 / (3 * SHARE)) / speed  # forward alone is a third of a step
    steps = max(round(1 / config.progress(1, step, after)), 1)
    return Estimate(steps, steps * step + after)


def speed_of(runs: Iterable[Record], config: TrainConfig, vocab_size: int) -> float | None:
    """Operations a second of the earlier run whose steps are most like these in size; None if there is none."""
    wanted = math.log(operations(config, vocab_size))
    known = [
        (abs(math.log(operations(run.config, run.started.vocab_size)) - wanted), run.stepped.operations_per_second)
        for run in runs
        if run.config is not None and run.started is not None and run.stepped is not None
        if run.config.model == config.model and run.config.device == config.device
    ]
    usable = [each for each in known if math.isfinite(each[1]) and each[1] > 0]
    return min(usable)[1] if usable else None


def measure(config: TrainConfig) -> float:
    """Operations a second that a step of such sizes may reach, from products of its shape; takes about 0.1 s."""
    rows, width = min(config.batch * config.block_size, ROWS), min(config.n_embd, WIDTH)
    left, right = np.ones((rows, width), np.float32), np.ones((width, 4 * width), np.float32)
    began, fastest = time.perf_counter(), math.inf  # what else the machine does meanwhile makes some slower
    while (begun := time.perf_counter()) - began < PRODUCTS or not math.isfinite(fastest):
        left @ right
        fastest = min(fastest, time.perf_counter() - begun)
    return REACHED * 2 * rows * width * 4 * width / max(fastest, 1e-9)
