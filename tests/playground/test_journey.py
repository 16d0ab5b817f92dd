"""The main journey, through the keys: train a model, open it, look at it, compare it with what counting says."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from models import baselines
from models.corpora.little_world import world
from models.corpora.spec import CorpusSpec
from models.gpt import GPT, weight_shapes
from models.run_layout import RunFolder
from models.runs import TrainConfig, catalogue, snapshots
from models.runs.events import Snapshot, Started, Stepped
from models.runs.history import History
from models.tokenizers import Tokenizer
from playground.compare.screen import Compare
from playground.kit.screen import PaneScreen
from tests.playground.train.runs_on_screen import TEXT, Person, at


def sees(screen: PaneScreen[Any, Any], pane: str) -> str:
    """What stands in a pane; nothing before it is drawn."""
    canvas = screen.board.picture(pane).canvas
    return canvas.plain() if canvas else ""


def compare_of(person: Person) -> Compare:
    compare = person.app.screen_named("compare")
    assert isinstance(compare, Compare)
    return compare


async def test_train_open_compare(tmp_path: Path) -> None:
    """What a run counted stands beside its model in Play and in Compare, which scores on what the run held out."""
    text = tmp_path / "tiny.txt"
    text.write_text(TEXT)
    async with at(tmp_path / "runs") as person:
        train, play = person.train, person.app.play
        await person.begin(text, steps="30", eval_every="10")
        await person.until(lambda: "tiny" in train.runs and train.runs["tiny"].record.state == "done")
        await person.pilot.press("o")
        await person.until(lambda: person.app.screen is play and play.model and play.results)
        assert play.session.model == "tiny at step 30" and [*play.beside][:2] == ["bigram", "ngram"]
        for pane, shown in (("8", "bigram"), ("9", "grid")):
            await person.pilot.press(pane)
            await person.until(partial(sees, play, shown))
            assert "bigram" in sees(play, shown).lower() and "no counts" not in sees(play, shown)
        await person.pilot.press("f4")
        compare = compare_of(person)
        await person.until(lambda: person.app.screen is compare and compare.known.results)
        assert [*compare.known.models][:2] == ["GPT", "bigram"]
        await person.pilot.press("6", "r")
        await person.until(lambda: compare.known.scored.is_done)
        assert compare.known.scored.held_out == "the text that its run held out"
        board = compare.known.scored.scoreboard
        assert board is not None and {score.name for score in board.scores} == {*compare.known.models}


def world_run(runs: Path) -> Path:
    """A run on the little world, as it stands while it learns: a snapshot, and the best model with what was counted."""
    words = Tokenizer.of_words(*world().vocabulary)
    config = TrainConfig(n_layer=1, n_head=2, n_embd=8, block_size=96, batch=2, steps=10, eval_every=10)
    sizes, rng = config.gpt(words.vocab_size), np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in weight_shapes(sizes).items()}
    model, path = GPT(sizes, weights, words, name="run"), runs / "worldly"
    catalogue.create(path, config, catalogue.LearnsFrom(CorpusSpec("little-world")), [])
    log = History(path)
    log.append(Started(str(path), 0, config.as_dict(), 1000, 2000, 200, 15, 1, 1, "float32", 1e10, {"bigram": 3.5}))
    log.append(Stepped(10, 1.0, 640, 1.0, 3.0, 1e-3, 1.0, 6e4, 1e9, 1 << 28, 10.0))
    log.append(Snapshot(10, f"snapshots/step-{10:09d}"))
    log.close()
    snapshots.write(path, model, 10)
    tokens = world().rows(40, 97, words.ids, Random(7)).ravel()
    counted = baselines.Bigram.count([tokens], words.vocab_size, tokenizer=words)
    RunFolder(path).model.mkdir()
    baselines.save([counted], RunFolder(path).model)
    return path


async def test_a_snapshot_of_a_run_on_the_little_world_brings_the_truth_and_the_floor(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    world_run(tmp_path / "runs")
    async with at(tmp_path / "runs") as person:
        await person.pilot.press("o")
        play = person.app.play
        await person.until(lambda: person.app.screen is play and play.model and play.results)
        assert "bigram" in play.beside
        await person.pilot.press("f4")
        compare = compare_of(person)
        await person.until(lambda: person.app.screen is compare and compare.known.results)
        assert next(iter(compare.known.models)) == "truth" and "bigram" in compare.known.models
        await person.pilot.press("6")
        await person.until(lambda: compare.known.scored.scoreboard and compare.known.scored.scoreboard.texts > 2)
        assert compare.known.scored.scoreboard is not None and compare.known.scored.scoreboard.floor > 0.5
        await person.until(lambda: "floor" in sees(compare, "scoreboard"))
