"""What a run costs, known before it begins: numbers to learn, and operations to learn them with."""

from __future__ import annotations

import math
from collections.abc import Mapping

from models import gpt
from models.baselines import gru
from models.runs.config import TrainConfig

Shapes = Mapping[str, tuple[int, ...]]

# held-out tokens that a finished model is measured on: of shakespeare-char's text all, and the standard error of small
# models of English, in windows of 64 characters, is 0.004 nats
SAMPLE = 1 << 17
PROBED = 1 << 19  # held-out tokens that take as long as all the probes of the little world
DRAWN = 1 << 17  # ... as all that a model of pictures is asked
SHARE = 8  # of the tokens learned from between two measurements, one in so many is measured on


def gru_of(config: TrainConfig, vocab_size: int) -> gru.GRUConfig:
    """The GRU with as many parameters as the GPT of these sizes, as nearly as its width allows."""
    rival = _count(gpt.weight_shapes(config.gpt(vocab_size)))
    return gru.GRUConfig(vocab_size, config.n_layer, gru.width_for(rival, vocab_size, config.n_layer))


def n_parameters(config: TrainConfig, vocab_size: int) -> int:
    """Numbers to be learned."""
    return _count(_shapes(config, vocab_size))


def operations(config: TrainConfig, vocab_size: int) -> int:
    """Floating-point operations of a step, forward and back (Chowdhery et al. 2022, "PaLM", appendix B).

    Six for each token and number that it is multiplied with, and attention's own: its scores and sums are counted in
    full, mask or not. Positions are looked up; the embedding is multiplied as the unembedding.
    """
    shapes = _shapes(config, vocab_size)
    multiplied = _count({name: each for name, each in shapes.items() if len(each) == 2 and name != "wpe.weight"})
    attends = config.model == "gpt" and "attention" not in config.without
    attention = 12 * config.n_layer * config.n_embd * config.block_size if attends else 0
    return config.batch * config.block_size * (6 * multiplied + attention)


def finishing(config: TrainConfig, vocab_size: int, held_out: float, probed: bool) -> float:
    """Floating-point operations to measure the finished model on so many held-out tokens: forward, a third of a step.

    A model of the little world is `probed` as well.
    """
    tokens = min(held_out, SAMPLE) + PROBED * probed
    return tokens * operations(config, vocab_size) / (3 * config.batch * config.block_size)


def _shapes(config: TrainConfig, vocab_size: int) -> Shapes:
    if config.model == "gru":
        return gru.weight_shapes(gru_of(config, vocab_size))
    return gpt.weight_shapes(config.gpt(vocab_size))


def _count(shapes: Shapes) -> int:
    return sum(map(math.prod, shapes.values()))
