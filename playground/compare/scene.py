"""What the Compare panes draw from, and the acts that change what the person looks at: CompareView to CompareView.

A place is where a token stands, as in `models.lenses.versus`: place t is about token t given those before it, and the
place after the last token is about what may come next. The models go by short names: "truth", "GPT", "bigram" ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from models.baselines import ALL, Bigram
from models.contract import LanguageModel
from models.corpora.little_world import Belief
from models.gpt import GPT
from models.lenses import versus
from models.lenses.context_use import ContextUse
from models.lenses.scoreboard import Scoreboard
from models.lenses.truth import Truth
from models.lenses.versus import Versus, Won, Wrongs
from models.tokenizers import Tokenizer
from playground.looking.labels import label

Shows = Literal["bits", "sum", "kl", "chance"]  # of each token: surprise, its running sum, bits from the reference, p
Finds = Literal["wins", "wrong"]  # the lists of places

ZOOMS = 4  # steps the grid can be enlarged by


@dataclass(frozen=True, slots=True)
class CompareView:
    """The text, and where the person looks."""

    text: str = ""  # as it was typed
    tokens: tuple[int, ...] = ()  # what the model can read of it
    problem: str | None = None  # what is wrong with it, in one sentence
    unread: str = ""  # which words the model does not know, in one sentence
    place: int | None = None  # the place looked at; None follows the end of the text
    leads: str = ""  # the model whose wins and wrongs are listed; "" is the GPT
    against: str = ""  # the model it is held against; "" is the first of `baselines.ALL`
    shows: Shows = "bits"  # what the strips show
    candidate: int = 0  # cursor among the bars
    win: int = 0  # cursor in the list of wins
    wrong: int = 0  # cursor in the list of wrong places
    caret: int | None = None  # place in the text while it is edited, None when it is not
    seed: int = 1  # of what the models write
    followed: tuple[int, ...] = ()  # tokens followed in the tree of paths; the last of them is its root
    branch: tuple[int, ...] = ()  # cursor in the tree of paths: which branch at each step from the root
    grid: tuple[int, int] | None = None  # cursor in the bigram's grid; None follows the search, else the text
    zoom: int = 0  # how far the grid is enlarged, from 0 to ZOOMS
    search: str = ""  # what is looked for in the grid
    match: int = 0  # which of those found
    scoring: bool = True  # the scoreboard and the use of context over held-out text grow while they are on screen
    scroll: int = 0  # lines of what the models write above the first on screen


def see(view: CompareView, **changes: Any) -> CompareView:
    """The same seen otherwise: any of CompareView's fields."""
    return replace(view, **changes)


def go_to(view: CompareView, place: int | None) -> CompareView:
    """Look at a place of the text; None follows its end. Every cursor that hangs on the place starts anew."""
    if place == view.place:
        return view
    place = None if place is None else max(place, 0)
    return replace(view, place=place, candidate=0, followed=(), branch=(), grid=None, scroll=0)


def next_shown(view: CompareView) -> CompareView:
    """Bits, their sum, bits from the reference, chance, and again."""
    every: tuple[Shows, ...] = get_args(Shows)
    return replace(view, shows=every[(every.index(view.shows) + 1) % len(every)])


def hold(view: CompareView, leads: str, against: str) -> CompareView:
    """List where one model wins over another, and where it is wrong; both lists from their start."""
    return replace(view, leads=leads, against=against, win=0, wrong=0)


def enlarge(view: CompareView, by: int) -> CompareView:
    """The grid's cells larger, or smaller if negative."""
    return replace(view, zoom=max(0, min(view.zoom + by, ZOOMS)))


def measure(view: CompareView) -> CompareView:
    """Let the scoreboard and the use of context over held-out text grow, or leave them as they are."""
    return replace(view, scoring=not view.scoring)


def reseed(view: CompareView, by: int = 1) -> CompareView:
    """Let the models write with another seed."""
    return replace(view, seed=max(view.seed + by, 0), scroll=0)


def follow(view: CompareView, *tokens: int) -> CompareView:
    """Go down a path of the tree: the last of these tokens is its root."""
    return replace(view, followed=(*view.followed, *tokens), branch=())


def turn_back(view: CompareView) -> CompareView:
    """The tree's root is the token before it again."""
    return replace(view, followed=view.followed[:-1], branch=())


def look_for(view: CompareView, search: str) -> CompareView:
    """Another thing to be found in the grid: the cursor goes to the first match."""
    return replace(view, search=search, match=0, grid=None)


def let_go(view: CompareView) -> CompareView:
    """Cursors of the grid and of the tree follow the text again; nothing is searched."""
    return replace(view, grid=None, followed=(), branch=(), search="", match=0)


