"""The thread that computes: a Session in, its Results out. The newest request wins; panes never wait for it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from models import measures, sampling
from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT
from models.switches import Switch
from models.tracing import Trace, branch, extend, trace
from playground import text
from playground.play.scene import Results
from playground.play.session import Session

KEPT = 24  # traces kept for undo and stepping back ...
MOST_BYTES = 1 << 30  # ... unless they are of a large model; the intact and the changed one always are
FEW = 4  # tokens up to which growing is quicker than a pass over the whole text
CONTINUED = 60  # tokens each model writes on


@dataclass(frozen=True, eq=False)
class Passed:
    """The results of a session; None where it has no text."""

    session: Session
    results: Results | None


@dataclass(frozen=True, eq=False)
class Continued:
    """What each model would write after the session's text, so far."""

    session: Session
    tokens: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Failed:
    """A session that could not be computed, and why in one sentence."""

    session: Session
    problem: str


Post = Callable[[Passed | Continued | Failed], object]


class Traces:
    """Traces of one model, the last ones kept; a longer text grows from the longest beginning that is kept."""

    def __init__(self, model: GPT) -> None:
        self.model = model
        self.milliseconds = 0.0  # what the last trace that had to be computed took
        self._kept: OrderedDict[tuple[tuple[int, ...], tuple[Switch, ...]], Trace] = OrderedDict()

    def get(self, tokens: tuple[int, ...], switches: tuple[Switch, ...]) -> Trace:
        """The trace of these tokens under these switches."""
        key = (tokens, switches)
        found = self._kept.pop(key, None)
        if found is None:
            started = time.perf_counter()
            found = self._grow(tokens, switches)
            self.milliseconds = (time.perf_counter() - started) * 1e3
        self._kept[key] = found
        while len(self._kept) > KEPT or (len(self._kept) > 2 and self._nbytes() > MOST_BYTES):
            self._kept.popitem(last=False)
        return found

    def _nbytes(self) -> int:
        """What the kept traces hold; those of one line of text share a tape."""
        return sum(tape.nbytes for tape in {kept.tape for kept in self._kept.values()})

    def _grow(self, tokens: tuple[int, ...], switches: tuple[Switch, ...]) -> Trace:
        for new in range(1, min(FEW, len(tokens) - 1) + 1):
            begun = self._kept.get((tokens[:-new], switches))
            if begun is not None:
                for token in tokens[-new:]:
                    begun = extend(self.model, begun, token)
                return begun
        return trace(self.model, tokens, switches)


def results(session: Session, traces: Traces, baselines: Mapping[str, LanguageModel]) -> Results | None:
    """Both passes of a session and what is read off them; None where it has no text."""
    if not session.tokens:
        return None
    intact = traces.get(session.tokens, ())
    changed = traces.get(session.tokens, session.switches) if session.switches else None
    now = intact if changed is None else changed
    surprises = {
        "now": measures.surprise(now.logits, now.tokens),
        "intact": measures.surprise(intact.logits, intact.tokens),
    }
    if "bigram" in baselines:
        surprises["bigram"] = measures.surprise(baselines["bigram"].logits(now.tokens), now.tokens)
    tokenizer = traces.model.tokenizer
    assert tokenizer is not None
    labels = tuple(text.token(tokenizer.token(token)) for token in now.tokens)
    return Results(session.tokens, session.switches, intact, changed, labels, surprises, traces.milliseconds)


class Engine(threading.Thread):
    """Computes the newest session asked for, then, if nothing newer came, how each model would go on."""

    def __init__(self, model: GPT, baselines: Mapping[str, LanguageModel], post: Post) -> None:
        super().__init__(name="engine", daemon=True)
        self.model, self.baselines, self.post = model, baselines, post
        self.traces = Traces(model)
        self._wake = threading.Condition()
        self._asked: Session | None = None
        self._continue = False
        self._stopped = False

    def ask(self, session: Session, *, continuations: bool) -> None:
        """Compute this one next and forget any earlier request."""
        with self._wake:
            self._asked, self._continue = session, continuations
            self._wake.notify()

    def stop(self) -> None:
        """Leave after the pass in hand."""
        with self._wake:
            self._stopped = True
            self._wake.notify()

    def run(self) -> None:
        """Until stopped."""
        while True:
            with self._wake:
                while self._asked is None and not self._stopped:
                    self._wake.wait()
                if self._stopped:
                    return
                session, self._asked, onward = self._asked, None, self._continue
            assert session is not None
            try:
                self.post(Passed(session, self.results(session)))
                if onward and session.tokens:
                    self._go_on(session)
            except UserError as error:
                self.post(Failed(session, str(error)))
            except Exception as error:  # a fault of ours must not end the thread and leave the screen waiting
                self.post(Failed(session, f"this could not be computed, a fault of ours: {error!r} - undo and go on"))

    def results(self, session: Session) -> Results | None:
        """Both passes of a session and what is read off them; None where it has no text."""
        return results(session, self.traces, self.baselines)

    def _go_on(self, session: Session) -> None:
        written: dict[str, tuple[int, ...]] = {}
        for name, tokens in self._writers(session):
            grown: list[int] = []
            for token in tokens:
                grown.append(token)
                if self._asked is not None or self._stopped:
                    return
            written[name] = tuple(grown)
            self.post(Continued(session, dict(written)))

    def _writers(self, session: Session) -> Iterator[tuple[str, Iterator[int]]]:
        def writes(switches: tuple[Switch, ...]) -> Iterator[int]:
            start = branch(self.traces.get(session.tokens, switches))  # the next step then goes on at no cost
            draws = sampling.write_on(self.model, start, session.sampler, session.seed)
            return (draw.token for draw in islice(draws, CONTINUED))

        yield "now", writes(session.switches)
        if session.switches:
            yield "intact", writes(())
        if "bigram" in self.baselines:
            draws = sampling.generate(
                self.baselines["bigram"], session.tokens, CONTINUED, session.sampler, session.seed
            )
            yield "bigram", (draw.token for draw in draws)
