"""What a Worker computes for Compare: a text in, what every model says of it out.

What takes long goes in pieces, and is gone on with under the next request: what the models write, then their scores.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models import sampling
from models.baselines.gru import GRU
from models.contract import LanguageModel
from models.corpora.little_world import Belief, world
from models.errors import UserError
from models.gpt import GPT
from models.lenses.context_use import ContextUse, context_use
from models.lenses.scoreboard import scoreboards
from models.lenses.truth import Truth
from models.lenses.versus import versus
from models.sampling import Sampler
from models.tracing import trace
from playground.compare.guests import seated
from playground.compare.lineup import TRUTH, lineup
from playground.compare.scene import Compared, Scored
from playground.kit.worker import Failed
from playground.looking.engine import Continued, continued
from playground.looking.held_out import TEXTS, HeldOut, held_out, own_text
from playground.looking.labels import labelled

PREDICTED = 512  # places at which context use is measured, at most
REST = 0.005  # seconds between two pieces of the scores, which are in no hurry: who draws goes first


@dataclass(frozen=True)
class Asked:
    """What is wanted of the engine: all of it at once, so that the newest is enough."""

    tokens: tuple[int, ...] = ()
    onward: tuple[int, ...] = ()  # the text that the models write on; () if nobody is to
    sampler: Sampler = field(default_factory=Sampler)
    seed: int = 1
    scores: bool = False
    file: Path | None = None  # the text to score on, where the person chose one
    guests: tuple[GPT | GRU, ...] = ()  # put beside those that are there anyway

    @property
    def writing(self) -> tuple[object, ...]:
        """What the continuations depend on."""
        return self.onward, self.sampler, self.seed


@dataclass(frozen=True, eq=False)
class Met:
    """The models, which all posts name by the keys."""

    models: Mapping[str, LanguageModel]


@dataclass(frozen=True)
class Refused:
    """The models cannot be compared on this text, and why in one sentence; they may still write and be scored."""

    problem: str


Said = Met | Compared | Refused | Continued | Scored | Failed


def compared(models: Mapping[str, LanguageModel], tokens: Sequence[int]) -> Compared:
    """All models of a `lineup` on a text of at least one token.

    The truth is that of the world as one learns it, with some combinations held out. A text that has one of those is
    read as a text of the whole world.
    """
    started = time.perf_counter()
    tokenizer = next(model.tokenizer for model in models.values() if model.tokenizer is not None)
    given = models.get(TRUTH)
    truth, beliefs = _understood(given, tokens) if isinstance(given, Truth) else (None, ())
    found = versus([truth if truth and model is given else model for model in models.values()], tokens)
    labels = labelled(tokenizer, tokens)
    took = (time.perf_counter() - started) * 1e3
    return Compared(tuple(tokens), labels, found, beliefs, took)


def _understood(truth: Truth, tokens: Sequence[int]) -> tuple[Truth, tuple[Belief | None, ...]]:
    """The truth that follows the text longest, the given one if no other does, and what it knows at each place."""
    beliefs = (truth.world.start, *truth.beliefs(tokens))
    if beliefs[-1] is None:
        whole = replace(truth, world=world())
        further = (whole.world.start, *whole.beliefs(tokens))
        if further.count(None) < beliefs.count(None):
            return whole, further
    return truth, beliefs


def writes(model: LanguageModel, tokens: Sequence[int], sampler: Sampler, seed: int) -> Iterator[int]:
    """Token after token after a text that is not empty; the truth ends where no text of the world goes on."""
    if isinstance(model, GPT):
        yield from (drawn.token for drawn in sampling.write_on(model, trace(model, tuple(tokens)), sampler, seed))
    elif isinstance(model, Truth):
        yield from _told(model, tokens, sampler, seed)
    else:
        yield from (drawn.token for drawn in sampling.draws(model, tokens, sampler, seed))


def _told(truth: Truth, tokens: Sequence[int], sampler: Sampler, seed: int) -> Iterator[int]:
    truth, beliefs = _understood(truth, tokens)
    belief, position = beliefs[-1], len(tokens)
    while belief is not None and belief.p:
        token = sampling.draw(truth.row(belief), sampler, seed, position).token
        yield token
        belief = belief.after(truth.tokenizer.token(token))
        position += 1


class Comparer:
    """Answers, for a Worker, what is asked of a GPT and those beside it; `folder` is the model's, None if none."""

    def __init__(self, gpt: GPT, counted: Mapping[str, LanguageModel], folder: Path | None) -> None:
        self.gpt, self.counted, self.folder = gpt, counted, folder
        self.models: Mapping[str, LanguageModel] = {}
        self._asked = Asked()
        self._writing: Iterator[Continued | None] = iter(())
        self._scoring: Iterator[Scored] | None = None  # on this file, or on this text
        self._own = False  # it is the text itself that is scored on

    def work(self, asked: Asked) -> Iterator[Said | None]:
        """Who is compared, the text, what they write on, and their scores; what was begun before is gone on with."""
        before, self._asked = self._asked, asked
        if not self.models or asked.guests != before.guests:
            self.models = seated(lineup(self.gpt, self.counted), {guest.name: guest for guest in asked.guests})
            before, self._scoring = Asked(), None  # others are met: all of it anew
            yield Met(self.models)
        if asked.writing != before.writing:
            self._writing = self._write(asked) if asked.onward else iter(())
        if asked.file != before.file or (self._own and asked.tokens != before.tokens):
            self._scoring = None
        if asked.tokens != before.tokens and asked.tokens:
            yield self._compare(asked)
        for piece in self._writing:  # noqa: UP028 - `yield from` would close it when a newer request takes over
            yield piece
        if asked.scores:
            yield from self._scores(asked)

    def _scores(self, asked: Asked) -> Iterator[Scored]:
        """Gone on with where they were left; after a fault, from the start."""
        if self._scoring is None:
            found = held_out(self.gpt, self.folder, asked.file)
            self._own = found is None
            self._scoring = scoring(asked.file, found or own_text(asked.tokens), tuple(self.models.values()))
        try:
            for scored in self._scoring:  # noqa: UP028 - as above
                yield scored
                time.sleep(REST)
        except Exception:
            self._scoring = None
            raise

    def _compare(self, asked: Asked) -> Compared | Refused:
        try:
            return compared(self.models, asked.tokens)
        except UserError as error:
            return Refused(str(error))

    def _write(self, asked: Asked) -> Iterator[Continued | None]:
        """Model by model, nothing for one that cannot write; None where there is nothing new yet."""

        def written(model: LanguageModel) -> Iterator[int]:
            with suppress(UserError):  # its scores are no numbers; the others may still write
                yield from writes(model, asked.onward, asked.sampler, asked.seed)

        return continued((name, written(model)) for name, model in self.models.items())


def scoring(file: Path | None, found: HeldOut | None, models: Sequence[LanguageModel]) -> Iterator[Scored]:
    """The scoreboard and the curves over texts, each with half of the time, so that both grow; done where are none."""
    if found is None:
        yield Scored(file, "", is_done=True)
        return
    now = Scored(file, found.says)
    growing: dict[str, Iterator[Any]] = {
        "scoreboard": scoreboards(models, found.texts[:TEXTS]),
        "context_use": _uses(found, models),
    }
    spent = dict.fromkeys(growing, 0.0)
    yield now
    while growing:
        name = min(growing, key=spent.__getitem__)
        started = time.perf_counter()
        piece = next(growing[name], None)
        spent[name] += time.perf_counter() - started
        if piece is None:
            del growing[name]
        else:
            now = replace(now, **{name: piece})
            yield now
    yield replace(now, is_done=True)


def _uses(found: HeldOut, models: Sequence[LanguageModel]) -> Iterator[ContextUse]:
    learners = [model for model in models if not isinstance(model, Truth)]
    truth = next((model for model in models if isinstance(model, Truth)), None)
    return context_use(learners, found.texts, found.longest, PREDICTED, truth=truth)