@dataclass(frozen=True, eq=False)
class Compared:
    """What the engine found for one text; the sides of `versus` go by the models' short names, in their order."""

    tokens: tuple[int, ...]  # T, so that a late result can be told from a fresh one
    labels: tuple[str, ...]  # T, safe to show
    versus: Versus
    beliefs: tuple[Belief | None, ...] = ()  # one a place, what the truth knows before it; () where nobody knows it
    milliseconds: float = 0.0  # what it took

    @property
    def end(self) -> int:
        """The last place: after the text."""
        return len(self.tokens)


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores over held-out text, so far."""

    file: Path | None = None  # that the person chose to score on
    held_out: str = ""  # the text they are over, in words, safe to show; "" before it is known and where there is none
    scoreboard: Scoreboard | None = None
    context_use: ContextUse | None = None
    is_done: bool = False  # nothing is to be added to them


@dataclass(frozen=True, eq=False)
class CompareScene:
    """The view, the models, and what is known so far; everything a Compare pane may look at.

    `models` are in the order of the screen: the truth first where it is known, then the GPT. `results` is None while
    there is no text or nothing was computed yet, and may for a moment be of the text before: panes draw the text of
    the results. `continuations` are what each model writes after the text before the place looked at, with the view's
    seed. Everything names the models by their short names, what is `scored` too.
    """

    view: CompareView = field(default_factory=CompareView)
    gpt: GPT | None = None  # as it is open in Play
    models: Mapping[str, LanguageModel] = field(default_factory=dict)  # by short name
    results: Compared | None = None
    scored: Scored = field(default_factory=Scored)
    continuations: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # so far, by model
    waits: str = ""  # what is being computed, in a few words; "" where nothing is

    @property
    def tokenizer(self) -> Tokenizer:
        """Of all models, where there are any."""
        assert self.gpt is not None and self.gpt.tokenizer is not None
        return self.gpt.tokenizer

    @property
    def apart(self) -> bool:
        """Whether there is a blank between two tokens on screen."""
        return self.tokenizer.kind != "char"

    @property
    def names(self) -> tuple[str, ...]:
        """The models' short names, in order."""
        return tuple(self.models)

    @property
    def truth(self) -> str | None:
        """The name of the truth, where it is among them."""
        return next((name for name, model in self.models.items() if isinstance(model, Truth)), None)

    @property
    def learners(self) -> tuple[str, ...]:
        """The names of all but the truth."""
        return tuple(name for name in self.names if name != self.truth)

    @property
    def leads(self) -> str:
        """The model whose wins and wrongs are listed: the chosen one, or the first but the truth; "" if none."""
        return self.view.leads if self.view.leads in self.names else next(iter(self.learners), "")

    @property
    def against(self) -> str:
        """The model it is held against: the chosen one, else the first baseline, else any other; "" if none."""
        others = [name for name in self.learners if name != self.leads]
        wanted = self.view.against
        if wanted in self.names and wanted != self.leads:
            return wanted
        first = (name for name in others if isinstance(self.models[name], ALL[0]))
        return next(first, next(iter(others), ""))

    @property
    def place(self) -> int:
        """The place looked at, within the results; 0 where there are none."""
        end = self.results.end if self.results else 0
        return end if self.view.place is None else min(self.view.place, end)

    @property
    def before(self) -> int | None:
        """The token before the place looked at; None where there is none."""
        return self.results.tokens[self.place - 1] if self.results and self.place else None

    @property
    def bigram(self) -> Bigram | None:
        """The counted bigram, where it is among the models."""
        return next((model for model in self.models.values() if isinstance(model, Bigram)), None)

    def found(self, which: Finds) -> tuple[int, ...]:
        """The places of a list: where the leading model wins, most bits first, or where it is wrong, worst first."""
        listed = self.won if which == "wins" else self.wrongs
        return tuple(map(int, listed.places)) if listed else ()

    def cursor(self, which: Finds) -> int:
        """Where the cursor of a list is."""
        return self.view.win if which == "wins" else self.view.wrong

    @cached_property
    def won(self) -> Won | None:
        """What the leading model's context saves over the other's; None where there are no two."""
        if not self.results or not self.against:
            return None
        return versus.won(self.results.versus, self.leads, self.against)

    @cached_property
    def wrongs(self) -> Wrongs | None:
        """Where the leading model is wrong; None where there is nothing yet."""
        return versus.wrongs(self.results.versus, self.leads) if self.results and self.leads else None

    def label(self, token: int, place: int | None = None) -> str:
        """One token that may stand at a place, the one looked at if none is named, as a safe label."""
        assert self.results is not None
        return label(self.tokenizer, token, self.results.tokens[: self.place if place is None else place])

    def moved(self, dx: int, dy: int = 0) -> CompareView:
        """Sideways it is the text in most panes: so many places further along; at its end, the end is followed."""
        if self.results is None or not dx:
            return self.view
        place = max(self.place + dx, 0)
        return go_to(self.view, None if place >= self.results.end else place)


def find(scene: CompareScene, which: Finds, number: int) -> CompareView:
    """Go to one of the listed places, the first being 0, as far as the list goes."""
    places = scene.found(which)
    if not places:
        return scene.view
    number = max(0, min(number, len(places) - 1))
    return see(go_to(scene.view, places[number]), **{"win" if which == "wins" else "wrong": number})


def find_next(scene: CompareScene, which: Finds, by: int = 1) -> CompareView:
    """The listed place so many after the one gone to last; that one itself where another is looked at now."""
    places, number = scene.found(which), scene.cursor(which)
    there = 0 <= number < len(places) and scene.place == places[number]
    return find(scene, which, number + by if there else number)


def next_pair(scene: CompareScene, by: int = 1) -> CompareView:
    """The next model held against the one that leads; after the last of them, the next one leads."""
    pairs = [(one, other) for one in scene.learners for other in scene.names if one != other]
    if not pairs:
        return scene.view
    here = pairs.index((scene.leads, scene.against)) if (scene.leads, scene.against) in pairs else 0
    return hold(scene.view, *pairs[(here + by) % len(pairs)])
