"""What panes draw from: the Session, the traces it asked for, and the numbers read off them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from models import measures
from models.baselines import Baseline
from models.gpt import GPT
from models.lenses.inside.edges import Edges
from models.lenses.inside.stirred import Stirred
from models.lenses.inside.sweep import Lost
from models.measures import Effect
from models.switches import HeadOff, Switch
from models.tokenizers import Tokenizer
from models.tracing import Trace
from playground.looking.edges import Worth, looked_at
from playground.looking.labels import label
from playground.looking.session import Session


@dataclass(frozen=True, eq=False)
class Results:
    """What the engine computed for a Session: passes, and the numbers read off them that cost more than a glance."""

    tokens: tuple[int, ...]  # the session's, so that a late result can be told from a fresh one
    switches: tuple[Switch, ...]
    intact: Trace
    changed: Trace | None  # None while no switch is on
    labels: tuple[str, ...]  # every token of the traces, safe to show
    # bits at each token (T,), the first is NaN: "now", "intact" and the baseline by its name
    surprises: Mapping[str, Any]
    milliseconds: float = 0.0  # the last pass
    lost: float | None = None  # bits that the text costs more than behind what texts began with in training

    @property
    def now(self) -> Trace:
        """The trace that counts: with the switches where any is on."""
        return self.intact if self.changed is None else self.changed

    def are_of(self, session: Session) -> bool:
        """Whether they are of this session's text and switches, and not of those of a moment ago."""
        return (self.tokens, self.switches) == (session.tokens, session.switches)


@dataclass(frozen=True, eq=False)
class Moved:
    """Which head's attention the switches moved most; None where no head looks elsewhere."""

    results: Results  # that it was read off
    head: Stirred | None


@dataclass(frozen=True, eq=False)
class Costs:
    """What switches do one by one to the token after a row of the traces, so far; what else is on changes nothing."""

    tokens: tuple[int, ...]  # the session's
    row: int
    effects: Mapping[Switch, Effect] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Swept:
    """What each part does to the token after the row looked at, what mattered most first."""

    found: tuple[Lost, ...]
    done: bool = True  # False while parts are missing

    @cached_property
    def by_part(self) -> Mapping[Switch, Lost]:
        """Each by the switch that takes it away."""
        return {lost.part: lost for lost in self.found}

    @property
    def head(self) -> HeadOff | None:
        """The head that matters most, once all are known; None where none matters at all."""
        heads = (lost for lost in self.found if self.done and lost.effect.kl > 0)
        return next((lost.part for lost in heads if isinstance(lost.part, HeadOff)), None)


@dataclass(frozen=True, eq=False)
class Scene:
    """A Session, the model, and the results so far; everything a pane may look at.

    `results` is None while there is no text. `continuations` are what each model would write next with this seed:
    "now", "intact" and the baseline by its name; empty while they are being computed. `swept` is what mattered for
    what follows the row looked at, `moved_most` what the switches moved; None until somebody had time to find out.
    """

    session: Session
    model: GPT
    baselines: Mapping[str, Baseline] = field(default_factory=dict)  # by slug
    results: Results | None = None
    continuations: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    swept: Swept | None = None
    moved_most: Moved | None = None
    costs: Costs | None = None  # of switches, each alone, as far as they are known
    worth: Worth | None = None  # of the edges looked at, as far as it is known
    frame_milliseconds: float = 0.0
    held: int = 0  # bytes of the model and of what is kept
    running: bool = False
    speed: float = 4.0  # tokens a second while running

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
    def is_fresh(self) -> bool:
        """Whether the results are those of the session."""
        return self.results is not None and self.results.are_of(self.session)

    @property
    def known(self) -> Results:
        """The results, for those who have seen that there are some."""
        assert self.results is not None
        return self.results

    @property
    def shown(self) -> Trace:
        """The trace the attention panes show, where there are results; for a difference, the changed one."""
        return self.known.intact if self.session.view.shows == "before" else self.known.now

    @property
    def differs(self) -> bool:
        """Whether the attention panes show the difference that switches make."""
        return self.known.changed is not None and self.session.view.shows == "difference"

    @property
    def edges(self) -> Edges | None:
        """What the edges looked at are worth; None while nobody knows."""
        worth, known = self.worth, self.results
        if worth is None or known is None or worth.asked != looked_at(self.session):
            return None
        return worth.found if worth.is_of(known.intact if worth.asked.before else known.now) else None

    @property
    def baseline(self) -> Baseline | None:
        """The one shown beside the model: the chosen one, and as long as it is not computed the one before."""
        known = self.results.surprises if self.results else {}
        return next((each for each in self.baselines.values() if each.name in known), None)

    @property
    def row(self) -> int:
        """The row of the traces looked at: the session's position, less what the context has dropped; -1 if none."""
        return max(0, min(self.session.row - self.dropped, self.length - 1)) if self.results else -1

    @property
    def column(self) -> int:
        """The column looked at in the chosen head, where there are results: the chosen one, or the row's strongest."""
        view = self.session.view
        if view.column is not None:
            return max(0, min(view.column - self.dropped, self.length - 1))
        return int(np.argmax(np.nan_to_num(self.shown.blocks[view.layer].pattern[view.head, self.row])))

    def label(self, token: int) -> str:
        """One token by itself as a safe label."""
        return label(self.tokenizer, token)

    def next_label(self, token: int, row: int | None = None) -> str:
        """The same of one that may follow a row, the one looked at if none is named, where there are results."""
        row = self.row if row is None else row
        return label(self.tokenizer, token, self.known.now.tokens[: row + 1])

    @property
    def effect(self) -> Effect | None:
        """What the switches did to the token after the row looked at; None where no switch is on."""
        if self.results is None or self.results.changed is None:
            return None
        return measures.effect(self.results.intact.logits[self.row], self.results.changed.logits[self.row])

    def cost(self, switch: Switch) -> Effect | None:
        """What a switch does by itself to the token after the row looked at; None while nobody knows."""
        costs = self.costs
        if costs is None or self.results is None or (costs.tokens, costs.row) != (self.results.tokens, self.row):
            return None
        return costs.effects.get(switch)

    @property
    def followed(self) -> int | None:
        """The token that stands after the row looked at, where there is one already."""
        line = self.session.tokens + self.session.ahead
        after = self.row + self.dropped + 1
        return line[after] if self.results and after < len(line) else None
