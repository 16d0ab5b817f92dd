"""What a Worker computes for Play: a text and switches in, passes and continuations out; traces are kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Generic, TypeVar

import numpy as np

from models import measures, sampling
from models.baselines import Baseline, chosen
from models.gpt import GPT
from models.lenses.inside.beginnings import lost_without
from models.lenses.inside.stirred import most_stirred
from models.lenses.inside.sweep import Lost, one_by_one, ranked, sweeping
from models.ops import Array
from models.sampling import Sampler
from models.switches import HeadSwitch, Switch
from models.tape import nbytes
from models.tracing import Trace, branch, extend, retrace, trace
from playground.kit.kept import Kept
from playground.looking.edges import EdgesAsked, Listed, Worth, listing, seldom, worths
from playground.looking.labels import labelled
from playground.looking.scene import Costs, Moved, Results, Swept

MOST_BYTES = 256 << 20  # kept, where nobody says otherwise
FEW = 4  # tokens up to which growing is quicker than a pass over the whole text
CONTINUED = 60  # tokens each model writes on, at most
OFTEN = 0.25  # seconds between two pictures of a sweep that is not over

Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of the engine. `onward` is the sampler and the seed that every model writes on with.

    With a `row`, a position of the text, it says what each switch did to what follows that, and where somebody `sweeps`
    in the end what mattered for it.
    """

    tokens: tuple[int, ...]
    switches: tuple[Switch, ...] = ()
    onward: tuple[Sampler, int] | None = None  # None while nobody wants to see that
    baseline: str = ""  # slug of the one beside the model; "" is the first there is
    row: int | None = None  # None while nobody has time for that
    edges: EdgesAsked | None = None  # None while nobody sees or has time for them
    lists: bool = False  # of all edges
    sweeps: bool = True

    @property
    def results(self) -> tuple[object, ...]:
        """What the results depend on."""
        return self.tokens, self.switches, self.baseline

    @property
    def continued(self) -> tuple[object, ...]:
        """What the continuations depend on."""
        return self.results, self.onward

    @property
    def swept(self) -> tuple[object, ...]:
        """What the sweep depends on."""
        return self.tokens, self.switches, self.row

    @property
    def worth(self) -> tuple[object, ...]:
        """What the worth of edges depends on."""
        return self.tokens, self.switches, self.edges

    @property
    def listed(self) -> tuple[object, ...]:
        """What the lists of edges depend on."""
        return self.swept, self.lists, self.edges is not None and self.edges.plain


@dataclass(frozen=True, eq=False)
class Passed:
    """The results; None where there is no text."""

    results: Results | None


@dataclass(frozen=True, eq=False)
class Continued:
    """What each model would write after the text, so far."""

    tokens: Mapping[str, tuple[int, ...]]


Found = Passed | Moved | Costs | Continued | Swept | Worth | Listed  # what the engine says


class Traces:
    """Traces of one model, as many kept as there is room for; a longer text grows from a beginning that is kept."""

    def __init__(self, model: GPT, kept: Kept | None = None) -> None:
        self.model = model
        self.milliseconds = 0.0  # what the last trace that had to be computed took
        self.kept = kept or Kept(MOST_BYTES)

    def get(self, tokens: tuple[int, ...], switches: tuple[Switch, ...]) -> Trace:
        """The trace of these tokens under these switches."""
        found = self._known(tokens, switches)
        if found is None:
            started = time.perf_counter()
            found = self._grow(tokens, switches)
            self.milliseconds = (time.perf_counter() - started) * 1e3
            self.kept.put(self, (tokens, switches), found, found.tape)
        return found

    def _known(self, tokens: tuple[int, ...], switches: tuple[Switch, ...]) -> Trace | None:
        found = self.kept.get(self, (tokens, switches))
        assert found is None or isinstance(found, Trace)
        return found

    def _grow(self, tokens: tuple[int, ...], switches: tuple[Switch, ...]) -> Trace:
        for new in range(1, min(FEW, len(tokens) - 1) + 1):
            begun = self._known(tokens[:-new], switches)
            if begun is not None:
                for token in tokens[-new:]:
                    begun = extend(self.model, begun, token)
                return begun
        self.kept.make_room(nbytes(self.model, len(tokens)))
        intact = self._known(tokens, ()) if switches else None
        return trace(self.model, tokens, switches) if intact is None else retrace(intact, switches)


def results(asked: Asked, traces: Traces, baselines: Mapping[str, Baseline]) -> Results | None:
    """Both passes over a text and what is read off them; None where there is no text."""
    if not asked.tokens:
        return None
    intact = traces.get(asked.tokens, ())
    changed = traces.get(asked.tokens, asked.switches) if asked.switches else None
    now = intact if changed is None else changed
    surprises = {name: measures.surprise(of.logits, of.tokens) for name, of in (("now", now), ("intact", intact))}
    surprises |= counted(chosen(baselines, asked.baseline), now.tokens)
    tokenizer = traces.model.tokenizer
    assert tokenizer is not None
    labels = labelled(tokenizer, now.tokens)
    lost = lost_without(traces.model, intact.tokens, intact.logits)
    return Results(asked.tokens, asked.switches, intact, changed, labels, surprises, traces.milliseconds, lost)


def counted(baseline: Baseline | None, tokens: Sequence[int]) -> dict[str, Array]:
    """A baseline's surprise at each of the tokens (T,), by its name; nothing where there is none."""
    if baseline is None:
        return {}
    return {baseline.name: np.concatenate([[np.nan], -np.log2(baseline.predicted(tokens))])}


