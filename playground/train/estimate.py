"""What a run will cost, before it begins, in time: from the speed of earlier runs or of one product."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

import numpy as np

from models.runs.config import TrainConfig
from models.runs.cost import operations
from playground.train.record import Record

PRODUCTS = 0.05  # seconds a measurement may take
ROWS, WIDTH = 1 << 12, 1 << 10  # at most, of the product measured
# of the speed of NumPy products that a step reaches: on two cores with AMX 0.4 (tiny) to 1.3 (small, in bfloat16)
SHARE = 0.5


def steps(config: TrainConfig, vocab_size: int, speed: float) -> int:
    """How many steps the run makes at so many operations a second: all of them, or as many as its minutes allow."""
    by_time = 60 * config.minutes * speed / operations(config, vocab_size) if config.minutes else math.inf
    return max(round(min(config.steps or math.inf, by_time)), 1)


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
    left @ right
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < PRODUCTS:
        left @ right
        count += 1
    return SHARE * 2 * rows * width * 4 * width * count / (time.perf_counter() - begun)
