"""A loss on text that was held out: how large, how sure, on how much. It is kept, read and put in words here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from models.corpora.cautions import MANY_UNKNOWN
from models.formats import records
from models.units import BITS, Unit

Thing = Literal["character", "word", "token"]
# what a token is, by its tokenizer
THINGS: dict[str, Thing] = {"char": "character", "word": "word", "bpe": "token", "subword": "token"}
KEY = "held_out"  # among the facts in training.json
UNFAIR = "no fair score: it sees the answers"


@dataclass(frozen=True, slots=True)
class Measurement:
    """The held-out loss of a model as it is stored: the mean over windows of its context that share nothing."""

    nats: float  # a token
    tokens: int  # that were predicted
    held_out: int  # tokens held out in all
    error: float = math.nan  # standard error of the mean in nats, each window one draw; NaN where that is not known
    windows: int = 0  # 0: not known
    characters: int = 0  # of the text that was predicted; 0: not known
    thing: Thing = "token"
    looks_ahead: bool = False  # it was built without the mask and saw the tokens it was scored on
    unknown: float = 0.0  # the share of the held-out tokens that are <unk>, which is easy to predict

    @property
    def per_character(self) -> float:
        """Bits a character of the text; NaN where that is not known."""
        return self.nats * self.tokens / math.log(2) / self.characters if self.characters else math.nan

    def loss(self, unit: Unit = BITS) -> str:
        """How large it is and how sure, with its unit: "2.766 ± 0.006 bits a character"."""
        error = f" ± {self.error * unit.nat:.3f}" if math.isfinite(self.error) else ""
        return f"{self.nats * unit.nat:.3f}{error} {unit.name} a {self.thing}"

    @property
    def on(self) -> str:
        """What it was measured on: "on 131,072 of 1,115,394 held-out tokens"."""
        part = f"{self.tokens:,}" if self.tokens >= self.held_out else f"{self.tokens:,} of {self.held_out:,}"
        return f"on {part} held-out {self.thing}s"

    @property
    def doubt(self) -> str:
        """What chance may make of it, in a sentence; nothing where that is not known."""
        if not math.isfinite(self.error):
            return ""
        error = f"{self.error * BITS.nat:.4f} {BITS.name}"
        return f"This model's figure has a standard error of {error}, each of the {self.windows:,} windows one draw."

    def said(self, unit: Unit = BITS) -> str:
        """All of it in one line, and a warning where it is no fair score."""
        unknown = f" ({100 * self.unknown:.0f} % of these are <unk>)" if self.unknown >= MANY_UNKNOWN else ""
        return f"{self.loss(unit)} {self.on}{unknown}" + (f" ({UNFAIR})" if self.looks_ahead else "")

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Measurement | None:
        """What a training.json says; None where it says nothing, or nothing that makes sense.

        Those written before a loss had an error name it val_loss.
        """
        try:
            return records.read(cls, facts[KEY]) if KEY in facts else _earlier(facts)
        except (ValueError, KeyError, TypeError, ArithmeticError, AttributeError):  # a foreign folder may hold anything
            return None


def _earlier(facts: Mapping[str, Any]) -> Measurement:
    nats, corpus, per_character = float(facts["val_loss"]), facts.get("corpus", {}), facts.get("bits_per_character")
    held_out = int(corpus.get("tokens_held_out", 0))
    tokens = int(facts.get("val_tokens", min(held_out, 1 << 20)))  # the most that were measured then
    characters = round(nats * tokens / math.log(2) / float(per_character)) if per_character else 0
    ahead = "mask" in facts.get("settings", {}).get("without", ())
    thing = THINGS.get(corpus.get("tokenizer", ""), "token")
    return Measurement(nats, tokens, max(held_out, tokens), characters=characters, thing=thing, looks_ahead=ahead)