def continued(writers: Iterable[tuple[str, Iterator[int]]]) -> Iterator[Continued | None]:
    """What each writes on, one after the other: for a Worker, with None between two tokens."""
    written: dict[str, tuple[int, ...]] = {}
    for name, tokens in writers:
        grown: list[int] = []
        for token in islice(tokens, CONTINUED):
            grown.append(token)
            yield None
        written[name] = tuple(grown)
        yield Continued(dict(written))


def continuing(
    traces: Traces, baselines: Mapping[str, Baseline], asked: Asked, sampler: Sampler, seed: int
) -> Iterator[Continued | None]:
    """How the model goes on after a text, with its switches and without, and the baseline; as `continued`."""

    def writes(switches: tuple[Switch, ...]) -> Iterator[int]:
        start = branch(traces.get(asked.tokens, switches))  # the next step then goes on at no cost
        return (draw.token for draw in sampling.write_on(traces.model, start, sampler, seed))

    def writers() -> Iterator[tuple[str, Iterator[int]]]:
        yield "now", writes(asked.switches)
        if asked.switches:
            yield "intact", writes(())
        baseline = chosen(baselines, asked.baseline)
        if baseline is not None:
            draws = sampling.generate(baseline, asked.tokens, CONTINUED, sampler, seed)
            yield baseline.name, (draw.token for draw in draws)

    return continued(writers())


def moved(known: Results) -> Moved:
    """Which head's attention the switches moved most; not one that has a switch of its own."""
    assert known.changed is not None
    own = {(each.layer, each.head) for each in known.switches if isinstance(each, HeadSwitch)}
    return Moved(known, most_stirred(known.intact, known.changed, own))


def swept(trace: Trace, row: int) -> Iterator[Swept | None]:
    """What mattered for what follows a row: for a Worker, as it comes, with None in between."""
    found, last = list[Lost](), time.monotonic()
    for some in sweeping(trace, row):
        found += some
        now = time.monotonic()
        if some and now - last > OFTEN:
            last = now
            yield Swept(ranked(found), done=False)
        else:
            yield None
    yield Swept(ranked(found), done=True)


class _Going(Generic[Piece]):
    """Something that goes on where it was left, for as long as the same is wanted."""

    def __init__(self) -> None:
        self._key: object = None
        self._pieces: Iterator[Piece | None] = iter(())
        self._last: Piece | None = None

    def on(self, key: object, begin: Callable[[], Iterator[Piece | None]]) -> Iterator[Piece | None]:
        """What it said last, then the rest; from the beginning where another thing is wanted."""
        if key != self._key:
            self._key, self._pieces, self._last = key, begin(), None
        yield self._last
        for piece in self._pieces:
            if piece is not None:
                self._last = piece
            yield piece


class Engine:
    """What is asked of one model, piece by piece: the passes over a text, how each model would go on, what mattered.

    Who only looks elsewhere in a text has its passes again, and what was begun goes on.
    """

    def __init__(self, model: GPT, baselines: Mapping[str, Baseline], kept: Kept | None = None) -> None:
        self.model, self.baselines = model, baselines
        self.traces = Traces(model, kept)
        self._passed: tuple[object, Passed] | None = None  # the last, and what it depends on
        self._moved: Moved | None = None
        self._costs = Costs((), -1)
        self._onward, self._sweep = _Going[Continued](), _Going[Swept]()
        self._worth, self._lists = _Going[Worth](), _Going[Listed]()

    def work(self, asked: Asked) -> Iterator[Found | None]:
        """For a Worker: None stands wherever it may be left."""
        if self._passed is None or self._passed[0] != asked.results:
            self._passed = asked.results, Passed(results(asked, self.traces, self.baselines))
        passed = self._passed[1]
        yield passed
        known = passed.results
        if known is None:
            return
        row = None if asked.row is None else max(0, min(asked.row - known.now.dropped, len(known.now) - 1))
        if row is not None and known.changed is not None:
            yield self._moved_by(known)
            yield from seldom(self._costing(known, row))
        if asked.onward is not None:
            begin = partial(continuing, self.traces, self.baselines, asked, *asked.onward)
            yield from self._onward.on(asked.continued, begin)
        if row is not None and asked.sweeps:
            yield from self._what_matters(asked, known, row)

    def _what_matters(self, asked: Asked, known: Results, row: int) -> Iterator[Swept | Worth | Listed | None]:
        if asked.lists:
            begin = partial(listing, known.now, row, asked.edges is not None and asked.edges.plain)
            yield from self._lists.on(asked.listed, begin)
        if asked.edges is not None and asked.edges.row is not None:
            yield from self._worths(asked, asked.edges, known)
        yield from self._sweep.on(asked.swept, partial(swept, known.now, row))
        if asked.edges is not None and asked.edges.row is None:  # it takes the longest
            yield from self._worths(asked, asked.edges, known)

    def _worths(self, asked: Asked, edges: EdgesAsked, known: Results) -> Iterator[Worth | None]:
        return self._worth.on(asked.worth, partial(worths, known.intact if edges.before else known.now, edges))

    def _moved_by(self, known: Results) -> Moved:
        if self._moved is None or self._moved.results is not known:
            self._moved = moved(known)
        return self._moved

    def _costing(self, known: Results, row: int) -> Iterator[Costs | None]:
        """What the switches that are on do one by one; those that were on before at this row are known."""
        if (self._costs.tokens, self._costs.row) != (known.tokens, row):
            self._costs = Costs(known.tokens, row)
        new = [switch for switch in known.switches if switch not in self._costs.effects]
        if not new:
            yield self._costs
        for some in one_by_one(known.intact, new, row):
            self._costs = replace(self._costs, effects={**self._costs.effects, **dict(some)})
            yield self._costs if some else None
