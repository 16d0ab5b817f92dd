"""Runs on disk as a training process leaves them, and someone at the keyboard of the Train screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from textual.widgets import Input, Static

from models.corpora.spec import CorpusSpec, TokenizerSpec
from models.gpt import GPT, weight_shapes
from models.runs import TrainConfig, catalogue, snapshots
from models.runs.events import (
    Ended,
    Event,
    Measured,
    Sampled,
    Saved,
    Snapshot,
    Started,
    Stepped,
    encode,
)
from models.runs.history import History
from models.tokenizers import Tokenizer
from playground.app import Playground
from playground.train.new_run import NewRun
from playground.train.screen import Train
from playground.train.watcher import Wanted
from tests.playground.someone import Someone

TEXT = "to be, or not to be, that is the question.\n" * 60
CONFIG = TrainConfig(n_layer=2, n_head=2, n_embd=8, block_size=16, batch=4, steps=40, eval_every=10)


def model_at(step: int, config: TrainConfig = CONFIG) -> GPT:
    """A model of a run: random, and another at every step."""
    tokenizer = Tokenizer.train_char(TEXT)
    sizes = config.gpt(tokenizer.vocab_size)
    rng = np.random.default_rng(step)
    weights = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in weight_shapes(sizes).items()}
    return GPT(sizes, weights, tokenizer, name="run")


def told(path: Path, steps: Sequence[int], config: TrainConfig = CONFIG) -> list[Event]:
    """What a run says up to those steps, without an end."""
    found: list[Event] = [
        Started(str(path), 0, config.as_dict(), 1000, 2000, 200, 15, 1, 1, "float32", 1e10, {"bigram": 1.5})
    ]
    for step in steps:
        loss = 3 / (1 + step / 10)
        if step:
            found.append(Stepped(step, step / 40, step * 64, float(step), loss, 1e-3, 1.0, 6e4, 1e9, 1 << 28, 10.0))
            found.append(Measured(step, float(step), loss, loss + 0.1, True, (loss,) * 16, {"0": 1.0}, {"0": 1e-3}))
        found += [Sampled(step, f"sample {step}"), Snapshot(step, f"snapshots/step-{step:09d}"), Saved(step)]
    return found


def make(
    runs: Path, name: str, steps: Sequence[int] = (0, 10, 20), end: Ended | None = None, **changes: object
) -> Path:
    """A run on disk as a training process leaves it."""
    config = TrainConfig.from_dict(CONFIG.as_dict() | changes)
    path = runs / name
    text = runs.parent / "text.txt"
    text.write_text(TEXT)
    corpus = CorpusSpec("text", (str(text),), TokenizerSpec())
    catalogue.create(path, config, catalogue.LearnsFrom(corpus), ["train"])
    log = History(path)
    for event in (*told(path, steps, config), *([end] if end else [])):
        log.append(event)
    log.close()
    for step in steps:
        snapshots.write(path, model_at(step, config), step)
    return path


class Person(Someone[Playground, Train]):
    """Who waits until the snapshots that are wanted are seen."""

    @property
    def screen(self) -> Train:
        train = self.app.screen_named("train")
        assert isinstance(train, Train)
        return train

    train = screen

    async def settle(self) -> None:
        """Until what is wanted is seen."""
        train = self.train

        def is_seen(wanted: Wanted) -> bool:
            there = train.seen.get(wanted.run)
            if there is None or there.step != wanted.step:
                return False
            return bool(there.problem) or there is train.watcher.known(wanted)

        await self.until(lambda: all(is_seen(each) for each in train.asked or () if isinstance(each, Wanted)))

    @property
    def form(self) -> NewRun:
        """The form on top."""
        assert isinstance(self.app.screen, NewRun)
        return self.app.screen

    async def begin(self, text: Path, **settings: str) -> None:
        """A run through the form: small, on this text, with these settings."""
        await self.press("n")
        form, small = self.form, {"n_layer": "1", "n_embd": "16", "block_size": "16", "batch": "4"}
        for name, value in {"data": str(text), **small, **settings}.items():
            form.query_one(f"#{name}", Input).value = value
        await self.until(lambda: form.wrong is None and "about" in self.dialog)
        await self.pilot.press("ctrl+s")

    @property
    def dialog(self) -> str:
        """The words of the dialog on top."""
        return "\n".join(str(widget.render()) for widget in self.app.screen.query(Static))


@asynccontextmanager
async def at(runs: Path, size: tuple[int, int] = (120, 36), model: str = "shakespeare-char") -> AsyncIterator[Person]:
    app = Playground(model, runs=runs, first="train")
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: "train" in app.made and app.screen is app.made["train"])
        known = len(catalogue.runs(runs))
        await person.until(lambda: len(person.train.runs) == known)
        await person.settle()
        yield person


def says(*events: Event) -> str:
    return f"sys.stdout.write({''.join(encode(event) + chr(10) for event in events)!r}); sys.stdout.flush()\n"
