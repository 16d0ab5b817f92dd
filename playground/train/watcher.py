"""What a Worker computes for Train: the person's prompt under snapshots of runs. The last ones are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from models import baselines, measures, model_folders
from models.baselines import Baseline, chosen
from models.baselines.gru import GRU
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.growth import PROBES, Found, ask
from models.lenses.probes import CaseProbe
from models.lenses.probes.probe import knows_words
from models.ops import Array
from models.run_layout import RunFolder
from models.switches import Switch
from models.tracing import Trace
from playground import text
from playground.kit.kept import Kept, Memory
from playground.kit.worker import said_of
from playground.looking.engine import MOST_BYTES, Asked, Traces, counted, results
from playground.looking.labels import label, labelled
from playground.looking.prompts import MENDS, example, opening, unread_words, written
from playground.looking.scene import Results, Scene
from playground.looking.session import Session
from playground.train.scene import Watched
from playground.train.settling import Settled, Settling, settled
from playground.train.skills import Able, Asking, able

RECURRENT = "a recurrent network hands on what it knows: there is no attention to show"
NO_ATTENTION = "grown up without attention: it goes by the last token alone"
OWN = "it does not know all of your prompt: here is one of its own"
OTHER_WORDS = "what it can do is asked in the words of the little world, which it does not know"
NO_MASK = "without the mask it sees the answers: its loss is no fair score"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A prompt under a snapshot of a run; a prompt of None is one that the model can read.

    `is_other`: beside the chosen run, and under a prompt of its own where it cannot read this one.
    """

    run: str
    step: int
    folder: Path
    prompt: str | None
    is_other: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The prompt under one of the snapshots."""

    wanted: Wanted
    watched: Watched


class Watcher:
    """Loads snapshots and traces the prompt."""

    def __init__(self, kept: Kept | None = None) -> None:
        self.kept = kept or Kept(MOST_BYTES)
        self.probes = PROBES

    def known(self, wanted: Wanted) -> Watched | None:
        """What was computed before, at once."""
        found = self.kept.get(self, (wanted, _stamp(wanted.folder)))
        assert found is None or isinstance(found, Watched)
        return found

    def work(self, wanted: Sequence[Wanted | Settling | Asking]) -> Iterator[Seen | Settled | Able | None]:
        """One after the other, for a Worker."""
        for each in wanted:
            if isinstance(each, Wanted):
                yield Seen(each, self.known(each) or self._seen(each))
            elif isinstance(each, Settling):
                yield from settled(each, self._first_choice)
            else:
                yield from able(each, self._answer, self.probes)

    def _seen(self, wanted: Wanted) -> Watched:
        stamp = _stamp(wanted.folder)
        try:
            watched, memory = self._watch(wanted)
        except Exception as error:  # not kept: it may be there the next time; and no fault of ours ends the thread
            return Watched(wanted.step, problem=said_of(error))
        self.kept.put(self, (wanted, stamp), watched, *memory)
        return watched

    def _first_choice(self, folder: Path, prompt: str | None) -> str:
        """The token that is likeliest after the prompt, safe to show; "" where a snapshot cannot read it."""
        key = "first choice", folder, _stamp(folder), prompt
        found: str | None = self.kept.get(self, key)
        if found is None:
            try:
                found = _likeliest(model_folders.load_any(folder), prompt)
            except UserError:  # where it is looked at, it is said
                return ""
            self.kept.put(self, key, found)
        return found

    def _answer(self, folder: Path, probe: CaseProbe) -> Found:
        """What a probe finds of a snapshot."""
        key = "skill", folder, _stamp(folder), probe.slug
        found: Found | None = self.kept.get(self, key)
        if found is None:
            found = ask(_of_world(self._passes(folder).model), probe)
            self.kept.put(self, key, found)
        return found

    def _watch(self, wanted: Wanted) -> tuple[Watched, tuple[Memory, ...]]:
        passes = self._passes(wanted.folder)
        beside = self._beside(wanted.folder.parent.parent, passes.model)
        memory: tuple[Memory, ...] = (passes.model,)
        model = passes.model if isinstance(passes, Traces) else passes.in_place(1)
        session, own = _session(model, wanted)
        if isinstance(passes, Traces):
            found, lacks = results(Asked(session.tokens), passes, beside), model.config.lacks
            memory += (found.now.tape,) if found else ()
            says = NO_ATTENTION if "attention" in lacks else NO_MASK if "mask" in lacks else ""
        else:
            found, lacks, says = passes.results(session.tokens, beside), ("attention",), RECURRENT
            model = passes.in_place(len(session.tokens))
        says = _unread(session, model) or says
        scene = Scene(session, model, beside, found)
        says = "; ".join(filter(None, (own, says)))
        return Watched(wanted.step, scene, attends="attention" not in lacks, says=says), memory

    def _passes(self, folder: Path) -> Traces | Passes:
        """A snapshot's model, ready to read a prompt: a new prompt is shown to it without reading it again."""
        key = folder, _stamp(folder)
        passes = self.kept.get(self, key)
        if passes is None:
            model = model_folders.load_any(folder)
            passes = Traces(model, self.kept) if isinstance(model, GPT) else Passes(model)
            self.kept.put(self, key, passes, model)
        assert isinstance(passes, Traces | Passes)
        return passes

    def _beside(self, run: Path, model: GPT | GRU) -> Mapping[str, Baseline]:
        """What counting says, once the run has counted them; a damaged file is none."""
        folder = RunFolder(run).model
        key = folder, _stamp(folder)
        found: Mapping[str, Baseline] | None = self.kept.get(self, key)
        if found is None:
            found = baselines.look(folder, model.tokenizer).models
            self.kept.put(self, key, found, *found.values())
        return found


