"""Finding a token among all that may come next, by some of its text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from models.measures import ranked
from models.ops import Array
from models.tokenizers import PART, Tokenizer
from playground import text
from playground.kit import numbers
from playground.kit.choosing import AROUND_LIST, LONGEST_LIST, Choose, Item
from playground.kit.described import Acts
from playground.kit.screen import PaneScreen
from playground.looking.labels import label
from playground.looking.panes.next_token import Outlook
from playground.looking.scene import Scene
from playground.looking.session import Session, look

LISTED = 100  # of the tokens that hold what is typed
SPACE = text.token(" ")


@dataclass(frozen=True, eq=False)
class Ranked:
    """All tokens of a model, as they may follow the row looked at."""

    tokenizer: Tokenizer  # and not the scene: a dialog that was left stays in memory for a while
    before: tuple[int, ...]  # that they would follow
    p: Array  # V
    order: list[int]  # V, the likeliest first
    words: list[str]  # V, what is searched: as shown, without capitals

    @classmethod
    def of(cls, scene: Scene) -> Ranked:
        """For a scene with results; UserError if the scores are not numbers. 0.3 s for GPT-2's 50,257 tokens."""
        p, before = Outlook.of(scene).draw.raw, scene.known.now.tokens[: scene.row + 1]
        spelled = (
            label(scene.tokenizer, token, before) if PART in each else text.token(each)  # the rest needs no context
            for token, each in enumerate(scene.tokenizer.texts)
        )
        words = [each.casefold() for each in spelled]
        return cls(scene.tokenizer, before, p, ranked(p).tolist(), words)

    def holding(self, typed: str) -> list[int]:
        """The places, in their order, of those that are what is typed, then that begin with it, then that hold it."""
        wanted = text.token(typed).casefold() if typed else ""
        words = (self.words[token] if token < len(self.words) else "" for token in self.order)
        found = [(_kind(word, wanted), place) for place, word in enumerate(words) if wanted in word]
        return [place for _, place in sorted(found)] if wanted else [place for _, place in found]


def _kind(word: str, wanted: str) -> int:
    """The smaller, the nearer a word is to what is wanted; the space before it may be left out."""
    ways = wanted, SPACE + wanted
    return 0 if word in ways else 1 if word.startswith(ways) else 2


class FindToken(Choose):
    """What is typed among the tokens; gives the place of one among the candidates."""

    CSS_PATH = "../kit/dialogs.tcss"

    def __init__(self, among: Ranked) -> None:
        super().__init__("Find a token that may come next", (), placeholder="type some of its text")
        self.among = among

    def rows(self, height: int) -> int:
        """As many as there is room for: there are always more."""
        return max(min(height - AROUND_LIST, LONGEST_LIST), 1)

    def found(self, typed: str) -> list[Item]:
        """The first of those that hold it, each with its rank and its probability."""
        places = self.among.holding(typed)
        heading = f"{len(places):,} of {len(self.among.order):,} tokens" + (" hold it" if typed else ", the likeliest")
        return [self._item(place, heading) for place in places[:LISTED]]

    def _item(self, place: int, heading: str) -> Item:
        token = self.among.order[place]
        detail = f"rank {place + 1:,} · p {numbers.probability(float(self.among.p[token]))}"
        return Item(str(place), label(self.among.tokenizer, token, self.among.before), detail, heading)


class FindingToken:
    """Looking for a candidate that is far below those on screen."""

    def __init__(self, screen: PaneScreen[Scene, Session]) -> None:
        self.screen = screen

    @property
    def acts(self) -> Acts:
        """What the key does."""
        return {"find": self.find}

    def find(self) -> None:
        """Ask for some of its text, once its tokens are in order; nothing while there are no numbers for the text."""
        scene = self.screen.scene
        if scene is not None and scene.is_fresh and scene.results is not None:
            self.screen.do_beside(partial(Ranked.of, scene), self.ask)

    def ask(self, among: Ranked) -> None:
        """Show them."""
        self.screen.consult(FindToken(among), self.go)

    def go(self, place: str) -> None:
        """The cursor is on it, and Enter forces it."""
        self.screen.see(look(self.screen.view, candidate=int(place)))
        self.screen.go_to("next")
