"""Dropout acts on the stream alone, and what is dropped follows from seed, step and process."""

from __future__ import annotations

from functools import partialmethod
from typing import Any

import pytest
import torch

from models.training.dropout import Dropout
from models.training.objective import Objective
from tests.models.training.small_training import training

# dropout


def test_dropout_acts_on_the_stream_only_and_keeps_its_mean() -> None:
    dropout, x = Dropout(0.25, seed=0), torch.ones(100, 101)
    for name, layer in (("resid_pre", 1), ("resid_mid", 0), ("q", 0), ("logits", None), ("mlp_act", 1)):
        assert dropout(name, x, layer) is x
    for name, layer in (("resid_pre", 0), ("attn_out", 1), ("mlp_out", 0)):
        y = dropout(name, x, layer)
        assert sorted(set(y.flatten().tolist())) == pytest.approx([0, 4 / 3])
        assert float((y == 0).float().mean()) == pytest.approx(0.25, abs=0.02)
    assert Dropout(0.0, seed=0)("attn_out", x, 0) is x


def test_what_is_dropped_depends_on_seed_step_and_process() -> None:
    def dropped(seed: int, step: int, rank: int) -> list[Any]:
        dropout = Dropout(0.5, seed, rank)
        dropout.begin(step)
        return dropout("attn_out", torch.ones(64), 0).tolist() + dropout("attn_out", torch.ones(64), 1).tolist()

    first = dropped(7, 3, 0)
    assert first == dropped(7, 3, 0) and first[:64] != first[64:]
    assert len({tuple(dropped(*each)) for each in ((7, 3, 0), (8, 3, 0), (7, 4, 0), (7, 3, 1))}) == 4


def test_compiled_with_dropout_it_drops_by_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Objective, "compile", partialmethod(Objective.compile, backend="aot_eager"))
    runs = [training(steps=2, compile=True, dropout=0.5, n_layer=1, seed=seed) for seed in (1, 1, 2)]
    one, again, other = ([report.loss for report in run.reports()] for run in runs)
    assert one == again != other
