"""What a run costs before it begins: numbers to learn and operations of a step, counted once for everyone."""

from __future__ import annotations

from dataclasses import replace

from models.baselines.gru import weight_shapes
from models.runs import cost, preset
from models.runs.config import TrainConfig

CONFIG = TrainConfig(n_layer=1, n_head=1, n_embd=8, block_size=16, batch=2, steps=10)
MATRICES = 12 * 8 * 8 + 65 * 8  # of a block, and the embedding as the unembedding


def test_operations_are_six_a_number_multiplied_and_those_of_attention() -> None:
    assert cost.operations(CONFIG, 65) == 2 * 16 * (6 * MATRICES + 12 * 16 * 8)
    blind = replace(CONFIG, without=("attention",))
    assert cost.operations(blind, 65) == 2 * 16 * 6 * (8 * 8 * 8 + 65 * 8)


def test_parameters_are_all_that_is_learned() -> None:
    assert cost.n_parameters(CONFIG, 65) == MATRICES + 16 * 8 + (3 * 2 + 9) * 8  # positions, norms, biases
    small = preset("small")
    assert cost.n_parameters(replace(small, without=("mlp",)), 65) < cost.n_parameters(small, 65)


def test_a_gru_costs_its_own_numbers_however_long_the_context() -> None:
    config = replace(CONFIG, model="gru")
    width = cost.gru_of(config, 65).n_embd
    assert cost.operations(config, 65) == 2 * 16 * 6 * (65 * width + 2 * 3 * width * width)
    assert cost.n_parameters(config, 65) == sum(
        rows * (columns[0] if columns else 1) for rows, *columns in weight_shapes(cost.gru_of(config, 65)).values()
    )
    assert abs(cost.n_parameters(config, 65) / cost.n_parameters(CONFIG, 65) - 1) < 0.2
