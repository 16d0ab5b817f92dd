"""What panes draw from: the Session, the traces it asked for, and the numbers read off them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models import measures, sampling
from models.baselines import Baseline
from models.gpt import GPT
from models.switches import Switch
from models.tokenizers import Tokenizer
from models.tracing import Trace
from playground import text
from playground.play.session import Session


@dataclass(frozen=True, eq=False)
class Results:
    """What the engine computed for a Session: passes, and the numbers read off them that cost more than a glance."""

    tokens: tuple[int, ...]  # the session's, so that a late result can be told from a fresh one
    switches: tuple[Switch, ...]
    intact: Trace
    changed: Trace | None  # None while no switch is on
    labels: tuple[str, ...]  # every token of the traces, safe to show
    surprises: Mapping[
        str, Any
    ]  # "now", "intact" and the baseline by its name: bits at each token (T,), the first is NaN
    milliseconds: float = 0.0  # the last pass

    @property
    def now(self) -> Trace:
        """The trace that counts: with the switches where any is on."""
        return self.intact if self.changed is None else self.changed

    def are_of(self, session: Session) -> bool:
        """Whether they are of this session's text and switches, and not of those of a moment ago."""
        return (self.tokens, self.switches) == (session.tokens, session.switches)


@dataclass(frozen=True, eq=False)
class Scene:
    """A Session, the model, and the results so far; everything a pane may look at.

    `results` is None while there is no text. `continuations` are what each model would write next with this seed:
    "now", "intact" and the baseline by its name; empty while they are being computed.
    """

    session: Session
    model: GPT
    baselines: Mapping[str, Baseline] = field(default_factory=dict)  # by slug
    results: Results | None = None
    continuations: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    frame_milliseconds: float = 0.0
    running: bool = False
    speed: float = 4.0  # tokens a second while running
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # named sets of switches

    @property
    def view(self) -> Session:
        """What the person has chosen, and where they look."""
        return self.session

    def moved(self, dx: int, dy: int) -> Session:
        """Arrow keys mean something else in every pane of Play; nothing where there is none."""
        return self.session

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's own."""
        assert self.model.tokenizer is not None, "a model without a tokenizer cannot be played with"
        return self.model.tokenizer

    @property
    def labels(self) -> tuple[str, ...]:
        """Every token of the traces, safe to show; none without results."""
        return self.results.labels if self.results else ()

    @property
    def dropped(self) -> int:
        """How many of the text's first tokens the traces are without."""
        return self.results.now.dropped if self.results else 0

    @property
    def length(self) -> int:
        """How many tokens the traces have."""
        return len(self.results.now) if self.results else 0

    @property
    def shown(self) -> Trace | None:
        """The trace the attention panes show; for a difference, the changed one."""
        if self.results is None:
            return None
        return self.results.intact if self.session.view.shows == "before" else self.results.now

    @property
    def baseline(self) -> Baseline | None:
        """The one shown beside the model: the chosen one, and as long as it is not computed the one before."""
        known = self.results.surprises if self.results else {}
        return next((each for each in self.baselines.values() if each.name in known), None)

    @property
    def row(self) -> int:
        """The row of the traces looked at: the session's position, less what the context has dropped; -1 if none."""
        if self.results is None:
            return -1
        now = self.results.now
        return max(0, min(self.session.row - now.dropped, len(now) - 1))

    @property
    def column(self) -> int:
        """The column looked at in the chosen head: the chosen one, or the row's strongest; -1 if none."""
        if self.shown is None:
            return -1
        view = self.session.view
        if view.column is not None:
            return max(0, min(view.column - self.shown.dropped, len(self.shown) - 1))
        return int(np.argmax(np.nan_to_num(self.shown.blocks[view.layer].pattern[view.head, self.row])))

    def label(self, token: int) -> str:
        """One token as a safe label."""
        return text.token(self.tokenizer.token(token))

    def draw(self, trace: Trace) -> sampling.Draw:
        """What is drawn after the row looked at, under this trace; UserError if its scores are not numbers."""
        position = self.row + trace.dropped + 1
        return sampling.draw(trace.logits[self.row], self.session.sampler, self.session.seed, position)

    @property
    def effect(self) -> measures.Effect | None:
        """What the switches did to the token after the row looked at; None where no switch is on."""
        if self.results is None or self.results.changed is None:
            return None
        return measures.effect(self.results.intact.logits[self.row], self.results.changed.logits[self.row])

    @property
    def followed(self) -> int | None:
        """The token that stands after the row looked at, where there is one already."""
        if self.results is None:
            return None
        line = self.session.tokens + self.session.ahead
        after = self.row + self.results.now.dropped + 1
        return line[after] if after < len(line) else None
