"""What lessons train: small models on a few pages of the little world, quick to learn and to measure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from models.corpora.spec import TokenizerSpec
from models.corpora.token_files import FRACTION
from models.gpt import GPT
from models.runs import TrainConfig, history
from models.runs.events import Measured as AtStep
from models.runs.events import Started, Stepped
from playground.learn.lesson import Done, Here
from playground.train.form import Plan
from playground.train.scene import TrainScene

PAGES = Path(__file__).with_name("pages.txt")  # 4,000 words, as the little world writes them


def unread(model: GPT) -> list[list[int]]:
    """What no run learns from: the last of the pages, in pieces as a run is scored on: the context, and a word more."""
    assert model.tokenizer is not None
    tokens, size = model.tokenizer.encode(PAGES.read_text()), model.config.block_size
    return [tokens[at : at + size + 1] for at in range(int(len(tokens) * FRACTION), len(tokens) - size, size)]


def on_pages(name: str, config: TrainConfig) -> Plan:
    """A run on these pages, by words."""
    return Plan(name, config, (str(PAGES),), TokenizerSpec("word"))


def shows_first(plans: Sequence[Plan]) -> Done:
    """What is done once all of these have come to their end, and the Train screen shows the first."""

    def done(here: Here) -> bool:
        scene = here.scene
        if not isinstance(scene, TrainScene) or scene.record is None:
            return False
        over = [each.config for each in scene.runs.values() if each.state == "done"]
        return scene.record.config == plans[0].config and all(plan.config in over for plan in plans)

    return done


class Told:
    """What a finished run has said."""

    def __init__(self, run: Path) -> None:
        told = history.read(run)
        self.started = next(each for each in told if isinstance(each, Started))
        self.steps = [each for each in told if isinstance(each, Stepped)]
        self.measured = [each for each in told if isinstance(each, AtStep)]

    @property
    def bigram(self) -> float:
        """The bigram's bits a token on the held-out sample."""
        return self.started.rivals["bigram"] / math.log(2)

    @property
    def learned(self) -> float:
        """Bits a token on what it learned from, over the last steps."""
        return self.measured[-1].loss / math.log(2)

    @property
    def held_out(self) -> float:
        """Bits a token on the held-out sample, at the end."""
        return self.measured[-1].held_out / math.log(2)

    @property
    def lowest(self) -> tuple[int, float]:
        """The step at which the held-out sample cost least, and how many bits a token it did."""
        best = min(self.measured, key=lambda each: each.held_out)
        return best.step, best.held_out / math.log(2)