def _of_world(model: GPT | GRU) -> GPT | GRU:
    if not knows_words(model):
        raise UserError(OTHER_WORDS, "start a run on little-world (n)")
    return model


def _likeliest(model: GPT | GRU, prompt: str | None) -> str:
    tokenizer = model_folders.tokenizer_of(model)
    tokens = tokenizer.encode(example(tokenizer) if prompt is None else prompt)
    return label(tokenizer, int(model.logits(tokens)[-1].argmax()), tokens) if tokens else ""


def _stamp(folder: Path) -> tuple[int, int]:
    """What is another one when there is another folder of that name, or another file in it."""
    try:
        found = os.stat(folder)
    except OSError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


def _unread(session: Session, model: GPT) -> str:
    """What of the prompt the model has never seen, safe to show; "" where it knows it all."""
    assert model.tokenizer is not None
    wrong = session.problem or unread_words(model.tokenizer, session.text or "")
    return text.visible(f"{wrong} - {MENDS}") if wrong else ""


def _session(model: GPT, wanted: Wanted) -> tuple[Session, str]:
    """The prompt as the model reads it, or one of its own; and what there is to say of that."""
    new = Session(model.name)
    if wanted.prompt is None:
        return written(new, model, opening(model)), ""
    session = written(new, model, wanted.prompt)
    if wanted.is_other and _unread(session, model):
        return written(new, model, opening(model)), OWN
    return session, ""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """As much of a Trace as there is of a model that is no transformer: the text, and the scores of what follows."""

    tokens: tuple[int, ...]
    logits: Array
    switches: tuple[Switch, ...] = ()
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """A recurrent network, shown in those panes that ask a model for its scores alone."""

    model: GRU

    def results(self, tokens: tuple[int, ...], beside: Mapping[str, Baseline]) -> Results | None:
        """The prompt, read by it; None where there is nothing to read."""
        tokenizer = self.model.tokenizer
        if tokenizer is None or not tokens:
            return None
        scores = Scores(tokens, self.model.logits(tokens))
        own = measures.surprise(scores.logits, tokens)
        surprises = {"now": own, "intact": own, **counted(chosen(beside, ""), tokens)}
        labels = labelled(tokenizer, tokens)
        return Results(tokens, (), cast(Trace, scores), None, labels, surprises)

    def in_place(self, context: int) -> GPT:
        """What stands for it in a Scene, which is of a GPT: its vocabulary, a context with room for all, no weights."""
        config = GPTConfig(self.model.vocab_size, max(context, 1), n_layer=1, n_head=1, n_embd=1)
        return GPT(config, {}, self.model.tokenizer, self.model.name)
