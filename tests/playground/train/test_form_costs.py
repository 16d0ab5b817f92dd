"""What the form says a run has is what the run then has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest

from models.corpora.spec import LITTLE_WORLD, TokenizerSpec
from models.formats.tokenizer_json import Kind
from models.runs import PRESETS, cost, preset
from models.training.corpus import open_corpus, text_spec, world_spec
from models.training.learners import learner
from playground.train import sources
from tests.playground.train.runs_on_screen import TEXT


@pytest.mark.parametrize("vocabulary", ["char", "word", "bpe", LITTLE_WORLD])
def test_the_parameters_that_are_shown_are_those_of_the_run(
    vocabulary: Kind | Literal["little-world"], tmp_path: Path
) -> None:
    """Of every preset, on a text in each kind of tokens and on the little world."""
    data = tmp_path / "text.txt"
    data.write_text(TEXT + "Once more, äöü!\n")
    if vocabulary == LITTLE_WORLD:
        shown, spec = sources.look_at(LITTLE_WORLD, "char", 1024), world_spec()
    else:
        shown, spec = sources.look_at(os.fspath(data), vocabulary, 1024), text_spec(data, kind=vocabulary)
    assert shown.is_exact and TokenizerSpec().vocab == 1024
    vocab_size = open_corpus(spec, tmp_path / "run").tokenizer.vocab_size
    for name in PRESETS:
        leaves = learner(preset(name), vocab_size).leaves.values()
        assert cost.n_parameters(preset(name), shown.vocab_size) == sum(each.numel() for each in leaves), name
