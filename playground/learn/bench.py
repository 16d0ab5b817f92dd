"""Where lessons measure: models read once, and the passes and distributions that most of them need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import models
from models import baselines, measures
from models.baselines import Baseline
from models.corpora.little_world import world
from models.gpt import GPT
from models.lenses.batches import next_logits
from models.lenses.estimates import Estimate, a_word
from models.lenses.probes import Case
from models.lenses.probes.probe import drawn, tokens_of
from models.lenses.surprises import surprises
from models.ops import Array
from models.switches import Switch, under
from models.tracing import Trace, trace


@dataclass
class Bench:
    """For one thread at a time."""

    runs: dict[str, Path] = field(default_factory=dict)  # those trained for the lesson, by the names of their plans
    _models: dict[str, GPT] = field(default_factory=dict)

    @property
    def trained(self) -> Path | None:
        """The first of the lesson's runs; None where it has none."""
        return next(iter(self.runs.values()), None)

    def model(self, name: str) -> GPT:
        """A bundled model, or one in a folder."""
        if name not in self._models:
            self._models[name] = models.load(name)
        return self._models[name]

    def counted(self, name: str) -> Mapping[str, Baseline]:
        """What was counted beside a model, by slug."""
        return baselines.look(models.folder(name), self.model(name).tokenizer).models

    def trace(self, name: str, text: str | Sequence[int], *switches: Switch) -> Trace:
        """A pass of a model over a text or tokens."""
        return trace(self.model(name), text, switches)

    def after(self, name: str, text: str | Sequence[int], *switches: Switch) -> Array:
        """The distribution of what follows: (V,)."""
        return measures.softmax(self.trace(name, text, *switches).logits[-1])

    def first(self, name: str, p: Array) -> str:
        """The likeliest token of a distribution."""
        return self.token(name, int(p.argmax()))

    def token(self, name: str, token: int) -> str:
        """A token of a model as text."""
        tokenizer = self.model(name).tokenizer
        assert tokenizer is not None
        return tokenizer.token(token)

    def right(self, name: str, cases: Sequence[Case], *switches: Switch) -> float:
        """The share of a probe's cases that are answered right."""
        model = self.model(name)
        best = next_logits(model, tokens_of(model, cases), switches).argmax(-1)
        said = [self.token(name, int(token)) for token in best]
        return sum(word in case.right for word, case in zip(said, cases, strict=True)) / len(cases)

    def held_out(self, name: str, count: int, seed: int = 1) -> list[list[int]]:
        """Texts of the little world that no model has seen, as far as the context of this one reaches."""
        model = self.model(name)
        assert model.tokenizer is not None
        return [text[: model.config.block_size] for text in drawn(model.tokenizer, world("held-out"), count, seed)]

    def surprise(self, name: str, texts: Iterable[Sequence[int]], *switches: Switch) -> float:
        """The mean surprise in bits over all tokens of the texts but the first of each."""
        return _mean(self._surprises(name, texts, switches))

    def costs(self, name: str, texts: Sequence[Sequence[int]], each: Iterable[Switch]) -> Iterator[Estimate]:
        """How much larger that is under each of the switches alone, and how sure that is: a text is one draw."""
        intact = [*self._surprises(name, texts, ())]
        for switch in each:
            both = zip(self._surprises(name, texts, (switch,)), intact, strict=True)
            yield a_word([changed - whole for changed, whole in both])

    def _surprises(self, name: str, texts: Iterable[Sequence[int]], switches: tuple[Switch, ...]) -> Iterator[Array]:
        """Of each text's tokens but the first (T - 1); a text may be one token longer than the context."""
        model = under(self.model(name), switches)  # made once for all texts
        for text in texts:
            logits = trace(model, text[: model.config.block_size], switches).logits
            yield measures.told(logits[: len(text) - 1], np.asarray(text[1:]))

    def counted_surprise(self, name: str, slug: str, texts: Iterable[Sequence[int]]) -> float:
        """The same of what was counted beside a model."""
        counted = self.counted(name)[slug]
        return _mean(surprises(counted, text)[1:] for text in texts)


def _mean(texts: Iterable[Array]) -> float:
    """Over all tokens of all texts."""
    bits = [*texts]
    return float(sum(each.sum() for each in bits) / sum(map(len, bits)))
