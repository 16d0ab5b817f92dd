"""Models put beside the open one: recurrent, without a mask, of other tokens; and what a run brings along."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import baselines, model_folders
from models.baselines import Bigram
from models.baselines.gru import GRU, GRUConfig, weight_shapes
from models.corpora.spec import CorpusSpec
from models.gpt import GPT
from models.run_layout import RunFolder
from models.runs import TrainConfig, catalogue
from models.tokenizers import Tokenizer
from playground.compare.guests import seated
from playground.kit.choosing import Choose
from tests.playground.compare.compare_on_screen import Person, at
from tests.playground.looking.scenes import random_gpt


def recurrent(tokenizer: Tokenizer) -> GRU:
    """A random one that reads these tokens."""
    config, rng = GRUConfig(tokenizer.vocab_size, 1, 8), np.random.default_rng(3)
    weights = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GRU(config, weights, tokenizer, name="recurrent")


def without_mask(model: GPT) -> GPT:
    """The same, built without the causal mask."""
    return replace(model, config=replace(model.config, without=("mask",)), name="open")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished runs: a GRU and a GPT without mask that read what `letters` reads, and a GRU of other tokens."""
    folder = tmp_path_factory.mktemp("runs")
    own, other = random_gpt(), Tokenizer.train_char("xyz\n")
    assert own.tokenizer is not None
    data = catalogue.LearnsFrom(CorpusSpec("text", ("a.txt",)))
    made: dict[str, GPT | GRU] = {
        "rnn": recurrent(own.tokenizer),
        "open": without_mask(own),
        "stranger": recurrent(other),
    }
    for name, model in made.items():
        catalogue.create(folder / name, TrainConfig(), data, ["train"])
        model_folders.save(model, RunFolder(folder / name).model)
        corpus = np.arange(model.vocab_size)
        baselines.save(
            [Bigram.count([corpus], model.vocab_size, tokenizer=model.tokenizer)], RunFolder(folder / name).model
        )
    return folder


async def choose(person: Person, name: str) -> None:
    """With `o`, by the name that the dialog shows."""
    await person.pilot.press("o")
    await person.until(lambda: isinstance(person.app.screen, Choose))
    await person.pilot.press(*name, "enter")


async def test_a_recurrent_network_and_a_gpt_without_mask_stand_beside(letters: Path, runs: Path) -> None:
    async with at(letters, runs=runs) as person:
        compare = person.compare
        for name in ("rnn", "open"):
            await choose(person, name)
            await person.until(lambda: name in compare.known.models)  # noqa: B023  # awaited in this round
            await person.settle()
        assert [*compare.known.models] == ["GPT", "rnn", "open", "bigram", "unigram"]
        assert "rnn" in person.sees("strips") and "rnn" in person.sees("bars")
        for size in ((160, 48), (120, 36), (100, 30), (80, 24)):
            await person.pilot.resize_terminal(*size)
            for pane in ("bars", "wins", "wrong", "scoreboard", "context", "writes"):
                compare.go_to(pane)
                await person.until(lambda: compare.board.picture(pane).canvas)  # noqa: B023  # as above
                assert person.sees(pane).strip(), (size, pane)
        compare.go_to("scoreboard")
        await person.until(lambda: compare.known.scored.is_done)
        assert compare.known.scored.scoreboard is not None
        scored = {score.name: score for score in compare.known.scored.scoreboard.scores}
        assert scored["rnn"].bits > 0 and scored["open"].looks_ahead and "no fair score" in person.sees("scoreboard")
        await choose(person, "rnn")
        await person.until(lambda: "rnn" not in compare.known.models and compare.known.models)
        await person.settle()
        assert "rnn" not in person.sees("strips")


async def test_one_of_other_tokens_is_opened_instead_or_refused(letters: Path, runs: Path) -> None:
    async with at(letters, runs=runs) as person:
        await choose(person, "stranger")
        await person.until(lambda: person.notices)
        assert "stranger is a recurrent network that reads other tokens" in person.notices[-1]
        assert "stranger" not in person.compare.known.models
        await choose(person, "little-world-no")
        await person.until(lambda: person.app.screen is person.compare and "truth" in person.compare.known.models)
        assert person.app.opened is not None and person.app.opened.model.name == "little-world-no-attention"


def test_guests_stand_after_the_gpt_by_names_that_nobody_has() -> None:
    gpt = random_gpt()
    assert gpt.tokenizer is not None
    guest = recurrent(gpt.tokenizer)
    found = seated({"GPT": gpt, "bigram": gpt}, {"bigram": guest, "rnn": guest})
    assert [*found] == ["GPT", "bigram (beside)", "rnn", "bigram"]
    assert [model.name for model in found.values()][1:3] == ["bigram (beside)", "rnn"]
